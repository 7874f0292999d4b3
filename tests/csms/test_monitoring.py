from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked, send
from chargeplane.csms.monitoring import (
    MonitoringReport,
    clear_variable_monitoring,
    get_monitoring_report,
    set_variable_monitoring,
)
from chargeplane.domain.variables import Component, Variable
from chargeplane.errors import AnswerTimeout, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.repositories import connectors, events, notifications, variables
from chargeplane.storage.repositories.events import EventFilter
from chargeplane.storage.repositories.notifications import NotificationFilter
from chargeplane.storage.repositories.variables import Attribute, VariableFilter
from tests.csms.conftest import ConnectStation, everything

V2 = pytest.mark.parametrize("version", ["2.0.1", "2.1"])

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATE = wire.Variable(name="AvailabilityState")


def monitor(name: str) -> wire.SetMonitoringData:
    return wire.SetMonitoringData(
        value=1.0, type="Delta", severity=5, component=wire.Component(name=name), variable=STATE
    )


def set_all(asked: wire.SetVariableMonitoring) -> wire.SetVariableMonitoringResponse:
    results = [
        wire.SetMonitoringResult(
            id=number,
            status="Accepted",
            type=one.type,
            component=one.component,
            variable=one.variable,
            severity=one.severity,
        )
        for number, one in enumerate(asked.set_monitoring_data)
    ]
    return wire.SetVariableMonitoringResponse(set_monitoring_result=results)


async def allow(central: Central, instance: str, items: int) -> None:
    attribute = Attribute(
        component=Component("MonitoringCtrlr"),
        variable=Variable("ItemsPerMessage", instance),
        value=str(items),
    )
    await central.commit(lambda unit: variables.save(unit.connection, "CP1", [attribute], unit.now))


async def told(central: Central, kind: str) -> list[Any]:
    return await everything(central, events.page, EventFilter(kinds=(kind,)))


async def kept(central: Central, action: str) -> int:
    what = NotificationFilter(station_id="CP1", action=action)
    return len(await everything(central, notifications.page, what))


# Monitors


@V2
@pytest.mark.parametrize(
    ("names", "messages"),
    [
        pytest.param(("EVSE",), [1], id="TC_N_08"),
        pytest.param(("EVSE", "Connector", "ChargingStation"), [2, 1], id="TC_N_09"),
    ],
)
async def test_TC_N_08_CSMS_TC_N_09_CSMS_set_monitors(
    central: Central, connect_station: ConnectStation, version: str, names: Any, messages: list[int]
) -> None:
    station = await connect_station(version)
    station.on(wire.SetVariableMonitoring, set_all)
    await allow(central, "SetVariableMonitoring", 2)
    request = wire.SetVariableMonitoring(set_monitoring_data=[monitor(name) for name in names])
    answer = await set_variable_monitoring(central, "CP1", request)
    assert [one.component.name for one in answer.set_monitoring_result] == list(names)
    assert [len(asked.set_monitoring_data) for asked in station.asked] == messages


@V2
async def test_a_monitor_that_fails_does_not_spoil_the_others(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    await allow(central, "SetVariableMonitoring", 1)
    failure = OcppError("InternalError", "sorry")
    station.on(wire.SetVariableMonitoring, failure, set_all)
    request = wire.SetVariableMonitoring(set_monitoring_data=[monitor("A"), monitor("B")])
    answer = await set_variable_monitoring(central, "CP1", request)
    failed, done = answer.set_monitoring_result
    assert (failed.status, done.status) == ("Rejected", "Accepted")
    assert failed.status_info is not None
    assert failed.status_info.reason_code == "InternalError"


@V2
async def test_TC_N_18_CSMS_TC_N_44_CSMS_clear_more_monitors_than_fit(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)

    def answer(asked: wire.ClearVariableMonitoring) -> wire.ClearVariableMonitoringResponse:
        results = [wire.ClearMonitoringResult(status="Rejected", id=one) for one in asked.id]
        return wire.ClearVariableMonitoringResponse(clear_monitoring_result=results)

    station.on(wire.ClearVariableMonitoring, answer)
    await allow(central, "ClearVariableMonitoring", 2)
    request = wire.ClearVariableMonitoring(id=[1, 2, 3, 4, 5])
    said = await clear_variable_monitoring(central, "CP1", request)
    assert [one.id for one in said.clear_monitoring_result] == [1, 2, 3, 4, 5]
    assert {one.status for one in said.clear_monitoring_result} == {"Rejected"}
    assert [asked.id for asked in station.asked] == [[1, 2], [3, 4], [5]]


@V2
async def test_monitors_that_the_station_does_not_take_together(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)

    def answer(asked: wire.ClearVariableMonitoring) -> Any:
        if len(asked.id) > 1:
            return OcppError("OccurrenceConstraintViolation")
        if asked.id == [2]:
            return OcppError("InternalError")
        result = wire.ClearMonitoringResult(status="Accepted", id=asked.id[0])
        return wire.ClearVariableMonitoringResponse(clear_monitoring_result=[result])

    station.on(wire.ClearVariableMonitoring, answer)
    request = wire.ClearVariableMonitoring(id=[1, 2])
    said = await clear_variable_monitoring(central, "CP1", request)
    assert [one.status for one in said.clear_monitoring_result] == ["Accepted", "Rejected"]


@V2
@pytest.mark.parametrize("status", ["Accepted", "Rejected"])
async def test_TC_N_16_CSMS_TC_N_17_CSMS_monitoring_level(
    central: Central, connect_station: ConnectStation, version: str, status: Any
) -> None:
    station = await connect_station(version)
    station.on(wire.SetMonitoringLevel, wire.SetMonitoringLevelResponse(status=status))
    request = wire.SetMonitoringLevel(severity=4)
    assert (await send(central, "CP1", request)).status == status
    assert station.asked == [request]


@V2
@pytest.mark.parametrize("base", ["All", "FactoryDefault", "HardWiredOnly"])
async def test_TC_N_05_CSMS_monitoring_base(
    central: Central, connect_station: ConnectStation, version: str, base: Any
) -> None:
    station = await connect_station(version)
    station.on(wire.SetMonitoringBase, wire.SetMonitoringBaseResponse(status="Accepted"))
    request = wire.SetMonitoringBase(monitoring_base=base)
    assert (await send(central, "CP1", request)).status == "Accepted"
    assert station.asked == [request]


async def test_a_version_without_monitoring_says_so(
    central: Central, connect_station: ConnectStation
) -> None:
    await connect_station("1.6")
    request = wire.GetMonitoringReport(request_id=0)
    with pytest.raises(Untranslatable):
        await get_monitoring_report(central, "CP1", request)


# Reports


def part(request_id: int, seq_no: int, *names: str, more: bool) -> wire.NotifyMonitoringReport:
    active = wire.VariableMonitoring(
        id=1,
        transaction=False,
        value=1.0,
        type="Delta",
        severity=5,
        event_notification_type="CustomMonitor",
    )
    monitors = [
        wire.MonitoringData(
            component=wire.Component(name=name), variable=STATE, variable_monitoring=[active]
        )
        for name in names
    ]
    return wire.NotifyMonitoringReport(
        request_id=request_id, seq_no=seq_no, tbc=more, generated_at=NOW, monitor=monitors or None
    )


@V2
@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        pytest.param(["ThresholdMonitoring"], (), id="TC_N_01"),
        pytest.param(None, ("EVSE",), id="TC_N_02"),
        pytest.param(["DeltaMonitoring"], ("EVSE",), id="TC_N_03"),
        pytest.param(["DeltaMonitoring"], ("ChargingStation", "EVSE"), id="TC_N_60"),
        pytest.param(None, (), id="TC_N_47"),
    ],
)
async def test_TC_N_01_CSMS_TC_N_02_CSMS_TC_N_03_CSMS_TC_N_47_CSMS_TC_N_60_CSMS_reports(
    central: Central, connect_station: ConnectStation, version: str, criteria: Any, names: Any
) -> None:
    station = await connect_station(version)

    def answer(asked: wire.GetMonitoringReport) -> wire.GetMonitoringReportResponse:
        station.later(send_all, asked.request_id)
        return wire.GetMonitoringReportResponse(status="Accepted")

    async def send_all(request_id: int) -> None:
        await station.say(part(request_id, 0, "A", "B", more=True))
        await station.say(part(request_id, 1, "C", more=False))

    station.on(wire.GetMonitoringReport, answer)
    wanted = [
        wire.ComponentVariable(component=wire.Component(name=name), variable=STATE)
        for name in names
    ]
    request = wire.GetMonitoringReport(
        request_id=0, monitoring_criteria=criteria, component_variable=wanted or None
    )
    said = await get_monitoring_report(central, "CP1", request)
    assert said.status == "Accepted"
    assert [one.component.name for one in said.monitors] == ["A", "B", "C"]
    (asked,) = station.asked
    assert (asked.monitoring_criteria, asked.component_variable) == (criteria, wanted or None)
    assert await kept(central, "NotifyMonitoringReport") == 2


@V2
async def test_a_monitoring_report_without_monitors(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(wire.GetMonitoringReport, wire.GetMonitoringReportResponse(status="EmptyResultSet"))
    request = wire.GetMonitoringReport(request_id=0, monitoring_criteria=["DeltaMonitoring"])
    said = await get_monitoring_report(central, "CP1", request)
    assert said == MonitoringReport(status="EmptyResultSet")


@V2
async def test_a_late_part_is_kept(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    accepted = wire.GetMonitoringReportResponse(status="Accepted")
    station.on(wire.GetMonitoringReport, accepted)
    request = wire.GetMonitoringReport(request_id=0)
    with pytest.raises(AnswerTimeout):
        await get_monitoring_report(central, "CP1", request, Asked(timeout=0.05))
    await station.say(part(station.asked[0].request_id, 0, "A", more=False))
    assert await kept(central, "NotifyMonitoringReport") == 1
    assert len(await told(central, "monitors.reported")) == 1


# Events


def event(component: str, value: str, **changes: Any) -> wire.EventData:
    return wire.EventData(
        event_id=1,
        timestamp=NOW,
        trigger=changes.pop("trigger", "Delta"),
        actual_value=value,
        component=wire.Component(name=component, evse=wire.EVSE(id=1, connector_id=1)),
        variable=STATE,
        event_notification_type="HardWiredNotification",
        **changes,
    )


def notify(*data: wire.EventData) -> wire.NotifyEvent:
    return wire.NotifyEvent(generated_at=NOW, seq_no=0, event_data=list(data))


@V2
@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"trigger": "Periodic"}, id="TC_N_24 TC_N_50"),
        pytest.param({"trigger": "Alerting", "cleared": True}, id="TC_N_49"),
        pytest.param({"trigger": "Alerting", "tech_code": "X1"}, id="TC_G_20"),
    ],
)
async def test_TC_N_24_CSMS_TC_N_49_CSMS_TC_N_50_CSMS_TC_G_20_CSMS_events_are_kept(
    central: Central, connect_station: ConnectStation, version: str, said: Any
) -> None:
    station = await connect_station(version)
    request = notify(event("ConnectorPlugRetentionLock", "true", **said))
    assert await station.say(request) == wire.NotifyEventResponse()
    assert await kept(central, "NotifyEvent") == 1
    (one,) = await told(central, "monitor.event")
    assert (one.station_id, one.evse_id, one.data["actualValue"]) == ("CP1", 1, "true")
    assert one.data["trigger"] == said["trigger"]
    what = VariableFilter(station_id="CP1", component="ConnectorPlugRetentionLock")
    (seen,) = await central.database.read(variables.of_station, what)
    assert seen.value == "true"


@V2
async def test_TC_N_48_CSMS_an_event_of_a_variable_that_cannot_be_read(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    assert await station.say(notify(event("Connector", ""))) == wire.NotifyEventResponse()
    assert await kept(central, "NotifyEvent") == 1


@V2
async def test_the_state_of_a_connector_may_be_told_by_an_event(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    await station.say(notify(event("Connector", "Occupied"), event("EVSE", "Faulted")))
    record = await central.database.read(connectors.get, "CP1", 1, 1)
    assert record is not None
    assert (record.status, record.status_at) == ("Occupied", NOW)
    await station.say(notify(event("Connector", "Confused")))
    record = await central.database.read(connectors.get, "CP1", 1, 1)
    assert record is not None
    assert record.status == "Occupied"


# Event streams


async def test_a_stream_is_opened_read_and_closed(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.1")
    about = wire.ConstantStreamData(
        id=3, params=wire.PeriodicEventStreamParams(interval=5), variable_monitoring_id=9
    )
    opened = await station.say(wire.OpenPeriodicEventStream(constant_stream_data=about))
    assert opened.status == "Accepted"
    values = [wire.StreamDataElement(t=0.0, v="1"), wire.StreamDataElement(t=0.5, v="2")]
    with central.bus.subscribe() as heard:
        await station.peer.tell(
            wire.NotifyPeriodicEventStream(id=3, pending=0, basetime=NOW, data=values)
        )
        one = await heard.get()
    assert (one.kind, one.data["stream"]) == ("stream.values", 3)
    assert one.data["values"] == [{"t": 0.0, "v": "1"}, {"t": 0.5, "v": "2"}]
    assert await kept(central, "NotifyPeriodicEventStream") == 1
    closed = await station.say(wire.ClosePeriodicEventStream(id=3))
    assert closed == wire.ClosePeriodicEventStreamResponse()
    assert len(await told(central, "stream.opened")) == len(await told(central, "stream.closed"))


async def test_streams_are_listed_and_adjusted(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.1")
    params = wire.PeriodicEventStreamParams(interval=5, values=10)
    about = wire.ConstantStreamData(id=3, params=params, variable_monitoring_id=9)
    listed = wire.GetPeriodicEventStreamResponse(constant_stream_data=[about])
    station.on(wire.GetPeriodicEventStream, listed)
    adjusted = wire.AdjustPeriodicEventStreamResponse(status="Accepted")
    station.on(wire.AdjustPeriodicEventStream, adjusted)
    assert await send(central, "CP1", wire.GetPeriodicEventStream()) == listed
    request = wire.AdjustPeriodicEventStream(id=3, params=params)
    assert await send(central, "CP1", request) == adjusted
