"""What a car is offered, and what the central system is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chargeplane.domain.transactions import TriggerReason
from chargeplane.evse.hardware import PhaseChoice, PhaseControl
from chargeplane.station import bidirectional, smart_charging
from chargeplane.station.bidirectional import CHARGING_ONLY
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit


def apply(station: Station, evse: EvseUnit) -> None:
    """Offer what an EVSE may draw to its car; 0 A opens the contactor."""
    if evse.limit_a > 0:
        _use_phases(station, evse)
    evse.hardware.allow(evse.limit_a)
    bidirectional.steer(station, evse)


def _use_phases(station: Station, evse: EvseUnit) -> None:
    values = smart_charging.period(station, evse.id).values
    wanted = (values.number_phases, values.phase_to_use)
    if wanted == evse.phases:
        return
    number, phase = evse.phases = wanted
    if isinstance(evse.hardware, PhaseControl):
        evse.hardware.use_phases(number or smart_charging.facts(station).default_phases)
    if isinstance(evse.hardware, PhaseChoice):
        evse.hardware.choose_phase(phase)


def news(station: Station, evse: EvseUnit) -> Iterator[tuple[TriggerReason, dict[str, Any]]]:
    """What is to be told of the offer of a running charge: trigger and members of an event."""
    if evse.transaction is None or evse.limit_a <= 0:
        evse.told_rate = 0.0
        return
    values = smart_charging.period(station, evse.id).values
    mode = bidirectional.mode_of(values)
    if mode != (evse.transaction.operation_mode or CHARGING_ONLY):
        evse.transaction.operation_mode = mode
        yield "OperationModeChanged", {"operation_mode": mode}  # K01.FR.110
    rate = evse.limit_a if values.setpoint is None else values.setpoint
    if _is_told(station, evse, rate):
        yield "ChargingRateChanged", {}


def _is_told(station: Station, evse: EvseUnit, rate: float) -> bool:
    """Whether the rate differs significantly from the one told last (K11.FR.04, K13.FR.03).

    Where it begins or ceases to let energy flow, the charging state tells.
    """
    before = evse.told_rate
    if before and evse.flow() == "charging":
        percent = abs(rate - before) / abs(before) * 100
        if percent <= smart_charging.significance_percent(station):
            return False
        evse.told_rate = rate
        return True
    evse.told_rate = rate
    return False
