"""Whether a connector can be used: free, plugged, or why not."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.records import ConnectorRecord, TransactionRecord
from chargeplane.storage.repositories import connectors, payments, transactions

# What an occupied connector does while a driver may still begin (1.6 Preparing).
MAY_BEGIN: Final = (None, "EVConnected")
FINISHING: Final = "Idle"  # 1.6 Finishing


def on_evse(connection: Connection, station_id: str, evse_id: int) -> tuple[ConnectorRecord, ...]:
    """The connectors of an EVSE."""
    found = connectors.of_station(connection, station_id)
    return tuple(each for each in found if each.evse_id == evse_id)


def busy_reason(
    connection: Connection,
    station_id: str,
    evse_id: int,
    own: PaymentReservationRecord | None = None,
) -> str | None:
    """Why nobody can begin at an EVSE, or nobody but the reservation; None: one can."""
    active = payments.active_at(connection, station_id, evse_id)
    if active is not None and (own is None or active.id != own.id):
        return "ActiveReservation"
    token = own.id_token.lower() if own else ""
    for each in transactions.open_of(connection, station_id, evse_id):
        if each.token_key != token and not waits_for_token(each):
            return "OpenTransaction"
    for connector in on_evse(connection, station_id, evse_id):
        if reason := _unusable(connector):
            return f"LiveStatus:{reason}"
    return None


def waits_for_token(transaction: TransactionRecord) -> bool:
    """Whether it began with the car and waits for somebody to pay (2.x TxStartPoint)."""
    return transaction.token_key is None and transaction.charging_state in MAY_BEGIN


def _unusable(connector: ConnectorRecord) -> str | None:
    if connector.status not in {None, "Available", "Occupied"}:
        return connector.status
    if connector.status == "Occupied" and connector.charging_state not in MAY_BEGIN:
        state = connector.charging_state
        return "Finishing" if state == FINISHING else state
    return None


def is_plugged(connection: Connection, station_id: str, evse_id: int) -> bool:
    """Whether a car is plugged in and nothing has begun yet (1.6 Preparing, 2.x Occupied)."""
    found = on_evse(connection, station_id, evse_id)
    return any(each.status == "Occupied" and each.charging_state in MAY_BEGIN for each in found)


def choose_evse(connection: Connection, station_id: str) -> int:
    """The EVSE for a driver who names none: where a car waits, else one that is free, else 1."""
    found = connectors.of_station(connection, station_id)
    numbers = sorted({each.evse_id for each in found if each.evse_id})
    usable = [n for n in numbers if busy_reason(connection, station_id, n) is None]
    plugged = [n for n in usable if is_plugged(connection, station_id, n)]
    return next(iter([*plugged, *usable, *numbers]), 1)
