"""Energy both ways: what a car at an EVSE that can is to do, by operation mode (2.1 Q).

An EVSE is told by `evse.hardware.PowerControl`. What a mode follows that changes by itself, the
grid's frequency or the load of a building, is looked at every second while the mode holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import isclose
from typing import Any, Final

from chargeplane.domain.messages import StatusInfo
from chargeplane.domain.profiles import ChargingProfile, ChargingSchedulePeriod
from chargeplane.energy.curves import interpolated
from chargeplane.evse.hardware import PowerControl, PowerOrder
from chargeplane.ocpp.v2 import wire
from chargeplane.station import smart_charging
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

LOOK_S: Final = 1.0  # at the frequency or the load
CHARGING_ONLY: Final = "ChargingOnly"
ALWAYS: Final = ("ChargingOnly", "ExternalLimits")
BOTH_WAYS: Final = ("CentralSetpoint", "CentralFrequency", "ExternalSetpoint", "Idle")
REST: Final = PowerOrder()
THRESHOLDS: Final = ("UpperThreshold", "LowerThreshold", "UpperOffset", "LowerOffset")


@dataclass(slots=True)
class Steering:
    """What an EVSE was told last, and what that followed from."""

    order: PowerOrder = REST
    frequency_hz: float | None = None
    balance_w: float | None = None  # what balances the load of the building


# What can be done


def control_of(evse: EvseUnit) -> PowerControl | None:
    """The way to let energy flow both ways at an EVSE, if it can."""
    hardware = evse.hardware
    can = isinstance(hardware, PowerControl) and hardware.energy_transfers()
    return hardware if can and isinstance(hardware, PowerControl) else None


def _is_enabled(station: Station, evse: EvseUnit) -> bool:
    return station.model.flag(f"V2XChargingCtrlr@{evse.id}/Enabled")


def modes(station: Station, evse: EvseUnit) -> tuple[str, ...]:
    """The operation modes of an EVSE (Q01.FR.30, FR.31)."""
    if control_of(evse) is None or not _is_enabled(station, evse):
        return ALWAYS
    measures = evse.hardware.measure().frequency_hz is not None
    local = (("LocalFrequency", measures), ("LocalLoadBalancing", station.grid is not None))
    return (*ALWAYS, *BOTH_WAYS, *(mode for mode, can in local if can))


def common_modes(station: Station, evse_id: int) -> frozenset[str]:
    """Those of an EVSE, or with 0 those that all have."""
    evses = [each for each in station.evses if evse_id in (0, each.id)]
    found = [frozenset(modes(station, each)) for each in evses]
    return frozenset.intersection(*found) if found else frozenset()


def refuse(station: Station, evse_id: int, profile: ChargingProfile) -> StatusInfo | None:
    """Whether a profile asks for load balancing that nobody has set up (Q09.FR.02)."""
    wants = any(
        period.operation_mode == "LocalLoadBalancing"
        for schedule in profile.charging_schedule
        for period in schedule.charging_schedule_period
    )
    evses = [each for each in station.evses if evse_id in (0, each.id)]
    if wants and not all(_thresholds(station, each) for each in evses):
        return StatusInfo(reason_code="MissingDevModelInfo")
    return None


def _thresholds(station: Station, evse: EvseUnit) -> dict[str, float] | None:
    """The bounds of the load in W, if all are set and make sense."""
    name = f"V2XChargingCtrlr@{evse.id}/LocalLoadBalancing"
    said = {each: station.model.text(f"{name}[{each}]") for each in THRESHOLDS}
    if not all(said.values()):
        return None
    found = {each: float(value) for each, value in said.items()}
    return found if found["UpperThreshold"] > found["LowerThreshold"] else None


# What is to be done


def steer(station: Station, evse: EvseUnit) -> None:
    """Tell the hardware what the car is to do now, if it is not what it was told last."""
    control = control_of(evse)
    if control is None:
        return
    steering: Steering = evse.steering or Steering()
    evse.steering = steering
    may = evse.limit_a > 0 and _is_enabled(station, evse)
    order = _order(station, evse, steering) if may else REST
    if order != steering.order:
        steering.order = order
        control.follow(order)


def _order(station: Station, evse: EvseUnit, steering: Steering) -> PowerOrder:
    values = smart_charging.period(station, evse.id, "W").values
    mode = mode_of(values)
    if mode != "LocalLoadBalancing":
        steering.balance_w = None
    if mode == "Idle":
        return PowerOrder(is_idle=True, preconditions=values.preconditioning_request or False)
    compute = LOCAL.get(mode)
    if compute is None:
        return _given(station, values)
    station.alarm(f"steer {evse.id}", LOOK_S, lambda _station: steer(station, evse))
    setpoint_w = _capped(compute(station, evse, values, steering), values)
    return PowerOrder(setpoint_w=setpoint_w, discharge_limit_w=min(0.0, setpoint_w))


def mode_of(values: ChargingSchedulePeriod) -> str:
    """The operation mode of a period."""
    return values.operation_mode or CHARGING_ONLY


def _given(station: Station, values: ChargingSchedulePeriod) -> PowerOrder:
    """What profiles say; of what they say for all EVSEs together, its part (Q06.FR.30, FR.31)."""
    whole = smart_charging.period(station, smart_charging.ALL, "W").values
    count = max(1, len(_steered(station)))
    setpoint_w, of_all_w = _sum(values, "setpoint"), _sum(whole, "setpoint")
    if setpoint_w is not None and of_all_w is not None and isclose(setpoint_w, of_all_w):
        setpoint_w /= count
    discharge_w = _sum(values, "discharge_limit")
    if discharge_w is None:
        discharge_w = min(0.0, setpoint_w or 0.0)
    most_w = _sum(whole, "discharge_limit")
    if most_w is not None:
        discharge_w = max(discharge_w, most_w / count)
    return PowerOrder(
        setpoint_w=setpoint_w,
        discharge_limit_w=discharge_w,
        reactive_var=_sum(values, "setpoint_reactive"),
    )


def _sum(values: ChargingSchedulePeriod, name: str) -> float | None:
    """A value of all phases together."""
    said = [getattr(values, each) for each in (name, f"{name}_l2", f"{name}_l3")]
    known = [each for each in said if each is not None]
    return sum(known) if known else None


def _steered(station: Station) -> list[EvseUnit]:
    return [each for each in station.evses if each.transaction is not None and control_of(each)]


def _capped(setpoint_w: float, values: ChargingSchedulePeriod) -> float:
    """Q09.FR.05, V2X.03, V2X.04."""
    least, most = _sum(values, "discharge_limit"), _sum(values, "limit")
    capped = setpoint_w if most is None else min(setpoint_w, most)
    return capped if least is None else max(capped, least)


# Modes that follow what is measured here


def _by_frequency(
    station: Station, evse: EvseUnit, values: ChargingSchedulePeriod, steering: Steering
) -> float:
    """The baseline and what the curves add for frequency and signal (Q08.FR.06, FR.07, FR.10)."""
    threshold_hz = (
        station.model.number(f"V2XChargingCtrlr@{evse.id}/LocalFrequencyUpdateThreshold") / 1000
    )
    measured = evse.hardware.measure().frequency_hz
    before = steering.frequency_hz
    if measured is not None and (before is None or abs(measured - before) >= threshold_hz):
        steering.frequency_hz = measured
    power_w = values.v2x_baseline or 0.0
    if values.v2x_freq_watt_curve and steering.frequency_hz is not None:
        points = [(point.frequency, point.power) for point in values.v2x_freq_watt_curve]
        power_w += interpolated(points, steering.frequency_hz)
    if values.v2x_signal_watt_curve and station.afrr_signal is not None:
        signals = [(point.signal, point.power) for point in values.v2x_signal_watt_curve]
        power_w += interpolated(signals, station.afrr_signal)
    return power_w


def _by_load(
    station: Station, evse: EvseUnit, _values: ChargingSchedulePeriod, steering: Steering
) -> float:
    """What keeps the load of the building within its bounds (Q09.FR.04)."""
    bounds = _thresholds(station, evse)
    if station.grid is None or bounds is None:
        return 0.0
    load_w, change_w = station.grid.power_w(), 0.0
    if load_w > bounds["UpperThreshold"]:
        change_w = bounds["UpperThreshold"] + bounds["UpperOffset"] - load_w
    elif load_w < bounds["LowerThreshold"]:
        change_w = bounds["LowerThreshold"] + bounds["LowerOffset"] - load_w
    if change_w or steering.balance_w is None:
        flows_w = evse.hardware.measure().power_w  # which need not be what was ordered
        steering.balance_w = flows_w + change_w / max(1, len(_steered(station)))
    return steering.balance_w


LOCAL: Final[dict[str, Callable[[Station, EvseUnit, ChargingSchedulePeriod, Steering], float]]] = {
    "LocalFrequency": _by_frequency,
    "LocalLoadBalancing": _by_load,
}


# The signal of a grid operator


async def on_signal(station: Station, request: wire.AFRRSignal) -> wire.AFRRSignalResponse:
    """Let a signal count from its time on (Q08.FR.10, FR.11)."""
    if not any(_follows_signals(station, evse) for evse in station.evses):
        info = wire.StatusInfo(reason_code="NoSignalWattCurve")
        return wire.AFRRSignalResponse(status="Rejected", status_info=info)
    seconds = _seconds_until(station, request.timestamp)
    name = f"signal {request.timestamp.isoformat()}"

    def count(_station: Station) -> None:
        station.afrr_signal = request.signal
        for evse in station.evses:
            steer(station, evse)

    station.alarm(name, seconds, count)
    return wire.AFRRSignalResponse(status="Accepted")


def _follows_signals(station: Station, evse: EvseUnit) -> bool:
    if evse.transaction is None:
        return False
    values = smart_charging.period(station, evse.id).values
    return mode_of(values) == "LocalFrequency" and bool(values.v2x_signal_watt_curve)


def _seconds_until(station: Station, moment: datetime) -> float:
    return max(0.0, (moment - station.now()).total_seconds())


# What is said of it


def _at(station: Station, component: Any) -> EvseUnit:
    found: EvseUnit = station.evses[component.evse.id - 1]
    return found


def _transfers(station: Station, component: Any, *_: Any) -> str:
    control = control_of(_at(station, component))
    return ",".join(control.energy_transfers()) if control else ""


HANDLERS: dict[type, Any] = {wire.AFRRSignal: on_signal}
LIVE: dict[str, Any] = {
    "V2XChargingCtrlr/Available": lambda station, component, *_: str(
        control_of(_at(station, component)) is not None
    ).lower(),
    "V2XChargingCtrlr/SupportedEnergyTransferModes": _transfers,
    "V2XChargingCtrlr/SupportedOperationModes": lambda station, component, *_: ",".join(
        modes(station, _at(station, component))
    ),
}
EFFECTS: dict[str, Any] = {"V2XChargingCtrlr/Enabled": smart_charging.on_variable}
