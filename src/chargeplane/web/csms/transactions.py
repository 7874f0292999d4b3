"""Charges: all that match, the latest first."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import Connection

from chargeplane.domain.events import Event
from chargeplane.storage.records import TransactionRecord
from chargeplane.storage.repositories import transactions as stored
from chargeplane.storage.repositories.transactions import TransactionFilter
from chargeplane.web.csms import periods
from chargeplane.web.csms.following import follow_events
from chargeplane.web.csms.paths import station_path
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import MWH_PER_KWH, Texts, major, mark

STATION: Final = "station_id"
STATES: Final = {"open": mark("Running"), "closed": mark("Ended")}
CHARGING: Final = {
    "Charging": mark("Charging"),
    "SuspendedEV": mark("Suspended"),
    "SuspendedEVSE": mark("Suspended"),
    "EVConnected": mark("Occupied"),
    "Idle": mark("Occupied"),
}
CLOSED_BY: Final = {
    "station": mark("Station"),
    "stale": mark("Next charge"),
    "reconciled": mark("Comparison with the station"),
    "operator": mark("Operator"),
}
KINDS: Final = frozenset({"transaction.started", "transaction.ended"})
PERIOD: Final = (
    Filter("since", mark("From"), kind="day"),
    Filter("until", mark("To"), kind="day"),
)
STATE: Final = Filter("state", mark("State"), STATES)
FILTERS: Final = (
    STATE,
    Filter("station", mark("Station"), kind="text"),
    Filter("tag", mark("Tag"), kind="text"),
    Filter("group", mark("Group"), kind="text"),
    *PERIOD,
)


async def build(visit: Visit) -> None:
    """The list of all charges that the user may see."""
    await show(visit, TransactionFilter(among=visit.among), FILTERS)


async def show(visit: Visit, what: TransactionFilter, filters: tuple[Filter, ...] = PERIOD) -> None:
    """A list of charges on a page; the filters are put upon what is given."""

    def read(connection: Connection, asked: Asked) -> Found[TransactionRecord]:
        wanted = narrowed(what, asked.filters, visit.t)
        wanted = replace(wanted, search=asked.search or None)
        return Found.of(stored.part(connection, wanted, asked.sorting, asked.window))

    listing: Listing[TransactionRecord] = Listing(
        visit,
        "transactions",
        [each for each in _columns(visit.t) if what.station_id is None or each.name != STATION],
        read,
        key=lambda each: str(each.id),
        filters=filters,
        sort="started_at",
        descending=True,
    )
    await listing.refresh()
    follow_events(visit, lambda event: _concerns(visit, what, event), listing.refresh)


def narrowed(what: TransactionFilter, filters: Mapping[str, str], t: Texts) -> TransactionFilter:
    """What is wanted, as far as the filters of a list let it pass."""
    since, until = periods.since(filters.get("since"), t.zone), filters.get("until")
    changes: dict[str, Any] = {
        "station_id": filters.get("station"),
        "token_key": filters.get("tag", "").lower(),
        "group_key": filters.get("group", "").lower(),
        "state": filters.get("state"),
        "since": since,
        "until": periods.until(until, t.zone),
    }
    return replace(what, **{name: value for name, value in changes.items() if value})


def path_of(number: int) -> str:
    """Where the page of a charge is."""
    return f"/transactions/{number}"


def state(t: Texts, record: TransactionRecord) -> str:
    """How far a charge is, in a word."""
    if record.state == "open":
        return t(CHARGING.get(record.charging_state or "", "Running"))
    return t("Ended")


def cost(t: Texts, record: TransactionRecord) -> str:
    """What a charge costs."""
    return t.money(record.cost_minor, record.currency)


def _concerns(visit: Visit, what: TransactionFilter, event: Event) -> bool:
    is_here = what.station_id in {None, event.station_id}
    return event.kind in KINDS and is_here and visit.user.sees(event.station_id or "")


def _columns(t: Texts) -> list[Column[TransactionRecord]]:
    return [
        Column(
            name="id",
            title=mark("Number"),
            show=lambda each: str(each.id),
            link=lambda each: path_of(each.id),
            export=lambda each: each.id,
            sortable=True,
        ),
        Column(
            name=STATION,
            title=mark("Station"),
            show=lambda each: each.station_id,
            link=lambda each: station_path(each.station_id),
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
        *_moments(t),
        *_figures(t),
        Column(
            name="state",
            title=mark("State"),
            show=lambda each: state(t, each),
            color=lambda each: "primary" if each.state == "open" else "grey-8",
        ),
        Column(name="reason", title=mark("Reason"), show=lambda each: each.stop_reason or ""),
    ]


def _moments(t: Texts) -> list[Column[TransactionRecord]]:
    return [
        Column(
            name="started_at",
            title=mark("Began"),
            show=lambda each: t.moment(each.started_at),
            export=lambda each: each.started_at,
            sortable=True,
        ),
        Column(
            name="stopped_at",
            title=mark("Ended at"),
            show=lambda each: t.moment(each.stopped_at),
            export=lambda each: each.stopped_at,
            sortable=True,
        ),
    ]


def _figures(t: Texts) -> list[Column[TransactionRecord]]:
    return [
        Column(
            name="energy",
            title=mark("Energy"),
            show=lambda each: t.energy(each.energy_mwh),
            export=lambda each: kwh(each.energy_mwh),
            sortable=True,
            is_number=True,
        ),
        Column(
            name="cost",
            title=mark("Cost"),
            show=lambda each: cost(t, each),
            export=_exported_cost,
            sortable=True,
            is_number=True,
        ),
    ]


def _exported_cost(record: TransactionRecord) -> Decimal | None:
    return None if record.cost_minor is None else major(record.cost_minor, record.currency)


def kwh(energy_mwh: int | None) -> float | None:
    """Energy as files have it."""
    return None if energy_mwh is None else energy_mwh / MWH_PER_KWH
