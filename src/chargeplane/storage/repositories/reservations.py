"""Reservations."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from chargeplane.domain.tokens import Token
from chargeplane.storage import paging
from chargeplane.storage.paging import Part, Sorting, Window, fetch
from chargeplane.storage.records import Page, ReservationRecord
from chargeplane.storage.statements import equal, insert, many, mentions, one, within
from chargeplane.storage.tables import reservations

_c = reservations.c
_SEARCHED = (_c.station_id, _c.id_token, _c.group_id)
SORTED = {name: _c[name] for name in ("id", "station_id", "id_token", "expires_at")}
ACTIVE = "Accepted"  # the status of a reservation that the station holds

_ADD = insert(reservations).returning(reservations)
_GET = select(reservations).where(_c.id == bindparam("number"))
_ACTIVE_OF_STATION = (
    select(reservations)
    .where(_c.station_id == bindparam("station"), _c.status == ACTIVE)
    .where(_c.expires_at > bindparam("now"))
    .order_by(_c.expires_at, _c.id)
)


class ReservationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which reservations; all conditions that are given hold."""

    station_id: str | None = None
    token_key: str | None = None
    status: str | None = None
    search: str | None = None
    among: tuple[str, ...] | None = None  # only these stations

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        given = equal(
            (_c.station_id, self.station_id),
            (_c.token_key, self.token_key),
            (_c.status, self.status),
        )
        return given + within(_c.station_id, self.among) + mentions(self.search, _SEARCHED)


class Reserve(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be reserved, for whom and until when."""

    station_id: str
    token: Token
    expires_at: datetime
    evse_id: int | None = None
    connector_type: str | None = None
    group_id: str | None = None


def add(connection: Connection, reserve: Reserve, now: datetime) -> ReservationRecord:
    """Store a reservation that is to be asked for; its id is the number for the station."""
    row = {
        "station_id": reserve.station_id,
        "evse_id": reserve.evse_id,
        "connector_type": reserve.connector_type,
        "token_key": reserve.token.key,
        "id_token": reserve.token.id_token,
        "group_id": reserve.group_id,
        "status": "Requested",
        "expires_at": reserve.expires_at,
        "created_at": now,
        "updated_at": now,
    }
    return ReservationRecord(*connection.execute(_ADD, row).one())


def get(connection: Connection, number: int) -> ReservationRecord | None:
    """Return a reservation by its number."""
    return one(ReservationRecord, connection.execute(_GET, {"number": number}))


def active(
    connection: Connection, station_id: str, now: datetime, evse_id: int | None = None
) -> tuple[ReservationRecord, ...]:
    """Return what a station holds reserved, or what concerns one of its EVSEs."""
    rows = connection.execute(_ACTIVE_OF_STATION, {"station": station_id, "now": now})
    held = many(ReservationRecord, rows)
    return tuple(r for r in held if evse_id is None or r.evse_id in {None, evse_id})


def set_status(
    connection: Connection,
    number: int,
    status: str,
    now: datetime,
    transaction_id: int | None = None,
) -> ReservationRecord | None:
    """Store what became of a reservation, and the transaction that used it."""
    statement = update(reservations).where(_c.id == number).values(status=status, updated_at=now)
    if transaction_id is not None:
        statement = statement.values(transaction_id=transaction_id)
    return one(ReservationRecord, connection.execute(statement.returning(reservations)))


def expire(connection: Connection, now: datetime) -> tuple[ReservationRecord, ...]:
    """Mark those that are over; they are returned."""
    statement = (
        update(reservations)
        .where(_c.status == ACTIVE, _c.expires_at <= now)
        .values(status="Expired", updated_at=now)
    )
    return many(ReservationRecord, connection.execute(statement.returning(reservations)))


def page(
    connection: Connection, what: ReservationFilter, window: Window
) -> Page[ReservationRecord]:
    """Return a page of reservations, the latest first."""
    query = select(reservations).where(*what.conditions())
    return fetch(connection, ReservationRecord, query, (_c.id,), window, descending=True)


def part(
    connection: Connection, what: ReservationFilter, sorting: Sorting, window: Window
) -> Part[ReservationRecord]:
    """Return some reservations, sorted by one of `SORTED`, else by number."""
    query = select(reservations).where(*what.conditions())
    return paging.part(connection, ReservationRecord, query, SORTED, sorting, window)
