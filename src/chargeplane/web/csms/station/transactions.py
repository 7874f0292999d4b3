"""The charges of a station."""

from __future__ import annotations

from functools import partial
from typing import Final

from sqlalchemy import Connection

from chargeplane.storage.records import StationRecord, TransactionRecord
from chargeplane.storage.repositories import transactions
from chargeplane.storage.repositories.transactions import TransactionFilter
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import MWH_PER_KWH, Texts, mark

STATES: Final = {"open": mark("Open"), "closed": mark("Closed")}
KINDS: Final = ("transaction.started", "transaction.ended")


async def build(visit: Visit, station: StationRecord) -> None:
    """The latest first; a charge that begins or ends is seen at once."""
    listing = Listing(
        visit,
        "transactions",
        _columns(visit.t),
        partial(_read, station.id),
        key=lambda each: str(each.id),
        filters=(Filter("state", mark("State"), STATES),),
        sort="started_at",
        descending=True,
    )
    await listing.refresh()
    follow(visit, listing.refresh, *KINDS, station_id=station.id)


def _read(station_id: str, connection: Connection, asked: Asked) -> Found[TransactionRecord]:
    what = TransactionFilter(
        station_id=station_id,
        search=asked.search or None,
        state=asked.filters.get("state") or None,  # type: ignore[arg-type]
    )
    return Found.of(transactions.part(connection, what, asked.sorting, asked.window))


def _columns(t: Texts) -> list[Column[TransactionRecord]]:
    return [
        Column(
            name="id",
            title=mark("Number"),
            show=lambda each: str(each.id),
            link=lambda each: f"/transactions/{each.id}",
            export=lambda each: each.id,
            sortable=True,
        ),
        Column(
            name="evse",
            title=mark("EVSE"),
            show=lambda each: str(each.evse_id),
            export=lambda each: each.evse_id,
        ),
        Column(
            name="id_token", title=mark("Tag"), show=lambda each: each.id_token or "", sortable=True
        ),
        Column(
            name="started_at",
            title=mark("Started"),
            show=lambda each: t.moment(each.started_at),
            export=lambda each: each.started_at,
            sortable=True,
        ),
        Column(
            name="stopped_at",
            title=mark("Stopped"),
            show=lambda each: t.moment(each.stopped_at),
            export=lambda each: each.stopped_at,
            sortable=True,
        ),
        Column(
            name="energy",
            title=mark("Energy"),
            show=lambda each: t.energy(each.energy_mwh),
            export=lambda each: None if each.energy_mwh is None else each.energy_mwh / MWH_PER_KWH,
            sortable=True,
            is_number=True,
        ),
        Column(
            name="cost",
            title=mark("Cost"),
            show=lambda each: t.money(each.cost_minor, each.currency),
            sortable=True,
            is_number=True,
        ),
        Column(
            name="state",
            title=mark("State"),
            show=lambda each: t(STATES[each.state]),
            color=lambda each: "positive" if each.state == "open" else "grey-8",
        ),
        Column(name="reason", title=mark("Reason"), show=lambda each: each.stop_reason or ""),
    ]
