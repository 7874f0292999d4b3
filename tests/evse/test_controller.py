from __future__ import annotations

import json
from typing import Any

import pytest

from chargeplane.energy.schedule import Schedule, plan
from chargeplane.energy.states import Access, Error, State, UserMode
from chargeplane.energy.status import NodeAnswer
from chargeplane.errors import NotAllowed
from chargeplane.evse.controller import Meter, Swipe
from chargeplane.evse.readings import Push
from chargeplane.evse.recording import Broadcast
from chargeplane.evse.replay import replay
from chargeplane.evse.rfid import CardStatus
from chargeplane.storage.documents import Documents
from tests.evse.worlds import NOON, World

CARD = "04A1B2C3D4E5F6"


def replayed(world: World) -> bool:
    lines = list(world.controller.recorder.lines())
    assert lines
    return all(replay(line) == line for line in lines)


def test_a_car_is_charged_and_cut_off() -> None:
    world = World()
    world.plug_in(20)
    assert (world.state, world.offered_da) == ("C", 160)
    assert [each.is_closed for each in world.virtual.contactors] == [True, True]
    assert world.virtual.lock.is_locked is False  # a fixed cable
    world.virtual.plug_out()
    world.run(1)
    assert world.state == "A"
    assert [each.is_closed for each in world.virtual.contactors] == [False, False]


def test_ticks_of_10_ms_come_to_the_same() -> None:
    world = World()
    world.plug_in()
    world.run_ticks(20)
    assert (world.state, world.offered_da) == ("C", 160)
    world.virtual.plug_out()
    for _ in range(2):
        world.clock.advance(0.01)
        world.controller.tick()
    assert not world.virtual.contactors[0].is_closed
    world.run_ticks(20)
    *_, last = world.controller.recorder.lines()
    assert len(json.loads(last)["steps"]) > 15
    assert replay(last) == last


def test_what_was_seen_and_done_is_recorded_so_that_it_can_be_replayed() -> None:
    world = World(base_da=(50, 20, 10), max_mains_a=20)
    world.controller.set_mode(UserMode.SMART)
    world.plug_in(30)
    world.controller.set_override(80)
    world.run(5)
    world.controller.set_ocpp_limit(7.0)
    world.run(5)
    world.controller.change(max_mains_a=12)
    world.run(5)
    world.controller.set_custom_button(is_on=True)
    world.controller.set_mode(UserMode.PAUSE)
    world.run(20)
    assert replayed(world)
    runs = [json.loads(line) for line in world.controller.recorder.lines()]
    assert sum(len(run["steps"]) for run in runs) == 65
    events = [step[0] for run in runs for step in run["steps"] if step[0]]
    assert events == [["mode:SMART"], ["override_da:80"], ["mode:PAUSE"]]


@pytest.mark.parametrize(
    ("mode", "access", "name"),
    [
        (UserMode.OFF, Access.OFF, "OFF"),
        (UserMode.NORMAL, Access.ON, "NORMAL"),
        (UserMode.SMART, Access.ON, "SMART"),
        (UserMode.SOLAR, Access.ON, "SOLAR"),
        (UserMode.PAUSE, Access.PAUSE, "PAUSE"),
    ],
)
def test_modes_are_kept(mode: UserMode, access: Access, name: str, tmp_path: Any) -> None:
    world = World(Documents(tmp_path / "evse.db"))
    world.controller.set_mode(mode)
    assert (world.controller.status.access, world.controller.mode.name) == (access, name)
    world.documents.close()
    again = World(Documents(tmp_path / "evse.db"))
    assert again.mode == mode.name


def test_modes_that_look_at_the_mains_need_a_meter() -> None:
    world = World(meters={})
    with pytest.raises(NotAllowed, match="SOLAR needs a mains meter"):
        world.controller.set_mode(UserMode.SOLAR)
    assert world.mode == "NORMAL"


def test_a_silent_mains_meter_stops_the_car() -> None:
    world = World()
    world.controller.set_mode(UserMode.SMART)
    world.plug_in(20)
    assert world.state == "C"
    world.is_mains_read = False
    world.run(19)
    assert world.controller.status.errors & Error.CT_NOCOMM
    assert not world.virtual.contactors[0].is_closed


# Limits


def test_the_smallest_limit_counts() -> None:
    world = World()
    world.plug_in(20)
    world.controller.set_override(120)
    world.controller.set_ocpp_limit(10.0)
    world.run(4)
    assert world.offered_da == 100
    world.controller.set_ocpp_limit(14.0)
    world.run(4)
    assert world.offered_da == 120
    world.controller.set_ocpp_limit(None)
    world.controller.set_override(0)
    world.run(4)
    assert world.offered_da == 160


@pytest.mark.parametrize("load_balancing", [0, 1])
def test_a_limit_from_above_that_is_too_low_stops_the_car(load_balancing: int) -> None:
    world = World(load_balancing=load_balancing)
    world.plug_in(20)
    assert world.state == "C"
    world.controller.set_ocpp_limit(5.0)
    world.run(15)
    assert world.state == "B1"
    world.controller.set_ocpp_limit(9.0)
    world.run(90)
    assert (world.state, world.offered_da) == ("C", 90)
    assert world.mode == "NORMAL"


@pytest.mark.parametrize("current_da", [59, 161, 1])
def test_an_override_beyond_the_settings_is_refused(current_da: int) -> None:
    world = World()
    with pytest.raises(NotAllowed):
        world.controller.set_override(current_da)
    assert world.controller.override_da == 0


def test_solar_ends_an_override() -> None:
    world = World()
    world.controller.set_override(80)
    world.controller.set_mode(UserMode.SOLAR)
    assert (world.controller.override_da, world.controller.status.override_da) == (0, 0)


# Delayed charging


def test_charging_begins_and_ends_at_its_times_every_day() -> None:
    world = World()
    start, stop = int(NOON) + 60, int(NOON) + 120
    world.controller.set_mode(UserMode.NORMAL, plan(int(NOON), start, stop, is_daily=True))
    world.plug_in(30)
    assert (world.state, world.mode) == ("A", "OFF")
    world.run(60)
    assert world.state == "C"
    world.run(60)
    assert (world.state, world.mode) == ("B1", "OFF")
    schedule = world.controller.settings.schedule
    assert schedule == Schedule(start_s=start + 86_400, stop_s=stop + 86_400, is_daily=True)


def test_a_mode_without_times_ends_a_schedule() -> None:
    world = World()
    world.controller.set_mode(UserMode.NORMAL, plan(int(NOON), int(NOON) + 60))
    world.controller.set_mode(UserMode.NORMAL)
    assert world.controller.settings.schedule == Schedule()
    assert world.mode == "NORMAL"


# Holding back


def test_what_holds_back_does_not_change_what_is_wanted() -> None:
    world = World()
    world.plug_in(20)
    world.controller.hold("somebody", Access.PAUSE)
    assert world.mode == "PAUSE"
    world.controller.set_mode(UserMode.NORMAL)
    assert world.mode == "PAUSE"
    world.controller.hold("somebody else", Access.OFF)
    assert world.mode == "OFF"
    world.controller.hold("somebody", None)
    world.controller.hold("somebody else", None)
    assert world.mode == "NORMAL"
    assert world.controller.settings.access is Access.ON


def test_only_the_car_that_is_asked_for_charges() -> None:
    world = World(required_evccid="00:11")
    world.controller.change(required_evccid="00:11")
    world.plug_in(20)
    assert world.state != "C"
    world.controller.tell_car(evccid="00:22")
    world.run(20)
    assert world.state != "C"
    world.controller.tell_car(evccid="00:11")
    world.run(30)
    assert world.state == "C"


# Cards


def test_a_known_card_switches_on_and_off() -> None:
    world = World(rfid_reader="ENABLE_ALL")
    world.controller.cards.add(CARD)
    swipes: list[Swipe] = []
    world.controller.swiped.listen(swipes.append)
    assert world.mode == "OFF"
    assert world.controller.show_card("00" * 7) is CardStatus.INVALID
    assert world.mode == "OFF"
    assert world.controller.show_card(CARD) is CardStatus.PRESENT
    world.plug_in(20)
    assert world.state == "C"
    session = world.controller.ledger.sessions.running
    assert session is not None
    assert session.card == CARD
    world.run(5)
    assert world.controller.card_status is CardStatus.READY
    world.controller.show_card(CARD)
    assert world.mode == "OFF"
    assert swipes == [Swipe(CARD, may_charge=True), Swipe(CARD, may_charge=False)]


def test_only_the_card_that_began_ends() -> None:
    world = World(rfid_reader="ENABLE_ONE")
    for uid in (CARD, "AA" * 7):
        world.controller.cards.add(uid)
    world.controller.show_card(CARD)
    world.controller.show_card("AA" * 7)
    assert world.mode == "NORMAL"
    world.controller.show_card(CARD)
    assert world.mode == "OFF"


def test_a_card_is_needed_again_when_the_car_has_left() -> None:
    world = World(rfid_reader="ENABLE_ALL")
    world.controller.cards.add(CARD)
    world.controller.show_card(CARD)
    world.plug_in(20)
    world.virtual.plug_out()
    world.run(70)
    assert world.mode == "OFF"
    assert world.controller.holder == ""


def test_after_the_power_was_away_a_card_is_needed(tmp_path: Any) -> None:
    world = World(Documents(tmp_path / "evse.db"), rfid_reader="ENABLE_ALL")
    world.controller.cards.add(CARD)
    world.controller.show_card(CARD)
    world.documents.close()
    again = World(Documents(tmp_path / "evse.db"), rfid_reader="ENABLE_ALL")
    assert again.mode == "OFF"
    assert CARD in again.controller.cards


def test_cards_that_others_decide_about_are_passed_on() -> None:
    world = World(rfid_reader="REMOTE")
    swipes: list[Swipe] = []
    world.controller.swiped.listen(swipes.append)
    world.controller.show_card(CARD)
    assert swipes == [Swipe(CARD, may_charge=None)]
    assert (world.controller.card, world.mode) == (CARD, "NORMAL")


def test_without_a_reader_there_are_no_cards() -> None:
    with pytest.raises(NotAllowed, match="not enabled"):
        World().controller.show_card(CARD)


def test_to_delete_all_cards_is_to_choose_it() -> None:
    world = World(rfid_reader="ENABLE_ALL")
    world.controller.cards.add(CARD)
    world.controller.change(rfid_reader="DELETE_ALL")
    assert len(world.controller.cards) == 0


# Switches, phases, pilot


def test_a_push_button_switches_charging() -> None:
    world = World(switch="ACCESS_B")
    world.virtual.button.is_active = True
    world.run(2)
    assert world.mode == "OFF"
    world.virtual.button.is_active = False
    world.run(1)
    assert world.mode == "OFF"
    assert world.controller.settings.access is Access.OFF


def test_phases_change_while_a_car_charges() -> None:
    world = World()
    world.plug_in(20)
    assert [each.is_closed for each in world.virtual.contactors] == [True, True]
    world.controller.switch_phases(1)
    world.run(60)
    assert world.state == "C"
    assert [each.is_closed for each in world.virtual.contactors] == [True, False]
    assert world.controller.status.phases == 1


def test_the_pilot_can_be_forced_and_given_back() -> None:
    world = World()
    world.controller.set_pilot(512)
    assert world.virtual.pilot.duty == 512
    world.controller.set_pilot(0)
    assert not world.virtual.pilot.is_connected
    world.controller.set_pilot(-1)
    assert world.virtual.pilot.is_connected


@pytest.mark.parametrize("is_broken", [False, True])
@pytest.mark.parametrize("by_ticks", [False, True])
def test_the_residual_current_monitor_is_tested_with_each_charge(
    *, is_broken: bool, by_ticks: bool
) -> None:
    world = World(residual_current_monitor=True, residual_current_test=True)
    world.virtual.residual_current.is_broken = is_broken
    world.plug_in(2)
    (world.run_ticks if by_ticks else world.run)(26)
    assert world.state == ("B1" if is_broken else "C")
    assert bool(world.controller.status.errors & Error.RCM_TEST) == is_broken
    assert not world.virtual.residual_current.is_tested


def test_a_residual_current_opens_the_contactors() -> None:
    world = World(residual_current_monitor=True)
    world.plug_in(20)
    world.virtual.residual_current.is_active = True
    world.run(2)
    assert not world.virtual.contactors[0].is_closed
    assert world.controller.status.errors & Error.RCM_TRIPPED


def test_heat_stops_the_car() -> None:
    world = World(max_temperature_c=60)
    world.plug_in(20)
    world.virtual.thermometer.temperature_c = 61
    world.run(12)
    assert world.state == "B1"


# Meters


def test_a_pushed_meter_takes_pushes_and_a_read_one_none() -> None:
    world = World(pushed=("mains",))
    world.controller.push("mains", Push(currents_da=(10, 20, 30)))
    world.run(1)
    assert world.controller.status.mains_da == (10, 20, 30)
    with pytest.raises(NotAllowed):
        world.controller.push("ev", Push(currents_da=(1, 2, 3)))
    with pytest.raises(NotAllowed):
        World().controller.push("mains", Push(currents_da=(1, 2, 3)))


def test_the_home_battery_counts_in_solar() -> None:
    world = World(pushed=("mains",))
    world.controller.set_mode(UserMode.SOLAR)
    world.controller.measure_battery(30)
    world.controller.push("mains", Push(currents_da=(0, 0, 0)))
    world.run(1)
    world.controller.push("mains", Push(currents_da=(0, 0, 0)))
    world.run(1)
    assert world.controller.status.mains_da == (-10, -10, -10)
    assert world.controller.battery_at == NOON


def test_what_a_car_was_given_is_counted_from_plug_to_plug() -> None:
    world = World()
    world.plug_in(620)
    charged_wh = world.controller.ledger.charged_wh
    assert charged_wh == pytest.approx(1870, abs=15)  # 11 kW for ten minutes
    world.virtual.plug_out()
    world.run(1)
    assert world.controller.ledger.charged_wh == charged_wh
    world.plug_in(5)
    assert world.controller.ledger.charged_wh < 10


# A node


def test_a_node_does_what_its_master_says() -> None:
    world = World(meters={}, load_balancing=2)
    world.plug_in(5)
    assert world.state == "COMM_B"
    world.controller.obey(NodeAnswer(state=State.COMM_B_OK, errors=0))
    told = Broadcast(balanced_da=(0, 100), mains_da=(1, 2, 3))
    for _ in range(6):
        world.controller.hear_broadcast(told)
        world.run(1)
    assert world.state == "COMM_C"
    world.controller.obey(NodeAnswer(state=State.COMM_C_OK, errors=0))
    world.controller.hear_broadcast(told)
    world.run(3)
    assert (world.state, world.offered_da) == ("C", 100)
    assert replayed(world)
    world.controller.hear_errors(int(Error.LESS_6A))
    world.run(10)
    assert world.state == "B1"


# The device itself


def test_a_reboot_waits_for_the_car() -> None:
    world = World()
    world.plug_in(20)
    world.controller.reboot()
    world.run(30)
    assert not world.controller.reboot_wanted.is_set()
    world.virtual.plug_out()
    world.run(4)
    assert not world.controller.reboot_wanted.is_set()
    world.run(1)
    assert world.controller.reboot_wanted.is_set()


def test_without_a_second_contactor_there_is_nothing_to_switch() -> None:
    from dataclasses import replace

    from chargeplane.evse.controller import Controller
    from chargeplane.evse.settings import Owner

    world = World()
    board = replace(world.virtual.board, contactor_2=None)
    controller = Controller(board, Documents(), Owner(Documents()), clock=world.clock)
    assert controller.regulation.enable_c2.name == "NOT_PRESENT"
    with pytest.raises(NotAllowed, match="no second contactor"):
        controller.change(enable_c2=3)


def test_a_tariff_by_capacity_limits_the_mains() -> None:
    world = World()
    world.controller.set_mode(UserMode.SMART)
    world.controller.change(capacity_mode=2, intervals=({"start": 0, "power": 4700},))
    world.plug_in(60)
    assert world.controller.regulation.max_sum_mains_a == 20
    assert world.controller.status.isum_da <= 200


def test_a_described_meter_is_known_by_name() -> None:
    assert World(meters={"mains": Meter("Sensorbox")}).controller.regulation.ev_meter is False
