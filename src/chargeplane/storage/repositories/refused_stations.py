"""Stations that were not let in, so that an operator can adopt them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, select

from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.records import Page, RefusedStationRecord
from chargeplane.storage.statements import insert, mentions, within
from chargeplane.storage.tables import refused_stations

_c = refused_stations.c
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


class RefusedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which refused stations; all conditions that are given hold."""

    search: str | None = None
    among: tuple[str, ...] | None = None  # only these stations

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        return within(_c.station_id, self.among) + mentions(
            self.search, (_c.station_id, _c.address)
        )


EVERY = RefusedFilter()


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


def page(
    connection: Connection, window: Window, what: RefusedFilter = EVERY
) -> Page[RefusedStationRecord]:
    """Return a page of refused stations, the latest first."""
    query = select(refused_stations).where(*what.conditions())
    keys = (_c.last_at, _c.station_id)
    return fetch(connection, RefusedStationRecord, query, keys, window, descending=True)


def count(connection: Connection, what: RefusedFilter = EVERY) -> int:
    """Count refused stations."""
    query = select(func.count()).select_from(refused_stations).where(*what.conditions())
    return connection.execute(query).scalar_one()


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
