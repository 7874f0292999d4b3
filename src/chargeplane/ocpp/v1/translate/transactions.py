"""StartTransaction, StopTransaction, RemoteStartTransaction, RemoteStopTransaction.

Lost on the way to 1.x: sequence numbers, triggers, charging states, phases
and all of 2.1's members of an event; readings at the start beyond the
register; the finer reasons of a stop (see `REASONS`); of a remote start its
id and the group token; of answers the cost, priority and messages. A start
without a token cannot be said, nor a stop by a name that is no number.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chargeplane.domain.readings import Reading, Sample, register
from chargeplane.domain.station import Evse
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    RequestStartAnswer,
    RequestStartTransaction,
    RequestStopTransaction,
    TransactionAnswer,
    TransactionEnded,
    TransactionStarted,
)
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.v1 import wire
from chargeplane.ocpp.v1.translate.profiles import read_profile, write_profile
from chargeplane.ocpp.v1.translate.readings import read_readings, write_readings
from chargeplane.ocpp.v1.translate.rows import (
    connector_id,
    read_outcome,
    row,
    say,
    status_of,
    transaction_number,
)
from chargeplane.ocpp.v1.translate.tokens import read_info, write_info

BEGIN, END = "Transaction.Begin", "Transaction.End"

REASONS = {
    "EnergyLimitReached": "Local",
    "GroundFault": "Other",
    "ImmediateReset": "HardReset",
    "MasterPass": "Local",
    "LocalOutOfCredit": "Local",
    "OvercurrentFault": "Other",
    "PowerQuality": "Other",
    "SOCLimitReached": "Local",
    "StoppedByEV": "Other",
    "TimeLimitReached": "Local",
    "Timeout": "Other",
    "ReqEnergyTransferRejected": "Other",
}
TRIGGERS = {
    "EVDisconnected": "EVCommunicationLost",
    "Remote": "RemoteStop",
    "DeAuthorized": "Deauthorized",
    "HardReset": "ResetCommand",
    "SoftReset": "ResetCommand",
    "UnlockCommand": "UnlockCommand",
    "EmergencyStop": "AbnormalCondition",
    "PowerLoss": "AbnormalCondition",
    "Other": "AbnormalCondition",
    "Reboot": "AbnormalCondition",
}


def _register(at: datetime, value: float, context: str) -> Reading:
    return Reading(at, (Sample(value, context=context),))


def _whole(value: float | None, event: str) -> int:
    if value is None:
        raise Untranslatable(f"OCPP 1.x {event} needs the energy register")
    return round(value)


def read_start(request: wire.StartTransaction) -> TransactionStarted:
    """A start; the central system is to name the transaction."""
    return TransactionStarted(
        timestamp=request.timestamp,
        transaction_id=None,
        trigger_reason="Authorized",
        evse=Evse(request.connector_id, 1),
        id_token=Token(request.id_tag),
        readings=(_register(request.timestamp, float(request.meter_start), BEGIN),),
        reservation_id=request.reservation_id,
    )


def write_start(request: TransactionStarted) -> wire.StartTransaction:
    """A start."""
    if request.id_token is None:
        raise Untranslatable("OCPP 1.x StartTransaction needs a token")
    if request.evse is None:
        raise Untranslatable("OCPP 1.x StartTransaction needs a connector")
    value = register(request.readings, BEGIN)
    return say(
        wire.StartTransaction,
        connector_id=connector_id(request.evse),
        id_tag=request.id_token.id_token,
        meter_start=_whole(register(request.readings) if value is None else value, "a start"),
        timestamp=request.timestamp,
        reservation_id=request.reservation_id,
    )


def read_start_answer(answer: wire.StartTransactionResponse, _asked: Any) -> TransactionAnswer:
    """The name of the transaction, and whether it may go on."""
    return TransactionAnswer(
        transaction_id=str(answer.transaction_id), id_token_info=read_info(answer.id_tag_info)
    )


def write_start_answer(answer: TransactionAnswer) -> wire.StartTransactionResponse:
    """The name of the transaction, and whether it may go on."""
    if answer.id_token_info is None:
        raise Untranslatable("OCPP 1.x StartTransaction is answered with the token's state")
    return wire.StartTransactionResponse(
        transaction_id=transaction_number(answer.transaction_id),
        id_tag_info=write_info(answer.id_token_info),
    )


def read_stop(request: wire.StopTransaction) -> TransactionEnded:
    """A stop; the register is the last reading, unless the data says the same already."""
    readings = read_readings(request.transaction_data)
    said = register(readings, END)
    if said is None or round(said) != request.meter_stop:
        readings += (_register(request.timestamp, float(request.meter_stop), END),)
    reason = "ImmediateReset" if request.reason == "HardReset" else request.reason
    trigger: Any = TRIGGERS.get(request.reason or "Local", "StopAuthorized")
    return TransactionEnded(
        timestamp=request.timestamp,
        transaction_id=str(request.transaction_id),
        trigger_reason=trigger,
        id_token=Token(request.id_tag) if request.id_tag is not None else None,
        readings=readings,
        stopped_reason=reason,
    )


def write_stop(request: TransactionEnded) -> wire.StopTransaction:
    """A stop; a last reading that says no more than the register is left to `meterStop`."""
    value = register(request.readings, END)
    total = _whole(register(request.readings) if value is None else value, "a stop")
    data = request.readings
    if data and data[-1] == _register(request.timestamp, float(total), END):
        rest = data[:-1]
        said = register(rest, END)
        data = rest if said is None or round(said) != total else data
    reason = request.stopped_reason
    return say(
        wire.StopTransaction,
        id_tag=request.id_token.id_token if request.id_token else None,
        meter_stop=total,
        timestamp=request.timestamp,
        transaction_id=transaction_number(request.transaction_id),
        reason=REASONS.get(reason or "", reason),
        transaction_data=write_readings(data) or None,
    )


def read_stop_answer(answer: wire.StopTransactionResponse, _asked: Any) -> TransactionAnswer:
    """What is known of the token that stopped it, if one did."""
    info = answer.id_tag_info
    return TransactionAnswer(id_token_info=read_info(info) if info else None)


def write_stop_answer(answer: TransactionAnswer) -> wire.StopTransactionResponse:
    """What is known of the token that stopped it, if one did."""
    info = answer.id_token_info
    return wire.StopTransactionResponse(id_tag_info=write_info(info) if info else None)


def read_remote_start(request: wire.RemoteStartTransaction) -> RequestStartTransaction:
    """A start from afar."""
    profile = request.charging_profile
    return RequestStartTransaction(
        id_token=Token(request.id_tag),
        evse_id=request.connector_id,
        charging_profile=read_profile(profile) if profile else None,
    )


def write_remote_start(request: RequestStartTransaction) -> wire.RemoteStartTransaction:
    """A start from afar."""
    profile = request.charging_profile
    return say(
        wire.RemoteStartTransaction,
        id_tag=request.id_token.id_token,
        connector_id=request.evse_id,
        charging_profile=write_profile(profile) if profile else None,
    )


ROWS = (
    row(
        "station",
        "StartTransaction",
        TransactionStarted,
        read=read_start,
        write=write_start,
        read_answer=read_start_answer,
        write_answer=write_start_answer,
    ),
    row(
        "station",
        "StopTransaction",
        TransactionEnded,
        read=read_stop,
        write=write_stop,
        read_answer=read_stop_answer,
        write_answer=write_stop_answer,
    ),
    row(
        "csms",
        "RemoteStartTransaction",
        RequestStartTransaction,
        read=read_remote_start,
        write=write_remote_start,
        read_answer=lambda answer, _asked: RequestStartAnswer(status=answer.status),
        write_answer=status_of(wire.RemoteStartTransactionResponse),
    ),
    row(
        "csms",
        "RemoteStopTransaction",
        RequestStopTransaction,
        read=lambda request: RequestStopTransaction(transaction_id=str(request.transaction_id)),
        write=lambda request: wire.RemoteStopTransaction(
            transaction_id=transaction_number(request.transaction_id)
        ),
        read_answer=read_outcome,
        write_answer=status_of(wire.RemoteStopTransactionResponse),
    ),
)
