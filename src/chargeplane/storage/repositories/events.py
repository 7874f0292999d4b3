"""Events: what happened, in the order in which it is published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from chargeplane.storage import paging
from chargeplane.storage.paging import Part, Sorting, Window, fetch
from chargeplane.storage.prepared import Prepared
from chargeplane.storage.records import EventRecord, Page
from chargeplane.storage.statements import equal, insert, many, mentions, within
from chargeplane.storage.tables import events

_c = events.c
_APPEND = Prepared(int, insert(events).returning(_c.id))
_LAST = select(func.coalesce(func.max(_c.id), 0))


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened; `data` is any value of the vocabulary."""

    at: datetime
    kind: str
    station_id: str | None = None
    evse_id: int | None = None
    transaction_id: int | None = None
    data: Any = None


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events; all conditions that are given hold. `kinds` empty: all of them."""

    station_id: str | None = None
    transaction_id: int | None = None
    kinds: tuple[str, ...] = ()
    among: tuple[str, ...] | None = None  # only these stations
    search: str | None = None  # in what happened or where
    since: datetime | None = None
    until: datetime | None = None  # not included

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        given = equal((_c.station_id, self.station_id), (_c.transaction_id, self.transaction_id))
        given += within(_c.station_id, self.among)
        given += mentions(self.search, (_c.kind, _c.station_id))
        if self.since is not None:
            given.append(_c.at >= self.since)
        if self.until is not None:
            given.append(_c.at < self.until)
        return given + within(_c.kind, self.kinds or None)


def append(connection: Connection, event: Event) -> int:
    """Store an event; its number, which is higher than all before."""
    row = {name: getattr(event, name) for name in Event.__struct_fields__}
    row["data"] = msgspec.Raw(msgspec.json.encode(event.data))
    (number,) = _APPEND.all(connection, row)
    return number


def since(
    connection: Connection, number: int, what: EventFilter, limit: int = 1000
) -> tuple[EventRecord, ...]:
    """Return the events after that number, the earliest first.

    Several processes on one PostgreSQL may commit a lower number after a
    higher one; who must miss nothing asks again from a little earlier.
    """
    query = select(events).where(_c.id > number, *what.conditions()).order_by(_c.id).limit(limit)
    return many(EventRecord, connection.execute(query))


def last_number(connection: Connection) -> int:
    """Return the number of the latest event, 0 if there is none."""
    number: int = connection.execute(_LAST).scalar_one()
    return number


def page(connection: Connection, what: EventFilter, window: Window) -> Page[EventRecord]:
    """Return a page of events, the latest first."""
    query = select(events).where(*what.conditions())
    return fetch(connection, EventRecord, query, (_c.id,), window, descending=True)


def part(
    connection: Connection, what: EventFilter, sorting: Sorting, window: Window
) -> Part[EventRecord]:
    """Return some events, sorted by their numbers, which are their order."""
    query = select(events).where(*what.conditions())
    return paging.part(connection, EventRecord, query, {"id": _c.id}, sorting, window)
