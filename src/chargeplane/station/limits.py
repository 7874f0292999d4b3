"""Where a charge is to rest or end: at a cost, an energy, a time, a state of charge (2.1 E16)."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import msgspec

from chargeplane.domain.tariff_cost import TransactionLimit
from chargeplane.domain.transactions import (
    StoppedReason,
    TransactionAnswer,
    TransactionEnded,
    TransactionEvent,
    TriggerReason,
)
from chargeplane.domain.variables import Component, Variable
from chargeplane.station import (
    accounts,
    costs,
    events,
    metering,
    progress,
    transaction_events,
    transactions,
)
from chargeplane.station.signals import Cost
from chargeplane.station.station import Station
from chargeplane.station.unit import Ending, EvseUnit, Transaction

SUPPORTED: Final = "TxCtrlr/SupportedLimits"
# A limit: its name in messages, what an event says when it is reached, and why it ends the charge.
LIMITS: Final[dict[str, tuple[str, TriggerReason, StoppedReason]]] = {
    "max_cost": ("maxCost", "CostLimitReached", "LocalOutOfCredit"),
    "max_energy": ("maxEnergy", "EnergyLimitReached", "EnergyLimitReached"),
    "max_time": ("maxTime", "TimeLimitReached", "TimeLimitReached"),
    "max_soc": ("maxSoC", "SoCLimitReached", "SOCLimitReached"),
}


def _central(station: Station) -> Any:
    """What the central system has set: by the id of the transaction."""
    return station.documents.collection("central_limits", TransactionLimit)


# Setting


def set_limit(station: Station, evse: EvseUnit, limit: TransactionLimit) -> bool:
    """A driver sets limits; they cannot exceed those of the central system (E16.FR.01, FR.04)."""
    transaction = evse.transaction
    if transaction is None:
        return False
    central = _central(station).get(transaction.id)
    limit = limit if central is None else _lowest(limit, central)
    _apply(station, evse, limit)
    return True


def _lowest(limit: TransactionLimit, bound: TransactionLimit) -> TransactionLimit:
    changes = {}
    for name in LIMITS:
        wanted, most = getattr(limit, name), getattr(bound, name)
        if wanted is not None and most is not None:
            changes[name] = min(wanted, most)
    return msgspec.structs.replace(limit, **changes)


def on_answer(station: Station, told: tuple[TransactionEvent, TransactionAnswer]) -> None:
    """The central system sets limits; it has the last word (E16.FR.02, FR.03, FR.07)."""
    event, answer = told
    evse = station.running(event.transaction_id or "")
    limit = answer.transaction_limit
    if evse is None or evse.transaction is None or limit is None:
        return
    known = _central(station).get(evse.transaction.id) or TransactionLimit()
    _central(station)[evse.transaction.id] = _merged(known, limit)
    _refuse_others(station, limit)
    _apply(station, evse, limit)


def _merged(before: TransactionLimit, after: TransactionLimit) -> TransactionLimit:
    """What was set stays until it is changed (E16.FR.17)."""
    changes = {n: getattr(after, n) for n in LIMITS if getattr(after, n) is not None}
    return msgspec.structs.replace(before, **changes)


def _supported(station: Station, limit: TransactionLimit) -> TransactionLimit:
    words = station.model.words(SUPPORTED)
    changes = {name: None for name, (word, _, _) in LIMITS.items() if word not in words}
    return msgspec.structs.replace(limit, **changes)


def _refuse_others(station: Station, limit: TransactionLimit) -> None:
    """Tell which limits are not supported (E16.FR.20)."""
    able = _supported(station, limit)
    for name, (word, _, _) in LIMITS.items():
        if getattr(limit, name) is not None and getattr(able, name) is None:
            place = Component("TxCtrlr"), Variable("SupportedLimits")
            events.notify(station, events.event(station, *place, word))


def _apply(station: Station, evse: EvseUnit, limit: TransactionLimit) -> None:
    """Let limits count from now on, and tell so (E16.FR.03, FR.10, FR.14)."""
    transaction, limit = evse.transaction, _supported(station, limit)
    if transaction is None or limit == TransactionLimit():
        return
    transaction.limit = _merged(transaction.limit or TransactionLimit(), limit)
    transaction.reached = None
    station.transactions[transaction.id] = transaction
    transaction_events.update(station, evse, "LimitSet", transaction_limit=limit)
    watch(station, evse)
    transactions.settle(station, evse)


# Reaching


def watch(station: Station, evse: EvseUnit) -> None:
    """Notice when a limit of the transaction of an EVSE is reached."""
    transaction = evse.transaction
    if transaction is None or transaction.limit is None:
        return
    for name in LIMITS:
        bound = getattr(transaction.limit, name)
        if bound is not None and evse.transaction is not None:
            value, work = partial(_value, station, evse, name), partial(_reach, station, evse, name)
            progress.reach(station, f"{name} {evse.id}", value, float(bound), work)


def _value(station: Station, evse: EvseUnit, name: str) -> float | None:
    """How far a transaction is towards a limit; None once that does not matter."""
    transaction = evse.transaction
    if transaction is None or transaction.reached is not None:
        return None
    if name == "max_energy":
        return metering.energy_wh(evse) - transaction.meter_start_wh
    if name == "max_time":
        return (station.now() - transaction.began).total_seconds()  # E16.FR.09
    if name == "max_soc":
        return evse.hardware.measure().soc_percent
    return _cost(station, evse)


def _cost(station: Station, evse: EvseUnit) -> float:
    """The cost as it is counted here, else as the central system told it (E16.FR.15, FR.16)."""
    account = accounts.look(station, evse)
    if account is not None and not account.is_central:
        return float(accounts.cost(account))
    session = costs.session(station, evse)
    return float(session.cost or 0) if session is not None else 0.0


def _reach(station: Station, evse: EvseUnit, name: str) -> None:
    """Suspend the charge at its limit, or end it where that is a stop point (E16.FR.05, FR.06)."""
    transaction = evse.transaction
    if transaction is None:
        return
    _, trigger, reason = LIMITS[name]
    if "EnergyTransfer" in station.model.words("TxCtrlr/TxStopPoint"):
        transactions.finish(station, evse, Ending(trigger, reason))
        return
    suspend(station, evse, transaction, trigger)


def suspend(
    station: Station, evse: EvseUnit, transaction: Transaction, trigger: TriggerReason
) -> None:
    """Let a charge rest because it has reached something; it goes on when `reached` is none."""
    transaction.reached = trigger
    with station.documents.together():
        station.transactions[transaction.id] = transaction
        transactions.hold(station, evse)
        transaction_events.update(station, evse, trigger)
    transactions.settle(station, evse)


def on_cost(station: Station, cost: Cost) -> None:
    """Look at once when a cost is known anew."""
    evse = station.evse(cost.evse_id)
    transaction = None if evse is None else evse.transaction
    if evse is None or transaction is None or transaction.limit is None:
        return
    if transaction.limit.max_cost is not None and transaction.reached is None:
        watch(station, evse)


def on_event(station: Station, event: TransactionEvent) -> None:
    """Watch closer when energy begins to flow, and no more at the end."""
    evse = None if event.evse is None else station.evse(event.evse.id)
    if evse is None:
        return
    if isinstance(event, TransactionEnded):
        _central(station).pop(event.transaction_id or "", None)
        for name in LIMITS:
            station.silence(f"{name} {evse.id}")
    elif event.trigger_reason in ("ChargingStateChanged", "TxResumed"):
        station.alarm(f"limits {evse.id}", 0, lambda _station: watch(station, evse))


ON_EVENT = (on_event,)
ON_ANSWER = (on_answer,)
ON_COST = (on_cost,)
