from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.evse.hardware import PowerOrder
from chargeplane.evse.virtual import MINIMUM_A, VOLTAGE_V, Car, VirtualEvse, VirtualGrid

amperes = st.floats(0, 80)
cars = st.builds(
    Car,
    capacity_wh=st.floats(1_000, 200_000),
    soc_percent=st.floats(0, 100),
    target_percent=st.floats(1, 100),
    phases=st.integers(1, 3),
    maximum_a=st.floats(6, 64),
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(cars, amperes)
def test_a_car_never_takes_more_than_it_is_offered_or_can(car: Car, offered_a: float) -> None:
    current = car.current_a(offered_a)
    assert 0 <= current <= min(offered_a, car.maximum_a)
    if offered_a < MINIMUM_A or not car.is_hungry:
        assert current == 0


@given(cars, amperes, amperes)
def test_more_on_offer_is_never_less_taken(car: Car, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert car.current_a(low) <= car.current_a(high)


@given(st.floats(0, 99), st.floats(0, 99))
def test_a_fuller_battery_takes_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert Car(soc_percent=high).current_a(16) <= Car(soc_percent=low).current_a(16)


@given(cars, st.lists(st.tuples(amperes, st.floats(0, 7200)), max_size=20))
def test_energy_and_charge_only_grow_and_agree(car: Car, steps: list[tuple[float, float]]) -> None:
    clock = Clock()
    evse = VirtualEvse(clock=clock, energy_wh=100.0)
    began_soc, target = car.soc_percent, car.target_percent
    evse.plug_in(car)
    last = evse.measure()
    for limit_a, seconds in steps:
        evse.allow(limit_a)
        clock.now += seconds
        shown = evse.measure()
        assert shown.energy_wh >= last.energy_wh
        assert began_soc <= car.soc_percent <= max(target, began_soc)
        assert shown.power_w == pytest.approx(sum(shown.currents_a) * VOLTAGE_V, abs=5)
        assert sum(current > 0 for current in shown.currents_a) in (0, car.phases)
        last = shown
    gained_wh = (car.soc_percent - began_soc) / 100 * car.capacity_wh
    assert gained_wh <= evse._energy_wh - 100.0 + 1e-6


@given(st.floats(6, 32), st.floats(1, 600))
def test_the_register_is_power_times_time(limit_a: float, seconds: float) -> None:
    clock = Clock()
    evse = VirtualEvse(clock=clock, speed=60)
    evse.plug_in(Car(soc_percent=10, capacity_wh=10_000_000, phases=1, maximum_a=32))
    evse.allow(limit_a)
    clock.now += seconds
    expected = limit_a * VOLTAGE_V * seconds * 60 / 3600
    assert evse.measure().energy_wh == pytest.approx(expected, abs=0.1, rel=1e-6)


def test_what_the_hands_do_is_told() -> None:
    evse, told = VirtualEvse(), []
    evse.on_change(lambda: told.append(evse.is_plugged_in()))
    evse.plug_in()
    evse.pause()
    evse.plug_out()
    assert told == [True, True, False]


def test_nothing_flows_without_a_car_or_an_offer_or_while_paused() -> None:
    clock = Clock()
    evse = VirtualEvse(clock=clock)

    def power() -> float:
        clock.now += 60
        return evse.measure().power_w

    evse.allow(16)
    assert power() == 0
    evse.plug_in(Car(soc_percent=10))
    assert (power(), evse.wants_energy()) == (16 * 230 * 3, True)
    evse.pause()
    assert (power(), evse.wants_energy()) == (0, False)
    evse.pause(paused=False)
    evse.allow(5.9)
    assert (power(), evse.wants_energy()) == (0, True)
    evse.plug_out()
    assert not evse.wants_energy()


def test_a_full_car_wants_nothing() -> None:
    clock = Clock()
    evse = VirtualEvse(clock=clock)
    car = Car(capacity_wh=1000, soc_percent=79, target_percent=80, phases=3)
    evse.plug_in(car)
    evse.allow(16)
    clock.now += 3600
    evse.measure()
    assert car.soc_percent == 80
    assert not evse.wants_energy()
    shown: Any = evse.measure()
    assert shown.power_w == 0


def test_a_setpoint_counts_within_limits() -> None:
    evse = VirtualEvse(is_bidirectional=True, clock=Clock())
    evse.plug_in(Car(discharge_maximum_w=11_000, soc_percent=50))
    evse.follow(PowerOrder(setpoint_w=-5000, discharge_limit_w=-3000))
    assert evse.measure().power_w == 0  # nothing is allowed yet
    evse.allow(10)
    assert evse.measure().power_w == -3000
    assert evse.measure().currents_a == (-4.35, -4.35, -4.35)
    evse.follow(PowerOrder(setpoint_w=9000))
    assert evse.measure().power_w == 6900
    evse.follow(PowerOrder(is_idle=True))
    assert evse.measure().power_w == 0
    evse.follow(PowerOrder())
    assert evse.measure().power_w == 6900


def test_energy_is_counted_for_each_direction() -> None:
    clock = Clock()
    evse = VirtualEvse(is_bidirectional=True, clock=clock)
    evse.plug_in(Car(discharge_maximum_w=11_000, soc_percent=50))
    evse.allow(16)
    evse.follow(PowerOrder(setpoint_w=-5000, discharge_limit_w=-5000))
    clock.now += 1800
    evse.follow(PowerOrder(setpoint_w=4000))
    clock.now += 900
    shown = evse.measure()
    assert (shown.energy_wh, shown.exported_wh) == (1000, 2500)


@pytest.mark.parametrize(
    ("count", "phase", "currents_a"),
    [(3, None, (10, 10, 10)), (2, None, (10, 10, 0)), (1, None, (10, 0, 0)), (1, 3, (0, 0, 10))],
)
def test_phases_are_chosen(count: int, phase: int | None, currents_a: tuple[float, ...]) -> None:
    evse = VirtualEvse(clock=Clock())
    evse.plug_in()
    evse.allow(10)
    evse.use_phases(count)
    evse.choose_phase(phase)
    assert evse.measure().currents_a == currents_a


def test_the_meter_of_a_building_sees_its_cars() -> None:
    evse = VirtualEvse(clock=Clock())
    grid = VirtualGrid([evse])
    grid.load_w = -1000
    evse.plug_in()
    evse.allow(10)
    assert grid.power_w() == 5900
