"""EVerest's interface of a station, with a scripted central system of each version."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.domain.messages import MessageContent, StatusInfo
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    SetChargingProfile,
)
from chargeplane.domain.station import (
    BootAnswer,
    BootNotification,
    ChangeAvailability,
    DataTransfer,
    DataTransferAnswer,
    Evse,
)
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    TransactionAnswer,
    TransactionEnded,
    TransactionStarted,
)
from chargeplane.domain.variables import (
    GetVariables,
    SetVariables,
    VariableQuery,
    VariableSetting,
)
from chargeplane.ocpp.errors import OcppError
from chargeplane.station import authorization, security_events
from chargeplane.station.definition import address
from chargeplane.station.everest.values import (
    EVSE,
    ChangeAvailabilityRequest,
    ConnectionStatus,
    CustomData,
    DataTransferRequest,
    DataTransferResponse,
    SecurityEvent,
)
from tests.station.desk import PATIENCE, VERSIONS, Desk, Place, quietly
from tests.station.everest.talk import collect, everest

TAG = Token("TAG")
MODERN = ("2.0.1", "2.1")


async def charge(there: Place) -> None:
    there.hardware().plug_in()
    await authorization.swipe(there.station, TAG, (1,))
    await there.desk.hears(TransactionStarted)


# Stop and restart


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_happens_while_it_is_stopped_is_never_told(version: str) -> None:
    async with everest(version) as (there, api):
        assert await api.stop()
        assert not await api.stop()
        await there.until(lambda: there.station.peer is None)
        there.hardware().plug_in()
        await authorization.swipe(there.station, TAG, (1,))
        await api.security_event(SecurityEvent(type="TamperDetectionActivated"))
        there.hardware().plug_out()
        there.desk.forget()
        assert await api.restart()
        assert not await api.restart()
        await there.desk.hears(BootNotification)
        await there.accepted()
        await api.security_event(SecurityEvent(type="MemoryExhaustion"))
        told = await there.desk.hears(SecurityEventNotification)
        assert told.type == "MemoryExhaustion"
        assert there.desk.all(TransactionStarted) == []
        assert there.desk.all(TransactionEnded) == []


async def test_a_restart_is_a_reset_of_the_application() -> None:
    async with everest("2.1") as (there, api):
        await api.stop()
        await there.until(lambda: there.station.peer is None)
        there.desk.forget()
        await api.restart()
        boot = await there.desk.hears(BootNotification)
        assert boot.reason == "ApplicationReset"


# Availability


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_whole_station_and_a_connector_go_out_of_service(version: str) -> None:
    async with everest(version, evses=2) as (there, api):
        at = EVSE(id=2, connector_id=1)
        request = ChangeAvailabilityRequest(operational_status="Inoperative", evse=at)
        assert (await api.change_availability(request)).status == "Accepted"
        states = [evse.state(evse.connector) for evse in there.station.evses]
        assert states == ["Available", "Unavailable"]
        request = ChangeAvailabilityRequest(operational_status="Inoperative")
        assert (await api.change_availability(request)).status == "Accepted"
        assert there.evse(1).state(there.evse(1).connector) == "Unavailable"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("at", [EVSE(id=3, connector_id=1), EVSE(id=1, connector_id=2)])
async def test_what_is_not_there_is_an_invalid_input(version: str, at: EVSE) -> None:
    async with everest(version) as (_, api):
        request = ChangeAvailabilityRequest(operational_status="Inoperative", evse=at)
        response = await api.change_availability(request)
        assert response.status == "Rejected"
        assert response.status_info is not None
        assert response.status_info.reason_code == "InvalidInput"


async def test_an_evse_of_1_6_needs_its_connector() -> None:
    request = ChangeAvailabilityRequest(operational_status="Inoperative", evse=EVSE(id=1))
    async with everest("1.6") as (_, api):
        response = await api.change_availability(request)
        assert response.status == "Rejected"
        assert response.status_info is not None
        assert response.status_info.reason_code == "InvalidInput"
        assert (response.status_info.additional_info or "").startswith("No connector id specified;")
    async with everest("2.1") as (_, api):
        assert (await api.change_availability(request)).status == "Accepted"


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_the_central_system_took_out_of_service_can_be_put_back(version: str) -> None:
    async with everest(version) as (there, api):
        taken = Evse(1) if version == "1.6" else Evse(1, 1)
        answer = await there.desk.ask(
            ChangeAvailability(operational_status="Inoperative", evse=taken)
        )
        assert answer.status == "Accepted"
        assert there.evse().state(there.evse().connector) == "Unavailable"
        at = EVSE(id=1, connector_id=1)
        request = ChangeAvailabilityRequest(operational_status="Operative", evse=at)
        assert (await api.change_availability(request)).status == "Accepted"
        assert there.evse().state(there.evse().connector) == "Available"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_charge_ends_first(version: str) -> None:
    async with everest(version) as (there, api):
        await charge(there)
        request = ChangeAvailabilityRequest(operational_status="Inoperative")
        assert (await api.change_availability(request)).status == "Scheduled"


# Security events

ALWAYS = "TamperDetectionActivated"
ONLY_KEYS = "MaintenanceLoginFailed"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("event", "critical_in"),
    [
        (SecurityEvent(type=ALWAYS), VERSIONS),
        (SecurityEvent(type=ONLY_KEYS), ("1.6",)),
        (SecurityEvent(type="AttemptedReplayAttacks"), ()),
        (SecurityEvent(type="AttemptedReplayAttacks", critical=True), VERSIONS),
        (SecurityEvent(type=ALWAYS, critical=False), ()),
    ],
)
async def test_critical_events_are_told_and_all_are_logged(
    version: str, event: SecurityEvent, critical_in: tuple[str, ...]
) -> None:
    async with everest(version) as (there, api):
        published = collect(api.variables.security_event)
        there.desk.forget()
        await api.security_event(event)
        await api.security_event(SecurityEvent(type="LastOfAll", critical=True))
        await there.desk.hears(SecurityEventNotification, lambda each: each.type == "LastOfAll")
        told = [each.type for each in there.desk.all(SecurityEventNotification)]
        assert (event.type in told) == (version in critical_in)
        logged = [each.type for each in security_events.log(there.station).values()]
        assert logged[-2:] == [event.type, "LastOfAll"]
        assert published == []  # only what the station notices itself


async def test_info_and_time_of_an_event_are_kept() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    async with everest("2.1") as (there, api):
        there.desk.forget()
        await api.security_event(SecurityEvent(type=ALWAYS, info="the lid", timestamp=moment))
        told = await there.desk.hears(SecurityEventNotification)
        assert (told.type, told.tech_info, told.timestamp) == (ALWAYS, "the lid", moment)


async def test_a_key_silences_events() -> None:
    async with everest("1.6", DisableSecurityEventNotifications="true") as (there, api):
        await api.security_event(SecurityEvent(type=ALWAYS))
        assert there.desk.all(SecurityEventNotification) == []
        logged = [each.type for each in security_events.log(there.station).values()]
        assert logged[-1] == ALWAYS


async def test_events_that_the_station_notices_are_published() -> None:
    async with everest("2.1") as (there, api):
        first = api.variables.security_event.latest
        assert first is not None
        assert (first.type, first.info) == ("StartupOfTheDevice", "PowerUp")
        security_events.raise_(there.station, "InvalidMessages", "what")
        latest = api.variables.security_event.latest
        assert latest is not None
        assert (latest.type, latest.info) == ("InvalidMessages", "what")


# Transactions


async def test_events_of_a_transaction_of_1_6() -> None:
    async with everest("1.6", MeterValueSampleInterval=1) as (there, api):
        events = collect(api.variables.ocpp_transaction_event)
        answers = collect(api.variables.ocpp_transaction_event_response)
        await charge(there)
        await there.until(lambda: len(events) == 2)
        there.hardware().plug_out()
        await there.desk.hears(TransactionEnded)
        session = events[0].session_id
        assert [
            (each.transaction_event, each.session_id, each.transaction_id) for each in events
        ] == [("Started", session, None), ("Updated", session, "1"), ("Ended", session, "1")]
        assert {each.evse for each in events} == {EVSE(id=1, connector_id=1)}
        assert answers == []


@pytest.mark.parametrize("version", MODERN)
async def test_events_of_a_transaction_of_2_x(version: str) -> None:
    desk = Desk(version)
    message = MessageContent(format="UTF8", content="Welcome")
    desk.answers[TransactionStarted] = TransactionAnswer(
        total_cost=1.5, charging_priority=-3, updated_personal_message=message
    )
    async with everest(version, desk=desk) as (there, api):
        events = collect(api.variables.ocpp_transaction_event)
        answers = collect(api.variables.ocpp_transaction_event_response)
        await charge(there)
        there.hardware().plug_out()
        await desk.hears(TransactionEnded)
        await there.until(lambda: len(answers) == len(events))
    assert {each.session_id for each in events} == {each.transaction_id for each in events}
    kinds = [each.transaction_event for each in events]
    assert (kinds[0], set(kinds[1:-1]), kinds[-1]) == ("Started", {"Updated"}, "Ended")
    assert events[0].evse == EVSE(id=1, connector_id=1)
    assert [each.original_transaction_event for each in answers] == events
    first = answers[0]
    assert (first.total_cost, first.charging_priority) == (1.5, -3)
    assert first.personal_message == message


# The connection


@pytest.mark.parametrize("version", VERSIONS)
async def test_connections_come_and_go(version: str) -> None:
    async with everest(version) as (there, api):
        stati, flags = (
            collect(api.variables.connection_status),
            collect(api.variables.is_connected),
        )
        assert api.variables.is_connected.latest is True
        status = ConnectionStatus(
            connected=True,
            csms_url="ws://desk/ocpp",
            identity="CS-1",
            security_profile=0,
            configuration_slot=1,
            ocpp_interface="Any",
            ocpp_transport="JSON",
            ocpp_version=version,
        )
        assert api.variables.connection_status.latest == status
        await there.desk.hang_up()
        await there.until(lambda: len(flags) == 2)
        assert flags == [False, True]
        assert [each.connected for each in stati] == [False, True]
        assert stati[1] == status


@pytest.mark.parametrize("version", VERSIONS)
async def test_answers_to_boot_notifications(version: str) -> None:
    desk = Desk(version)
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    desk.answers[BootNotification] = BootAnswer(
        status="Pending",
        current_time=moment,
        interval=9,
        status_info=StatusInfo(reason_code="Later", additional_info="soon"),
    )
    async with everest(version, desk=desk, accept=False) as (there, api):
        await there.until(lambda: api.variables.boot_notification_response.latest)
        found = api.variables.boot_notification_response.latest
        assert found is not None
        assert (found.status, found.current_time, found.interval) == ("Pending", moment, 9)
        info = found.status_info
        assert (info and info.reason_code) == (None if version == "1.6" else "Later")


@pytest.mark.parametrize("version", VERSIONS)
async def test_frames_are_told_if_that_is_wanted_but_no_passwords(version: str) -> None:
    async with everest(version, interface={"tells_messages": True}) as (there, api):
        frames = collect(api.variables.ocpp_message)
        await there.desk.ask(GetVariables(queries=(_query("OCPPCommCtrlr/HeartbeatInterval"),)))
        component, variable = address("NetworkConfiguration[1]/BasicAuthPassword")
        setting = VariableSetting(
            component=component, variable=variable, attribute_value="0123456789abcdef"
        )
        await there.desk.ask(SetVariables(settings=(setting,)))
    assert {each.version for each in frames} == {version}
    calls = [each.direction for each in frames if each.message.startswith("[2,")]
    answers = [each.direction for each in frames if each.message.startswith("[3,")]
    assert "CSMSToChargingStation" in calls
    assert "ChargingStationToCSMS" in answers
    assert not any("0123456789abcdef" in each.message for each in frames)
    assert any("***" in each.message for each in frames)


def _query(name: str) -> VariableQuery:
    component, variable = address(name)
    return VariableQuery(component=component, variable=variable)


async def test_frames_are_not_told_otherwise() -> None:
    async with everest("2.1") as (_, api):
        assert api.variables.ocpp_message.latest is None


async def test_a_variable_is_followed_from_its_latest_value_on() -> None:
    async with everest("2.1") as (there, api):
        following = api.variables.is_connected.values()
        async with asyncio.timeout(PATIENCE):
            assert await anext(following) is True
            await there.desk.hang_up()
            assert await anext(following) is False
            assert await anext(following) is True
        await following.aclose()  # type: ignore[attr-defined]


# Schedules


def profile(limit: float) -> SetChargingProfile:
    period = ChargingSchedulePeriod(start_period=0, limit=limit, number_phases=3)
    schedule = ChargingSchedule(
        id=1, charging_rate_unit="A", charging_schedule_period=(period,), min_charging_rate=6.0
    )
    found = ChargingProfile(
        id=1,
        stack_level=2,
        charging_profile_purpose="TxDefaultProfile",
        charging_profile_kind="Relative",
        charging_schedule=(schedule,),
    )
    return SetChargingProfile(evse_id=1, charging_profile=found)


@pytest.mark.parametrize("version", VERSIONS)
async def test_schedules_are_told_at_the_start_and_after_changes(version: str) -> None:
    async with everest(version, evses=2) as (there, api):
        first = api.variables.charging_schedules.latest
        assert first is not None
        assert [each.evse for each in first.schedules] == [0, 1, 2]
        assert {(each.charging_rate_unit, each.duration) for each in first.schedules} == {
            ("A", 600)
        }
        assert first.schedules[1].charging_schedule_period[0].limit == 32
        told = collect(api.variables.charging_schedules)
        answer = await there.desk.ask(profile(16.0))
        assert answer.status == "Accepted"
        await there.until(lambda: told)
        (_, changed, other) = told[-1].schedules
        period = changed.charging_schedule_period[0]
        assert (period.limit, period.stack_level, period.number_phases) == (16, 2, 3)
        assert changed.start_schedule is not None
        assert other.charging_schedule_period[0].limit == 32


async def test_schedules_are_told_again_and_again_but_not_while_it_is_stopped() -> None:
    async with everest("2.1") as (there, api):
        name = "InternalCtrlr/CompositeScheduleIntervalS"
        assert there.station.has_alarm("schedules")
        await api.stop()
        assert not there.station.has_alarm("schedules")
        told = collect(api.variables.charging_schedules)
        await api.restart()
        assert len(told) == 1
        assert there.station.has_alarm("schedules")
        there.station.silence("schedules")
        there.station.model.put(name, "0")
        assert not there.station.has_alarm("schedules")


# Data transfer

CUSTOM = CustomData(vendor_id="org.example", data='{"vendorId":"org.example","more":[1]}')


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_vendors_message_goes_out(version: str) -> None:
    async with everest(version) as (there, api):
        there.desk.answers[DataTransfer] = DataTransferAnswer(status="Accepted", data="fine")
        request = DataTransferRequest(
            vendor_id="org.example", message_id="m", data='{"a": 1}', custom_data=CUSTOM
        )
        response = await api.data_transfer(request)
        assert (response.status, response.data) == ("Accepted", "fine")
        sent = await there.desk.hears(DataTransfer)
        assert (sent.vendor_id, sent.message_id) == ("org.example", "m")
        assert sent.data == ('{"a": 1}' if version == "1.6" else {"a": 1})
        assert (sent.custom_data or {}).get("more") == (None if version == "1.6" else [1])


@pytest.mark.parametrize("text", ["plain", "5", "[broken", None])
async def test_text_that_is_no_object_stays_text(text: str | None) -> None:
    async with everest("2.1") as (there, api):
        there.desk.answers[DataTransfer] = lambda asked: DataTransferAnswer(
            status="UnknownMessageId", data={"heard": asked.data}
        )
        response = await api.data_transfer(DataTransferRequest(vendor_id="v", data=text))
        assert (await there.desk.hears(DataTransfer)).data == text
        assert response.status == "UnknownMessageId"
        assert response.data is not None
        assert response.data.startswith('{"heard":')


async def test_without_an_answer_the_central_system_is_offline_or_refuses() -> None:
    request = DataTransferRequest(vendor_id="v")
    desk = Desk("2.1")
    desk.answers[DataTransfer] = quietly(OcppError("InternalError", "on purpose"))
    async with everest("2.1", desk=desk) as (there, api):
        assert (await api.data_transfer(request)).status == "Rejected"
        await desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        assert (await api.data_transfer(request)).status == "Offline"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_vendors_message_comes_in(version: str) -> None:
    heard: list[DataTransferRequest] = []

    async def answer(request: DataTransferRequest) -> DataTransferResponse:
        heard.append(request)
        return DataTransferResponse(status="Accepted", data='{"b": 2}', custom_data=CUSTOM)

    async with everest(version) as (there, api):
        asked = DataTransfer(vendor_id="org.example", message_id="m", data={"a": 1})
        before = await there.desk.ask(asked)
        assert before.status == "UnknownVendorId"
        api.answer_data_transfers(answer)
        found = await there.desk.ask(asked)
    assert heard == [DataTransferRequest(vendor_id="org.example", message_id="m", data='{"a":1}')]
    assert found.status == "Accepted"
    assert found.data == ('{"b": 2}' if version == "1.6" else {"b": 2})
    assert (found.custom_data or {}).get("more") == (None if version == "1.6" else [1])


async def test_if_nobody_answers_nobody_knows_the_vendor() -> None:
    async def answer(_request: DataTransferRequest) -> DataTransferResponse:
        return DataTransferResponse(status="Offline")

    async with everest("2.1") as (there, api):
        api.answer_data_transfers(answer)
        found = await there.desk.ask(DataTransfer(vendor_id="v"))
        assert found.status == "UnknownVendorId"
