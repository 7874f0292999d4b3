"""Energy both ways, by operation mode (2.1 Q)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from chargeplane.domain.profiles import ChargingProfile, FrequencyPoint, SignalPoint
from chargeplane.domain.transactions import TransactionUpdated
from chargeplane.domain.variables import GetVariables, VariableQuery
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, bidirectional, profile_store
from chargeplane.station.charging_limits import clear_limit, constant, set_limit
from chargeplane.station.definition import address
from tests.station.charging import (
    TAG,
    charge,
    now,
    pass_time,
    profile,
    refused,
    set_,
)
from tests.station.desk import Desk, Place, place

FCR = tuple(
    FrequencyPoint(frequency=frequency, power=power)
    for frequency, power in ((49.8, -10000.0), (50.0, 0.0), (50.2, 10000.0))
)
AFRR = tuple(SignalPoint(signal=signal, power=signal * 2000.0) for signal in (-1, 0, 1))
BALANCE = {
    "V2XChargingCtrlr@1/LocalLoadBalancing[UpperThreshold]": "10000",
    "V2XChargingCtrlr@1/LocalLoadBalancing[UpperOffset]": "0",
    "V2XChargingCtrlr@1/LocalLoadBalancing[LowerThreshold]": "-5000",
    "V2XChargingCtrlr@1/LocalLoadBalancing[LowerOffset]": "0",
}


@asynccontextmanager
async def both_ways(evses: int = 1, **how: Any) -> AsyncIterator[Place]:
    hardware = [VirtualEvse(is_bidirectional=True) for _ in range(evses)]
    async with place("2.1", hardware=hardware, **how) as there:
        yield there


async def plug_in(there: Place, number: int = 1, **car: Any) -> None:
    """Let a car charge that can discharge."""
    can = {"soc_percent": 50.0, "discharge_maximum_w": 11_000.0}
    there.hardware(number).plug_in(Car(**(can | car)))
    await authorization.swipe(there.station, TAG, (number,))
    await there.until(lambda: there.evse(number).limit_a > 0)


def steered(mode: str, *, unit: Any = "W", **changes: Any) -> ChargingProfile:
    """A TxDefaultProfile of one period in a mode."""
    names = {"start_schedule", "id", "stack_level", "duration", "charging_profile_kind"}
    of_profile = {name: changes.pop(name) for name in names & changes.keys()}
    period = {"start_period": 0, "operation_mode": mode} | changes
    return profile(period, charging_rate_unit=unit, **of_profile)


async def flows(there: Place, power_w: float, number: int = 1) -> None:
    """Wait until so much flows."""
    hardware = there.hardware(number)
    await there.until(lambda: hardware.measure().power_w == pytest.approx(power_w, abs=1))


@pytest.mark.parametrize(("unit", "factor"), [("W", 1), ("A", 690)])
async def test_a_setpoint_is_followed_both_ways(unit: str, factor: int) -> None:
    async with both_ways() as there:
        await plug_in(there)
        await flows(there, 11040)
        for setpoint in (5000 / factor, -5000 / factor, 0.0):
            sent = steered("CentralSetpoint", unit=unit, setpoint=setpoint)
            assert await set_(there, 1, sent) == ["Accepted"]
            await flows(there, setpoint * factor)
        assert there.hardware().measure().exported_wh >= 0


async def test_limits_cap_a_setpoint() -> None:
    async with both_ways() as there:
        await plug_in(there)
        beyond = steered("CentralSetpoint", setpoint=-5000, discharge_limit=-2000)
        assert await refused(there, 1, beyond) == "InvalidSchedule"  # V2X.05
        most = profile(
            10,
            id=2,
            charging_profile_purpose="ChargingStationMaxProfile",
        )
        assert await set_(there, 0, most) == ["Accepted"]
        assert await set_(there, 1, steered("CentralSetpoint", setpoint=9000)) == ["Accepted"]
        await flows(there, 6900)  # V2X.03
        assert set_limit(there.station, constant("W", discharge_limit=-1000)) is None
        assert await set_(there, 1, steered("CentralSetpoint", setpoint=-9000)) == ["Accepted"]
        await flows(there, -1000)  # V2X.04


async def test_dynamic_setpoints_of_the_central_system() -> None:
    async with both_ways() as there:
        await plug_in(there)
        sent = steered("CentralFrequency", setpoint=2000, charging_profile_kind="Dynamic")
        assert await set_(there, 1, sent) == ["Accepted"]
        await flows(there, 2000)
        update = wire.ChargingScheduleUpdate(setpoint=-2000)
        answer = await there.desk.ask(
            wire.UpdateDynamicSchedule(charging_profile_id=1, schedule_update=update)
        )
        assert answer.status == "Accepted"
        await flows(there, -2000)


async def test_the_mode_is_told_when_it_changes() -> None:
    async with both_ways() as there:
        await plug_in(there)
        assert await set_(there, 1, steered("CentralSetpoint", setpoint=2000)) == ["Accepted"]
        told = await there.desk.hears(
            TransactionUpdated, lambda e: e.trigger_reason == "OperationModeChanged"
        )
        assert told.operation_mode == "CentralSetpoint"
        start = now() - timedelta(seconds=10)
        assert await set_(there, 1, profile(8, start_schedule=start)) == ["Accepted"]
        told = await there.desk.hears(
            TransactionUpdated, lambda e: e.trigger_reason == "OperationModeChanged", 2
        )
        assert told.operation_mode == "ChargingOnly"
        assert there.evse().steering.order == bidirectional.REST


async def test_a_significant_setpoint_is_told() -> None:
    values = {"SmartChargingCtrlr/LimitChangeSignificance": "10"}
    async with both_ways(values=values) as there:
        await plug_in(there)
        for setpoint in (-2000, -2100, -3000):
            assert await set_(there, 1, steered("CentralSetpoint", setpoint=setpoint)) == [
                "Accepted"
            ]
            await flows(there, setpoint)
        await there.until(lambda: not len(there.station.outbox))
        told = [each.trigger_reason for each in there.desk.all(TransactionUpdated)]
        assert told.count("ChargingRateChanged") == 2


async def test_idle() -> None:
    async with both_ways() as there:
        await plug_in(there)
        sent = steered("Idle", preconditioning_request=True)
        assert await set_(there, 1, sent) == ["Accepted"]
        await flows(there, 0)
        order = there.evse().steering.order
        assert (order.is_idle, order.preconditions) == (True, True)
        assert await refused(there, 1, steered("Idle", limit=0, id=2)) == "InvalidSchedule"
        assert await refused(there, 1, steered("Idle", evse_sleep=True, id=2)) == "InvalidSchedule"


async def test_a_car_keeps_its_reserve() -> None:
    async with both_ways() as there:
        await plug_in(there, soc_percent=20.0)
        assert await set_(there, 1, steered("CentralSetpoint", setpoint=-5000)) == ["Accepted"]
        await flows(there, 0)
        assert there.evse().charging_state() == "Charging"


async def test_without_the_right_to_charge_nothing_flows() -> None:
    async with both_ways() as there:
        assert await set_(there, 1, steered("CentralSetpoint", setpoint=-5000)) == ["Accepted"]
        await plug_in(there)
        await flows(there, -5000)
        await authorization.swipe(there.station, TAG)
        await flows(there, 0)
        assert there.evse().steering.order == bidirectional.REST


# By the frequency of the grid


async def test_the_frequency_of_the_grid_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bidirectional, "LOOK_S", 0.01)
    values = {"V2XChargingCtrlr@1/LocalFrequencyUpdateThreshold": "20"}
    async with both_ways(values=values) as there:
        await plug_in(there)
        sent = steered("LocalFrequency", v2x_baseline=1000, v2x_freq_watt_curve=FCR)
        assert await set_(there, 1, sent) == ["Accepted"]
        await flows(there, 1000)
        there.hardware().frequency_hz = 49.9
        await flows(there, -4000)
        there.hardware().frequency_hz = 49.91  # less than the threshold
        there.hardware().frequency_hz = 50.1
        await flows(there, 6000)


async def test_a_small_change_of_the_frequency_changes_nothing() -> None:
    values = {"V2XChargingCtrlr@1/LocalFrequencyUpdateThreshold": "20"}
    async with both_ways(values=values) as there:
        await plug_in(there)
        sent = steered("LocalFrequency", v2x_baseline=0, v2x_freq_watt_curve=FCR)
        assert await set_(there, 1, sent) == ["Accepted"]
        await flows(there, 0)
        there.hardware().frequency_hz = 50.01
        bidirectional.steer(there.station, there.evse())
        await flows(there, 0)
        there.hardware().frequency_hz = 50.02
        bidirectional.steer(there.station, there.evse())
        await flows(there, 1000)


async def test_a_signal_comes_on_top() -> None:
    async def signal(value: int, seconds: float = 0) -> tuple[str, str]:
        at = there.station.now() + timedelta(seconds=seconds)
        answer = await there.desk.ask(wire.AFRRSignal(timestamp=at, signal=value))
        return answer.status, answer.status_info.reason_code if answer.status_info else ""

    curves = {"v2x_freq_watt_curve": FCR, "v2x_baseline": 1000}
    async with both_ways() as there:
        await plug_in(there)
        assert await signal(1) == ("Rejected", "NoSignalWattCurve")
        sent = steered("LocalFrequency", v2x_signal_watt_curve=AFRR, **curves)
        assert await set_(there, 1, sent) == ["Accepted"]
        await flows(there, 1000)
        assert await signal(-1) == ("Accepted", "")
        await flows(there, -1000)
        assert await signal(1, 0.05) == ("Accepted", "")
        await flows(there, 3000)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (steered("LocalFrequency"), "NoFreqWattCurve"),  # Q08.FR.03
        (
            steered("LocalFrequency", v2x_baseline=0, v2x_freq_watt_curve=FCR[:1]),
            "NoFreqWattCurve",
        ),
        (
            steered("LocalFrequency", v2x_baseline=0, v2x_freq_watt_curve=FCR, setpoint=1),
            "InvalidSchedule",
        ),
        (steered("LocalLoadBalancing"), "InvalidOperationMode"),  # without a meter
    ],
)
async def test_profiles_that_are_wrong(sent: ChargingProfile, reason: str) -> None:
    async with both_ways() as there:
        assert await refused(there, 1, sent) == reason


# By the load of the building


class House:
    """A building that draws something, and what its cars do."""

    def __init__(self, there: Place, load_w: float) -> None:
        self.load_w = load_w
        self._there = there

    def power_w(self) -> float:
        cars = [self._there.hardware(each.id) for each in self._there.station.evses]
        return self.load_w + sum(car.measure().power_w for car in cars)


async def test_the_load_of_a_building_is_balanced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bidirectional, "LOOK_S", 0.01)
    async with both_ways(values=BALANCE) as there:
        house = House(there, 12_000)
        there.station.grid = house
        await plug_in(there)
        assert await set_(there, 1, steered("LocalLoadBalancing")) == ["Accepted"]
        await flows(there, -2000)  # so that 10 kW are drawn
        house.load_w = -9000
        await flows(there, 4000)  # so that 5 kW are fed in
        house.load_w = -4500
        await flows(there, 4000)


async def test_load_balancing_that_nobody_has_set_up() -> None:
    async with both_ways() as there:
        there.station.grid = House(there, 0)
        assert await refused(there, 1, steered("LocalLoadBalancing")) == "MissingDevModelInfo"
        for name, value in BALANCE.items():
            there.station.model.put(name, value)
        there.station.model.put("V2XChargingCtrlr@1/LocalLoadBalancing[UpperThreshold]", "-6000")
        assert await refused(there, 1, steered("LocalLoadBalancing")) == "MissingDevModelInfo"


# By an external system


async def test_values_are_put_where_the_central_system_wants_them() -> None:
    values = {"SmartChargingCtrlr/ExternalConstraintsProfileDisallowed": "true"}
    async with place("2.1", values=values) as there:
        sent = steered(
            "ExternalLimits", unit="A", limit=16, charging_profile_kind="Dynamic", duration=60
        )
        assert await set_(there, 1, sent) == ["Accepted"]
        await charge(there)
        assert there.evse().limit_a == 16
        assert set_limit(there.station, constant(limit=10)) is None
        await there.until(lambda: there.evse().limit_a == 10)
        told = await there.desk.hears(wire.NotifyChargingLimit)
        assert told.charging_limit.charging_limit_source == "EMS"
        (each,) = profile_store.installed(there.station)
        assert each.profile.charging_profile_purpose == "TxDefaultProfile"
        pass_time(there, 61)
        await there.until(lambda: there.evse().limit_a == 32)  # K29.FR.07
        assert set_limit(there.station, constant(limit=10)) is None
        await there.until(lambda: there.evse().limit_a == 10)  # K29.FR.08
        assert set_limit(there.station, constant("W", limit=10)) is not None


@pytest.mark.parametrize(("priority", "power_w"), [("ExternalSystem", -3000), ("CSMS", 2000)])
async def test_who_sets_the_setpoint(priority: str, power_w: float) -> None:
    values = {"SmartChargingCtrlr/SetpointPriority": priority}
    async with both_ways(values=values) as there:
        await plug_in(there)
        assert await set_(there, 1, steered("CentralSetpoint", setpoint=2000)) == ["Accepted"]
        await flows(there, 2000)
        assert set_limit(there.station, constant("W", setpoint=-3000)) is None
        await flows(there, power_w)  # Q06.FR.20 to FR.22
        told = await there.desk.hears(wire.NotifyChargingLimit)
        assert told.charging_schedule is not None  # Q06.FR.11
        assert clear_limit(there.station)
        await flows(there, 2000)


async def test_a_setpoint_of_the_station_is_shared() -> None:
    async with both_ways(2) as there:
        await plug_in(there, 1)
        await plug_in(there, 2)
        assert set_limit(there.station, constant("W", setpoint=-6000)) is None
        await flows(there, -3000, 1)  # Q06.FR.31
        await flows(there, -3000, 2)
        assert set_limit(there.station, constant("W", discharge_limit=-2000)) is None
        default = steered("CentralSetpoint", setpoint=-5000)
        assert await set_(there, 0, default) == ["Accepted"]
        await flows(there, -1000, 1)  # Q06.FR.30
        await flows(there, -1000, 2)


# What is offered


async def test_variables() -> None:
    expected = {
        "V2XChargingCtrlr@1/Available": "true",
        "V2XChargingCtrlr@1/Enabled": "true",
        "V2XChargingCtrlr@1/SupportedEnergyTransferModes": "AC_three_phase,AC_BPT",
        "V2XChargingCtrlr@1/SupportedOperationModes": (
            "ChargingOnly,ExternalLimits,CentralSetpoint,CentralFrequency,ExternalSetpoint,Idle,"
            "LocalFrequency"
        ),
        "V2XChargingCtrlr@2/Available": "false",
        "V2XChargingCtrlr@2/SupportedEnergyTransferModes": "",
        "V2XChargingCtrlr@2/SupportedOperationModes": "ChargingOnly,ExternalLimits",
    }
    hardware = [VirtualEvse(is_bidirectional=True), VirtualEvse()]
    async with place("2.1", hardware=hardware) as there:
        places = [address(name) for name in expected]
        queries = tuple(VariableQuery(component=c, variable=v) for c, v in places)
        answer = await there.desk.ask(GetVariables(queries=queries))
        assert [each.attribute_value for each in answer.results] == list(expected.values())
        sent = steered("CentralSetpoint", setpoint=-1)
        assert await refused(there, 0, sent) == "InvalidOperationMode"
        assert await refused(there, 2, sent) == "InvalidOperationMode"
        assert await set_(there, 1, sent) == ["Accepted"]


async def test_it_can_be_switched_off() -> None:
    async with both_ways() as there:
        await plug_in(there)
        assert await set_(there, 1, steered("CentralSetpoint", setpoint=-5000)) == ["Accepted"]
        await flows(there, -5000)
        there.station.model.put("V2XChargingCtrlr@1/Enabled", "false")
        await flows(there, 11040)
        assert await refused(there, 1, steered("Idle", id=2)) == "InvalidOperationMode"


async def test_what_meters_say_of_it() -> None:
    wanted = (
        "Power.Active.Import,Power.Active.Export,Energy.Active.Export.Register,Current.Export,"
        "Power.Active.Setpoint,Power.Active.Residual,Frequency"
    )
    values = {
        "SampledDataCtrlr/TxUpdatedInterval": "1",
        "SampledDataCtrlr/TxUpdatedMeasurands": wanted,
    }
    desk = Desk("2.1")
    async with both_ways(values=values, desk=desk) as there:
        await plug_in(there, discharge_maximum_w=4600.0)
        assert await set_(there, 1, steered("CentralSetpoint", setpoint=-5000)) == ["Accepted"]
        await flows(there, -4600)
        told = await desk.hears(
            TransactionUpdated, lambda e: e.trigger_reason == "MeterValuePeriodic"
        )
        said = {each.measurand: each.value for each in told.readings[0].samples}
        assert said.pop("Energy.Active.Export.Register") > 0  # type: ignore[operator]
        assert said.pop("Current.Export") == pytest.approx(6.67)
        assert said == {
            "Power.Active.Import": 0,
            "Power.Active.Export": 4600,
            "Power.Active.Setpoint": -5000,
            "Power.Active.Residual": -400,
            "Frequency": 50,
        }
