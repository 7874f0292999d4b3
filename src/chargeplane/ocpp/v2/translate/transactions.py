"""TransactionEvent.

Lost on the way to 2.x: the central system's `transaction_id` in an answer
(2.x stations name their transactions themselves); SoftReset and UnlockCommand
become ImmediateReset and Other. An event without a sequence number or
transaction id, which only 1.x has, cannot be said.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from chargeplane.domain.station import Evse
from chargeplane.domain.tariff_cost import TransactionLimit
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    TransactionAnswer,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.v2 import wire
from chargeplane.ocpp.v2.translate.readings import read_readings, write_readings
from chargeplane.ocpp.v2.translate.rows import carried, row, to, to_wire

KINDS: dict[str, type[TransactionEvent]] = {
    "Started": TransactionStarted,
    "Updated": TransactionUpdated,
    "Ended": TransactionEnded,
}
NAMES = {kind: name for name, kind in KINDS.items()}
REASONS = {"SoftReset": "ImmediateReset", "UnlockCommand": "Other"}
COMMON = (
    "timestamp",
    "trigger_reason",
    "seq_no",
    "offline",
    "number_of_phases_used",
    "cable_max_current",
    "reservation_id",
    "preconditioning_status",
    "evse_sleep",
    "custom_data",
)
OF_TRANSACTION = (
    "transaction_id",
    "charging_state",
    "time_spent_charging",
    "remote_start_id",
    "operation_mode",
    "tariff_id",
)

ALSO = ("evse", "id_token", "cost_details")

read_token, read_limit = to(Token), to(TransactionLimit)
write_event, write_info = to_wire(wire.TransactionEvent), to_wire(wire.Transaction)


def read(event: wire.TransactionEvent) -> TransactionEvent:
    """An event as started, updated or ended."""
    info = event.transaction_info
    members: dict[str, Any] = {name: getattr(event, name) for name in COMMON}
    members |= {name: getattr(info, name) for name in OF_TRANSACTION}
    if event.evse is not None:
        members["evse"] = Evse(event.evse.id, event.evse.connector_id)
    if event.id_token is not None:
        members["id_token"] = read_token(event.id_token)
    if info.transaction_limit is not None:
        members["transaction_limit"] = read_limit(info.transaction_limit)
    if event.event_type == "Ended":
        members["stopped_reason"] = info.stopped_reason
    return KINDS[event.event_type](
        **members,
        readings=read_readings(event.meter_value),
        cost_details=carried(event.cost_details),
    )


def write(event: TransactionEvent) -> wire.TransactionEvent:
    """An event; whatever breaks the bounds of 2.x cannot be said."""
    if event.seq_no is None or event.transaction_id is None:
        raise Untranslatable("OCPP 2.x transaction events need a transaction id and a seqNo")
    members = {name: getattr(event, name) for name in (*COMMON, *ALSO)}
    return write_event(
        SimpleNamespace(
            **members,
            event_type=NAMES[type(event)],
            transaction_info=_write_info(event),
            meter_value=write_readings(event.readings),
        )
    )


def _write_info(event: TransactionEvent) -> wire.Transaction:
    members = {name: getattr(event, name) for name in (*OF_TRANSACTION, "transaction_limit")}
    reason = event.stopped_reason if isinstance(event, TransactionEnded) else None
    return write_info(SimpleNamespace(**members, stopped_reason=REASONS.get(reason or "", reason)))


ROWS = (
    row(
        "station",
        "TransactionEvent",
        TransactionStarted,
        TransactionUpdated,
        TransactionEnded,
        answer=TransactionAnswer,
        read=read,
        write=write,
    ),
)
