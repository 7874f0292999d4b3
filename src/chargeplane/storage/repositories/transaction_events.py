"""The events of transactions, as the stations told them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, select

from chargeplane.domain.transactions import (
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
)
from chargeplane.storage.prepared import Prepared
from chargeplane.storage.records import EventKind, TransactionEventRecord
from chargeplane.storage.statements import insert, many, unique_key
from chargeplane.storage.tables import transaction_events

_c = transaction_events.c
_APPEND = Prepared(
    int, insert(transaction_events).on_conflict_do_nothing(index_elements=[_c.key]).returning(_c.id)
)
_OF_TRANSACTION = Prepared(
    TransactionEventRecord,
    select(transaction_events).where(_c.transaction_id == bindparam("number")).order_by(_c.id),
)
_KNOWN = Prepared(int, select(_c.transaction_id).where(_c.key == bindparam("event_key")))


def append(
    connection: Connection,
    station_id: str,
    number: int | None,
    event: TransactionEvent,
    now: datetime,
) -> bool:
    """Store an event of our transaction of that number; False if it is stored already.

    The readings are left out: each is a row of the meter values.
    """
    row = {
        "transaction_id": number,
        "station_id": station_id,
        "key": key_of(station_id, event),
        "uid": str(number) if event.transaction_id is None else event.transaction_id,
        "kind": kind_of(event),
        "seq_no": event.seq_no,
        "at": event.timestamp,
        "received_at": now,
        "event": msgspec.structs.replace(event, readings=()),
    }
    return _APPEND.one(connection, row) is not None


def find(connection: Connection, station_id: str, event: TransactionEvent) -> int | None:
    """Return the number of the transaction to which the same event was stored before."""
    return _KNOWN.one(connection, {"event_key": key_of(station_id, event)})


def of_transaction(connection: Connection, number: int) -> tuple[TransactionEventRecord, ...]:
    """Return the events of a transaction in the order in which they arrived."""
    return _OF_TRANSACTION.all(connection, {"number": number})


def latest_of_transaction(
    connection: Connection, number: int, limit: int
) -> tuple[TransactionEventRecord, ...]:
    """Return the events of a transaction that arrived last, so many at most, the latest first."""
    query = select(transaction_events).where(_c.transaction_id == number)
    return many(
        TransactionEventRecord, connection.execute(query.order_by(_c.id.desc()).limit(limit))
    )


def kind_of(event: TransactionEvent) -> EventKind:
    """Return the word for the kind of an event."""
    if isinstance(event, TransactionStarted):
        return "Started"
    return "Ended" if isinstance(event, TransactionEnded) else "Updated"


def key_of(station_id: str, event: TransactionEvent) -> str:
    """Return what is the same whenever a station sends the same event.

    2.x numbers its events; in 1.x the whole event must be the same.
    """
    told = event if event.seq_no is None else event.seq_no
    return unique_key(event.timestamp, station_id, event.transaction_id, kind_of(event), told)
