from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from chargeplane.csms import reports
from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked
from chargeplane.csms.variables import (
    MASK,
    get_base_report,
    get_report,
    get_variables,
    set_network_profile,
    set_variables,
)
from chargeplane.domain.variables import (
    Component,
    GetBaseReport,
    GetVariables,
    ReportAnswer,
    SettingResult,
    SettingResults,
    SetVariables,
    Variable,
    VariableQuery,
    VariableResult,
    VariableResults,
    VariableSetting,
)
from chargeplane.errors import AnswerTimeout, Disconnected, NoAnswer, NotConnected, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.records import VariableRecord
from chargeplane.storage.repositories import commands, events, variables
from chargeplane.storage.repositories.commands import CommandFilter
from chargeplane.storage.repositories.events import EventFilter
from chargeplane.storage.repositories.variables import Attribute, VariableFilter
from tests.csms.conftest import ConnectStation, ScriptedStation, everything

ALL = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
V2 = pytest.mark.parametrize("version", ["2.0.1", "2.1"])

NOW = datetime(2026, 3, 1, tzinfo=UTC)
COMM = Component("OCPPCommCtrlr")
DATA = Component("DeviceDataCtrlr")
NAMES = ("HeartbeatInterval", "ResetRetries", "MessageAttempts", "WebSocketPingInterval")
QUICK = Asked(timeout=0.1)


def queries(*names: str) -> GetVariables:
    return GetVariables(
        queries=tuple(VariableQuery(component=COMM, variable=Variable(name)) for name in names)
    )


def settings(*names: str, value: str = "5") -> SetVariables:
    return SetVariables(
        settings=tuple(
            VariableSetting(component=COMM, variable=Variable(name), attribute_value=value)
            for name in names
        )
    )


def values(asked: GetVariables) -> VariableResults:
    """A station that has 7 everywhere."""
    return VariableResults(
        results=tuple(
            VariableResult(
                component=q.component,
                variable=q.variable,
                attribute_type=q.attribute_type,
                attribute_value="7",
            )
            for q in asked.queries
        )
    )


def taken(asked: SetVariables) -> SettingResults:
    """A station that takes every setting."""
    return SettingResults(
        results=tuple(
            SettingResult(component=s.component, variable=s.variable, attribute_status="Accepted")
            for s in asked.settings
        )
    )


async def know(central: Central, *known: tuple[Component, str, str, str]) -> None:
    attributes = [
        Attribute(component=component, variable=Variable(name, instance or None), value=value)
        for component, name, instance, value in known
    ]
    await central.commit(lambda unit: variables.save(unit.connection, "CP1", attributes, unit.now))


async def stored(central: Central) -> dict[str, VariableRecord]:
    found = await central.database.read(variables.of_station, VariableFilter(station_id="CP1"))
    return {record.variable: record for record in found}


# Reading


@ALL
async def test_TC_B_06_CSMS_get_variables_single(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(GetVariables, values)
    answer = await get_variables(central, "CP1", queries("HeartbeatInterval"))
    assert [result.attribute_value for result in answer.results] == ["7"]
    assert (await stored(central))["HeartbeatInterval"].value == "7"


@ALL
async def test_TC_B_07_CSMS_get_variables_multiple_in_one_message(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(GetVariables, values)
    answer = await get_variables(central, "CP1", queries(*NAMES))
    assert len(answer.results) == 4
    assert [len(asked.queries) for asked in station.asked] == [4]


@ALL
async def test_TC_B_08_CSMS_get_variables_keeps_to_the_limit_of_the_station(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(GetVariables, values)
    legacy = Component("OCPP16LegacyCtrlr")
    await know(
        central,
        (DATA, "ItemsPerMessage", "SetVariables", "1"),
        (legacy, "GetConfigurationMaxKeys", "", "3")
        if version == "1.6"
        else (DATA, "ItemsPerMessage", "GetVariables", "3"),
    )
    answer = await get_variables(central, "CP1", queries(*NAMES))
    assert [result.variable.name for result in answer.results] == list(NAMES)
    assert [len(asked.queries) for asked in station.asked] == [3, 1]
    (record,) = await everything(central, commands.page, CommandFilter())
    assert len(record.answer["results"]) == 4


@V2
async def test_messages_keep_to_the_bytes_that_a_station_takes(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(GetVariables, values)
    await know(central, (DATA, "BytesPerMessage", "GetVariables", "400"))
    await get_variables(central, "CP1", queries(*NAMES))
    assert [len(asked.queries) for asked in station.asked] == [2, 2]


@V2
async def test_a_station_that_takes_less_than_it_says_is_asked_for_less(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)

    def two_at_most(asked: GetVariables) -> Any:
        if len(asked.queries) > 2:
            return OcppError("OccurrenceConstraintViolation", "too many")
        return values(asked)

    station.on(GetVariables, two_at_most)
    answer = await get_variables(central, "CP1", queries(*NAMES))
    assert [result.variable.name for result in answer.results] == list(NAMES)
    assert [len(asked.queries) for asked in station.asked] == [4, 2, 2]


@V2
async def test_other_errors_are_not_tried_in_halves(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(GetVariables, OcppError("NotSupported", "no"))
    with pytest.raises(OcppError):
        await get_variables(central, "CP1", queries(*NAMES))
    assert len(station.asked) == 1


async def test_a_variable_that_a_version_cannot_name_does_not_spoil_the_others(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(GetVariables, values)
    answer = await get_variables(central, "CP1", queries("HeartbeatInterval", "Unheard"))
    good, bad = answer.results
    assert (good.attribute_status, bad.attribute_status) == ("Accepted", "Rejected")
    assert bad.attribute_status_info is not None
    assert bad.attribute_status_info.reason_code == "Untranslatable"
    with pytest.raises(Untranslatable):
        await get_variables(central, "CP1", queries("Unheard"))


async def test_what_a_station_does_not_have_is_not_stored(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    unknown = VariableResult(
        component=COMM, variable=Variable("ResetRetries"), attribute_status="UnknownVariable"
    )
    known = VariableResult(
        component=COMM,
        variable=Variable("HeartbeatInterval"),
        attribute_value="7",
        readonly=True,
    )
    station.on(GetVariables, VariableResults(results=(unknown, known)))
    await get_variables(central, "CP1", queries("ResetRetries", "HeartbeatInterval"))
    records = await stored(central)
    assert set(records) == {"HeartbeatInterval"}
    assert records["HeartbeatInterval"].mutability == "ReadOnly"


async def test_variables_of_a_station_that_is_offline(central: Central) -> None:
    with pytest.raises(NotConnected):
        await get_variables(central, "CP1", queries("HeartbeatInterval"))


# Setting


@ALL
async def test_TC_B_09_CSMS_set_variables_single(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetVariables, taken)
    answer = await set_variables(central, "CP1", settings("HeartbeatInterval"))
    assert [result.attribute_status for result in answer.results] == ["Accepted"]
    assert (await stored(central))["HeartbeatInterval"].value == "5"


@V2
async def test_TC_B_10_CSMS_set_variables_multiple_in_one_message(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetVariables, taken)
    await set_variables(central, "CP1", settings(*NAMES))
    assert [len(asked.settings) for asked in station.asked] == [4]


async def test_a_dialect_that_sets_one_key_at_a_time_is_asked_so(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    refused = OcppError("NotSupported", "not this one")
    station.on(SetVariables, taken, refused, taken)
    answer = await set_variables(central, "CP1", settings(*NAMES))
    assert [len(asked.settings) for asked in station.asked] == [1, 1, 1, 1]
    statuses = [result.attribute_status for result in answer.results]
    assert statuses == ["Accepted", "Rejected", "Accepted", "Accepted"]
    assert set(await stored(central)) == set(NAMES) - {NAMES[1]}


@V2
async def test_set_variables_keeps_to_the_limit_and_says_nothing_twice(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetVariables, taken)
    await know(central, (DATA, "ItemsPerMessage", "SetVariables", "2"))
    twice = (*settings(NAMES[0], NAMES[0], *NAMES[1:]).settings,)
    await set_variables(central, "CP1", SetVariables(settings=twice))
    # 2.x B05.FR.13 parts the two that are the same, B05.FR.11 the others.
    assert [len(asked.settings) for asked in station.asked] == [1, 2, 2]


@V2
async def test_settings_that_need_a_reboot_are_stored_as_such(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    statuses = iter(("RebootRequired", "Rejected"))

    def answer(asked: SetVariables) -> SettingResults:
        return SettingResults(
            results=tuple(
                SettingResult(
                    component=s.component,
                    variable=s.variable,
                    attribute_status=next(statuses),  # type: ignore[arg-type]
                )
                for s in asked.settings
            )
        )

    station.on(SetVariables, answer)
    await set_variables(central, "CP1", settings(*NAMES[:2]))
    records = await stored(central)
    assert set(records) == {NAMES[0]}
    assert records[NAMES[0]].reboot_required


@ALL
async def test_passwords_are_neither_stored_nor_recorded(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(SetVariables, taken)
    key = Component("") if version == "1.6" else Component("SecurityCtrlr")
    name = "AuthorizationKey" if version == "1.6" else "BasicAuthPassword"
    setting = VariableSetting(component=key, variable=Variable(name), attribute_value="open sesame")
    await set_variables(central, "CP1", SetVariables(settings=(setting,)))
    assert station.asked[0].settings[0].attribute_value == "open sesame"
    (record,) = await everything(central, commands.page, CommandFilter())
    assert record.request["settings"][0]["attribute_value"] == MASK
    assert await stored(central) == {}


# Reports


def part(request_id: int, seq_no: int, *names: str, more: bool) -> wire.NotifyReport:
    data = [
        wire.ReportData(
            component=wire.Component(name="OCPPCommCtrlr"),
            variable=wire.Variable(name=name),
            variable_attribute=[wire.VariableAttribute(value=name.lower(), mutability="ReadOnly")],
            variable_characteristics=wire.VariableCharacteristics(
                data_type="integer", supports_monitoring=True
            ),
        )
        for name in names
    ]
    return wire.NotifyReport(
        request_id=request_id, seq_no=seq_no, tbc=more, generated_at=NOW, report_data=data or None
    )


def reporting(station: ScriptedStation, *parts: tuple[int, str, bool]) -> None:
    """Let a station accept a base report and send these parts: number, name, whether more come."""

    def answer(asked: GetBaseReport) -> ReportAnswer:
        station.later(send_all, asked.request_id or 0)
        return ReportAnswer(status="Accepted")

    async def send_all(request_id: int) -> None:
        for number, name, more in parts:
            await station.say(part(request_id, number, name, more=more))

    station.on(GetBaseReport, answer)


@pytest.mark.parametrize(
    "base",
    [
        pytest.param("ConfigurationInventory", id="TC_B_12_CSMS"),
        pytest.param("FullInventory", id="TC_B_13_CSMS"),
        pytest.param("SummaryInventory", id="TC_B_14_CSMS"),
    ],
)
@V2
async def test_TC_B_12_CSMS_TC_B_13_CSMS_TC_B_14_CSMS_base_report(
    central: Central, connect_station: ConnectStation, version: str, base: Any
) -> None:
    station = await connect_station(version)
    reporting(station, (0, "A", True), (1, "B", True), (2, "C", False))
    answer = await get_base_report(central, "CP1", GetBaseReport(report_base=base))
    assert answer.status == "Accepted"
    assert answer.report is not None
    assert [(r.variable.name, r.attribute_value, r.readonly) for r in answer.report] == [
        ("A", "a", True),
        ("B", "b", True),
        ("C", "c", True),
    ]
    assert station.asked[0].report_base == base
    records = await stored(central)
    assert records["A"].characteristics == {"dataType": "integer", "supportsMonitoring": True}
    assert records["A"].mutability == "ReadOnly"


async def test_a_base_report_of_a_version_that_answers_with_it_at_once(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    result = values(queries("HeartbeatInterval")).results
    station.on(GetBaseReport, ReportAnswer(status="Accepted", report=result))
    answer = await get_base_report(central, "CP1", GetBaseReport())
    assert answer.report is not None
    assert [entry.attribute_value for entry in answer.report] == ["7"]
    assert (await stored(central))["HeartbeatInterval"].value == "7"


@ALL
async def test_a_full_report_ends_what_it_does_not_mention(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    await know(central, (COMM, "OldKey", "", "1"))
    if version == "1.6":
        result = values(queries("HeartbeatInterval")).results
        station.on(GetBaseReport, ReportAnswer(status="Accepted", report=result))
    else:
        reporting(station, (0, "HeartbeatInterval", False))
    await get_base_report(central, "CP1", GetBaseReport(report_base="FullInventory"))
    assert set(await stored(central)) == {"HeartbeatInterval"}


@V2
@pytest.mark.parametrize("status", ["Rejected", "NotSupported", "EmptyResultSet"])
async def test_a_report_that_will_not_come_is_not_waited_for(
    central: Central, connect_station: ConnectStation, version: str, status: Any
) -> None:
    station = await connect_station(version)
    station.on(GetBaseReport, ReportAnswer(status=status))
    answer = await get_base_report(central, "CP1", GetBaseReport())
    assert (answer.status, answer.report) == (status, None)


@V2
@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([(0, "A", True), (2, "C", False), (1, "B", True)], id="out of order"),
        pytest.param([(2, "C", False), (1, "B", True), (0, "A", True)], id="backwards"),
        pytest.param([(0, "A", True), (0, "A", True), (1, "B", True), (2, "C", False)], id="twice"),
        pytest.param([(1, "A", True), (2, "B", True), (3, "C", False)], id="from one on"),
    ],
)
async def test_parts_come_in_any_order(
    central: Central, connect_station: ConnectStation, version: str, parts: Any
) -> None:
    station = await connect_station(version)
    reporting(station, *parts)
    answer = await get_base_report(central, "CP1", GetBaseReport())
    assert answer.report is not None
    assert [entry.variable.name for entry in answer.report] == ["A", "B", "C"]


@V2
async def test_missing_parts_are_named_and_the_others_stay(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    reporting(station, (0, "A", True), (3, "D", False))
    with pytest.raises(AnswerTimeout, match="without the parts 1, 2"):
        await get_base_report(central, "CP1", GetBaseReport(), QUICK)
    assert set(await stored(central)) == {"A", "D"}
    (record,) = await everything(central, commands.page, CommandFilter())
    assert record.status == "failed"


@V2
async def test_a_report_that_never_comes(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(GetBaseReport, ReportAnswer(status="Accepted"))
    with pytest.raises(AnswerTimeout, match="no part for"):
        await get_base_report(central, "CP1", GetBaseReport(), QUICK)
    assert reports._expected == {}


async def test_the_wait_for_parts_ends_with_the_connection(
    central: Central, connect_station: ConnectStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "GLANCE", 0.01)
    station = await connect_station("2.0.1")
    station.on(GetBaseReport, ReportAnswer(status="Accepted"))
    asking = asyncio.create_task(get_base_report(central, "CP1", GetBaseReport()))
    await station.was_asked()
    await asyncio.sleep(0.05)
    await station.leave()
    with pytest.raises(Disconnected):
        await asking


async def test_a_report_is_bounded(
    central: Central, connect_station: ConnectStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MAX_ITEMS", 2)
    station = await connect_station("2.0.1")
    reporting(station, *((number, f"V{number}", True) for number in range(4)))
    with pytest.raises(NoAnswer, match="too many items"):
        await get_base_report(central, "CP1", GetBaseReport())


@V2
async def test_a_part_that_nobody_asked_for_is_stored_and_told(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    assert await station.say(part(99, 0, "A", more=False)) == wire.NotifyReportResponse()
    assert set(await stored(central)) == {"A"}
    (told,) = await everything(central, events.page, EventFilter(kinds=("variables.reported",)))
    assert told.data == {"request_id": 99, "seq_no": 0, "more": False, "attributes": 1}


@V2
async def test_a_pending_station_may_send_the_report_that_it_was_asked_for(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version, registration="Pending")
    with pytest.raises(OcppError, match="SecurityError"):  # 2.x B02.FR.09
        await station.say(part(99, 0, "A", more=False))
    reporting(station, (0, "A", False))
    answer = await get_base_report(central, "CP1", GetBaseReport())
    assert answer.report is not None


@V2
async def test_TC_B_18_CSMS_custom_report(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    await know(central, (DATA, "ItemsPerMessage", "GetReport", "1"))

    def answer(asked: wire.GetReport) -> wire.GetReportResponse:
        assert asked.component_variable is not None
        name = asked.component_variable[0].component.name
        if name == "Nothing":
            return wire.GetReportResponse(status="EmptyResultSet")
        station.later(station.say, part(asked.request_id, 0, name, more=False))
        return wire.GetReportResponse(status="Accepted")

    station.on(wire.GetReport, answer)
    wanted = [
        wire.ComponentVariable(component=wire.Component(name=name))
        for name in ("Nothing", "EVSE", "Connector")
    ]
    request = wire.GetReport(
        request_id=0, component_variable=wanted, component_criteria=["Available", "Problem"]
    )
    answered = await get_report(central, "CP1", request)
    assert answered.status == "Accepted"
    assert answered.report is not None
    assert [entry.variable.name for entry in answered.report] == ["EVSE", "Connector"]
    assert len({asked.request_id for asked in station.asked}) == 3
    assert all(asked.component_criteria for asked in station.asked)


@V2
async def test_a_custom_report_by_criteria_alone_is_one_message(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    reason = wire.StatusInfo(reason_code="NoReport")
    station.on(wire.GetReport, wire.GetReportResponse(status="NotSupported", status_info=reason))
    request = wire.GetReport(request_id=0, component_criteria=["Problem"])
    answer = await get_report(central, "CP1", request)
    assert answer.status == "NotSupported"
    assert answer.status_info is not None
    assert answer.status_info.reason_code == "NoReport"
    assert [asked.component_variable for asked in station.asked] == [None]


# Network profiles


@V2
@pytest.mark.parametrize(
    "status",
    [pytest.param("Accepted", id="TC_B_42"), pytest.param("Failed", id="TC_B_44"), "Rejected"],
)
async def test_TC_B_42_CSMS_TC_B_44_CSMS_set_network_profile(
    central: Central, connect_station: ConnectStation, version: str, status: Any
) -> None:
    station = await connect_station(version)
    station.on(wire.SetNetworkProfile, wire.SetNetworkProfileResponse(status=status))
    vpn = wire.VPN(server="s", user="u", password="p", key="k", type="IPSec")
    profile = wire.NetworkConnectionProfile(
        ocpp_version="OCPP20",
        ocpp_interface="Wired0",
        ocpp_transport="JSON",
        message_timeout=30,
        ocpp_csms_url="wss://example.org/ocpp",
        security_profile=2,
        vpn=vpn,
    )
    request = wire.SetNetworkProfile(configuration_slot=1, connection_data=profile)
    answer = await set_network_profile(central, "CP1", request)
    assert answer.status == status
    assert station.asked == [request]
    (record,) = await everything(central, commands.page, CommandFilter())
    assert record.request["connectionData"]["vpn"]["password"] == MASK
    assert record.request["connectionData"]["ocppCsmsUrl"] == "wss://example.org/ocpp"
