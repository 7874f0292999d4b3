"""Support of the grid by inverters (2.1 R)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.station import Evse
from chargeplane.domain.variables import Component, GetVariables, Variable, VariableQuery
from chargeplane.evse.hardware import Deviation
from chargeplane.evse.virtual_inverter import VirtualInverter
from chargeplane.ocpp.v2 import wire
from chargeplane.station import der
from chargeplane.station.station import Station
from chargeplane.storage.documents import Documents
from tests.station.desk import Place, place

DROOP = wire.FreqDroop(
    priority=1, over_freq=50.2, under_freq=49.8, over_droop=5, under_droop=5, response_time=1
)


def curve(priority: int = 1, **members: Any) -> wire.DERCurve:
    points = [wire.DERCurvePoints(x=230, y=100), wire.DERCurvePoints(x=250, y=0)]
    return wire.DERCurve(priority=priority, curve_data=points, y_unit="PctMaxW", **members)


@asynccontextmanager
async def inverting(*inverters: VirtualInverter, **how: Any) -> AsyncIterator[Place]:
    def prepare(station: Station) -> None:
        for evse, inverter in zip(station.evses, inverters, strict=True):
            evse.inverter = inverter

    async with place("2.1", evses=len(inverters), prepare=prepare, **how) as there:
        yield there


async def set_(there: Place, name: str = "A", *, is_default: bool = True, **members: Any) -> Any:
    usual = {"control_type": "VoltWatt"} | ({} if "control_type" in members else {"curve": curve()})
    asked = wire.SetDERControl(control_id=name, is_default=is_default, **(usual | members))
    return await there.desk.ask(asked)


async def report(there: Place, **which: Any) -> Any:
    """The ids of the controls that are reported, by member; or why none is."""
    number = 1 + len(there.desk.all(wire.ReportDERControl))
    answer = await there.desk.ask(wire.GetDERControl(request_id=number, **which))
    if answer.status != "Accepted":
        return answer.status
    await there.desk.hears(wire.ReportDERControl, lambda each: not each.tbc, number)
    found: dict[str, list[str]] = {}
    for said in there.desk.all(wire.ReportDERControl)[number - 1 :]:
        assert said.request_id == number
        for member in der.CONTENTS:
            for each in getattr(said, member) or ():
                found.setdefault(member, []).append(each.id)
    return found


def started(there: Place) -> list[tuple[str, bool, list[str] | None]]:
    said = there.desk.all(wire.NotifyDERStartStop)
    return [(each.control_id, each.started, each.superseded_ids) for each in said]


def alarms(there: Place) -> list[tuple[str, str | None, bool | None]]:
    said = there.desk.all(wire.NotifyDERAlarm)
    return [(each.control_type, each.grid_event_fault, each.alarm_ended) for each in said]


# Controls


async def test_a_default_counts_at_once() -> None:
    """R04.FR.02; each inverter follows what it can."""
    one, other = VirtualInverter(), VirtualInverter(modes=("FreqDroop",))
    async with inverting(one, other) as there:
        assert (await set_(there)).status == "Accepted"
        droop: dict[str, Any] = {"control_type": "FreqDroop", "freq_droop": DROOP}
        assert (await set_(there, "B", **droop)).status == "Accepted"
        assert set(one.controls) == {"VoltWatt", "FreqDroop"}
        assert one.controls["VoltWatt"]["curveData"] == [{"x": 230, "y": 100}, {"x": 250, "y": 0}]
        assert set(other.controls) == {"FreqDroop"}
        assert other.controls["FreqDroop"]["overFreq"] == 50.2


async def test_what_counts_more_supersedes() -> None:
    """R04.FR.03."""
    inverter = VirtualInverter()
    async with inverting(inverter) as there:
        await set_(there, "A", curve=curve(5))
        assert (await set_(there, "B", curve=curve(1))).superseded_ids == ["A"]
        assert (await set_(there, "C", curve=curve(9))).superseded_ids == ["C"]
        assert inverter.controls["VoltWatt"]["priority"] == 1


async def test_a_scheduled_control_starts_and_ends() -> None:
    """R04.FR.10, FR.11, FR.20, FR.22."""
    inverter = VirtualInverter()
    async with inverting(inverter) as there:
        await set_(there, "D", curve=curve(3))
        soon = there.station.now() + timedelta(seconds=0.1)
        later = curve(2, start_time=soon, duration=0.2)
        assert (await set_(there, "S", is_default=False, curve=later)).status == "Accepted"
        assert inverter.controls["VoltWatt"]["priority"] == 3
        await there.until(lambda: inverter.controls["VoltWatt"]["priority"] == 2)
        await there.until(lambda: inverter.controls["VoltWatt"]["priority"] == 3)
        await there.desk.hears(wire.NotifyDERStartStop, count=2)
        assert started(there) == [("S", True, None), ("S", False, None)]
        assert await report(there) == {"curve": ["D"]}


async def test_a_control_takes_over_at_its_start() -> None:
    """R04.FR.07, FR.21."""
    async with inverting(VirtualInverter()) as there:
        await set_(there, "LOW", is_default=False, curve=curve(5))
        soon = there.station.now() + timedelta(seconds=0.05)
        high = curve(1, start_time=soon)
        assert (await set_(there, "HIGH", is_default=False, curve=high)).superseded_ids is None
        await there.desk.hears(wire.NotifyDERStartStop, count=2)
        assert started(there) == [("LOW", True, None), ("HIGH", True, ["LOW"])]
        low = curve(9, start_time=soon)
        assert (await set_(there, "NEW", is_default=False, curve=low)).superseded_ids == ["NEW"]


@pytest.mark.parametrize(
    ("members", "status"),
    [
        pytest.param({"control_type": "WattVar", "curve": curve()}, "NotSupported", id="R04.FR.01"),
        pytest.param({"curve": curve(duration=1)}, "Rejected", id="R04.FR.13"),
        pytest.param(
            {
                "control_type": "EnterService",
                "enter_service": wire.EnterService(
                    priority=1, high_voltage=253, low_voltage=207, high_freq=51, low_freq=49
                ),
                "is_default": False,
            },
            "Rejected",
            id="R04.FR.15",
        ),
        pytest.param({"curve": curve(), "freq_droop": DROOP}, "Rejected", id="R04.FR.17 both"),
        pytest.param({"control_type": "VoltWatt", "freq_droop": DROOP}, "Rejected", id="R04.FR.17"),
        pytest.param({"control_type": "VoltWatt"}, "Rejected", id="R04.FR.17 none"),
    ],
)
async def test_controls_that_are_not_taken(members: dict[str, Any], status: str) -> None:
    async with inverting(VirtualInverter()) as there:
        assert (await set_(there, **members)).status == status
        assert await report(there) == "NotFound"


async def test_there_is_room_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(der, "MOST", 1)
    async with inverting(VirtualInverter()) as there:
        await set_(there)
        assert (await set_(there, "B")).status == "Rejected"
        assert (await set_(there)).status == "Accepted"


async def test_without_an_inverter_nothing_is_supported() -> None:
    async with place("2.1") as there:
        assert (await set_(there)).status == "NotSupported"
        assert await report(there, control_type="VoltWatt") == "NotSupported"
        asked = wire.ClearDERControl(is_default=True, control_type="VoltWatt")
        assert (await there.desk.ask(asked)).status == "NotSupported"


# Asking


async def with_controls(there: Place) -> None:
    await set_(there, "D")
    await set_(there, "F", control_type="FreqDroop", freq_droop=DROOP)
    later = there.station.now() + timedelta(hours=1)
    await set_(there, "S", is_default=False, curve=curve(start_time=later))
    limit = wire.LimitMaxDischarge(priority=1, pct_max_discharge_power=50)
    await set_(there, "L", control_type="LimitMaxDischarge", limit_max_discharge=limit)


@pytest.mark.parametrize(
    ("which", "found"),
    [
        pytest.param(
            {},
            {"curve": ["D", "S"], "freq_droop": ["F"], "limit_max_discharge": ["L"]},
            id="R04.FR.33",
        ),
        pytest.param({"control_type": "VoltWatt"}, {"curve": ["D", "S"]}, id="R04.FR.34"),
        pytest.param(
            {"control_type": "VoltWatt", "is_default": True}, {"curve": ["D"]}, id="R04.FR.34 both"
        ),
        pytest.param({"control_id": "F"}, {"freq_droop": ["F"]}, id="R04.FR.35"),
        pytest.param({"control_id": "F", "is_default": False}, "NotFound", id="R04.FR.30"),
        pytest.param({"control_type": "VoltVar"}, "NotFound", id="R04.FR.30 none set"),
        pytest.param({"control_type": "WattVar"}, "NotSupported", id="R04.FR.36"),
        pytest.param({"is_default": False}, {"curve": ["S"]}, id="R04.FR.37"),
    ],
)
async def test_controls_are_reported(which: dict[str, Any], found: Any) -> None:
    async with inverting(VirtualInverter()) as there:
        await with_controls(there)
        assert await report(there, **which) == found


async def test_many_controls_come_in_parts() -> None:
    """R04.FR.32."""
    async with inverting(VirtualInverter()) as there:
        for number in range(15):
            await set_(there, f"C{number}", curve=curve(number))
        assert len((await report(there))["curve"]) == 15
        assert [each.tbc for each in there.desk.all(wire.ReportDERControl)] == [True, None]


async def test_each_kind_can_be_reported() -> None:
    inverter = VirtualInverter(modes=tuple(der.MEMBERS))
    contents: dict[str, Any] = {
        "fixed_pf_absorb": wire.FixedPF(priority=1, displacement=0.9, excitation=True),
        "fixed_pf_inject": wire.FixedPF(priority=1, displacement=0.9, excitation=True),
        "fixed_var": wire.FixedVar(priority=1, setpoint=10, unit="PctMaxVar"),
        "freq_droop": DROOP,
        "gradient": wire.Gradient(priority=1, gradient=1, soft_gradient=1),
        "enter_service": wire.EnterService(
            priority=1, high_voltage=253, low_voltage=207, high_freq=51, low_freq=49
        ),
        "limit_max_discharge": wire.LimitMaxDischarge(priority=1),
    }
    async with inverting(inverter) as there:
        for kind, member in der.MEMBERS.items():
            said: dict[str, Any] = {"control_type": kind, member: contents[member]}
            assert (await set_(there, kind, **said)).status == "Accepted"
        assert await report(there) == {member: [kind] for kind, member in der.MEMBERS.items()}


# Clearing


@pytest.mark.parametrize(
    ("which", "status", "left"),
    [
        pytest.param({"control_type": "VoltVar"}, "NotFound", "DFSL", id="R04.FR.41"),
        pytest.param({"control_id": "X"}, "NotFound", "DFSL", id="R04.FR.42"),
        pytest.param({"control_id": "S"}, "NotFound", "DFSL", id="R04.FR.42 default"),
        pytest.param({"control_type": "WattVar"}, "NotSupported", "DFSL", id="R04.FR.43"),
        pytest.param({}, "Accepted", "S", id="R04.FR.44"),
        pytest.param({"is_default": False}, "Accepted", "DFL", id="R04.FR.44 scheduled"),
        pytest.param({"control_type": "VoltWatt"}, "Accepted", "FSL", id="R04.FR.45"),
        pytest.param({"control_id": "F"}, "Accepted", "DSL", id="R04.FR.46"),
    ],
)
async def test_controls_are_cleared(which: dict[str, Any], status: str, left: str) -> None:
    inverter = VirtualInverter()
    async with inverting(inverter) as there:
        await with_controls(there)
        asked = wire.ClearDERControl(**({"is_default": True} | which))
        assert (await there.desk.ask(asked)).status == status
        assert set(der.controls(there.station)) == set(left)
        assert ("FreqDroop" in inverter.controls) == ("F" in left)


# Over power cuts


async def test_controls_survive_a_power_cut(tmp_path: Path) -> None:
    """R01.FR.03; what began or ended meanwhile is told."""
    documents = Documents(tmp_path / "station.db")
    async with inverting(VirtualInverter(), documents=documents) as there:
        now = there.station.now()
        await set_(there, "D")
        await set_(there, "ENDS", is_default=False, curve=curve(1, duration=0.05))
        droop = wire.FreqDroop(
            priority=1,
            over_freq=50.2,
            under_freq=49.8,
            over_droop=5,
            under_droop=5,
            response_time=1,
            start_time=now + timedelta(seconds=0.05),
            duration=3600,
        )
        await set_(there, "F", is_default=False, control_type="FreqDroop", freq_droop=droop)
        there.station.silence("der")
    documents.close()
    documents = Documents(tmp_path / "station.db")
    inverter = VirtualInverter()
    async with inverting(inverter, documents=documents) as there:
        await there.desk.hears(wire.NotifyDERStartStop, count=2)
        assert sorted(started(there)) == [("ENDS", False, None), ("F", True, None)]
        assert set(inverter.controls) == {"VoltWatt", "FreqDroop"}
    documents.close()


# Deviations


async def test_alarms() -> None:
    """R05.FR.01 to FR.04."""
    inverter = VirtualInverter()
    async with inverting(inverter) as there:
        inverter.deviate(Deviation(control="VoltWatt", fault="OverVoltage", info="252 V"))
        inverter.deviate(Deviation(control="VoltWatt", fault="OverVoltage", info="253 V"))
        inverter.deviate(Deviation(control="FreqDroop", fault="OverFrequency"))
        inverter.deviate(None)
        inverter.deviate(None)
        await there.desk.hears(wire.NotifyDERAlarm, count=3)
        assert alarms(there) == [
            ("VoltWatt", "OverVoltage", None),
            ("FreqDroop", "OverFrequency", None),
            ("FreqDroop", "OverFrequency", True),
        ]
        assert there.desk.all(wire.NotifyDERAlarm)[0].extra_info == "252 V"


async def test_what_several_inverters_do_is_one_alarm() -> None:
    one, other = VirtualInverter(), VirtualInverter()
    async with inverting(one, other) as there:
        high = Deviation(control="VoltWatt", fault="OverVoltage")
        for inverter in (one, other):
            inverter.deviate(high)
        for inverter in (one, other):
            inverter.deviate(None)
        await there.desk.hears(wire.NotifyDERAlarm, count=2)
        assert [each[2] for each in alarms(there)] == [None, True]


async def test_an_alarm_is_told_later_if_nobody_hears_it() -> None:
    inverter = VirtualInverter()
    async with inverting(inverter) as there:
        await there.without_central()
        inverter.deviate(Deviation(control="VoltWatt", fault="OverVoltage"))
        await there.reconnected()
        assert (await there.desk.hears(wire.NotifyDERAlarm)).timestamp < there.station.now()


# The nameplate


@pytest.mark.parametrize(
    ("inverter", "component", "values"),
    [
        (VirtualInverter(), "DCDERCtrlr", {"MaxW": "11000", "InverterModel": "Virtual"}),
        (VirtualInverter(nameplate={}), "ACDERCtrlr", {}),
    ],
    ids=["R01.FR.01", "R03.FR.03"],
)
async def test_what_an_inverter_can_is_told(
    inverter: VirtualInverter, component: str, values: dict[str, str]
) -> None:
    async with inverting(inverter) as there:
        values = values | {"ModesSupported": ",".join(inverter.modes)}
        where = Component(component, None, Evse(1))
        queries = tuple(VariableQuery(component=where, variable=Variable(name)) for name in values)
        results = (await there.desk.ask(GetVariables(queries=queries))).results
        assert {each.variable.name: each.attribute_value for each in results} == values
