from __future__ import annotations

from typing import Any

import pytest

from chargeplane.energy import phases, regulation
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import ContactorTwo, Mode, PhaseSwitch, State
from tests.energy.house import Car, Evse, House, steady
from tests.energy.test_machine import status_of

NOT_PRESENT, ALWAYS_OFF, SOLAR_OFF, ALWAYS_ON, AUTO = ContactorTwo


def with_c2(enable_c2: ContactorTwo, **more: Any) -> Settings:
    return Settings(max_current_a=16, enable_c2=enable_c2, **more)


@pytest.mark.parametrize(
    ("enable_c2", "mode", "single"),
    [
        (NOT_PRESENT, Mode.SOLAR, False),
        (ALWAYS_OFF, Mode.NORMAL, True),
        (ALWAYS_OFF, Mode.SOLAR, True),
        (SOLAR_OFF, Mode.SMART, False),
        (SOLAR_OFF, Mode.SOLAR, True),
        (ALWAYS_ON, Mode.SOLAR, False),
    ],
)
def test_the_setting_decides_on_the_second_contactor(
    enable_c2: ContactorTwo, mode: Mode, *, single: bool
) -> None:
    settings = with_c2(enable_c2)
    evse = Evse.new(settings, mode)
    house = House([evse], base=lambda _now: (-200, -200, -200))
    house.run(20)
    assert (evse.status.state, evse.status.contactor_1) == (State.C, True)
    assert evse.status.contactor_2 is not single
    assert evse.status.phases == (1 if single else 3)
    assert phases.is_single(evse.status, settings) is single


def test_auto_chooses_by_the_surplus() -> None:
    settings = with_c2(AUTO)
    for surplus_da, expected in [(-80, 3), (-69, 1)]:
        evse = Evse.new(settings, Mode.SOLAR)
        House([evse], base=steady(surplus_da)).run(20)
        assert (evse.status.state, evse.status.phases) == (State.C, expected)
        assert evse.status.contactor_2 is (expected == 3)


def test_auto_goes_to_one_phase_when_the_sun_weakens_and_back_when_it_shines() -> None:
    settings = with_c2(AUTO, stop_time_min=1)
    evse = Evse.new(settings, Mode.SOLAR)
    sun = [100]
    house = House([evse], base=lambda _now: (-sun[0], -sun[0], -sun[0]))
    house.run(200)
    assert (evse.status.state, evse.status.phases) == (State.C, 3)
    sun[0] = 30
    house.run(200)
    assert (evse.status.state, evse.status.phases) == (State.C, 1)
    sun[0] = 100
    house.run(400)
    assert (evse.status.state, evse.status.phases) == (State.C, 3)


def test_smart_takes_all_phases_again() -> None:
    settings = with_c2(AUTO)
    evse = Evse.new(settings, Mode.SOLAR)
    house = House([evse], base=lambda _now: (-30, -30, -30))
    house.run(100)
    assert evse.status.phases == 1
    for mode in (Mode.SMART, Mode.NORMAL):
        status = regulation.set_mode(evse.status, settings, mode)
        assert status.state is State.C1
        other = House([Evse(settings, status)], base=lambda _now: (0, 0, 0))
        other.run(40)
        assert other.evses[0].status.phases == 3


def test_a_change_of_the_setting_waits_for_the_next_charge_unless_there_is_no_car() -> None:
    three, one = with_c2(ALWAYS_ON), with_c2(ALWAYS_OFF)
    idle = regulation.follow_settings(status_of(State.A, three), one)
    assert (idle.phases, idle.phase_switch) == (1, PhaseSwitch.NONE)
    busy = regulation.follow_settings(status_of(State.C, three), one)
    assert (busy.phases, busy.phase_switch) == (3, PhaseSwitch.TO_ONE)
    assert regulation.follow_settings(busy, three).phase_switch is PhaseSwitch.NONE


def test_a_car_with_one_phase_charges_behind_three() -> None:
    evse = Evse.new(with_c2(ALWAYS_ON), Mode.SMART, Car(phases=1))
    house = House([evse], base=lambda _now: (0, 0, 0))
    house.run(60)
    assert evse.draws() == (159, 0, 0)
