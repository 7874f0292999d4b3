"""What a station tells of a transaction: that it began, how it goes, that it ended."""

from __future__ import annotations

from typing import Any, Final

from chargeplane.domain.readings import Reading
from chargeplane.domain.station import Evse
from chargeplane.domain.transactions import (
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
    TriggerReason,
)
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit, Transaction

KEPT_READINGS: Final = 1000  # for the end of a transaction; every other goes beyond


def update(
    station: Station,
    evse: EvseUnit,
    trigger: TriggerReason,
    readings: tuple[Reading, ...] = (),
    **members: Any,
) -> None:
    """Tell how the transaction of an EVSE goes, if it has one."""
    transaction = evse.transaction
    if transaction is None:
        return
    if trigger in ("Authorized", "RemoteStart", "StopAuthorized"):
        ending = evse.ending
        members.setdefault("id_token", ending.token if ending else transaction.token)
        if ending is None:
            members.setdefault("reservation_id", transaction.reservation_id)  # E03.FR.03
    tell(station, evse, TransactionUpdated, trigger, readings, **members)


def tell(
    station: Station,
    evse: EvseUnit,
    kind: type[TransactionEvent],
    trigger: TriggerReason,
    readings: tuple[Reading, ...],
    **members: Any,
) -> None:
    """Keep the transaction and put the event, both or none."""
    transaction = evse.transaction
    assert transaction is not None  # noqa: S101 as the callers saw
    _count_time(station, transaction)
    transaction.charging_state = _said_state(evse, kind, trigger)
    for add in station.tables.in_event:
        members |= add(station, evse, kind)
    event = kind(
        timestamp=station.now(),
        transaction_id=transaction.id,
        trigger_reason=trigger,
        seq_no=transaction.seq_no,
        evse=Evse(transaction.evse_id, transaction.connector_id),
        readings=readings,
        charging_state=transaction.charging_state,
        time_spent_charging=round(transaction.charging_s) or None,
        remote_start_id=transaction.remote_start_id,
        offline=not station.is_online,
        **members,
    )
    transaction.seq_no += 1
    with station.documents.together():
        station.transactions[transaction.id] = transaction
        station.outbox.put(event)
    station.signals.transaction.emit(event)


def _said_state(evse: EvseUnit, kind: type[TransactionEvent], trigger: TriggerReason) -> Any:
    """The charging state of an event; power has not begun to flow at what lets it flow."""
    if not evse.hardware.is_plugged_in():
        return "Idle"
    if evse.slot is not None and kind is TransactionStarted:
        return "Charging"  # 2.1 S04.FR.02
    lets_flow = trigger in ("Authorized", "RemoteStart", "CablePluggedIn")
    if lets_flow or kind is TransactionEnded:
        return "EVConnected"
    return evse.charging_state()


def _count_time(station: Station, transaction: Transaction) -> None:
    """How long energy has flowed (2.x TransactionType.timeSpentCharging)."""
    now = station.now()
    if transaction.charging_state == "Charging":
        transaction.charging_s += max(0.0, (now - transaction.seen).total_seconds())
    transaction.seen = now


def keep(station: Station, evse: EvseUnit, reading: Reading) -> None:
    """Keep a reading to be told with the end of the transaction."""
    transaction = evse.transaction
    if transaction is None or not reading.samples:
        return
    kept = (*transaction.readings, reading)
    transaction.readings = kept if len(kept) <= KEPT_READINGS else kept[::2]
    station.transactions[transaction.id] = transaction
