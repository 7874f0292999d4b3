"""Security events that stations report."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.storage import paging
from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.records import Page, SecurityEventRecord
from chargeplane.storage.statements import equal, insert
from chargeplane.storage.tables import security_events

_c = security_events.c
_APPEND = insert(security_events)


def append(
    connection: Connection, station_id: str, event: SecurityEventNotification, now: datetime
) -> None:
    """Store what a station reports."""
    row = {
        "station_id": station_id,
        "type": event.type,
        "at": event.timestamp,
        "received_at": now,
        "tech_info": event.tech_info,
    }
    connection.execute(_APPEND, row)


def page(
    connection: Connection, station_id: str | None, window: Window
) -> Page[SecurityEventRecord]:
    """Return a page of security events of a station or of all, the latest first."""
    query = select(security_events).where(*equal((_c.station_id, station_id)))
    return fetch(connection, SecurityEventRecord, query, (_c.id,), window, descending=True)


def count(connection: Connection, station_id: str | None) -> int:
    """Count security events of a station or of all, up to `paging.COUNTED`."""
    return paging.count(connection, select(_c.id).where(*equal((_c.station_id, station_id))))
