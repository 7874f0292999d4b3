from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chargeplane.csms.central import Central
from chargeplane.csms.commands import call, send
from chargeplane.csms.remote_control import remote_start_of, request_start, trigger_message
from chargeplane.domain.messages import Outcome
from chargeplane.domain.station import (
    BootNotification,
    ChangeAvailability,
    ChangeAvailabilityAnswer,
    ChargingStation,
    Evse,
    Heartbeat,
    Reset,
    ResetAnswer,
    StatusNotification,
    TriggerAnswer,
    TriggerMessage,
    UnlockAnswer,
    UnlockConnector,
)
from chargeplane.domain.tokens import ClearCache, Token
from chargeplane.domain.transactions import (
    RequestStartAnswer,
    RequestStartTransaction,
    RequestStopTransaction,
)
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.repositories import commands, transactions
from chargeplane.storage.repositories.commands import CommandFilter
from chargeplane.storage.repositories.transactions import TransactionStart
from tests.csms.conftest import ConnectStation, everything

ALL = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
V2 = pytest.mark.parametrize("version", ["2.0.1", "2.1"])

TAG = Token("TAG1")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


# Start and stop


@ALL
@pytest.mark.parametrize("status", ["Accepted", "Rejected"])
async def test_TC_F_01_CSMS_TC_F_02_CSMS_TC_F_03_CSMS_request_start(
    central: Central, connect_station: ConnectStation, version: str, status: Any
) -> None:
    station = await connect_station(version)
    station.on(RequestStartTransaction, RequestStartAnswer(status=status))
    answer = await request_start(central, "CP1", RequestStartTransaction(id_token=TAG, evse_id=1))
    assert answer.status == status
    (asked,) = station.asked
    assert (asked.id_token, asked.evse_id) == (TAG, 1)
    (record,) = await everything(central, commands.page, CommandFilter())
    number = record.request["remote_start_id"]
    assert number > 0
    assert asked.remote_start_id == (None if version == "1.6" else number)


async def test_a_remote_start_id_of_the_caller_is_kept(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.1")
    station.on(RequestStartTransaction, RequestStartAnswer(status="Accepted"))
    request = RequestStartTransaction(id_token=TAG, remote_start_id=5)
    await request_start(central, "CP1", request)
    assert station.asked == [request]


async def find(central: Central, token: Token, evse_id: int, later: float = 0) -> int | None:
    now = central.now() + timedelta(seconds=later)
    return await central.database.read(remote_start_of, "CP1", token, evse_id, now)


@ALL
async def test_a_start_is_known_to_follow_a_remote_start(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(RequestStartTransaction, RequestStartAnswer(status="Accepted"))
    for number, evse_id in ((11, 1), (12, 2)):
        request = RequestStartTransaction(id_token=TAG, evse_id=evse_id, remote_start_id=number)
        await request_start(central, "CP1", request)
    assert await find(central, Token("tag1"), 1) == 11
    assert await find(central, TAG, 2) == 12
    assert await find(central, TAG, 3) is None
    assert await find(central, Token("OTHER"), 1) is None
    assert await find(central, TAG, 1, later=3600) is None


async def test_a_remote_start_is_followed_once(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(RequestStartTransaction, RequestStartAnswer(status="Accepted"))
    await request_start(central, "CP1", RequestStartTransaction(id_token=TAG, remote_start_id=11))
    started = TransactionStart(
        station_id="CP1",
        evse_id=1,
        started_at=NOW,
        start_key="k",
        token=TAG,
        remote_start_id=await find(central, TAG, 1),
    )
    await central.commit(lambda unit: transactions.start(unit.connection, started, unit.now))
    assert await find(central, TAG, 1) is None


async def test_a_raw_remote_start_is_not_followed(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("2.1")
    station.on(RequestStartTransaction, RequestStartAnswer(status="Accepted"))
    payload = {"idToken": {"idToken": "TAG1", "type": "Central"}, "remoteStartId": 3}
    await call(central, "CP1", "RequestStartTransaction", payload)
    assert await find(central, TAG, 1) is None


async def test_a_remote_start_that_was_refused_is_not_followed(
    central: Central, connect_station: ConnectStation
) -> None:
    station = await connect_station("1.6")
    station.on(RequestStartTransaction, RequestStartAnswer(status="Rejected"))
    await request_start(central, "CP1", RequestStartTransaction(id_token=TAG))
    assert await find(central, TAG, 1) is None


@ALL
async def test_request_stop(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(RequestStopTransaction, Outcome(status="Accepted"))
    request = RequestStopTransaction(transaction_id="17")
    assert (await send(central, "CP1", request)).status == "Accepted"
    assert station.asked == [request]


@V2
@pytest.mark.parametrize(
    ("transaction", "ongoing", "queued"),
    [
        pytest.param("tx1", True, True, id="TC_E_29"),
        pytest.param("tx1", True, False, id="TC_E_30"),
        pytest.param("tx1", False, True, id="TC_E_31"),
        pytest.param(None, None, True, id="TC_E_33"),
        pytest.param(None, None, False, id="TC_E_34"),
    ],
)
async def test_TC_E_29_CSMS_TC_E_30_CSMS_TC_E_31_CSMS_TC_E_33_CSMS_TC_E_34_CSMS_status(
    central: Central,
    connect_station: ConnectStation,
    version: str,
    transaction: str | None,
    ongoing: Any,
    queued: Any,
) -> None:
    station = await connect_station(version)
    said = wire.GetTransactionStatusResponse(ongoing_indicator=ongoing, messages_in_queue=queued)
    station.on(wire.GetTransactionStatus, said)
    request = wire.GetTransactionStatus(transaction_id=transaction)
    assert await send(central, "CP1", request) == said
    assert station.asked == [request]


# Availability, reset, unlock, cache


EVSES = pytest.mark.parametrize("evse", [Evse(1), None, Evse(1, 1)])


@ALL
@EVSES
@pytest.mark.parametrize("state", ["Inoperative", "Operative"])
async def test_TC_G_03_CSMS_TC_G_04_CSMS_TC_G_05_CSMS_TC_G_06_CSMS_TC_G_07_CSMS_TC_G_08_CSMS(
    central: Central, connect_station: ConnectStation, version: str, evse: Evse | None, state: Any
) -> None:
    station = await connect_station(version)
    station.on(ChangeAvailability, ChangeAvailabilityAnswer(status="Accepted"))
    request = ChangeAvailability(operational_status=state, evse=evse)
    assert (await send(central, "CP1", request)).status == "Accepted"
    asked = station.asked[0]
    assert asked.operational_status == state
    assert (asked.evse and asked.evse.id) == (evse and evse.id)


@ALL
@EVSES
async def test_TC_G_11_CSMS_TC_G_14_CSMS_TC_G_17_CSMS_change_availability_during_a_transaction(
    central: Central, connect_station: ConnectStation, version: str, evse: Evse | None
) -> None:
    station = await connect_station(version)
    station.on(ChangeAvailability, ChangeAvailabilityAnswer(status="Scheduled"))
    request = ChangeAvailability(operational_status="Inoperative", evse=evse)
    assert (await send(central, "CP1", request)).status == "Scheduled"


@ALL
@pytest.mark.parametrize("kind", ["OnIdle", "Immediate"])
async def test_TC_B_20_CSMS_TC_B_21_CSMS_TC_B_22_CSMS_reset(
    central: Central, connect_station: ConnectStation, version: str, kind: Any
) -> None:
    station = await connect_station(version)
    station.on(Reset, ResetAnswer(status="Accepted"))
    assert (await send(central, "CP1", Reset(type=kind))).status == "Accepted"
    assert station.asked == [Reset(type=kind)]
    boot = BootNotification(charging_station=ChargingStation(vendor_name="V", model="M"))
    assert (await station.say(boot)).status == "Accepted"


@V2
@pytest.mark.parametrize("kind", ["OnIdle", "Immediate"])
async def test_TC_B_25_CSMS_TC_B_26_CSMS_TC_B_27_CSMS_reset_one_evse(
    central: Central, connect_station: ConnectStation, version: str, kind: Any
) -> None:
    station = await connect_station(version)
    station.on(Reset, ResetAnswer(status="Scheduled"))
    request = Reset(type=kind, evse_id=2)
    assert (await send(central, "CP1", request)).status == "Scheduled"
    assert station.asked == [request]


async def test_a_version_that_cannot_reset_one_evse_says_so(
    central: Central, connect_station: ConnectStation
) -> None:
    await connect_station("1.6")
    with pytest.raises(Untranslatable, match="single EVSE"):
        await send(central, "CP1", Reset(type="OnIdle", evse_id=2))


@ALL
async def test_TC_F_06_CSMS_unlock(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version)
    station.on(UnlockConnector, UnlockAnswer(status="Unlocked"))
    assert (await send(central, "CP1", UnlockConnector(evse_id=2))).status == "Unlocked"
    assert (station.asked[0].evse_id, station.asked[0].connector_id) == (2, 1)


@ALL
@pytest.mark.parametrize("status", ["Accepted", "Rejected"])
async def test_TC_C_37_CSMS_TC_C_38_CSMS_clear_cache(
    central: Central, connect_station: ConnectStation, version: str, status: Any
) -> None:
    station = await connect_station(version)
    station.on(ClearCache, Outcome(status=status))
    assert (await send(central, "CP1", ClearCache())).status == status


# Trigger


@ALL
@pytest.mark.parametrize(
    ("message", "evse"),
    [
        pytest.param("MeterValues", Evse(1), id="TC_F_11"),
        pytest.param("MeterValues", None, id="TC_F_12"),
        pytest.param("FirmwareStatusNotification", None, id="TC_F_18"),
        pytest.param("Heartbeat", None, id="TC_F_20"),
        pytest.param("StatusNotification", Evse(1, 1), id="TC_F_23 TC_F_24"),
    ],
)
async def test_TC_F_11_CSMS_TC_F_12_CSMS_TC_F_18_CSMS_TC_F_20_CSMS_TC_F_23_CSMS_TC_F_24_CSMS(
    central: Central, connect_station: ConnectStation, version: str, message: Any, evse: Evse | None
) -> None:
    station = await connect_station(version)
    station.on(TriggerMessage, TriggerAnswer(status="Accepted"))
    request = TriggerMessage(requested_message=message, evse=evse)
    assert (await trigger_message(central, "CP1", request)).status == "Accepted"
    asked = station.asked[0]
    assert asked.requested_message == message
    assert (asked.evse and asked.evse.id) == (evse and evse.id)


@V2
@pytest.mark.parametrize(
    ("message", "evse"),
    [
        pytest.param("TransactionEvent", Evse(1), id="TC_F_13"),
        pytest.param("TransactionEvent", None, id="TC_F_14"),
        pytest.param("LogStatusNotification", None, id="TC_F_15"),
    ],
)
async def test_TC_F_13_CSMS_TC_F_14_CSMS_TC_F_15_CSMS_trigger(
    central: Central, connect_station: ConnectStation, version: str, message: Any, evse: Evse | None
) -> None:
    station = await connect_station(version)
    station.on(TriggerMessage, TriggerAnswer(status="Accepted"))
    request = TriggerMessage(requested_message=message, evse=evse)
    await trigger_message(central, "CP1", request)
    assert station.asked == [request]


@ALL
async def test_TC_B_31_CSMS_a_pending_station_may_say_what_was_triggered(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version, registration="Pending")
    with pytest.raises(OcppError, match=r"SecurityError|InternalError"):
        await station.say(Heartbeat())
    station.on(TriggerMessage, TriggerAnswer(status="Accepted"))
    await trigger_message(central, "CP1", TriggerMessage(requested_message="Heartbeat"))
    assert (await station.say(Heartbeat())).current_time
    status = StatusNotification(evse=Evse(1, 1), connector_status="Available", timestamp=NOW)
    with pytest.raises(OcppError):  # other messages still may not be said
        await station.say(status)


@ALL
@pytest.mark.parametrize("status", ["Rejected", "NotImplemented"])
async def test_a_trigger_that_is_refused_allows_nothing(
    central: Central, connect_station: ConnectStation, version: str, status: Any
) -> None:
    station = await connect_station(version, registration="Pending")
    station.on(TriggerMessage, TriggerAnswer(status=status))
    await trigger_message(central, "CP1", TriggerMessage(requested_message="Heartbeat"))
    with pytest.raises(OcppError):
        await station.say(Heartbeat())


@V2
async def test_a_trigger_allows_the_messages_that_it_means(
    central: Central, connect_station: ConnectStation, version: str
) -> None:
    station = await connect_station(version, registration="Pending")
    station.on(TriggerMessage, TriggerAnswer(status="Accepted"))
    request = TriggerMessage(requested_message="TransactionEvent")
    await trigger_message(central, "CP1", request)
    expected = {"TransactionStarted", "TransactionUpdated", "TransactionEnded"}
    assert station.here.invited == expected
