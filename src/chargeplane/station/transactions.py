"""The life of a charge at a station: from the car and a token to the last reading."""

from __future__ import annotations

import asyncio
from typing import Any

from chargeplane.domain.station import ChargingState
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    StoppedReason,
    TransactionAnswer,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
    TriggerReason,
)
from chargeplane.station import availability, metering, smart_charging
from chargeplane.station.machine import SAID
from chargeplane.station.station import Connector, Station, Transaction


async def present(station: Station, connector: Connector, token: Token) -> None:
    """A driver presents an accepted token: stop the charge that it began, or begin one."""
    running = connector.transaction
    if running is not None:
        if running.token and running.token.key == token.key:
            await stop(station, connector, "Local", "StopAuthorized", token)
        return
    if connector.is_kept_from(token):
        return  # 2.x H03.FR.01, 1.6 §5.13
    connector.authorized = token
    await settle(station, connector)
    if connector.authorized is not None:
        connector.waiting = station.spawn(
            _give_up_waiting(station, connector), "connection timeout"
        )


async def _give_up_waiting(station: Station, connector: Connector) -> None:
    await asyncio.sleep(station.model.seconds("ConnectionTimeOut"))
    if connector.transaction is None and connector.authorized is not None:
        connector.authorized = None
        connector.remote_start_id = None
        await settle(station, connector)


async def settle(station: Station, connector: Connector) -> None:
    """Do what follows from what is so now: start, stop, offer current, tell."""
    plugged_in = connector.hardware.is_plugged_in()
    if connector.transaction is not None and not plugged_in:
        await stop(station, connector, "EVDisconnected", "EVDeparted")
    if not plugged_in:
        connector.has_ended = False
    if plugged_in and connector.authorized is not None and connector.transaction is None:
        await _start(station, connector)
        return
    before = connector.reported
    _offer(station, connector)
    await availability.report(station, connector)
    if connector.transaction is not None and connector.state != before:
        update(station, connector, "ChargingStateChanged")


async def _start(station: Station, connector: Connector) -> None:
    token, connector.authorized = connector.authorized, None
    transaction = connector.transaction = Transaction(token, began=station.now())
    transaction.remote_start_id, connector.remote_start_id = connector.remote_start_id, None
    if connector.reservation_id is not None:
        transaction.reservation_id, connector.reservation_id = connector.reservation_id, None
        connector.reserved_for = None
    connector.has_ended = False
    trigger: TriggerReason = "RemoteStart" if transaction.remote_start_id else "Authorized"
    _offer(station, connector)
    station.queue.put(_event(station, connector, TransactionStarted, trigger, "Transaction.Begin"))
    await availability.report(station, connector)
    station.spawn(_sample(station, connector, transaction), "samples")


def settle_all(station: Station) -> None:
    """Let what is so now count at every connector, as after a change of limits."""
    for connector in station.connectors:
        station.spawn(settle(station, connector), "settle")


async def stop(
    station: Station,
    connector: Connector,
    reason: StoppedReason,
    trigger: TriggerReason,
    token: Token | None = None,
) -> None:
    """End the charge of a connector."""
    if connector.transaction is None:
        return
    connector.hardware.allow(0)
    connector.limit_a = 0.0
    event = _event(
        station,
        connector,
        TransactionEnded,
        trigger,
        "Transaction.End",
        stopped_reason=reason,
        id_token=token,
    )
    connector.transaction = None
    connector.has_ended = connector.hardware.is_plugged_in()
    if connector.becomes_inoperative:
        connector.is_operative, connector.becomes_inoperative = False, False
    station.queue.put(event)
    await availability.report(station, connector)


def update(station: Station, connector: Connector, trigger: TriggerReason) -> None:
    """Tell how the charge goes."""
    context = "Trigger" if trigger == "Trigger" else "Sample.Periodic"
    station.queue.put(_event(station, connector, TransactionUpdated, trigger, context))


async def _sample(station: Station, connector: Connector, transaction: Transaction) -> None:
    """Tell the meter values again and again while the charge lasts (MeterValueSampleInterval)."""
    while True:
        await asyncio.sleep(station.model.seconds("MeterValueSampleInterval") or 60)
        if connector.transaction is not transaction:
            return
        await settle(station, connector)
        if connector.transaction is transaction:
            update(station, connector, "MeterValuePeriodic")


def _offer(station: Station, connector: Connector) -> None:
    """Let so much current flow as the profiles allow."""
    running = connector.transaction is not None
    connector.limit_a = smart_charging.limit_a(station, connector) if running else 0.0
    connector.hardware.allow(connector.limit_a)


def _event(
    station: Station,
    connector: Connector,
    kind: type[TransactionEvent],
    trigger: TriggerReason,
    context: str,
    **members: Any,
) -> TransactionEvent:
    transaction = connector.transaction
    assert transaction is not None  # noqa: S101 only called while there is one
    at = station.now()
    members.setdefault("id_token", transaction.token if kind is TransactionStarted else None)
    if context == "Sample.Periodic":
        reading = metering.sample(station, connector, at)
    else:
        reading = metering.register(connector, at, context)
    state: ChargingState | None = SAID[connector.state][1]
    return kind(
        timestamp=at,
        transaction_id=transaction.id,
        trigger_reason=trigger,
        seq_no=transaction.next_seq_no(),
        evse=connector.evse,
        readings=(reading,),
        charging_state=state,
        remote_start_id=transaction.remote_start_id,
        reservation_id=transaction.reservation_id,
        offline=station.peer is None,
        **members,
    )


def on_answer(station: Station, event: TransactionEvent, answer: TransactionAnswer) -> None:
    """Stop a charge whose token the central system refuses (StopTransactionOnInvalidId)."""
    info = answer.id_token_info
    if info is None or info.status == "Accepted" or isinstance(event, TransactionEnded):
        return
    for connector in station.connectors:
        transaction = connector.transaction
        if transaction and transaction.id == event.transaction_id and not transaction.is_stopping:
            transaction.is_stopping = True
            station.spawn(stop(station, connector, "DeAuthorized", "Deauthorized"), "deauthorize")
