"""The virtual station at our central system: both ends of everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    ClearChargingProfile,
    SetChargingProfile,
)
from chargeplane.domain.reservations import CancelReservation, ReserveNow
from chargeplane.domain.station import (
    ChangeAvailability,
    Evse,
    MessageTrigger,
    Reset,
    TriggerMessage,
    UnlockConnector,
)
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import RequestStartTransaction, RequestStopTransaction
from chargeplane.domain.variables import (
    Component,
    GetVariables,
    SetVariables,
    Variable,
    VariableQuery,
    VariableSetting,
)
from chargeplane.evse.virtual import Car
from chargeplane.station import authorization
from chargeplane.station.unit import Authorization
from chargeplane.storage.repositories import transaction_events
from tests.e2e.harness import VERSIONS, World, listening, token, until
from tests.station.fleet import TAG, Site, site


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with listening(tmp_path) as here:
        await here.add_tokens(token("TAG"), token("OTHER"), token("BLOCKED", blocked=True))
        yield here


@pytest.fixture(params=VERSIONS)
async def there(request: pytest.FixtureRequest, here: World) -> AsyncIterator[Site]:
    async with site(here, (request.param,), MeterValueSampleInterval=1) as there:
        yield there


def is_16(there: Site) -> bool:
    return there.there.dialect.version == "1.6"


async def test_the_newest_version_is_spoken(here: World) -> None:
    async with site(here, VERSIONS) as there:
        assert there.there.dialect.version == "2.1"


async def test_a_charge_from_the_plug_to_the_last_reading(there: Site) -> None:
    await there.says("Available")
    running = await there.charge()
    await there.says("Occupied")
    await until(lambda: there.evse.hardware.measure().energy_wh > 300)
    await there.stop()
    ended = await there.ended(running.id)
    assert (ended.stop_reason, ended.stop_id_token, ended.id_token) == ("Local", "TAG", "TAG")
    assert ended.energy_mwh is not None
    assert ended.energy_mwh >= 300_000
    there.hardware().plug_out()
    await there.says("Available")


async def test_TC_E_15_CSMS_a_car_that_is_unplugged_ends_its_charge(there: Site) -> None:
    running = await there.charge()
    there.hardware().plug_out()
    ended = await there.ended(running.id)
    assert ended.stop_reason == "EVDisconnected"
    await there.says("Available")


async def test_a_refused_token_ends_the_charge(there: Site) -> None:
    there.hardware().plug_in()
    held = Authorization(token=Token("BLOCKED"))
    authorization.authorize(there.station, there.evse, held)
    ended = await until(lambda: there.here.transactions(state="closed"))
    assert (ended[0].start_status, ended[0].stop_reason) == ("Blocked", "DeAuthorized")


async def test_TC_F_02_CSMS_remote_start_and_stop(there: Site) -> None:
    there.hardware().plug_in()
    ask = RequestStartTransaction(id_token=TAG, evse_id=1, remote_start_id=7)
    assert (await there.there.ask(ask)).status == "Accepted"
    running = await there.running()
    assert (await there.there.ask(ask)).status == "Rejected"
    stop = RequestStopTransaction(transaction_id=running.name)
    assert (await there.there.ask(stop)).status == "Accepted"
    assert (await there.ended(running.id)).stop_reason == "Remote"
    assert (await there.there.ask(stop)).status == "Rejected"


async def test_remote_start_before_the_car_comes(there: Site) -> None:
    ask = RequestStartTransaction(id_token=TAG, evse_id=1, remote_start_id=7)
    await there.there.ask(ask)
    await until(lambda: there.evse.state(there.evse.connector) == "Preparing")
    there.hardware().plug_in()
    assert (await there.running()).id_token == "TAG"


async def test_who_does_not_plug_in_in_time_is_forgotten(here: World) -> None:
    async with site(here, ("1.6",), ConnectionTimeOut=0) as there:
        await authorization.swipe(there.station, TAG, (1,))
        await until(lambda: there.evse.authorization is None)
        await there.says("Available")


async def test_TC_B_21_CSMS_an_immediate_reset_ends_the_charge_and_boots(there: Site) -> None:
    running = await there.charge()
    assert (await there.there.ask(Reset(type="Immediate"))).status == "Accepted"
    assert (await there.ended(running.id)).stop_reason == "ImmediateReset"
    await until(lambda: _boots(there, 2))
    if not is_16(there):
        assert (await there.here.station()).boot_reason == "RemoteReset"


async def _boots(there: Site, number: int) -> bool:
    return len(await there.here.events("station.booted")) >= number


async def test_TC_B_20_CSMS_a_reset_of_an_idle_station(there: Site) -> None:
    for number in range(2):
        answer = await there.there.ask(Reset(type=("OnIdle", "Immediate")[number]))
        assert answer.status == "Accepted"
        await until(lambda n=number: _boots(there, n + 2))  # type: ignore[misc]
        await there.is_ready()


async def test_TC_F_06_CSMS_unlock(there: Site) -> None:
    assert (await there.there.ask(UnlockConnector(evse_id=1))).status == "Unlocked"
    running = await there.charge()
    status = (await there.there.ask(UnlockConnector(evse_id=1))).status
    if is_16(there):
        assert status == "Unlocked"
        assert (await there.ended(running.id)).stop_reason == "UnlockCommand"
    else:
        assert status == "OngoingAuthorizedTransaction"
        assert (await there.running()).id == running.id


async def test_TC_G_03_CSMS_out_of_service_and_back(there: Site) -> None:
    out = ChangeAvailability(operational_status="Inoperative", evse=Evse(1))
    assert (await there.there.ask(out)).status == "Accepted"
    await there.says("Unavailable")
    back = ChangeAvailability(operational_status="Operative", evse=Evse(1))
    assert (await there.there.ask(back)).status == "Accepted"
    await there.says("Available")


async def test_TC_G_11_CSMS_out_of_service_when_the_charge_has_ended(there: Site) -> None:
    running = await there.charge()
    out = ChangeAvailability(operational_status="Inoperative", evse=Evse(1))
    assert (await there.there.ask(out)).status == "Scheduled"
    assert there.evse.state(there.evse.connector) == "Charging"
    await there.stop()
    await there.ended(running.id)
    await there.says("Unavailable")


def profile(limit: float, **members: Any) -> ChargingProfile:
    schedule = ChargingSchedule(
        id=1,
        charging_rate_unit="A",
        charging_schedule_period=(ChargingSchedulePeriod(start_period=0, limit=limit),),
    )
    usual: dict[str, Any] = {
        "id": 1,
        "stack_level": 0,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Relative",
        "charging_schedule": (schedule,),
    }
    return ChargingProfile(**(usual | members))


async def test_TC_K_01_CSMS_a_limit_lowers_the_current_at_once(there: Site) -> None:
    there.station.model.put("SampledDataCtrlr/TxUpdatedInterval", "3600")
    await there.charge()
    assert max(there.hardware().measure().currents_a) == 16
    for limit, expected in ((10.0, 10), (0.0, 0), (32.0, 16)):
        ask = SetChargingProfile(evse_id=1, charging_profile=profile(limit))
        assert (await there.there.ask(ask)).status == "Accepted"
        await until(lambda e=expected: max(there.hardware().measure().currents_a) == e)  # type: ignore[misc]
    await there.there.ask(SetChargingProfile(evse_id=1, charging_profile=profile(8.0)))
    cleared = await there.there.ask(ClearChargingProfile(charging_profile_id=1))
    assert cleared.status == "Accepted"
    await until(lambda: max(there.hardware().measure().currents_a) == 16)


async def test_a_limit_of_nothing_suspends_the_charge(there: Site) -> None:
    await there.charge()
    await there.there.ask(SetChargingProfile(evse_id=1, charging_profile=profile(0.0)))
    await there.says("Occupied", "SuspendedEVSE")


async def test_a_car_that_pauses_suspends_the_charge(there: Site) -> None:
    await there.charge()
    there.hardware().pause()
    await there.says("Occupied", "SuspendedEV")
    there.hardware().pause(paused=False)
    await there.says("Occupied", "Charging")


@pytest.mark.parametrize(
    ("message", "kind"),
    [("BootNotification", "station.booted"), ("StatusNotification", "connector.status")],
)
async def test_TC_F_20_CSMS_trigger(there: Site, message: MessageTrigger, kind: str) -> None:
    before = len(await there.here.events(kind))
    ask = TriggerMessage(requested_message=message)
    status = (await there.there.ask(ask)).status
    if message == "BootNotification" and not is_16(there):
        assert status == "Rejected"  # F06.FR.17
        return
    assert status == "Accepted"

    async def is_more() -> bool:
        return len(await there.here.events(kind)) > before

    await until(is_more)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_trigger_of_what_it_cannot_do(here: World, version: str) -> None:
    async with site(here, (version,)) as there:
        ask = TriggerMessage(requested_message="PublishFirmwareStatusNotification")
        assert (await there.there.ask(ask)).status == "NotImplemented"


async def test_a_triggered_reading_is_a_transactions_own(here: World) -> None:
    async with site(here, ("2.0.1",), MeterValueSampleInterval=3600) as there:
        running = await there.charge()
        before = len(await here.meter_values(transaction_id=running.id))
        await there.there.ask(TriggerMessage(requested_message="TransactionEvent"))

        async def is_more() -> bool:
            return len(await here.meter_values(transaction_id=running.id)) > before

        await until(is_more)


INTERVAL = (Component("OCPPCommCtrlr"), Variable("HeartbeatInterval"))


async def test_TC_B_06_CSMS_get_and_set_variables(there: Site) -> None:
    component, variable = INTERVAL
    setting = VariableSetting(component=component, variable=variable, attribute_value="77")
    (result,) = (await there.there.ask(SetVariables(settings=(setting,)))).results
    assert result.attribute_status == "Accepted"
    query = VariableQuery(component=component, variable=variable)
    (found,) = (await there.there.ask(GetVariables(queries=(query,)))).results
    assert (found.attribute_status, found.attribute_value) == ("Accepted", "77")
    wrong = VariableSetting(component=component, variable=variable, attribute_value="soon")
    (result,) = (await there.there.ask(SetVariables(settings=(wrong,)))).results
    assert result.attribute_status == "Rejected"


async def test_TC_H_01_CSMS_reserve_and_cancel(there: Site) -> None:
    expiry = there.here.central.now() + timedelta(hours=1)
    ask = ReserveNow(id=5, expiry_date_time=expiry, id_token=TAG, evse_id=1)
    assert (await there.there.ask(ask)).status == "Accepted"
    await there.says("Reserved")
    assert (await there.there.ask(CancelReservation(reservation_id=5))).status == "Accepted"
    await there.says("Available")
    assert (await there.there.ask(CancelReservation(reservation_id=5))).status == "Rejected"


async def test_TC_H_15_CSMS_a_reserved_connector_is_for_its_token_only(there: Site) -> None:
    expiry = there.here.central.now() + timedelta(hours=1)
    ask = ReserveNow(id=5, expiry_date_time=expiry, id_token=TAG, evse_id=1)
    await there.there.ask(ask)
    other = RequestStartTransaction(id_token=Token("OTHER"), evse_id=1, remote_start_id=1)
    assert (await there.there.ask(other)).status == "Rejected"
    await authorization.swipe(there.station, Token("OTHER"), (1,))
    assert there.evse.authorization is None
    there.hardware().plug_in()
    await authorization.swipe(there.station, TAG, (1,))
    running = await there.running()
    assert (running.id_token, running.reservation_id) == ("TAG", 5)
    assert there.evse.reservation_id is None


# The link


async def test_what_waited_while_offline_is_delivered_once_and_in_order(there: Site) -> None:
    first = await there.charge()
    here = there.here
    await here.register("CS-1", enabled=False)
    await there.there.connection.close(1001, "gone")
    await until(lambda: there.station.peer is None)
    await there.stop()
    there.hardware().plug_out()
    there.hardware(2).plug_in(Car(soc_percent=10))
    await authorization.swipe(there.station, TAG, (2,))
    await until(lambda: len(there.station.outbox) >= 3)
    assert (await here.transaction()).state == "open"
    await here.register("CS-1", enabled=True)
    here.admission._per_station = type(here.admission._per_station)(1000)
    second = await there.running(2)
    ended = await there.ended(first.id)
    assert (ended.stop_reason, ended.state) == ("Local", "closed")
    assert len(await here.transactions()) == 2
    await until(lambda: not len(there.station.outbox))
    for transaction in (first, second):
        await _is_told_once_and_in_order(here, transaction.id)
    if not is_16(there):
        assert second.offline


async def _is_told_once_and_in_order(here: World, number: int) -> None:
    told = await here.read(lambda c: transaction_events.of_transaction(c, number))
    moments = [each.at for each in told]
    assert moments == sorted(moments)
    assert len({each.key for each in told}) == len(told)


async def test_an_event_whose_answer_was_lost_is_told_again_and_stored_once(here: World) -> None:
    async with site(here, ("2.0.1",), MeterValueSampleInterval=3600) as there:

        async def lose() -> None:
            await there.there.connection.close(1011, "lost")

        kind = type(there.there.connection)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kind, "send", _once(kind.send, lose))
            there.hardware().plug_in()
            await authorization.swipe(there.station, TAG, (1,))
            await until(lambda: not len(there.station.outbox) and there.station.peer)
        running = await there.running()
        told = await here.read(lambda c: transaction_events.of_transaction(c, running.id))
        assert told[0].kind == "Started"
        assert len({each.seq_no for each in told}) == len(told)


def _once(send: Any, lose: Any) -> Any:
    """Lose the first answer to an event of a transaction, when it is stored already."""
    lost = False

    async def sending(self: Any, frame: bytes) -> None:
        nonlocal lost
        if not lost and frame.startswith(b"[3") and b"idTokenInfo" in frame:
            lost = True
            await lose()
            return
        await send(self, frame)

    return sending


async def test_many_stations_at_once(here: World) -> None:
    await here.add_tokens(token("TAG", max_active_transactions=-1))

    async def whole(number: int) -> None:
        version = VERSIONS[number % 3]
        async with site(here, (version,), f"CS-{number}", MeterValueSampleInterval=1) as there:
            running = await there.charge()
            await there.stop()
            await there.ended(running.id)

    await asyncio.gather(*(whole(number) for number in range(9)))
    assert len(await here.transactions(state="closed")) == 9
