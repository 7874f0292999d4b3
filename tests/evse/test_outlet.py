from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from msgspec.structs import replace

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    SetChargingProfile,
)
from chargeplane.domain.station import (
    ChangeAvailability,
    Evse,
    StatusNotification,
    UnlockConnector,
)
from chargeplane.domain.tokens import Authorize, AuthorizeAnswer, Token, TokenInfo
from chargeplane.domain.transactions import (
    RequestStartTransaction,
    RequestStopTransaction,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.energy.states import Access, UserMode
from chargeplane.evse.outlet import Outlet
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.station import sampling
from chargeplane.station.unit import EvseUnit
from tests.evse.worlds import World
from tests.station.desk import Desk, Place, place

CARD, OTHER = "04A1B2C3D4E5F6", "04FFFFFFFFFFFF"
VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])


class Post:
    """A device that is a station at a desk; its seconds pass when the test lets them."""

    def __init__(self, world: World, at: Place) -> None:
        self.world = world
        self.at = at
        self.desk = at.desk

    @property
    def evse(self) -> EvseUnit:
        return self.at.evse()

    async def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.world.run(1)
            await self.at.until(lambda: True)

    async def charge(self) -> TransactionStarted:
        """A car comes, a card is shown, and it charges."""
        self.world.plug_in(2)
        self.world.controller.show_card(CARD)
        await self.at.until(lambda: self.evse.transaction)
        await self.run(20)
        assert self.world.state == "C"
        return await self.desk.hears(TransactionStarted)


@asynccontextmanager
async def post(
    version: str = "2.0.1", desk: Desk | None = None, **settings: Any
) -> AsyncIterator[Post]:
    world = World(**{"rfid_reader": "REMOTE", **settings})
    outlet = Outlet(world.controller)
    hardware = [cast(VirtualEvse, outlet)]
    async with place(version, desk=desk, hardware=hardware, prepare=outlet.serve) as at:
        world.run(1)
        yield Post(world, at)


def profile(limit_a: float, phases: int | None = None) -> SetChargingProfile:
    period = ChargingSchedulePeriod(start_period=0, limit=limit_a, number_phases=phases)
    return SetChargingProfile(
        evse_id=1,
        charging_profile=ChargingProfile(
            id=1,
            stack_level=0,
            charging_profile_purpose="TxDefaultProfile",
            charging_profile_kind="Relative",
            charging_schedule=(
                ChargingSchedule(charging_rate_unit="A", charging_schedule_period=(period,)),
            ),
        ),
    )


@VERSIONS
async def test_a_card_begins_and_ends_a_charge(version: str) -> None:
    async with post(version) as it:
        assert it.world.mode == "OFF"
        began = await it.charge()
        assert began.id_token is not None
        assert began.id_token.id_token == CARD
        await it.run(60)
        it.world.controller.show_card(CARD)
        ended = await it.desk.hears(TransactionEnded)
        assert ended.stopped_reason == "Local"
        await it.run(20)
        assert (it.world.mode, it.world.state) == ("OFF", "B1")
        first, last = (each.readings[-1].samples for each in (began, ended))
        energy = [each.value for each in (*first, *last) if "Energy" in (each.measurand or "")]
        assert energy[-1] == it.world.controller.ledger.register_wh > 100


async def test_a_card_that_is_refused_begins_nothing() -> None:
    desk = Desk("2.0.1")
    desk.answers[Authorize] = AuthorizeAnswer(id_token_info=TokenInfo(status="Blocked"))
    async with post(desk=desk) as it:
        it.world.plug_in(2)
        it.world.controller.show_card(CARD)
        await it.desk.hears(Authorize)
        await it.run(20)
        assert it.world.state != "C"


async def test_nothing_flows_before_the_station_has_said_so() -> None:
    world = World()
    Outlet(world.controller)
    world.plug_in(20)
    assert world.state == "C"  # nobody asks a station
    async with post(rfid_reader="DISABLED") as it:
        it.world.plug_in(20)
        assert (it.world.state, it.world.mode) == ("A", "OFF")


@VERSIONS
async def test_a_charge_is_begun_and_ended_from_afar(version: str) -> None:
    async with post(version, rfid_reader="DISABLED") as it:
        it.world.plug_in(2)
        start = RequestStartTransaction(id_token=Token(CARD), evse_id=1, remote_start_id=7)
        assert (await it.desk.ask(start)).status == "Accepted"
        await it.at.until(lambda: it.evse.transaction)
        await it.run(20)
        assert it.world.state == "C"
        began = await it.desk.hears(TransactionStarted)
        name = it.at.station.names.get(began.transaction_id or "", began.transaction_id or "1")
        await it.desk.ask(RequestStopTransaction(transaction_id=name))
        await it.desk.hears(TransactionEnded)
        await it.run(20)
        assert it.world.state == "B1"


# Who decides


async def test_known_cards_decide_here_and_the_station_keeps_the_books() -> None:
    desk = Desk("2.0.1")
    desk.answers[Authorize] = AuthorizeAnswer(id_token_info=TokenInfo(status="Blocked"))
    async with post(desk=desk, rfid_reader="ENABLE_ALL") as it:
        it.world.controller.cards.add(CARD)
        it.world.plug_in(2)
        it.world.controller.show_card(OTHER)
        await it.run(20)
        assert it.world.state != "C"
        began = await it.charge()
        assert began.id_token is not None
        assert not desk.all(Authorize)
        it.world.controller.show_card(CARD)
        ended = await desk.hears(TransactionEnded)
        assert ended.stopped_reason == "Local"


async def test_known_cards_do_without_a_central_system() -> None:
    async with post(rfid_reader="ENABLE_ALL") as it:
        it.world.controller.cards.add(CARD)
        await it.at.without_central()
        it.world.plug_in(2)
        it.world.controller.show_card(CARD)
        await it.run(20)
        assert it.world.state == "C"
        await it.at.reconnected()
        began = await it.desk.hears(TransactionStarted)
        assert began.offline


async def test_a_car_charges_freely_where_that_is_set() -> None:
    ocpp = {"auto_auth": True, "auto_auth_tag": "FREE"}
    async with post(rfid_reader="DISABLED", ocpp=ocpp) as it:
        it.world.plug_in(2)
        began = await it.desk.hears(TransactionStarted)
        assert began.id_token is not None
        assert began.id_token.id_token == "FREE"
        await it.run(20)
        assert it.world.state == "C"


async def test_what_the_user_wants_counts_as_well() -> None:
    async with post() as it:
        await it.charge()
        it.world.controller.set_mode(UserMode.PAUSE)
        await it.run(10)
        assert it.world.state == "B1"
        assert it.evse.transaction is not None
        it.world.controller.set_mode(UserMode.NORMAL)
        await it.run(30)
        assert it.world.state == "C"


async def test_when_the_station_is_gone_nobody_is_held_back() -> None:
    world = World(rfid_reader="REMOTE")
    outlet = Outlet(world.controller)
    stops: list[Any] = []
    hardware = [cast(VirtualEvse, outlet)]
    async with place(hardware=hardware, prepare=lambda each: stops.append(outlet.serve(each))):
        assert world.mode == "OFF"
        stops[0]()
        assert world.mode == "NORMAL"


# Limits


@VERSIONS
async def test_the_smallest_limit_counts(version: str) -> None:
    async with post(version) as it:
        await it.charge()
        assert it.world.offered_da == 160
        await it.desk.ask(profile(10.0))
        await it.run(4)
        assert it.world.offered_da == 100
        it.world.controller.set_override(80)
        await it.run(4)
        assert it.world.offered_da == 80
        await it.desk.ask(profile(32.0))
        it.world.controller.set_override(0)
        await it.run(4)
        assert it.world.offered_da == 160


async def test_a_limit_of_nothing_suspends_and_another_lets_it_go_on() -> None:
    async with post() as it:
        await it.charge()
        await it.desk.ask(profile(0.0))
        await it.run(20)
        assert it.world.state == "B1"
        await it.desk.hears(TransactionUpdated, lambda e: e.charging_state == "SuspendedEVSE")
        await it.desk.ask(profile(8.0))
        await it.run(90)
        assert (it.world.state, it.world.offered_da) == ("C", 80)


async def test_a_lack_of_current_at_home_is_a_pause_of_the_evse() -> None:
    async with post(max_mains_a=20) as it:
        it.world.controller.set_mode(UserMode.SMART)
        await it.charge()
        it.world.base_da = (180, 0, 0)
        await it.run(60)
        assert it.world.state == "B1"
        await it.desk.hears(TransactionUpdated, lambda e: e.charging_state == "SuspendedEVSE")
        assert it.evse.is_paused
        it.world.base_da = (0, 0, 0)
        await it.run(120)
        assert it.world.state == "C"
        assert it.evse.limit_a > 0
        await it.desk.hears(TransactionUpdated, lambda e: e.charging_state == "Charging", 2)


async def test_a_profile_chooses_the_phases_for_as_long_as_it_holds() -> None:
    async with post() as it:
        await it.charge()
        await it.desk.ask(profile(10.0, phases=1))
        await it.run(60)
        assert [each.is_closed for each in it.world.virtual.contactors] == [True, False]
        assert it.world.controller.settings.regulation.enable_c2.name == "ALWAYS_ON"


# What it measures and tells


async def test_readings_are_those_of_the_meter() -> None:
    async with post() as it:
        await it.charge()
        it.world.controller.tell_car(initial_soc=40, energy_capacity=50_000)
        it.world.controller.set_override(80)
        await it.run(4)
        it.at.station.model.put(
            "SampledDataCtrlr/TxUpdatedMeasurands",
            "Current.Import,Current.Offered,Power.Active.Import,SoC,Voltage",
        )
        sampling.trigger_event(it.at.station, it.evse)
        told = await it.desk.hears(TransactionUpdated, lambda e: e.trigger_reason == "Trigger")
        found = {(each.measurand, each.phase): each.value for each in told.readings[0].samples}
        assert found["Current.Offered", None] == 8.0
        assert found["Current.Import", "L1"] == pytest.approx(8.0, abs=0.1)
        assert found["Power.Active.Import", None] == pytest.approx(8 * 690, abs=70)
        assert found["SoC", None] == 40
        assert found["Voltage", "L1-N"] == 230


@pytest.mark.parametrize(
    ("fault", "code"), [("heat", "HighTemperature"), ("current", "GroundFailure")]
)
async def test_faults_are_told_with_the_codes_of_1_6(fault: str, code: str) -> None:
    async with post("1.6", residual_current_monitor=True) as it:
        if fault == "heat":
            it.world.virtual.thermometer.temperature_c = 90
        else:
            it.world.virtual.residual_current.is_active = True
        await it.run(3)
        told = await it.desk.hears(StatusNotification, lambda s: s.connector_status == "Faulted")
        assert told.error is not None
        assert told.error.code == code
        it.world.virtual.thermometer.temperature_c = 20
        it.world.virtual.residual_current.is_active = False
        await it.run(2)
        it.world.controller.close_switch()
        await it.run(2)
        await it.desk.hears(StatusNotification, lambda s: s.connector_status == "Available", 2)


async def test_a_silent_meter_is_a_fault_of_the_power_meter() -> None:
    async with post("1.6") as it:
        it.world.controller.set_mode(UserMode.SMART)
        it.world.is_mains_read = False
        await it.run(14)
        told = await it.desk.hears(StatusNotification, lambda s: s.connector_status == "Faulted")
        assert told.error is not None
        assert (told.error.code, told.error.info) == (
            "PowerMeterFailure",
            "the mains meter or the master is silent",
        )


async def test_out_of_service_is_out_of_service_for_known_cards_too() -> None:
    async with post(rfid_reader="ENABLE_ALL") as it:
        it.world.controller.cards.add(CARD)
        request = ChangeAvailability(operational_status="Inoperative", evse=Evse(1))
        await it.desk.ask(request)
        it.world.plug_in(2)
        it.world.controller.show_card(CARD)
        await it.run(20)
        assert it.world.state != "C"
        assert it.world.controller.status.access is Access.OFF


async def test_the_connector_is_unlocked() -> None:
    async with post("1.6", fixed_cable=False, lock="MOTOR") as it:
        it.world.virtual.lock.is_locked = True
        answer = await it.desk.ask(UnlockConnector(evse_id=1, connector_id=1))
        assert answer.status == "Unlocked"
        assert not it.world.virtual.lock.is_locked
        it.world.virtual.lock.is_locked = it.world.virtual.lock.is_jammed = True
        answer = await it.desk.ask(UnlockConnector(evse_id=1, connector_id=1))
        assert answer.status == "UnlockFailed"


async def test_a_lock_that_does_not_close_is_told_and_lets_nobody_charge() -> None:
    async with post("1.6", fixed_cable=False, lock="MOTOR") as it:
        wires, lock = it.world.controller.wires, it.world.virtual.lock
        locking = asyncio.create_task(wires.keep_locked())
        lock.is_jammed = True
        it.world.plug_in(2)
        it.world.controller.show_card(CARD)
        await it.at.until(lambda: it.evse.authorization)
        await it.run(2)
        await it.at.until(lambda: wires.is_lock_open_by_fault)
        await it.run(20)
        told = await it.desk.hears(StatusNotification, lambda s: s.error is not None)
        assert told.error is not None
        assert told.error.code == "ConnectorLockFailure"
        assert it.world.state != "C"
        lock.is_jammed = False
        wires.drive(replace(it.world.controller.outputs, cable_locked=False))
        await it.at.until(lambda: not wires.is_lock_open_by_fault)
        await it.run(1)
        assert not it.evse.faults
        locking.cancel()
        await asyncio.gather(locking, return_exceptions=True)
