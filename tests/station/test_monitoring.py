"""Monitors that the central system sets, and what they notice (TC_N)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.station import Evse
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import TransactionUpdated
from chargeplane.domain.variables import Component, SetVariables, Variable, VariableSetting
from chargeplane.evse.virtual import Car
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, events, monitoring, monitors, watching
from chargeplane.station.definition import Definition, decimal, name_of
from chargeplane.station.station import SHIPPED, Shipped, Station
from chargeplane.storage.documents import Documents
from tests.station.desk import Place
from tests.station.desk import place as any_place

MODERN = ("2.0.1", "2.1")
STATE = "EVSE@1/AvailabilityState"
STATION = "ChargingStation/AvailabilityState"
POWER = "EVSE@1/Power"
THRESHOLD = "OCPPCommCtrlr/OfflineThreshold"
PASSWORD = "SecurityCtrlr/BasicAuthPassword"
FACTORY = (*SHIPPED, Shipped(name=STATE, type="Delta", severity=6))


def place(version: str = "2.0.1", *, shipped: Any = SHIPPED, **settings: Any) -> Any:
    def prepare(station: Station) -> None:
        station.shipped_monitors = shipped

    return any_place(version, prepare=prepare, **settings)


def named(name: str) -> tuple[wire.Component, wire.Variable]:
    where, _, what = name.partition("/")
    component, _, evse = where.partition("@")
    variable, _, instance = what.rstrip("]").partition("[")
    at = wire.EVSE(id=int(evse)) if evse else None
    return wire.Component(name=component, evse=at), wire.Variable(
        name=variable, instance=instance or None
    )


def data(
    name: str, kind: Any = "Delta", value: float = 1, **members: Any
) -> wire.SetMonitoringData:
    component, variable = named(name)
    usual: dict[str, Any] = {"severity": 4}
    return wire.SetMonitoringData(
        component=component, variable=variable, type=kind, value=value, **(usual | members)
    )


async def put(there: Place, *monitors: wire.SetMonitoringData) -> list[wire.SetMonitoringResult]:
    request = wire.SetVariableMonitoring(set_monitoring_data=list(monitors))
    answer = await there.desk.ask(request)
    assert isinstance(answer, wire.SetVariableMonitoringResponse)
    return answer.set_monitoring_result


async def accepted(there: Place, *monitors: wire.SetMonitoringData) -> list[int]:
    results = await put(there, *monitors)
    assert [each.status for each in results] == ["Accepted"] * len(monitors)
    return [each.id for each in results if each.id is not None]


async def report(
    there: Place, *names: str, criteria: list[Any] | None = None
) -> list[tuple[str, wire.VariableMonitoring]]:
    """The monitors that are reported by the names of their variables."""
    there.desk.forget()
    asked = [wire.ComponentVariable(component=c, variable=v) for c, v in map(named, names)]
    request = wire.GetMonitoringReport(
        request_id=99, component_variable=asked or None, monitoring_criteria=criteria
    )
    answer = await there.desk.ask(request)
    if answer.status != "Accepted":
        assert answer.status == "EmptyResultSet"
        return []
    await there.desk.hears(wire.NotifyMonitoringReport, lambda part: not part.tbc)
    parts = there.desk.all(wire.NotifyMonitoringReport)
    assert [part.seq_no for part in parts] == list(range(len(parts)))
    assert {part.request_id for part in parts} == {99}
    return [
        (_name(each), monitor)
        for part in parts
        for each in part.monitor or ()
        for monitor in each.variable_monitoring
    ]


def _name(said: wire.MonitoringData) -> str:
    evse = Evse(said.component.evse.id) if said.component.evse else None
    return name_of(Component(said.component.name, None, evse), Variable(said.variable.name))


def noticed(there: Place) -> list[wire.EventData]:
    return [each for told in there.desk.all(wire.NotifyEvent) for each in told.event_data]


async def notices(there: Place, number: int, count: int = 1) -> wire.EventData:
    """Wait until a monitor has told so often."""
    found: list[wire.EventData] = []

    def is_told() -> bool:
        found[:] = [each for each in noticed(there) if each.variable_monitoring_id == number]
        return len(found) >= count

    await there.until(is_told)
    return found[count - 1]


async def quiet(there: Place, number: int) -> None:
    """See that a monitor has told nothing, once everything else is told."""
    await there.until(lambda: not len(there.station.outbox))
    assert [each for each in noticed(there) if each.variable_monitoring_id == number] == []


async def base(there: Place, which: Any) -> str:
    return str((await there.desk.ask(wire.SetMonitoringBase(monitoring_base=which))).status)


async def set_variable(there: Place, name: str, value: str) -> str:
    component, _, variable = name.partition("/")
    setting = VariableSetting(
        component=Component(component), variable=Variable(variable), attribute_value=value
    )
    answer = await there.desk.ask(SetVariables(settings=(setting,)))
    return str(answer.results[0].attribute_status)


async def charge(there: Place) -> None:
    there.hardware().plug_in(Car(soc_percent=10, capacity_wh=1e6))
    await authorization.swipe(there.station, Token("TAG"))
    await there.desk.hears(TransactionUpdated, lambda e: e.charging_state == "Charging")


# Setting


@pytest.mark.parametrize("version", MODERN)
async def test_TC_N_08_CS_TC_N_09_CS_monitors_are_set_and_reported(version: str) -> None:
    async with place(version) as there:
        results = await put(there, data(STATE, severity=8), data(STATION, severity=7))
        assert [each.status for each in results] == ["Accepted", "Accepted"]
        assert [each.severity for each in results] == [8, 7]
        found = await report(there, STATE, STATION)
        assert [(name, each.id, each.severity) for name, each in found] == [
            (STATE, results[0].id, 8),
            (STATION, results[1].id, 7),
        ]
        kinds = {each.event_notification_type for _, each in found}
        assert kinds == ({"CustomMonitor"} if version == "2.1" else {None})


async def test_TC_N_10_CS_several_monitors_of_one_variable() -> None:
    async with place() as there:
        await accepted(there, data(STATE, severity=8), data(STATE, severity=7))
        assert len(await report(there, STATE)) == 2


async def test_TC_N_11_CS_an_unknown_component() -> None:
    async with place() as there:
        one, other = await put(
            there,
            data("EVSE@99/AvailabilityState"),
            data("NonExistent/Power", "UpperThreshold", 1234),
        )
        assert (one.status, one.id) == ("UnknownComponent", None)
        assert (other.status, other.id, other.type) == ("UnknownComponent", None, "UpperThreshold")


async def test_TC_N_37_CS_an_unknown_variable() -> None:
    async with place() as there:
        (result,) = await put(there, data("EVSE@1/unknownVariable"))
        assert result.status == "UnknownVariable"


@pytest.mark.parametrize("version", MODERN)
async def test_TC_N_12_CS_TC_N_13_CS_TC_N_43_CS_values_out_of_range(version: str) -> None:
    async with place(version) as there:
        results = await put(
            there,
            data(POWER, "UpperThreshold", 1000),
            data(POWER, "Delta", -1),
            data(POWER, "LowerThreshold", 10),
            data(POWER, "UpperThreshold", 1e6, severity=5),
            data(THRESHOLD, "LowerThreshold", -1),
        )
        expected = ["Accepted", "Rejected", "Accepted", "Rejected", "Rejected"]
        assert [each.status for each in results] == expected
        assert len(await report(there, POWER)) == 2


async def test_TC_N_15_CS_a_duplicate() -> None:
    async with place() as there:
        first, second = await put(there, data(STATE), data(STATE))
        assert (first.status, second.status) == ("Accepted", "Duplicate")


async def test_TC_N_38_CS_a_type_that_the_variable_does_not_support() -> None:
    async with place() as there:
        (result,) = await put(there, data(STATE, "UpperThreshold"))
        assert result.status == "UnsupportedMonitorType"


async def test_TC_N_39_CS_another_variable_than_that_of_the_number() -> None:
    async with place() as there:
        (number,) = await accepted(there, data(STATE))
        (result,) = await put(there, data("EVSE@1/Power", "UpperThreshold", 1, id=number))
        assert result.status == "Rejected"
        (result,) = await put(there, data(STATE, id=12345))
        assert result.status == "Rejected"
        assert [name for name, _ in await report(there, STATE)] == [STATE]


async def test_TC_N_40_CS_a_monitor_is_replaced() -> None:
    async with place() as there:
        (number,) = await accepted(there, data(STATE, severity=5))
        assert await accepted(there, data(STATE, severity=4, id=number)) == [number]
        ((_, found),) = await report(there, STATE, criteria=["DeltaMonitoring"])
        assert (found.id, found.severity) == (number, 4)


async def test_too_many_at_once_or_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    async with place() as there:
        with pytest.raises(OcppError) as refused:
            await put(there, *(data(STATE, severity=n % 10) for n in range(51)))
        assert refused.value.code == "OccurrenceConstraintViolation"
        with pytest.raises(OcppError):
            await there.desk.ask(wire.ClearVariableMonitoring(id=list(range(51))))
        monkeypatch.setattr(monitoring, "LIMIT", 2)
        results = await put(there, data(STATE), data(STATION))
        assert [each.status for each in results] == ["Accepted", "Rejected"]


async def test_monitoring_can_be_switched_off() -> None:
    async with place(values={"MonitoringCtrlr/Enabled": "false"}) as there:
        (result,) = await put(there, data(STATE))
        assert result.status == "Rejected"


# Reports


@pytest.mark.parametrize("version", MODERN)
async def test_TC_N_01_CS_reports_by_criteria(version: str) -> None:
    async with place(version, shipped=()) as there:
        await accepted(
            there,
            data(POWER, "UpperThreshold", 5),
            data(POWER, "LowerThreshold", 1),
            data(STATE, "Delta"),
            data(STATE, "Periodic", 60),
            data(STATE, "PeriodicClockAligned", 60),
        )
        for criteria, expected in (
            (["ThresholdMonitoring"], {"UpperThreshold", "LowerThreshold"}),
            (["DeltaMonitoring"], {"Delta"}),
            (["PeriodicMonitoring"], {"Periodic", "PeriodicClockAligned"}),
            (["ThresholdMonitoring", "DeltaMonitoring"],
             {"UpperThreshold", "LowerThreshold", "Delta"}),
        ):  # fmt: skip
            found = await report(there, criteria=criteria)
            assert {each.type for _, each in found} == expected
        assert len(await report(there)) == 5


async def test_TC_N_02_CS_TC_N_03_CS_TC_N_47_CS_reports_by_variable() -> None:
    async with place() as there:
        await accepted(there, data(STATE), data(STATION), data(POWER, "Periodic", 60))
        assert len(await report(there, STATE, STATION)) == 2
        assert await report(there, STATE, criteria=["ThresholdMonitoring"]) == []
        assert len(await report(there, STATE, criteria=["DeltaMonitoring"])) == 1
        assert len(await report(there)) == 3 + len(SHIPPED)


async def test_TC_N_04_CS_TC_N_07_CS_what_is_not_known_is_an_error() -> None:
    async with place() as there:
        for action, payload in (
            ("GetMonitoringReport", {"requestId": 1, "monitoringCriteria": ["Nonsense"]}),
            ("SetMonitoringBase", {"monitoringBase": "Nonsense"}),
        ):
            with pytest.raises(OcppError):
                await there.desk.call(action, payload)


# Bases and levels


@pytest.mark.parametrize("version", MODERN)
async def test_TC_N_05_CS_TC_N_06_CS_only_what_is_hard_wired_remains(version: str) -> None:
    async with place(version, shipped=FACTORY) as there:
        await accepted(there, data(STATION))
        for which in ("All", "FactoryDefault", "All", "HardWiredOnly"):
            if which == "HardWiredOnly":
                await accepted(there, data(STATION))
                assert len(await report(there)) == 3
            assert await base(there, which) == "Accepted"
            assert there.station.model.text("MonitoringCtrlr/ActiveMonitoringBase") == which
        assert await report(there, STATION, STATE) == []
        ((name, _),) = await report(there)
        assert name == SHIPPED[0].name
        await base(there, "All")
        assert [name for name, _ in await report(there, STATE)] == [STATE]


async def test_TC_N_41_CS_what_was_changed_is_as_it_left_the_factory() -> None:
    async with place(shipped=FACTORY) as there:
        ((_, before),) = await report(there, STATE)
        await accepted(there, data(STATE, severity=7, id=before.id))
        for which, severity in (("All", 7), ("FactoryDefault", 6)):
            await base(there, which)
            ((_, found),) = await report(there, STATE)
            assert (found.id, found.severity) == (before.id, severity)


@pytest.mark.parametrize("version", MODERN)
async def test_TC_N_16_CS_what_is_not_severe_enough_is_not_told(version: str) -> None:
    async with place(version) as there:
        (mild, severe) = await accepted(there, data(STATE, severity=8), data(STATE, severity=7))
        assert (await there.desk.ask(wire.SetMonitoringLevel(severity=7))).status == "Accepted"
        there.hardware().plug_in()
        said = await notices(there, severe)
        assert (said.actual_value, said.severity) == ("Occupied", 7 if version == "2.1" else None)
        await quiet(there, mild)


async def test_TC_N_17_CS_a_level_out_of_range() -> None:
    async with place() as there:
        for severity in (10, -1):
            answer = await there.desk.ask(wire.SetMonitoringLevel(severity=severity))
            assert answer.status == "Rejected"


# Clearing


async def test_TC_N_18_CS_TC_N_19_CS_TC_N_44_CS_monitors_are_cleared() -> None:
    async with place() as there:
        numbers = await accepted(there, data(STATION), data(STATE))
        ((_, hard_wired),) = await report(there, SHIPPED[0].name)
        ids = [*numbers, 123456, hard_wired.id]
        answer = await there.desk.ask(wire.ClearVariableMonitoring(id=ids))
        assert [(each.id, each.status) for each in answer.clear_monitoring_result] == [
            (numbers[0], "Accepted"),
            (numbers[1], "Accepted"),
            (123456, "NotFound"),
            (hard_wired.id, "Rejected"),
        ]
        assert await report(there, STATION, STATE) == []


# What they notice


@pytest.mark.parametrize("version", MODERN)
async def test_TC_N_20_CS_thresholds_of_a_charge(version: str) -> None:
    async with place(version) as there:
        (upper,) = await accepted(there, data(POWER, "UpperThreshold", 100))
        await charge(there)
        transaction = there.evse().transaction
        assert transaction is not None
        said = await notices(there, upper)
        assert float(said.actual_value) > 100
        assert (said.trigger, said.cleared) == ("Alerting", None)
        assert said.transaction_id == transaction.id
        assert said.event_notification_type == "CustomMonitor"
        (lower,) = await accepted(there, data(POWER, "LowerThreshold", 10))
        await quiet(there, lower)
        await authorization.swipe(there.station, Token("TAG"))
        said = await notices(there, upper, 2)
        assert (said.cleared, said.transaction_id) == (True, transaction.id)
        assert float(said.actual_value) <= 10
        assert (await notices(there, lower)).cleared is None
        messages = [m for m in there.desk.all(wire.NotifyEvent) if len(m.event_data) == 2]
        assert [m.seq_no for m in messages] == [0]  # both were told at once


async def test_TC_N_21_CS_what_the_hardware_notices_by_itself() -> None:
    async with place() as there:
        events.raise_error(there.station, there.evse(), "GroundFailure")
        told = await there.desk.hears(wire.NotifyEvent)
        assert told.event_data[0].event_notification_type == "HardWiredNotification"
        assert told.seq_no == 0


@pytest.mark.parametrize("version", MODERN)
async def test_TC_N_45_CS_a_number_that_changes(version: str) -> None:
    async with place(version) as there:
        (number,) = await accepted(there, data(POWER, "Delta", 100))
        await charge(there)
        assert (await notices(there, number)).trigger == "Delta"


@pytest.mark.parametrize("version", MODERN)
async def test_TC_N_56_CS_a_state_that_changes(version: str) -> None:
    async with place(version) as there:
        (number,) = await accepted(there, data(STATE))
        there.hardware().plug_in()
        said = await notices(there, number)
        assert (said.trigger, said.actual_value) == ("Delta", "Occupied")
        there.hardware().plug_out()
        assert (await notices(there, number, 2)).actual_value == "Available"


async def test_TC_N_61_CS_a_number_that_is_set() -> None:
    async with place(values={THRESHOLD: "60"}) as there:
        (number,) = await accepted(there, data(THRESHOLD, "Delta", 1))
        assert await set_variable(there, THRESHOLD, "61") == "Accepted"
        await quiet(there, number)
        await set_variable(there, THRESHOLD, "62")
        assert (await notices(there, number)).actual_value == "62"


async def test_TC_N_48_CS_a_password_is_not_told() -> None:
    async with place() as there:
        (number,) = await accepted(there, data(PASSWORD))
        for count in (1, 2):
            await set_variable(there, PASSWORD, f"correct horse battery {count}")
            there.station.silence("reconnect")
            assert (await notices(there, number, count)).actual_value == ""
        kept = str(list(monitors.store(there.station).values()))
        assert "horse" not in kept


async def test_TC_N_51_CS_a_new_threshold_that_is_exceeded() -> None:
    async with place() as there:
        (number,) = await accepted(there, data(POWER, "UpperThreshold", 22000))
        await charge(there)
        await quiet(there, number)
        await accepted(there, data(POWER, "UpperThreshold", 100, id=number))
        assert (await notices(there, number)).cleared is None
        await accepted(there, data(POWER, "UpperThreshold", 22000, id=number))
        assert (await notices(there, number, 2)).cleared is True


async def test_TC_N_52_CS_a_monitor_that_is_removed_says_no_more() -> None:
    async with place() as there:
        (number,) = await accepted(there, data(POWER, "UpperThreshold", 0))
        await charge(there)
        await notices(there, number)
        await there.desk.ask(wire.ClearVariableMonitoring(id=[number]))
        assert await report(there, POWER) == []
        await authorization.swipe(there.station, Token("TAG"))
        await there.until(lambda: there.evse().transaction is None)
        await quiet(there, number)


@pytest.mark.parametrize("version", MODERN)
async def test_TC_N_53_CS_monitors_outlive_a_power_cut(version: str, tmp_path: Path) -> None:
    documents = Documents(tmp_path / "station.db")
    async with place(version, documents=documents) as there:
        (number,) = await accepted(there, data(THRESHOLD, "UpperThreshold", 1))
        await notices(there, number)
    documents.close()
    again = Documents(tmp_path / "station.db")
    async with place(version, documents=again, values={THRESHOLD: "0"}) as there:
        assert (await notices(there, number)).cleared is True  # N07.FR.14
        ((_, found),) = await report(there, criteria=["ThresholdMonitoring"])
        assert (found.id, found.type) == (number, "UpperThreshold")
    again.close()


async def test_a_monitor_that_is_only_for_transactions() -> None:
    async with place() as there:
        (number,) = await accepted(there, data(STATE, transaction=True))
        there.hardware().plug_in()
        await quiet(there, number)
        await authorization.swipe(there.station, Token("TAG"))
        assert (await notices(there, number)).transaction_id


async def test_a_number_is_looked_at_again_and_again_only_while_it_is_monitored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "LOOK_S", 0.01)
    async with place() as there:
        await there.until(lambda: not there.station.has_alarm("monitors now"))
        assert not there.station.has_alarm("monitors")
        await charge(there)
        (number,) = await accepted(there, data(POWER, "Delta", 1))
        await there.until(lambda: there.station.has_alarm("monitors"))
        car = there.hardware()._car
        assert car is not None
        car.maximum_a = 10.0  # which nobody is told of
        await notices(there, number)
        await there.desk.ask(wire.ClearVariableMonitoring(id=[number]))
        await there.until(lambda: not there.station.has_alarm("monitors"))


def target(name: str) -> Definition:
    return decimal(name, 100, "W", attributes=("Actual", "Target"))


@pytest.mark.parametrize(("kind", "value"), [("TargetDelta", 10), ("TargetDeltaRelative", 0.1)])
async def test_a_value_that_is_off_its_target(kind: Any, value: float) -> None:
    name = "PowerConverter/Output"
    component, variable = Component("PowerConverter"), Variable("Output")
    async with place("2.1") as there:
        there.station.model.define(component, target("Output"))

        def put_target(number: str) -> None:
            setting = VariableSetting(
                component=component,
                variable=variable,
                attribute_value=number,
                attribute_type="Target",
            )
            assert there.station.model.set(setting).attribute_status == "Accepted"

        put_target("100")
        (number,) = await accepted(there, data(name, kind, value))
        there.station.model.put(name, "110")
        await quiet(there, number)
        there.station.model.put(name, "111")
        assert (await notices(there, number)).cleared is None
        put_target("105")
        assert (await notices(there, number, 2)).cleared is True


# Offline


@pytest.mark.parametrize("version", MODERN)
async def test_TC_N_22_CS_TC_N_23_CS_what_happens_offline(version: str, tmp_path: Path) -> None:
    documents = Documents(tmp_path / "station.db")
    values = {"MonitoringCtrlr/OfflineQueuingSeverity": "5"}
    async with place(version, documents=documents, values=values) as there:
        severe, mild = await accepted(there, data(STATE, severity=5), data(STATE, severity=6))
        await there.desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        there.hardware().plug_in()
        there.hardware().plug_out()
        await there.until(lambda: len(watching.kept_events(there.station)) == 2)
    documents.close()
    again = Documents(tmp_path / "station.db")
    async with place(version, documents=again) as there:
        said = await notices(there, severe, 2)
        assert [each.actual_value for each in noticed(there)] == ["Occupied", "Available"]
        assert said.trigger == "Delta"
        await quiet(there, mild)
        await there.until(lambda: not watching.kept_events(there.station))
    again.close()


async def test_what_is_milder_tells_how_things_are_when_it_is_online_again() -> None:
    async with place() as there:
        (number,) = await accepted(there, data(STATE, severity=9))
        await there.desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        there.hardware().plug_in()
        assert not watching.kept_events(there.station)
        there.desk.is_reachable = True
        assert (await notices(there, number)).actual_value == "Occupied"


async def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "KEPT", 3)
    async with place() as there:
        await accepted(there, data(STATE, severity=0))
        await there.desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        for _ in range(4):
            there.hardware().plug_in()
            there.hardware().plug_out()
        assert len(watching.kept_events(there.station)) == 3


# Periodic ones


@pytest.mark.parametrize("kind", ["Periodic", "PeriodicClockAligned"])
async def test_TC_N_24_CS_values_at_intervals(kind: Any) -> None:
    async with place() as there:
        (number,) = await accepted(there, data(STATE, kind, 0.02))
        said = await notices(there, number, 3)
        assert (said.trigger, said.actual_value) == ("Periodic", "Available")
        await there.desk.ask(wire.ClearVariableMonitoring(id=[number]))
        assert not there.station.has_alarm(f"monitor {number}")


async def test_values_aligned_to_the_clock_come_at_full_multiples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with place() as there:
        waits: list[float] = []
        monkeypatch.setattr(there.station, "alarm", lambda _name, wait, _work: waits.append(wait))
        await accepted(there, data(STATE, "PeriodicClockAligned", 900))
        now = there.station.now()
        due = now + timedelta(seconds=waits[0])
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        off = (due - midnight).total_seconds() % 900
        assert min(off, 900 - off) < 2
        assert waits[0] <= 900


async def test_a_variable_that_an_update_took_away(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "station.db")
    async with place(documents=documents) as there:
        there.station.model.define(Component("Old"), decimal("Gone", 1))
        await accepted(there, data("Old/Gone", "Delta"))
    documents.close()
    again = Documents(tmp_path / "station.db")
    async with place(documents=again) as there:
        assert len(await report(there)) == len(SHIPPED)
    again.close()


async def test_1_6_knows_nothing_of_monitors() -> None:
    async with any_place("1.6") as there:
        there.hardware().plug_in()
        await there.until(lambda: not len(there.station.outbox))
        assert not noticed(there)
