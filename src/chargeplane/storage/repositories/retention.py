"""Forgetting what is older than it needs to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, select

from chargeplane.storage.access_tables import audit_notes
from chargeplane.storage.database import Database
from chargeplane.storage.tables import (
    commands,
    data_transfers,
    events,
    messages,
    meter_values,
    notifications,
    security_events,
    transaction_events,
)

BATCH = 5000  # rows deleted at a time, so that stations wait a few milliseconds at most

# What can be forgotten, and the column that says how old it is.
AGES: Mapping[str, Column[Any]] = MappingProxyType(
    {
        "audit_notes": audit_notes.c.at,
        "commands": commands.c.created_at,
        "data_transfers": data_transfers.c.at,
        "events": events.c.at,
        "messages": messages.c.at,
        "meter_values": meter_values.c.measured_at,
        "notifications": notifications.c.at,
        "security_events": security_events.c.received_at,
        "transaction_events": transaction_events.c.received_at,
    }
)


async def prune(database: Database, name: str, before: datetime) -> int:
    """Delete the rows of one of `AGES` that are older, in batches; how many went.

    The old rows are looked for where readers read, so that writers are not
    held up by the search.
    """
    column = AGES[name]
    gone = 0
    while numbers := await database.read(old_numbers, column, before, BATCH):
        gone += await database.write(remove, column.table, numbers)
    return gone


def old_numbers(
    connection: Connection, column: Column[Any], before: datetime, limit: int
) -> Sequence[int]:
    """Return the numbers of rows that are older, the lowest first."""
    number = column.table.c.id
    query = select(number).where(column < before).order_by(number).limit(limit)
    return connection.execute(query).scalars().all()


def remove(connection: Connection, table: Table, numbers: Sequence[int]) -> int:
    """Delete rows by their numbers; how many there were."""
    return connection.execute(delete(table).where(table.c.id.in_(numbers))).rowcount
