"""How a station is now, connector by connector, and what can be done there."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from chargeplane.domain.station import ChangeAvailability, Reset, TriggerMessage
from chargeplane.storage.records import StationRecord
from chargeplane.storage.repositories import overview
from chargeplane.storage.repositories.overview import Tile
from chargeplane.web.csms.dialogs import ask, buttons, confirmed, titled
from chargeplane.web.csms.live import Change
from chargeplane.web.csms.station.connector import Card
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

RESETS: Final = {
    "OnIdle": mark("When nothing charges any more"),
    "Immediate": mark("At once; charging ends"),
}


async def build(visit: Visit, station: StationRecord) -> None:
    """Put everything on the tab and keep it up to date."""
    view = _View(visit, station)
    view.show(await visit.read(overview.tiles_of, (station.id,)))
    stop = visit.site.live.watch(view.on_change, lambda: (station.id,))
    ui.context.client.on_delete(stop)


class _View:
    """The tab of one browser."""

    def __init__(self, visit: Visit, station: StationRecord) -> None:
        self._visit, self._station = visit, station
        self._client = ui.context.client
        self._cards: dict[tuple[int, int], Card] = {}
        if visit.may("operator"):
            with ui.row().classes("w-full gap-2 mb-3"):
                self._make_buttons()
        self._nothing = ui.label(visit.t("The station has not told of any connector yet."))
        self._grid = ui.element("div").classes("w-full grid grid-cols-1 lg:grid-cols-2 gap-3")

    def _make_buttons(self) -> None:
        t = self._visit.t
        for title, icon, run in (
            (t("Restart"), "restart_alt", self._reset),
            (t("All in service"), "play_arrow", self._enable),
            (t("All out of service"), "block", self._disable),
            (t("Ask for its state"), "sync", self._trigger),
        ):
            ui.button(title, icon=icon, on_click=run).props("outline dense no-caps").classes("px-2")

    def show(self, tiles: tuple[Tile, ...]) -> None:
        """Show the connectors as they are."""
        found = {(each.evse_id, each.connector_id): each for each in tiles}
        self._nothing.set_visibility(not found)
        if found.keys() != self._cards.keys():
            self._grid.clear()
            with self._grid:
                self._cards = {place: Card(self._visit, found[place]) for place in found}
        for place, tile in found.items():
            self._cards[place].show(tile)

    def on_change(self, change: Change) -> None:
        """Show what changed here."""
        tiles = change.tiles.get(self._station.id)
        if tiles is not None:
            with self._client:
                self.show(tiles)

    async def _reset(self) -> None:
        t = self._visit.t
        with titled(t("Restart {station}", station=self._station.id)) as dialog:
            names = {kind: t(title) for kind, title in RESETS.items()}
            kind = ui.radio(names, value="OnIdle")
            buttons(self._visit, dialog, t("Restart"))
        if await dialog:
            await ask(self._visit, self._station.id, "reset", Reset(type=kind.value))
        dialog.delete()

    async def _enable(self) -> None:
        await self._put(ChangeAvailability(operational_status="Operative"))

    async def _disable(self) -> None:
        t = self._visit.t
        question = t("Put the whole station out of service?")
        if await confirmed(self._visit, question, t("Put out of service")):
            await self._put(ChangeAvailability(operational_status="Inoperative"))

    async def _put(self, request: ChangeAvailability) -> None:
        await ask(self._visit, self._station.id, "change_availability", request)

    async def _trigger(self) -> None:
        request = TriggerMessage(requested_message="StatusNotification")
        await ask(self._visit, self._station.id, "trigger_message", request)
