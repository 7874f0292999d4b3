"""A field to choose stations in, of which there may be ten thousand: the server searches them."""

from __future__ import annotations

from typing import Any, Final

from nicegui import events, ui

from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import stations
from chargeplane.storage.repositories.stations import StationFilter
from chargeplane.web.csms.visit import Visit

OFFERED: Final = 20  # stations
WAIT_S: Final = 0.3  # between two searches while somebody types


class StationPicker:
    """A field for one station or many; `fill` offers the first ones."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._names: dict[str, str] = {}
        self._field = ui.select({}, label=visit.t("Stations"), multiple=True, with_input=True)
        self._field.props("use-chips dense outlined").classes("w-full")
        self._field.on("input-value", self._search, throttle=WAIT_S, leading_events=False)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The ids of the stations that are chosen."""
        return tuple(self._field.value or ())

    async def fill(self, text: str = "") -> None:
        """Offer stations that mention the text, beside those that are chosen."""
        what = StationFilter(search=text or None, among=self._visit.among)
        page = await self._visit.read(stations.page, what, Window(OFFERED))
        found = {each.id: _named(each.id, each.name) for each in page.items}
        chosen = {each: self._names[each] for each in self.chosen}
        self._names |= found
        self._field.set_options(chosen | found)

    async def _search(self, event: events.GenericEventArguments) -> None:
        said: Any = event.args
        await self.fill(said if isinstance(said, str) else "")


def _named(station_id: str, name: str | None) -> str:
    return f"{station_id} ({name})" if name else station_id
