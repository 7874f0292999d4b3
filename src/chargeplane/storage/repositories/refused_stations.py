"""Stations that were not let in, so that an operator can adopt them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.records import Page, RefusedStationRecord
from chargeplane.storage.statements import insert
from chargeplane.storage.tables import refused_stations

_INSERT = insert(refused_stations)
_NOTE = _INSERT.on_conflict_do_update(
    index_elements=[refused_stations.c.station_id],
    set_={
        "address": _INSERT.excluded.address,
        "reason": _INSERT.excluded.reason,
        "last_at": _INSERT.excluded.last_at,
        "attempts": refused_stations.c.attempts + 1,
    },
)


def note(
    connection: Connection, station_id: str, address: str | None, reason: str, now: datetime
) -> None:
    """Remember that a station was refused."""
    row = {
        "station_id": station_id,
        "address": address,
        "reason": reason,
        "attempts": 1,
        "first_at": now,
        "last_at": now,
    }
    connection.execute(_NOTE, row)


def page(connection: Connection, window: Window) -> Page[RefusedStationRecord]:
    """Return a page of refused stations, the latest first."""
    keys = (refused_stations.c.last_at, refused_stations.c.station_id)
    query = select(refused_stations)
    return fetch(connection, RefusedStationRecord, query, keys, window, descending=True)


def forget(connection: Connection, station_id: str) -> bool:
    """Forget a station, as when it is adopted."""
    statement = delete(refused_stations).where(refused_stations.c.station_id == station_id)
    return connection.execute(statement).rowcount > 0


def keep_latest(connection: Connection, number: int) -> int:
    """Forget all but the latest, so that strangers cannot fill the disk; how many went."""
    latest = select(refused_stations.c.station_id).order_by(refused_stations.c.last_at.desc())
    statement = delete(refused_stations).where(
        refused_stations.c.station_id.not_in(latest.limit(number))
    )
    return connection.execute(statement).rowcount
