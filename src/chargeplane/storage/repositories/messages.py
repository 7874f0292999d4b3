"""The log of raw frames."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from chargeplane.storage import paging
from chargeplane.storage.deferred import later
from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.records import Direction, MessageRecord, Page
from chargeplane.storage.statements import equal, insert, mentions, within
from chargeplane.storage.tables import messages

_c = messages.c
_APPEND = insert(messages)


class Frame(msgspec.Struct, frozen=True):
    """A frame as it went over the wire; action and call id as far as they were understood."""

    station_id: str
    at: datetime
    direction: Direction
    frame: str
    action: str | None = None
    call_id: str | None = None


class MessageFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which frames; all conditions that are given hold. `until` is not included."""

    station_id: str | None = None
    action: str | None = None
    direction: Direction | None = None
    call_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None
    among: tuple[str, ...] | None = None  # only these stations

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        names = ("station_id", "action", "direction", "call_id")
        given = equal(*((_c[name], getattr(self, name)) for name in names))
        given += within(_c.station_id, self.among)
        if self.since is not None:
            given.append(_c.at >= self.since)
        if self.until is not None:
            given.append(_c.at < self.until)
        return given + mentions(self.search, (_c.frame,))


def append(connection: Connection, frames: tuple[Frame, ...]) -> None:
    """Store frames with the group."""
    for frame in frames:
        later(connection, _APPEND, msgspec.structs.asdict(frame))


def page(connection: Connection, what: MessageFilter, window: Window) -> Page[MessageRecord]:
    """Return a page of frames, the latest first."""
    query = select(messages).where(*what.conditions())
    return fetch(connection, MessageRecord, query, (_c.id,), window, descending=True)


def count(connection: Connection, what: MessageFilter) -> int:
    """Count frames, up to `paging.COUNTED`."""
    return paging.count(connection, select(_c.id).where(*what.conditions()))
