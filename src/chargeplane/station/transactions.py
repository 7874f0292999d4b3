"""The life of a charge at a station: from the car and a token to the last reading.

`settle` looks at what is so now, compares it with what was so before, and does what follows: it
begins and ends transactions at the points that TxStartPoint and TxStopPoint name, lets current
flow, and tells. It never waits, so nothing comes between what it sees and what it does; what it
tells is on disk, together with the transaction, before it returns.
"""

from __future__ import annotations

from typing import Any, Final

from chargeplane.domain.tokens import TokenInfo
from chargeplane.domain.transactions import (
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TriggerReason,
)
from chargeplane.evse.hardware import BayDetector
from chargeplane.station import availability, metering, offers, reservation, smart_charging
from chargeplane.station.machine import CAME, WENT, Fact, facts_of
from chargeplane.station.station import Station
from chargeplane.station.transaction_events import tell, update
from chargeplane.station.unit import Authorization, Ending, EvseUnit, Transaction

PASSES: Final = 4  # in which what is so settles: plugged in, begun, powered, told
UNTOLD: Final = (None, "ChargingStateChanged", "AbnormalCondition", "SignedDataReceived")

Facts = frozenset[Fact]


# What is so


def _facts(station: Station, evse: EvseUnit) -> Facts:
    return facts_of(
        parked=isinstance(evse.hardware, BayDetector) and evse.hardware.is_bay_occupied(),
        plugged_in=evse.hardware.is_plugged_in(),
        authorized=evse.authorization is not None,
        usable=not evse.faults,
        signs=metering.signer_of(station, evse, metering.SAMPLED) is not None,
        flows=evse.flow() == "charging",
    )


def _start_points(station: Station) -> frozenset[str]:
    fixed = station.conduct.start_points
    return frozenset(station.model.words("TxCtrlr/TxStartPoint")) if fixed is None else fixed


def _stop_points(station: Station) -> frozenset[str]:
    fixed = station.conduct.stop_points
    words = frozenset(station.model.words("TxCtrlr/TxStopPoint")) if fixed is None else fixed
    return words - {"DataSigned"}  # has no meaning there (2.x part 2 §2.6.6.2)


def may_begin(evse: EvseUnit) -> bool:
    """Whether an EVSE could take a charge."""
    usable = evse.state(evse.connector) not in ("Unavailable", "Faulted")
    return usable and evse.authorization is None and not evse.becomes_inoperative


def settle(station: Station, evse: EvseUnit) -> None:
    """Do what follows from what is so now."""
    with station.documents.together():
        for _ in range(PASSES):
            before, evse.facts = evse.facts, _facts(station, evse)
            if evse.facts == before:
                break
            _on_changes(station, evse, evse.facts - before, before - evse.facts)
            _offer(station, evse)
        _offer(station, evse)
        if _has_another_state(evse):
            update(station, evse, "ChargingStateChanged")
        for trigger, members in offers.news(station, evse):
            update(station, evse, trigger, **members)
    availability.report(station, evse)


def _has_another_state(evse: EvseUnit) -> bool:
    transaction = evse.transaction
    return transaction is not None and evse.charging_state() != transaction.charging_state


def _on_changes(station: Station, evse: EvseUnit, came: Facts, went: Facts) -> None:
    if "EVConnected" in came:
        evse.in_use = evse.hardware.connector_in_use()
        evse.has_ended = False
        station.silence(f"car {evse.id}")
    if evse.transaction is None:
        if came & _start_points(station) and _may_host(station, evse):
            _begin(station, evse, came)
    elif _is_over(station, evse, went):
        _finish(station, evse, _ending_of(evse, went))
    elif came or went:
        _tell_change(station, evse, came, went)
    if "EVConnected" in went:
        _on_departure(station, evse)


def _may_host(station: Station, evse: EvseUnit) -> bool:
    """Whether a transaction may begin here: in service, and after the boot if that is asked for."""
    operative = evse.is_operative and evse.connector.is_operative
    early = station.model.flag("TxCtrlr/TxBeforeAcceptedEnabled")
    return operative and (station.accepted.is_set() or early)  # 2.x B02.FR.04, B03.FR.05


def _on_departure(station: Station, evse: EvseUnit) -> None:
    evse.has_ended = False
    if station.model.flag("OCPPCommCtrlr/UnlockOnEVSideDisconnect"):
        evse.hardware.unlock()
    if evse.transaction is None:
        evse.authorization = None
    elif station.conduct.departed_car_times_out:
        await_car(station, evse)


def _is_over(station: Station, evse: EvseUnit, went: Facts) -> bool:
    """Whether the transaction ends because a stop point was left (2.x E06)."""
    left = went & _stop_points(station)
    if left and left <= {"EVConnected", "PowerPathClosed"} and "EVConnected" in left:
        # E09, E10; 1.6 StopTransactionOnEVSideDisconnect
        return station.model.flag("TxCtrlr/StopTxOnEVSideDisconnect")
    if left == {"EnergyTransfer"}:
        # A pause by the station is none of the car's (E06.FR.06).
        return "PowerPathClosed" in went or evse.flow() == "ev"
    return bool(left)


def _ending_of(evse: EvseUnit, went: Facts) -> Ending:
    """Why it ends; what took the right to charge away earlier stays the reason (2.x E06)."""
    known = evse.ending
    if known is not None and "Authorized" in went:
        return known
    trigger, reason = next(said for fact, said in WENT.items() if fact in went)
    return Ending(trigger, known.reason if known else reason, known.token if known else None)


def _tell_change(station: Station, evse: EvseUnit, came: Facts, went: Facts) -> None:
    trigger: TriggerReason | None = None
    if evse.ending is not None and "Authorized" in went:
        trigger = evse.ending.trigger
    else:
        trigger = next((CAME[fact] for fact in CAME if fact in came), None)
        trigger = trigger or next((WENT[fact][0] for fact in WENT if fact in went), None)
    if trigger == "Authorized" and evse.authorization is not None and evse.transaction is not None:
        _adopt(evse.transaction, evse.authorization)
        trigger = "RemoteStart" if evse.authorization.is_remote else "Authorized"
    if trigger not in UNTOLD:
        update(station, evse, trigger)


def _adopt(transaction: Transaction, by: Authorization) -> None:
    """Let a transaction be that of a token."""
    transaction.token, transaction.group = by.token, by.group
    transaction.remote_start_id = by.remote_start_id
    transaction.reservation_id = by.reservation_id
    transaction.is_refused = False


def _offer(station: Station, evse: EvseUnit) -> None:
    """Let so much current flow as may flow now; none opens the contactor."""
    evse.limit_a = _limit_a(station, evse)
    offers.apply(station, evse)


def _limit_a(station: Station, evse: EvseUnit) -> float:
    transaction = evse.transaction
    if evse.authorization is None or evse.is_paused or evse.faults:
        return 0.0
    if not evse.hardware.is_plugged_in():
        return 0.0
    if transaction is None and "EnergyTransfer" not in _start_points(station):
        return 0.0
    if transaction is not None and (transaction.reached or _is_exhausted(evse, transaction)):
        return 0.0
    return smart_charging.limit_a(station, evse)


def _is_exhausted(evse: EvseUnit, transaction: Transaction) -> bool:
    """Whether a refused token has had what MaxEnergyOnInvalidId allows (2.x E05; 1.6 §9.1.13)."""
    if not transaction.is_refused or transaction.energy_left_wh is None:
        return transaction.is_refused
    used = metering.energy_wh(evse) - transaction.meter_start_wh
    return used >= transaction.energy_left_wh


def hold(station: Station, evse: EvseUnit) -> None:
    """Let no more current flow than may flow now, at once."""
    _offer(station, evse)


# Beginning and ending


def await_car(station: Station, evse: EvseUnit) -> None:
    """Forget the authorisation if no car comes, or comes back, in time.

    2.x E03.FR.05, E10.FR.02; 1.6 ConnectionTimeOut.
    """
    if evse.authorization is None or evse.hardware.is_plugged_in():
        return
    seconds = station.model.number("TxCtrlr/EVConnectionTimeOut")

    def give_up(_station: Station) -> None:
        if not evse.hardware.is_plugged_in():
            if evse.transaction is None:
                reservation.tell_unused(station, evse.authorization)
            end(station, evse, Ending("EVConnectTimeout", "Timeout"))

    station.alarm(f"car {evse.id}", seconds, give_up)


def _begin(station: Station, evse: EvseUnit, came: Facts) -> None:
    by = evse.authorization
    transaction = Transaction(
        evse_id=evse.id,
        connector_id=evse.in_use,
        began=station.now(),
        seen=station.now(),
        meter_start_wh=metering.energy_wh(evse),
    )
    if by is not None:
        _adopt(transaction, by)
    evse.transaction, evse.ending, evse.has_ended = transaction, None, False
    decisive = came & _start_points(station) & CAME.keys() or came
    trigger: TriggerReason = next(
        (CAME[fact] for fact in CAME if fact in decisive), "ChargingStateChanged"
    )
    if by is not None and by.is_remote and trigger == "Authorized":
        trigger = "RemoteStart"
    began = metering.reading(
        station, evse, metering.BEGIN, "SampledDataCtrlr/TxStartedMeasurands", register=True
    )
    tell(
        station,
        evse,
        TransactionStarted,
        trigger,
        (began,),
        id_token=transaction.token,
        reservation_id=transaction.reservation_id,
    )


def end(station: Station, evse: EvseUnit, ending: Ending) -> None:
    """Take the right to charge away; the transaction ends if that is a stop point."""
    evse.ending = ending
    station.silence(f"car {evse.id}")
    evse.authorization = None
    settle(station, evse)
    if evse.transaction is None:
        evse.ending = None


def finish(station: Station, evse: EvseUnit, ending: Ending) -> None:
    """End the transaction whatever the stop points are, as a reset does (2.x E07, B12.FR.04)."""
    if evse.transaction is None:
        end(station, evse, ending)
        return
    with station.documents.together():
        evse.ending, evse.authorization = ending, None
        _finish(station, evse, ending)
        evse.facts = _facts(station, evse)
    availability.report(station, evse)


def _finish(station: Station, evse: EvseUnit, ending: Ending) -> None:
    transaction = evse.transaction
    assert transaction is not None  # noqa: S101 as the callers saw
    evse.limit_a = 0.0
    offers.apply(station, evse)
    last = metering.reading(
        station, evse, metering.END, "SampledDataCtrlr/TxEndedMeasurands", register=True
    )
    tell(
        station,
        evse,
        TransactionEnded,
        ending.trigger,
        (*transaction.readings, last),
        stopped_reason=ending.reason,
        id_token=ending.token,
    )
    del station.transactions[transaction.id]
    evse.transaction, evse.ending, evse.authorization = None, None, None
    evse.has_ended = evse.hardware.is_plugged_in()
    if evse.becomes_inoperative:
        availability.restore_one(station, evse)


# What the central system answers


def reconsider(station: Station, event: TransactionEvent, info: TokenInfo) -> None:
    """End or suspend a charge whose token is refused (2.x E05; 1.6 StopTransactionOnInvalidId)."""
    evse = station.running(event.transaction_id or "")
    if evse is None or evse.transaction is None or info.status == "Accepted":
        return
    transaction = evse.transaction
    if isinstance(event, TransactionEnded) or transaction.is_refused:
        return
    transaction.is_refused = True
    if station.model.flag("TxCtrlr/StopTxOnInvalidId"):
        end(station, evse, Ending("Deauthorized", "DeAuthorized"))
        return
    allowed = station.model.number("TxCtrlr/MaxEnergyOnInvalidId")
    transaction.energy_left_wh = float(allowed) if allowed else None
    station.transactions[transaction.id] = transaction
    settle(station, evse)
    if allowed:
        _watch_energy(station, evse)


def _watch_energy(station: Station, evse: EvseUnit) -> None:
    transaction = evse.transaction
    if transaction is not None and transaction.energy_left_wh is not None:
        settle(station, evse)
        station.alarm(f"energy {evse.id}", 1.0, lambda _station: _watch_energy(station, evse))


# After the power came back


def restore(station: Station) -> None:
    """Go on with the transactions that ran, or end them (2.x E12, E17; 1.6 §3.8 PowerLoss)."""
    for transaction in list(station.transactions.values()):
        evse = station.evse(transaction.evse_id)
        if evse is None:
            del station.transactions[transaction.id]
            continue
        evse.transaction, evse.in_use = transaction, transaction.connector_id
        if _may_resume(station, evse, transaction):
            _resume(station, evse, transaction)
        else:
            finish(station, evse, Ending("AbnormalCondition", "PowerLoss"))
    for evse in station.evses:
        settle(station, evse)


def _may_resume(station: Station, evse: EvseUnit, transaction: Transaction) -> bool:
    """Whether the car is still there and the power was not away for too long (2.1 E17)."""
    if not evse.hardware.is_plugged_in() or transaction.is_refused:
        return False
    if station.model.flag("InternalCtrlr/ResumeTransactionsOnBoot"):
        return True
    allowed = station.model.number("TxCtrlr/ResumptionTimeout")
    away = station.now() - transaction.seen
    return bool(allowed) and away.total_seconds() <= allowed


def _resume(station: Station, evse: EvseUnit, transaction: Transaction) -> None:
    if transaction.token is not None:
        evse.authorization = Authorization(
            token=transaction.token,
            group=transaction.group,
            remote_start_id=transaction.remote_start_id,
        )
    evse.facts = _facts(station, evse) - {"EnergyTransfer"}
    _offer(station, evse)
    update(station, evse, "TxResumed")


def check_points(station: Station, value: str) -> str | None:
    """Refuse points that nothing here sees."""
    seen = {
        "ParkingBayOccupancy": any(isinstance(e.hardware, BayDetector) for e in station.evses),
        "DataSigned": any(evse.signer is not None for evse in station.evses),
    }
    words = (word.strip() for word in value.split(","))
    return None if all(seen.get(word, True) for word in words) else "InvalidValue"


LIVE: dict[str, Any] = {
    "EVSE/ActiveTransactionId": lambda station, component, *_: (
        transaction.id if (transaction := station.evses[component.evse.id - 1].transaction) else ""
    ),
    "EVSE/ChargingState": lambda station, component, *_: station.evses[
        component.evse.id - 1
    ].charging_state(),
}
CHECKS: dict[str, Any] = {
    "TxCtrlr/TxStartPoint": check_points,
    "TxCtrlr/TxStopPoint": check_points,
}
ON_START = (restore,)
