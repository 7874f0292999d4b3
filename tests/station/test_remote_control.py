"""What a central system makes a station do (2.x block F, E14; 1.6 §5.11, 5.12, 5.17, 5.18)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
)
from chargeplane.domain.readings import MeterValues
from chargeplane.domain.station import (
    BootNotification,
    Evse,
    Heartbeat,
    StatusNotification,
    TriggerMessage,
    UnlockConnector,
)
from chargeplane.domain.tokens import Authorize, AuthorizeAnswer, Token, TokenInfo
from chargeplane.domain.transactions import (
    RequestStartTransaction,
    RequestStopTransaction,
    TransactionAnswer,
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization
from tests.station.desk import VERSIONS, Desk, Place, place

TAG = Token("TAG")
V2 = ("2.0.1", "2.1")
REMOTE = "AuthCtrlr/AuthorizeRemoteStart"


def start(evse_id: int | None = 1, **members: Any) -> RequestStartTransaction:
    return RequestStartTransaction(id_token=TAG, evse_id=evse_id, remote_start_id=5, **members)


async def charge(there: Place, number: int = 1) -> TransactionStarted:
    there.hardware(number).plug_in()
    await authorization.swipe(there.station, TAG, (number,))
    return await there.desk.hears(
        TransactionStarted, lambda each: each.evse is not None and each.evse.id == number
    )


# Start and stop


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_F_01_CS_the_cable_first(version: str) -> None:
    async with place(version) as there:
        there.hardware().plug_in()
        assert (await there.desk.ask(start())).status == "Accepted"
        began = await there.desk.hears(TransactionStarted)
        assert began.id_token == TAG
        if version != "1.6":
            assert (began.trigger_reason, began.remote_start_id) == ("RemoteStart", 5)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("asks", ["true", "false"])
async def test_TC_F_02_CS_TC_F_03_CS_the_start_first(version: str, asks: str) -> None:
    async with place(version, values={REMOTE: asks}) as there:
        assert (await there.desk.ask(start())).status == "Accepted"
        await there.until(lambda: there.evse().authorization)
        assert bool(there.desk.all(Authorize)) == (asks == "true")
        there.hardware().plug_in()
        began = await there.desk.hears(TransactionStarted)
        if version != "1.6":
            assert (began.trigger_reason, began.remote_start_id) == ("CablePluggedIn", 5)


async def test_a_remote_start_whose_token_is_refused() -> None:
    desk = Desk("2.0.1")
    desk.answers[Authorize] = AuthorizeAnswer(id_token_info=TokenInfo(status="Blocked"))
    async with place("2.0.1", desk=desk, values={REMOTE: "true"}) as there:
        there.hardware().plug_in()
        assert (await desk.ask(start())).status == "Accepted"
        await desk.hears(Authorize)
        await there.until(lambda: not there.station._tasks)
        assert not desk.all(TransactionStarted)


def states(there: Place) -> list[str]:
    return [each.connector_status for each in there.desk.all(StatusNotification)]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_F_04_CS_no_car_comes(version: str) -> None:
    async with place(version, ConnectionTimeOut=0) as there:
        await there.desk.ask(start())
        await there.until(lambda: there.evse().authorization is None)
        if version == "1.6":  # 2.x: only a cable occupies a connector
            await there.until(lambda: states(there) == ["Available", "Occupied", "Available"])
        assert not there.desk.all(TransactionStarted)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_026_where_a_start_cannot_be(version: str) -> None:
    async with place(version, evses=2) as there:
        assert (await there.desk.ask(start(9))).status == "Rejected"
        await charge(there, 1)
        assert (await there.desk.ask(start(1))).status == "Rejected"
        assert (await there.desk.ask(start(2))).status == "Accepted"
        profile = ChargingProfile(
            id=1,
            stack_level=0,
            charging_profile_purpose="TxDefaultProfile",
            charging_profile_kind="Relative",
            charging_schedule=(
                ChargingSchedule(
                    id=1,
                    charging_rate_unit="A",
                    charging_schedule_period=(ChargingSchedulePeriod(start_period=0, limit=6.0),),
                ),
            ),
        )
        wrong = start(2, charging_profile=profile)
        assert (await there.desk.ask(wrong)).status == "Rejected"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_start_without_a_connector_takes_the_one_with_the_car(version: str) -> None:
    async with place(version, evses=2) as there:
        there.hardware(2).plug_in()
        assert (await there.desk.ask(start(None))).status == "Accepted"
        began = await there.desk.hears(TransactionStarted)
        assert began.evse == Evse(2, 1)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_F_08_CS_TC_F_09_CS_TC_E_21_CS_stop(version: str) -> None:
    async with place(version) as there:
        began = await charge(there)
        name = began.transaction_id or "1"
        await there.until(lambda: there.station.running(name))
        unknown = RequestStopTransaction(transaction_id="999")
        assert (await there.desk.ask(unknown)).status == "Rejected"
        assert (await there.desk.ask(RequestStopTransaction(transaction_id=name))).status == (
            "Accepted"
        )
        ended = await there.desk.hears(TransactionEnded)
        assert (ended.trigger_reason, ended.stopped_reason) == ("RemoteStop", "Remote")
        assert (await there.desk.ask(RequestStopTransaction(transaction_id=name))).status == (
            "Rejected"
        )


# Unlock


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_F_05_CS_TC_F_06_CS_TC_F_07_CS_TC_F_10_CS_unlock(version: str) -> None:
    async with place(version) as there:
        assert (await there.desk.ask(UnlockConnector(evse_id=1))).status == "Unlocked"
        unknown = (await there.desk.ask(UnlockConnector(evse_id=9))).status
        assert unknown == ("NotSupported" if version == "1.6" else "UnknownConnector")
        await charge(there)
        status = (await there.desk.ask(UnlockConnector(evse_id=1))).status
        if version == "1.6":
            assert status == "Unlocked"
            assert (await there.desk.hears(TransactionEnded)).stopped_reason == "UnlockCommand"
        else:
            assert status == "OngoingAuthorizedTransaction"


# Whether a transaction runs


@pytest.mark.parametrize("version", V2)
async def test_TC_E_28_CS_TC_E_30_CS_TC_E_32_CS_TC_E_34_CS_nothing_waits(version: str) -> None:
    status = wire.GetTransactionStatus
    async with place(version) as there:
        answer = await there.desk.ask(status(transaction_id="unknown"))
        assert (answer.ongoing_indicator, answer.messages_in_queue) == (False, False)
        answer = await there.desk.ask(status())
        assert (answer.ongoing_indicator, answer.messages_in_queue) == (None, False)
        began = await charge(there)
        await there.until(lambda: not len(there.station.outbox))
        answer = await there.desk.ask(status(transaction_id=began.transaction_id))
        assert (answer.ongoing_indicator, answer.messages_in_queue) == (True, False)
        await authorization.swipe(there.station, TAG)
        await there.until(lambda: not len(there.station.outbox))
        answer = await there.desk.ask(status(transaction_id=began.transaction_id))
        assert (answer.ongoing_indicator, answer.messages_in_queue) == (False, False)


@pytest.mark.parametrize("version", V2)
async def test_TC_E_29_CS_TC_E_31_CS_TC_E_33_CS_something_waits(version: str) -> None:
    status, may_answer = wire.GetTransactionStatus, asyncio.Event()
    desk = Desk(version)

    async def slowly() -> TransactionAnswer:
        await may_answer.wait()
        return TransactionAnswer()

    desk.answers[TransactionUpdated] = lambda _event: slowly()
    async with place(version, desk=desk) as there:
        began = await charge(there)
        await desk.hears(TransactionUpdated)
        answer = await desk.ask(status(transaction_id=began.transaction_id))
        assert (answer.ongoing_indicator, answer.messages_in_queue) == (True, True)
        assert (await desk.ask(status())).messages_in_queue
        await authorization.swipe(there.station, TAG)
        answer = await desk.ask(status(transaction_id=began.transaction_id))
        assert (answer.ongoing_indicator, answer.messages_in_queue) == (False, True)
        may_answer.set()
        await desk.hears(TransactionEnded)


# Triggers


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_F_11_CS_TC_F_12_CS_meter_values(version: str) -> None:
    async with place(version, evses=2) as there:
        ask = TriggerMessage(requested_message="MeterValues")
        assert (await there.desk.ask(ask)).status == "Accepted"
        await there.desk.hears(MeterValues, count=2)
        assert {each.evse_id for each in there.desk.all(MeterValues)} == {1, 2}
        there.desk.forget()
        ask = TriggerMessage(requested_message="MeterValues", evse=Evse(2, 1))
        assert (await there.desk.ask(ask)).status == "Accepted"
        said = await there.desk.hears(MeterValues)
        assert said.evse_id == 2
        assert {each.context for each in said.readings[0].samples} == {"Trigger"}


@pytest.mark.parametrize("version", V2)
async def test_TC_F_13_CS_TC_F_14_CS_transaction_events(version: str) -> None:
    async with place(version, evses=2) as there:
        ask = TriggerMessage(requested_message="TransactionEvent")
        assert (await there.desk.ask(ask)).status == "Rejected"
        await charge(there, 1)
        await charge(there, 2)
        assert (await there.desk.ask(ask)).status == "Accepted"
        triggered: Any = lambda each: each.trigger_reason == "Trigger"  # noqa: E731
        await there.desk.hears(TransactionUpdated, triggered, count=2)
        there.desk.forget()
        ask = TriggerMessage(requested_message="TransactionEvent", evse=Evse(2))
        assert (await there.desk.ask(ask)).status == "Accepted"
        said = await there.desk.hears(TransactionUpdated, triggered)
        assert said.evse == Evse(2, 1)
        assert said.charging_state == "Charging"
        assert said.readings[0].samples[0].context == "Trigger"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_F_20_CS_heartbeat(version: str) -> None:
    async with place(version) as there:
        ask = TriggerMessage(requested_message="Heartbeat")
        assert (await there.desk.ask(ask)).status == "Accepted"
        await there.desk.hears(Heartbeat)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("state", ["Available", "Occupied"])
async def test_TC_F_23_CS_TC_F_24_CS_status(version: str, state: str) -> None:
    async with place(version, evses=2) as there:
        if state == "Occupied":
            there.hardware(2).plug_in()
        await there.until(lambda: not len(there.station.outbox))
        there.desk.forget()
        ask = TriggerMessage(requested_message="StatusNotification", evse=Evse(2, 1))
        assert (await there.desk.ask(ask)).status == "Accepted"
        said = await there.desk.hears(StatusNotification)
        assert said.connector_status == state
        assert said.evse == Evse(2, 1)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_F_26_CS_boot(version: str) -> None:
    async with place(version) as there:
        ask = TriggerMessage(requested_message="BootNotification")
        status = (await there.desk.ask(ask)).status
        if version == "1.6":
            assert status == "Accepted"
            await there.desk.hears(BootNotification, count=2)
        else:
            assert status == "Rejected"


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_030_a_lock_that_does_not_open(version: str) -> None:
    async with place(version) as there:
        there.hardware().unlock = lambda: False  # type: ignore[method-assign]
        assert (await there.desk.ask(UnlockConnector(evse_id=1))).status == "UnlockFailed"


async def test_TC_055_a_trigger_for_a_connector_that_there_is_not() -> None:
    async with place("1.6") as there:
        ask = {"requestedMessage": "MeterValues", "connectorId": 9}
        assert await there.desk.call("TriggerMessage", ask) == {"status": "Rejected"}


@pytest.mark.parametrize("version", V2)
async def test_TC_F_27_CS_a_trigger_that_nobody_knows(version: str) -> None:
    async with place(version) as there:
        ask = TriggerMessage(requested_message="PublishFirmwareStatusNotification")
        assert (await there.desk.ask(ask)).status == "NotImplemented"


async def test_a_triggered_reading_of_1_6_names_its_transaction() -> None:
    async with place("1.6") as there:
        await charge(there)
        await there.until(lambda: there.station.names)
        there.desk.forget()
        ask = TriggerMessage(requested_message="MeterValues", evse=Evse(1, 1))
        await there.desk.ask(ask)
        said = await there.desk.hears(TransactionEvent)
        assert said.transaction_id == "1"
