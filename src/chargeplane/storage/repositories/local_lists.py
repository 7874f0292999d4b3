"""The local authorisation lists that stations hold."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from chargeplane.domain.tokens import AuthorizationData
from chargeplane.storage.records import LocalListRecord
from chargeplane.storage.statements import one, other_columns, upsert
from chargeplane.storage.tables import local_lists

_GET = select(local_lists).where(local_lists.c.station_id == bindparam("station"))
_SAVE = upsert(local_lists, *other_columns(local_lists))


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
