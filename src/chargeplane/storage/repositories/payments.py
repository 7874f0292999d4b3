"""Reservations that are paid for, and every step that they made."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update

from chargeplane.domain.messages import Json
from chargeplane.storage import paging
from chargeplane.storage.paging import Part, Sorting, Window, fetch
from chargeplane.storage.payment_records import (
    PaymentReservationRecord,
    PaymentState,
    PaymentTransitionRecord,
)
from chargeplane.storage.payment_tables import (
    payment_refunds,
    payment_reservations,
    payment_transitions,
)
from chargeplane.storage.prepared import Prepared
from chargeplane.storage.records import Page
from chargeplane.storage.statements import equal, insert, many, mentions, one, within
from chargeplane.storage.tables import connectors, events, transaction_events

_c = payment_reservations.c

SORTED: dict[str, ColumnElement[Any]] = {
    "id": _c.id,
    "created_at": _c.created_at,
    "station_id": _c.station_id,
    "state": _c.state,
    "captured_minor": _c.captured_minor,
    "energy_mwh": _c.energy_mwh,
}
_GET = Prepared(
    PaymentReservationRecord, select(payment_reservations).where(_c.id == bindparam("number"))
)
_LOCK = Prepared(
    PaymentReservationRecord,
    select(payment_reservations).where(_c.id == bindparam("number")).with_for_update(),
)
_FREE = _c.freed_at.is_(None)
_ACTIVE_AT = Prepared(
    PaymentReservationRecord,
    select(payment_reservations).where(
        _FREE, _c.station_id == bindparam("station"), _c.evse_id == bindparam("evse")
    ),
)
_ACTIVE = Prepared(PaymentReservationRecord, select(payment_reservations).where(_FREE))
_UNSETTLED = and_(_c.due_minor.is_not(None), _c.settled_at.is_(None))
_STARTABLE = ("Authorized", "StartRequested")


class NewReservation(msgspec.Struct, frozen=True, kw_only=True):
    """What is agreed before anything is paid."""

    id: str
    station_id: str
    evse_id: int
    connector_id: int
    state: PaymentState
    charge_tag: str
    id_token: str
    language: str | None
    prices: Any
    terms: Any
    currency: str
    hold_minor: int
    checkout_order: Any


class PaymentFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which reservations; all conditions that are given hold. `until` is not included."""

    station_id: str | None = None
    evse_id: int | None = None
    state: PaymentState | None = None
    charge_tag: str | None = None
    needs_review: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None
    among: tuple[str, ...] | None = None  # only these stations

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        given = equal(
            (_c.station_id, self.station_id),
            (_c.evse_id, self.evse_id),
            (_c.state, self.state),
            (_c.charge_tag, self.charge_tag),
            (_c.needs_review, self.needs_review),
        )
        given += within(_c.station_id, self.among)
        if self.since is not None:
            given.append(_c.created_at >= self.since)
        if self.until is not None:
            given.append(_c.created_at < self.until)
        columns = (_c.id, _c.station_id, _c.charge_tag, _c.checkout_id, _c.payment_id)
        return given + mentions(self.search, columns)


class DailyTotal(msgspec.Struct, frozen=True):
    """What was captured on a UTC day at a station, and what was given back on it."""

    day: str
    station_id: str
    currency: str
    payments: int
    captured_minor: int
    refunded_minor: int
    energy_mwh: int


class Suspension(msgspec.Struct, frozen=True):
    """A charging state that was told, and when it was told."""

    at: datetime
    charging_state: str


def add(
    connection: Connection, new: NewReservation, now: datetime
) -> PaymentReservationRecord | None:
    """Store a reservation; None if the EVSE has one that is not over."""
    row = msgspec.structs.asdict(new) | {"created_at": now, "updated_at": now}
    row |= {"awaiting_plug": False, "settle_tries": 0, "needs_review": False}
    statement = insert(payment_reservations).values(row).on_conflict_do_nothing()
    return one(
        PaymentReservationRecord, connection.execute(statement.returning(payment_reservations))
    )


def get(connection: Connection, number: str) -> PaymentReservationRecord | None:
    """Return a reservation."""
    return _GET.one(connection, {"number": number})


def lock(connection: Connection, number: str) -> PaymentReservationRecord | None:
    """Return a reservation that no other process changes until this work is committed."""
    return _LOCK.one(connection, {"number": number})


def active_at(
    connection: Connection, station_id: str, evse_id: int
) -> PaymentReservationRecord | None:
    """Return the reservation that holds an EVSE."""
    return _ACTIVE_AT.one(connection, {"station": station_id, "evse": evse_id})


def active(connection: Connection) -> tuple[PaymentReservationRecord, ...]:
    """Return all reservations that hold an EVSE."""
    return _ACTIVE.all(connection, {})


def by_provider(
    connection: Connection, checkout_id: str | None, payment_id: str | None
) -> PaymentReservationRecord | None:
    """Return the reservation of a checkout or a payment."""
    if checkout_id is None and payment_id is None:
        return None
    ways = equal((_c.checkout_id, checkout_id), (_c.payment_id, payment_id))
    query = select(payment_reservations).where(or_(*ways)).order_by(_c.created_at).limit(1)
    return one(PaymentReservationRecord, connection.execute(query))


def by_token(connection: Connection, token_key: str) -> PaymentReservationRecord | None:
    """Return the reservation that a one-time token, which has no small letters, was made for."""
    query = select(payment_reservations).where(_c.id_token == token_key.upper())
    return one(PaymentReservationRecord, connection.execute(query))


def by_transaction(connection: Connection, number: int) -> PaymentReservationRecord | None:
    """Return the reservation of a transaction."""
    query = select(payment_reservations).where(_c.transaction_id == number).limit(1)
    return one(PaymentReservationRecord, connection.execute(query))


def unfinished(
    connection: Connection, now: datetime, *, with_reviews: bool = False
) -> tuple[PaymentReservationRecord, ...]:
    """Return what is to be looked at: what runs, and what is due at the provider by now."""
    due = and_(_UNSETTLED, or_(_c.next_try_at.is_(None), _c.next_try_at <= now))
    if not with_reviews:
        due = and_(due, _c.needs_review.is_(False))
    query = select(payment_reservations).where(or_(_c.due_minor.is_(None) & _FREE, due))
    return many(PaymentReservationRecord, connection.execute(query.order_by(_c.created_at)))


def change(
    connection: Connection, number: str, now: datetime, values: Json
) -> PaymentReservationRecord | None:
    """Set columns of a reservation; None if there is no such one."""
    statement = (
        update(payment_reservations).where(_c.id == number).values(values | {"updated_at": now})
    )
    return one(
        PaymentReservationRecord, connection.execute(statement.returning(payment_reservations))
    )


def note_step(
    connection: Connection,
    record: PaymentReservationRecord,
    from_state: PaymentState | None,
    reason: str,
    now: datetime,
    details: Json,
) -> None:
    """Store that a reservation came to its state."""
    row = {
        "reservation_id": record.id,
        "from_state": from_state,
        "to_state": record.state,
        "reason": reason,
        "at": now,
        "details": details,
    }
    connection.execute(insert(payment_transitions).values(row))


def steps(connection: Connection, number: str) -> tuple[PaymentTransitionRecord, ...]:
    """Return all steps of a reservation, the earliest first."""
    t = payment_transitions.c
    query = select(payment_transitions).where(t.reservation_id == number).order_by(t.id)
    return many(PaymentTransitionRecord, connection.execute(query))


def page(
    connection: Connection, what: PaymentFilter, window: Window
) -> Page[PaymentReservationRecord]:
    """Return a page of reservations, the latest first."""
    query = select(payment_reservations).where(*what.conditions())
    keys = (_c.created_at, _c.id)
    return fetch(connection, PaymentReservationRecord, query, keys, window, descending=True)


def part(
    connection: Connection, what: PaymentFilter, sorting: Sorting, window: Window
) -> Part[PaymentReservationRecord]:
    """Return some reservations, sorted by one of `SORTED`, else by their ids."""
    query = select(payment_reservations).where(*what.conditions())
    return paging.part(connection, PaymentReservationRecord, query, SORTED, sorting, window)


def daily_totals(
    connection: Connection, since: datetime, until: datetime, among: tuple[str, ...] | None = None
) -> tuple[DailyTotal, ...]:
    """Return what was captured and given back by UTC day, station and currency."""
    taken = _taken(connection, since, until, among)
    given = _given_back(connection, since, until, among)
    totals = []
    for key in sorted(taken.keys() | given.keys()):
        number, captured, energy = taken.get(key, (0, 0, 0))
        totals.append(DailyTotal(*key, number, captured, given.get(key, 0), energy))
    return tuple(totals)


def _taken(
    connection: Connection, since: datetime, until: datetime, among: tuple[str, ...] | None
) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    key = (_day(connection, _c.settled_at), _c.station_id, _c.currency)
    energy = func.coalesce(func.sum(_c.energy_mwh), 0)
    query = (
        select(*key, func.count(), func.sum(_c.captured_minor), energy)
        .where(_c.settled_at >= since, _c.settled_at < until, _c.captured_minor > 0)
        .where(*within(_c.station_id, among))
        .group_by(*key)
    )
    rows = connection.execute(query)
    return {(d, s, m): (count, int(sum_), int(used)) for d, s, m, count, sum_, used in rows}


def _given_back(
    connection: Connection, since: datetime, until: datetime, among: tuple[str, ...] | None
) -> dict[tuple[str, str, str], int]:
    r = payment_refunds.c
    key = (_day(connection, r.created_at), _c.station_id, _c.currency)
    query = (
        select(*key, func.sum(r.amount_minor))
        .select_from(payment_refunds.join(payment_reservations))
        .where(r.created_at >= since, r.created_at < until, r.status.in_(("pending", "succeeded")))
        .where(*within(_c.station_id, among))
        .group_by(*key)
    )
    return {(d, s, m): int(sum_) for d, s, m, sum_ in connection.execute(query)}


def _day(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[str]:
    """The UTC day of a moment, as text."""
    if connection.dialect.name == "sqlite":
        return func.substr(column, 1, len("2026-01-01"), type_=_c.state.type)
    return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD")


def told_states(
    connection: Connection, number: int, station_id: str, evse_id: int, since: datetime
) -> tuple[Suspension, ...]:
    """Return the charging states that were told of a transaction (2.x) or its EVSE (1.x)."""
    t, e = transaction_events.c, events.c
    of_transaction = select(t.at, t.event).where(t.transaction_id == number)
    of_connector = select(e.at, e.data).where(
        e.station_id == station_id,
        e.evse_id == evse_id,
        e.kind == "connector.status",
        e.at >= since,
    )
    rows = (*connection.execute(of_transaction), *connection.execute(of_connector))
    told = [(at, data.get("charging_state")) for at, data in rows]
    return tuple(Suspension(at, state) for at, state in sorted(t for t in told if t[1]))


def free_since(
    connection: Connection, station_id: str, evse_id: int
) -> tuple[Literal["Available", "other"], datetime] | None:
    """Return whether all connectors of an EVSE are free and the last time one said something."""
    k = connectors.c
    query = select(k.status, k.status_at).where(k.station_id == station_id, k.evse_id == evse_id)
    rows = [row for row in connection.execute(query) if row[1] is not None]
    if not rows:
        return None
    free = all(status == "Available" for status, _ in rows)
    return "Available" if free else "other", max(at for _, at in rows)
