"""Firmware updates and log uploads."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, select, update

from chargeplane.domain.messages import Json
from chargeplane.storage import paging
from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.records import JobKind, JobRecord, Page
from chargeplane.storage.statements import equal, insert, one
from chargeplane.storage.tables import jobs

_c = jobs.c
_ADD = insert(jobs).returning(_c.id)


class JobFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs; all conditions that are given hold."""

    station_id: str | None = None
    kind: JobKind | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        return equal((_c.station_id, self.station_id), (_c.kind, self.kind))


def add(
    connection: Connection, station_id: str, kind: JobKind, details: Json, now: datetime
) -> int:
    """Store a job that a station is to be asked for; its number serves as the request id."""
    row = {
        "kind": kind,
        "station_id": station_id,
        "status": "Requested",
        "details": details,
        "created_at": now,
        "updated_at": now,
    }
    number: int = connection.execute(_ADD, row).scalar_one()
    return number


def set_request_id(connection: Connection, number: int, request_id: int) -> None:
    """Store the number by which the station speaks of a job, where it is not the job's own."""
    connection.execute(update(jobs).where(_c.id == number).values(request_id=request_id))


def set_status(
    connection: Connection, number: int, status: str, now: datetime, details: Json | None = None
) -> JobRecord | None:
    """Store how far a job is; None if there is no such job."""
    values: dict[str, object] = {"status": status, "updated_at": now}
    if details is not None:
        values["details"] = details
    statement = update(jobs).where(_c.id == number).values(values).returning(jobs)
    return one(JobRecord, connection.execute(statement))


def find(
    connection: Connection, station_id: str, kind: JobKind, request_id: int | None
) -> JobRecord | None:
    """Return the job that a notification is about: of that request, else the latest."""
    query = select(jobs).where(_c.station_id == station_id, _c.kind == kind)
    if request_id is not None:
        query = query.where((_c.request_id == request_id) | (_c.id == request_id))
    return one(JobRecord, connection.execute(query.order_by(_c.id.desc()).limit(1)))


def page(connection: Connection, what: JobFilter, window: Window) -> Page[JobRecord]:
    """Return a page of jobs, the latest first."""
    query = select(jobs).where(*what.conditions())
    return fetch(connection, JobRecord, query, (_c.id,), window, descending=True)


def count(connection: Connection, what: JobFilter) -> int:
    """Count jobs, up to `paging.COUNTED`."""
    return paging.count(connection, select(_c.id).where(*what.conditions()))
