"""The local authorisation lists that stations hold."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select

from chargeplane.domain.tokens import AuthorizationData
from chargeplane.storage import paging
from chargeplane.storage.paging import Part, Sorting, Window
from chargeplane.storage.records import LocalListRecord, Record
from chargeplane.storage.statements import mentions, one, other_columns, upsert, within
from chargeplane.storage.tables import local_lists, stations

_GET = select(local_lists).where(local_lists.c.station_id == bindparam("station"))
_SAVE = upsert(local_lists, *other_columns(local_lists))


class LocalListFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which stations; all conditions that are given hold."""

    search: str | None = None
    has_list: bool | None = None
    among: tuple[str, ...] | None = None  # only these stations

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        searched = mentions(self.search, (stations.c.id, stations.c.name))
        held = local_lists.c.version.is_not(None)
        wanted = {None: [], True: [held], False: [~held]}[self.has_list]
        return searched + within(stations.c.id, self.among) + wanted


class LocalListLine(Record, frozen=True):
    """A station, and the list that it holds as far as we know; no version: none."""

    station_id: str
    name: str | None
    online: bool
    version: int | None
    entries: int | None
    updated_at: datetime | None


_COUNT = func.json_array_length(local_lists.c.entries)
SORTED = {
    "station_id": stations.c.id,
    "name": stations.c.name,
    "version": local_lists.c.version,
    "entries": _COUNT,
    "updated_at": local_lists.c.updated_at,
}
_LINES = select(
    *(stations.c.id, stations.c.name, stations.c.online, local_lists.c.version),
    *(_COUNT, local_lists.c.updated_at),
).select_from(stations.outerjoin(local_lists, local_lists.c.station_id == stations.c.id))


def get(connection: Connection, station_id: str) -> LocalListRecord | None:
    """Return the list that a station holds, as far as we know."""
    return one(LocalListRecord, connection.execute(_GET, {"station": station_id}))


def save(
    connection: Connection,
    station_id: str,
    version: int,
    entries: tuple[AuthorizationData, ...],
    now: datetime,
) -> None:
    """Store the whole list that a station holds now."""
    row = {"station_id": station_id, "version": version, "entries": entries, "updated_at": now}
    connection.execute(_SAVE, row)


def remove(connection: Connection, station_id: str) -> bool:
    """Forget the list of a station."""
    statement = delete(local_lists).where(local_lists.c.station_id == station_id)
    return connection.execute(statement).rowcount > 0


def part(
    connection: Connection, what: LocalListFilter, sorting: Sorting, window: Window
) -> Part[LocalListLine]:
    """Return some stations with their lists, sorted by one of `SORTED`, else by their ids."""
    query = _LINES.where(*what.conditions())
    return paging.part(connection, LocalListLine, query, SORTED, sorting, window)
