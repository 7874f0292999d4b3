"""Who did what on the pages and by the command line."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from chargeplane.domain.messages import Json
from chargeplane.storage import paging
from chargeplane.storage.access_records import AuditNoteRecord
from chargeplane.storage.access_tables import audit_notes
from chargeplane.storage.paging import Part, Sorting, Window, fetch
from chargeplane.storage.records import Page
from chargeplane.storage.statements import equal, insert, mentions

_c = audit_notes.c


class AuditNote(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done, or refused; the outcome is "done", "refused" or an error."""

    at: datetime
    actor: str
    action: str
    station_id: str | None = None
    address: str | None = None
    outcome: str
    details: Json | None = None


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which notes; all conditions that are given hold. `until` is not included."""

    actor: str | None = None
    action: str | None = None
    station_id: str | None = None
    search: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        given = equal(
            (_c.actor, self.actor), (_c.action, self.action), (_c.station_id, self.station_id)
        )
        if self.since is not None:
            given.append(_c.at >= self.since)
        if self.until is not None:
            given.append(_c.at < self.until)
        return given + mentions(self.search, (_c.actor, _c.action, _c.station_id, _c.outcome))


def add(connection: Connection, note: AuditNote) -> None:
    """Store a note."""
    connection.execute(insert(audit_notes).values(msgspec.structs.asdict(note)))


def page(connection: Connection, what: AuditFilter, window: Window) -> Page[AuditNoteRecord]:
    """Return a page of notes, the latest first."""
    query = select(audit_notes).where(*what.conditions())
    return fetch(connection, AuditNoteRecord, query, (_c.id,), window, descending=True)


def part(
    connection: Connection, what: AuditFilter, sorting: Sorting, window: Window
) -> Part[AuditNoteRecord]:
    """Return some notes, sorted by their numbers, which are their order."""
    query = select(audit_notes).where(*what.conditions())
    return paging.part(connection, AuditNoteRecord, query, {"id": _c.id}, sorting, window)
