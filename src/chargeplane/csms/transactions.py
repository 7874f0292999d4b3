"""The life of a charge as stations tell it.

Nothing that a station says of a transaction is refused, because it would then
be lost: what is sent again changes nothing, what comes out of order is put
where it belongs, what belongs to no known transaction makes one. What the
answer may say is whether the token is accepted.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
import structlog
from msgspec.structs import replace

from chargeplane.csms import metering, providers, reservation
from chargeplane.csms.authorization import authorize, may_stop
from chargeplane.csms.central import Unit
from chargeplane.csms.registry import Station
from chargeplane.csms.remote_control import remote_start_of
from chargeplane.domain.readings import register
from chargeplane.domain.station import Evse
from chargeplane.domain.tokens import AuthorizationStatus, TokenInfo
from chargeplane.domain.transactions import (
    TransactionAnswer,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.storage import sequence
from chargeplane.storage.measured import milli
from chargeplane.storage.records import TransactionRecord
from chargeplane.storage.repositories import connectors, transaction_events
from chargeplane.storage.repositories import transactions as stored
from chargeplane.storage.repositories.transactions import TransactionStart, TransactionStop

WITHOUT_CAR = (None, "Idle")
NOWHERE = Evse(0)  # of an event that does not say where, of a transaction that nobody knows

logger = structlog.get_logger()


async def on_event(station: Station, event: TransactionEvent) -> TransactionAnswer:
    """Store an event of a transaction; answered when it is durable (2.x E, 1.6 §4.8, §4.10)."""
    # The order in which a station tells its story is kept.
    async with station.lock:
        return await station.central.commit(lambda unit: _answer(station, unit, event))


def _answer(station: Station, unit: Unit, event: TransactionEvent) -> TransactionAnswer:
    answer = _store(unit, station.id, event)
    costs = providers.of(station.central).costs
    if costs is None:
        return answer
    try:
        return costs.priced(unit, station.id, event, answer)
    except Exception as error:  # noqa: BLE001 a provider may raise anything
        logger.warning("no costs", station=station.id, error=str(error))
        return answer


def _store(unit: Unit, station_id: str, event: TransactionEvent) -> TransactionAnswer:
    known = transaction_events.find(unit.connection, station_id, event)
    if known is not None:
        return _again(unit, station_id, known, event)
    if isinstance(event, TransactionStarted):
        return _start(unit, station_id, event)
    transaction = _find_or_make(unit, station_id, event)
    if isinstance(event, TransactionEnded):
        return _end(unit, transaction, event)
    return _update(unit, transaction, event)


def _again(unit: Unit, station_id: str, number: int, event: TransactionEvent) -> TransactionAnswer:
    """What was said before is answered as before; nothing is stored twice."""
    transaction = stored.get(unit.connection, number)
    if event.id_token is None:
        return TransactionAnswer(transaction_id=transaction.name if transaction else None)
    info = authorize(unit, station_id, event.id_token, starting=False)
    if transaction and isinstance(event, TransactionStarted) and transaction.start_status:
        # It was decided when the start came first.
        status: Any = transaction.start_status
        info = replace(info, status=status)
    name = transaction.name if transaction else None
    return TransactionAnswer(transaction_id=name, id_token_info=info)


# Start


def _start(unit: Unit, station_id: str, event: TransactionStarted) -> TransactionAnswer:
    info = _decide_start(unit, station_id, event)
    event = _correlated(unit, station_id, event)
    start = _described(station_id, event, info.status if info else None)
    transaction, is_new = stored.start(unit.connection, start, unit.now)
    _keep(unit, transaction, event)
    if is_new:
        _close_stale(unit, transaction)
        _use_reservation(unit, transaction)
        unit.emit("transaction.started", **_about(transaction), status=start.start_status)
    return TransactionAnswer(transaction_id=transaction.name, id_token_info=info)


def _correlated(unit: Unit, station_id: str, event: TransactionStarted) -> TransactionStarted:
    """The start with the remote start that it follows, which 1.x does not tell."""
    if event.transaction_id is not None or event.id_token is None or event.evse is None:
        return event
    number = remote_start_of(unit.connection, station_id, event.id_token, event.evse.id, unit.now)
    return event if number is None else replace(event, remote_start_id=number)


def _decide_start(unit: Unit, station_id: str, event: TransactionStarted) -> TokenInfo | None:
    if event.id_token is None:
        return None
    return authorize(unit, station_id, event.id_token, starting=True)


def _described(
    station_id: str, event: TransactionEvent, status: AuthorizationStatus | None
) -> TransactionStart:
    """A start in columns. 2.x transactions have the name their station gave them."""
    place = event.evse or NOWHERE
    begins = isinstance(event, TransactionStarted)
    named = event.transaction_id is not None
    energy = register(event.readings, "Transaction.Begin")
    if energy is None and begins:
        energy = register(event.readings)
    return TransactionStart(
        station_id=station_id,
        evse_id=place.id,
        connector_id=place.connector_id,
        started_at=event.timestamp,
        uid=event.transaction_id,
        start_key=None if named else start_key(station_id, event),
        token=event.id_token,
        start_status=status,
        start_energy_mwh=milli(energy),
        start_known=begins,
        charging_state=event.charging_state,
        remote_start_id=event.remote_start_id,
        reservation_id=event.reservation_id,
        offline=event.offline,
    )


def start_key(station_id: str, event: TransactionEvent) -> str:
    """What is the same whenever a 1.x station sends the same start."""
    token = event.id_token.key if event.id_token else None
    energy = register(event.readings)
    same = (station_id, event.evse and event.evse.id, token, event.timestamp, energy)
    return blake2b(msgspec.json.encode(same), digest_size=16).hexdigest()


def _close_stale(unit: Unit, transaction: TransactionRecord) -> None:
    """A connector has one transaction at a time: what was open on it is over."""
    if transaction.evse_id == NOWHERE.id:
        return
    closed = stored.close_stale(unit.connection, transaction, "NewTransaction", unit.now)
    for old in closed:
        unit.emit("transaction.ended", **_about(old), reason=old.stop_reason, closed_by="stale")


def _use_reservation(unit: Unit, transaction: TransactionRecord) -> None:
    if transaction.reservation_id is not None:
        reservation.use(unit, transaction.station_id, transaction.reservation_id, transaction.id)


# Update and end


def _find_or_make(unit: Unit, station_id: str, event: TransactionEvent) -> TransactionRecord:
    """The transaction of an event; one that nobody knows is made, so that nothing is lost."""
    name = event.transaction_id or ""
    transaction = stored.by_name(unit.connection, station_id, name)
    if transaction is not None:
        return transaction
    transaction, _ = stored.start(unit.connection, _described(station_id, event, None), unit.now)
    unit.emit("transaction.unknown", **_about(transaction), name=name)
    return transaction


def _update(
    unit: Unit, transaction: TransactionRecord, event: TransactionEvent
) -> TransactionAnswer:
    _keep(unit, transaction, event)
    # It was taken to be over, but its station goes on with it.
    if transaction.stopped_at is not None and event.timestamp > transaction.stopped_at:
        again = stored.reopen(unit.connection, transaction.id)
        if again is not None:
            unit.emit("transaction.reopened", **_about(again))
    unit.emit(
        "transaction.updated",
        **_about(transaction),
        lasting=False,
        trigger=event.trigger_reason,
        charging_state=event.charging_state,
    )
    return _answered(unit, transaction, event)


def _end(unit: Unit, transaction: TransactionRecord, event: TransactionEnded) -> TransactionAnswer:
    _keep(unit, transaction, event)
    energy = event.meter_wh
    stop = TransactionStop(
        stopped_at=event.timestamp,
        closed_by="station",
        energy_mwh=milli(register(event.readings) if energy is None else energy),
        reason=event.stopped_reason or "Local",  # 1.6 §6.47, 2.x: absent means Local
        id_token=event.id_token.id_token if event.id_token else None,
    )
    ended = stored.stop(unit.connection, transaction.id, stop)
    if ended is not None:
        unit.emit(
            "transaction.ended",
            **_about(ended),
            reason=ended.stop_reason,
            closed_by="station",
            energy_mwh=ended.energy_mwh,
        )
    return _answered(unit, transaction, event)


def _answered(
    unit: Unit, transaction: TransactionRecord, event: TransactionEvent
) -> TransactionAnswer:
    """What is known of the token that the event brings; the one that may stop is accepted."""
    if event.id_token is None:
        return TransactionAnswer()
    info = authorize(unit, transaction.station_id, event.id_token, starting=False)
    if isinstance(event, TransactionEnded) and not may_stop(unit, transaction, event.id_token):
        info = TokenInfo(status="Invalid")
    return TransactionAnswer(id_token_info=info)


def _keep(unit: Unit, transaction: TransactionRecord, event: TransactionEvent) -> None:
    """Store the event itself, its readings, and how far the transaction is."""
    connection, station_id = unit.connection, transaction.station_id
    transaction_events.append(connection, station_id, transaction.id, event, unit.now)
    place = event.evse or Evse(transaction.evse_id, transaction.connector_id)
    metering.store(unit, station_id, place.id, event.readings, transaction.id)
    if event.seq_no is not None:
        last, missing = sequence.receive(
            transaction.last_seq_no,
            transaction.missing_seq_nos,
            event.seq_no,
            is_start=isinstance(event, TransactionStarted),
        )
        stored.set_progress(connection, transaction.id, event.charging_state, last, missing)
    if event.charging_state is not None:
        connectors.set_charging_state(
            connection, station_id, place.id, place.connector_id, event.charging_state
        )


def reconcile(
    unit: Unit,
    station_id: str,
    evse_id: int | None = None,
    *,
    before: datetime | None = None,
) -> None:
    """Close what cannot be running any more, at its last reading; or only what is older.

    A 2.x transaction may begin before the car comes (TxStartPoint), so only one
    that had a car is over.
    """
    for transaction in stored.open_of(unit.connection, station_id, evse_id):
        if transaction.uid is not None and transaction.charging_state in WITHOUT_CAR:
            continue
        if before is not None and transaction.created_at >= before:
            continue
        stop = TransactionStop(
            stopped_at=transaction.last_measured_at or unit.now,
            closed_by="reconciled",
            reason="Other",
        )
        ended = stored.stop(unit.connection, transaction.id, stop)
        if ended is not None:
            unit.emit("transaction.ended", **_about(ended), reason="Other", closed_by="reconciled")


def _about(transaction: TransactionRecord) -> dict[str, Any]:
    """The members of an event that name a transaction and where it is."""
    return {
        "station_id": transaction.station_id,
        "evse_id": transaction.evse_id,
        "transaction_id": transaction.id,
        "uid": transaction.uid,
        "id_token": transaction.id_token,
    }


def close_by_operator(unit: Unit, number: int, asked_by: str) -> TransactionRecord | None:
    """Close a transaction in the database only, at its last reading; the station is not asked.

    None if it is closed already, or unknown.
    """
    stop = TransactionStop(stopped_at=unit.now, closed_by="operator", reason="Other")
    closed = stored.stop(unit.connection, number, stop)
    if closed is not None:
        unit.emit(
            "transaction.ended",
            station_id=closed.station_id,
            evse_id=closed.evse_id,
            transaction_id=closed.id,
            reason=closed.stop_reason,
            closed_by="operator",
            asked_by=asked_by,
        )
    return closed


HANDLERS: dict[type, Any] = {
    TransactionStarted: on_event,
    TransactionUpdated: on_event,
    TransactionEnded: on_event,
}
