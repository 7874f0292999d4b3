from __future__ import annotations

from typing import Any

import pytest

from chargeplane.energy import balancing, regulation
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Error, Mode, State
from chargeplane.energy.status import Phases
from tests.energy.house import Car, Evse, House, steady
from tests.energy.test_machine import status_of

ALONE = Settings(max_current_a=16, max_mains_a=25)


def charging(
    settings: Settings = ALONE, mode: Mode = Mode.SMART, base: Phases = (0, 0, 0), seconds: int = 60
) -> tuple[House, Evse]:
    """A car that has charged for a while with that load beside it."""
    evse = Evse.new(settings, mode, Car())
    house = House([evse], base=lambda _now: base)
    house.run(seconds)
    return house, evse


@pytest.mark.parametrize("load_da", [0, 50, 100, 150, 180])
def test_smart_takes_what_the_mains_leave(load_da: int) -> None:
    house, evse = charging(base=(load_da, 0, 0))
    expected = min(160, 250 - load_da)
    assert evse.status.balanced_da[0] == pytest.approx(expected, abs=8)
    assert max(house.mains()) <= 250


def test_normal_ignores_the_mains() -> None:
    _, evse = charging(mode=Mode.NORMAL, base=(240, 240, 240))
    assert (evse.status.state, evse.status.balanced_da) == (State.C, (160,))


def test_it_goes_down_at_once_and_up_slowly() -> None:
    house, evse = charging()
    house.base = lambda _now: (180, 0, 0)
    house.run(3)
    assert evse.status.balanced_da[0] <= 75
    house.base = lambda _now: (0, 0, 0)
    house.run(2)
    assert evse.status.balanced_da[0] < 130
    house.run(30)
    assert evse.status.balanced_da == (160,)


def test_three_shortages_in_a_row_stop_and_two_do_not() -> None:
    house, evse = charging()
    house.base = steady(230, 0, 0)
    house.run(4)
    assert (evse.charges(), evse.status.balanced_da) == (True, (60,))
    house.base = steady(0)
    house.run(4)
    assert evse.charges()
    house.base = steady(230, 0, 0)
    house.run(8)
    assert not evse.charges()
    assert evse.status.errors == Error.LESS_6A


def test_an_old_measurement_changes_nothing() -> None:
    house, evse = charging(base=(150, 0, 0))
    before = evse.status.iset_da
    house.meter_works = False
    house.run(8)
    assert evse.status.iset_da == before


@pytest.mark.parametrize(("time_min", "lasts"), [(0, False), (1, True)])
def test_the_sum_of_the_mains_may_be_exceeded_for_the_time_that_is_set(
    time_min: int, *, lasts: bool
) -> None:
    settings = Settings(max_current_a=16, max_sum_mains_a=30, max_sum_mains_time_min=time_min)
    house, evse = charging(settings)
    house.base = lambda _now: (130, 130, 130)
    house.run(30)
    assert (evse.status.state is State.C) is lasts
    assert (evse.status.max_sum_mains_timer_s > 0) is lasts
    house.run(60)
    assert evse.status.state is State.B1


def test_the_timer_of_the_sum_stops_when_there_is_room_again() -> None:
    settings = Settings(max_current_a=16, max_sum_mains_a=30, max_sum_mains_time_min=2)
    house, evse = charging(settings)
    house.base = lambda _now: (130, 130, 130)
    house.run(30)
    house.base = lambda _now: (0, 0, 0)
    house.run(4)
    assert (evse.status.state, evse.status.max_sum_mains_timer_s) == (State.C, 0)


def test_a_metered_circuit_limits_too() -> None:
    settings = Settings(max_current_a=16, circuit_meter=True, max_circuit_a=20)
    evse = Evse.new(settings, Mode.SMART)
    for _ in range(100):
        drawn = evse.draws()
        evse.second(drawn, circuit_da=(drawn[0] + 100, drawn[1], drawn[2]))
    assert evse.status.balanced_da[0] == pytest.approx(100, abs=8)


@pytest.mark.parametrize(
    ("change", "expected_da"),
    [
        ({"override_da": 83}, 83),
        ({"override_da": 400}, 160),
        ({"ocpp_limit_a": 9.57}, 95),
        ({"ocpp_limit_a": 40.0}, 160),
        ({"ocpp_limit_a": 12.0, "override_da": 80}, 80),
        ({"ocpp_limit_a": 7.0, "override_da": 80}, 70),
        ({"grid_relay_open": True}, 60),
    ],
)
def test_the_smallest_limit_counts(change: dict[str, Any], expected_da: int) -> None:
    _, evse = charging(mode=Mode.NORMAL)
    for name, value in change.items():
        setattr(evse.status, name, value)
    House([evse]).run(4)
    assert evse.status.balanced_da == (expected_da,)


def test_a_central_system_that_leaves_too_little_keeps_a_car_from_beginning() -> None:
    status = regulation.set_ocpp_limit(status_of(State.B1), ALONE, 5.9)
    assert not balancing.is_available(status, ALONE)
    status = regulation.set_ocpp_limit(status, ALONE, 6.0)
    assert balancing.is_available(status, ALONE)
    assert balancing.is_available(regulation.set_ocpp_limit(status, ALONE, None), ALONE)


@pytest.mark.parametrize("mode", [Mode.NORMAL, Mode.SMART, Mode.SOLAR])
def test_a_central_system_stops_a_car_and_lets_it_go_on_at_once(mode: Mode) -> None:
    house, evse = charging(mode=mode, base=(-200, -200, -200), seconds=20)
    assert evse.charges()
    evse.status = regulation.set_ocpp_limit(evse.status, ALONE, 0.0)
    house.run(3)
    assert (evse.status.state, evse.draws()) == (State.B1, (0, 0, 0))
    house.run(100)
    assert not evse.charges()
    evse.status = regulation.set_ocpp_limit(evse.status, ALONE, 10.0)
    house.run(8)
    assert evse.charges()


def test_in_a_group_the_central_system_has_no_say_in_one_evse() -> None:
    master = Settings(load_balancing=1)
    status = regulation.set_ocpp_limit(status_of(State.C, master), master, 0.0)
    assert (status.state, status.errors) == (State.C, 0)


def test_the_grid_may_reduce_to_less_than_a_car_needs() -> None:
    settings = Settings(max_current_a=16, min_current_a=8)
    house, evse = charging(settings, Mode.NORMAL)
    evse.status = regulation.set_grid_relay(evse.status, settings, is_open=True)
    house.run(20)
    assert (evse.status.state, evse.status.errors) == (State.B1, Error.LESS_6A)
    evse.status = regulation.set_grid_relay(evse.status, settings, is_open=False)
    house.run(70)
    assert evse.status.state is State.C


@pytest.mark.parametrize(
    ("mains_da", "limit_a", "is_free"),
    [
        ((190, 0, 0), 0, True),
        ((191, 0, 0), 0, False),
        ((60, 60, 60), 36, True),
        ((61, 60, 60), 36, False),
    ],
)
def test_a_new_car_needs_its_minimum_on_the_mains(
    mains_da: Phases, limit_a: int, *, is_free: bool
) -> None:
    settings = Settings(max_sum_mains_a=limit_a)
    status = regulation.measure_mains(status_of(State.A, mode=Mode.SMART), settings, mains_da)
    assert balancing.is_available(status, settings) is is_free


def test_a_dead_band_keeps_small_room_unused() -> None:
    settings = Settings(max_current_a=16, dead_band_da=50)
    _, evse = charging(settings, base=(130, 0, 0), seconds=200)
    assert 60 <= evse.status.balanced_da[0] <= 120
    assert 250 - 130 - evse.status.balanced_da[0] < 60
