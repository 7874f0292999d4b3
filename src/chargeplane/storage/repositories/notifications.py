"""Notifications that are kept whole: reports, monitoring, limits, schedules, display, and more."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.records import NotificationRecord, Page
from chargeplane.storage.statements import equal, insert
from chargeplane.storage.tables import notifications

_c = notifications.c
_APPEND = insert(notifications).returning(_c.id)


class NotificationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which notifications; all conditions that are given hold."""

    station_id: str | None = None
    action: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        return equal((_c.station_id, self.station_id), (_c.action, self.action))


def append(
    connection: Connection, station_id: str, action: str, payload: object, now: datetime
) -> int:
    """Store a notification: any value that msgspec can write; its number."""
    raw = msgspec.Raw(msgspec.json.encode(payload))
    row = {"station_id": station_id, "action": action, "at": now, "payload": raw}
    number: int = connection.execute(_APPEND, row).scalar_one()
    return number


def page(
    connection: Connection, what: NotificationFilter, window: Window
) -> Page[NotificationRecord]:
    """Return a page of notifications, the latest first."""
    query = select(notifications).where(*what.conditions())
    return fetch(connection, NotificationRecord, query, (_c.id,), window, descending=True)
