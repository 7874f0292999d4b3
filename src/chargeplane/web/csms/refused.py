"""Stations that were not let in, to be adopted or forgotten."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.csms import stations as operators
from chargeplane.storage.paging import Window
from chargeplane.storage.records import RefusedStationRecord
from chargeplane.storage.repositories import refused_stations
from chargeplane.storage.repositories.refused_stations import RefusedFilter
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.tables import Asked, Column, Found, Listing, RowAction
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

REFUSALS: Final = ("station.refused", "station.registered", "station.forgotten")


async def build(visit: Visit) -> None:
    """The stations that were not let in, to be adopted or forgotten."""
    ui.label(visit.t("These stations tried to connect and were not let in.")).classes("quiet mb-2")
    refused = _Refused(visit)
    await refused.listing.refresh()
    follow(visit, refused.listing.refresh, *REFUSALS)


class _Refused:
    """One open list of refused stations."""

    def __init__(self, visit: Visit) -> None:
        self._visit, t = visit, visit.t
        actions = (
            RowAction(mark("Adopt"), "add_task", self._adopt),
            RowAction(mark("Forget"), "delete", self._forget),
        )
        self.listing = Listing(
            visit,
            "refused-stations",
            [
                Column(name="id", title=mark("Id"), show=lambda each: each.station_id),
                Column(name="reason", title=mark("Reason"), show=lambda each: each.reason),
                Column(name="address", title=mark("Address"), show=lambda e: e.address or ""),
                Column(
                    name="attempts",
                    title=mark("Attempts"),
                    show=lambda each: t.number(each.attempts),
                    export=lambda each: each.attempts,
                    is_number=True,
                ),
                Column(
                    name="last",
                    title=mark("Last attempt"),
                    show=lambda each: t.moment(each.last_at),
                    export=lambda each: each.last_at,
                ),
            ],
            self._read,
            key=lambda each: each.station_id,
            actions=actions if visit.may("admin") else (),
        )

    def _read(self, connection: Connection, asked: Asked) -> Found[RefusedStationRecord]:
        what = RefusedFilter(search=asked.search or None, among=self._visit.among)
        window = Window(asked.limit, offset=asked.offset)
        page = refused_stations.page(connection, window, what)
        return Found(page.items, refused_stations.count(connection, what))

    async def _adopt(self, refused: RefusedStationRecord) -> None:
        await self._do(
            "adopt station",
            refused.station_id,
            operators.adopt,
            self._visit.t("{station} is in with its next attempt.", station=refused.station_id),
        )

    async def _forget(self, refused: RefusedStationRecord) -> None:
        said = self._visit.t("{station} is forgotten.", station=refused.station_id)
        await self._do("forget refused station", refused.station_id, operators.forget, said)

    async def _do(
        self, action: str, name: str, work: Callable[[Any, str], Awaitable[None]], said: str
    ) -> None:
        await self._visit.act(
            action,
            lambda: work(self._visit.central, name),
            station=name,
            least="admin",
            said=said,
        )
        await self.listing.refresh()
