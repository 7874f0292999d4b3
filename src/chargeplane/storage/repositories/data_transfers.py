"""Vendors' messages, in both directions."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.records import DataTransferRecord, Direction, Page
from chargeplane.storage.statements import equal, insert
from chargeplane.storage.tables import data_transfers

_c = data_transfers.c
_APPEND = insert(data_transfers).returning(_c.id)


class DataTransferFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which data transfers; all conditions that are given hold."""

    station_id: str | None = None
    vendor_id: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        return equal((_c.station_id, self.station_id), (_c.vendor_id, self.vendor_id))


def append(
    connection: Connection,
    station_id: str,
    direction: Direction,
    request: DataTransfer,
    answer: DataTransferAnswer | None,
    now: datetime,
) -> int:
    """Store a vendor's message with its answer, if there is one; its number."""
    row = {
        "station_id": station_id,
        "at": now,
        "direction": direction,
        "vendor_id": request.vendor_id,
        "message_id": request.message_id,
        "data": request.data,
        "status": answer.status if answer else None,
        "answer": answer.data if answer else None,
    }
    number: int = connection.execute(_APPEND, row).scalar_one()
    return number


def page(
    connection: Connection, what: DataTransferFilter, window: Window
) -> Page[DataTransferRecord]:
    """Return a page of data transfers, the latest first."""
    query = select(data_transfers).where(*what.conditions())
    return fetch(connection, DataTransferRecord, query, (_c.id,), window, descending=True)
