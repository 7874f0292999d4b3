from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.evse.car import CARS, MINIMUM_A, VOLTAGE_V, Car

cars = st.builds(
    Car,
    capacity_wh=st.floats(1_000, 200_000),
    soc_percent=st.floats(0, 100),
    target_percent=st.floats(1, 100),
    phases=st.integers(1, 3),
    maximum_a=st.floats(6, 64),
    minimum_a=st.floats(6, 13),
    ramp_a_per_s=st.floats(0.1, 10) | st.just(math.inf),
    delay_s=st.floats(0, 60),
    sleeps_after_s=st.floats(0, 600) | st.just(math.inf),
)
steps = st.lists(
    st.tuples(st.just(0.0) | st.floats(0, 80), st.floats(0, 600), st.integers(0, 3)), max_size=20
)


@given(cars, steps)
def test_a_car_never_draws_more_than_it_is_offered_or_can(
    car: Car, offers: list[tuple[float, float, int]]
) -> None:
    for offered_a, seconds, phases in offers:
        before = car.soc_percent
        drawn_wh = car.advance(offered_a, seconds, phases)
        assert 0 <= car.drawn_a <= min(offered_a, car.maximum_a)
        if offered_a < max(MINIMUM_A, car.minimum_a) or not phases:
            assert car.drawn_a == 0
        most_w = max(offered_a, 0) * VOLTAGE_V * min(phases, car.phases)
        assert 0 <= drawn_wh <= most_w * seconds / 3600 + 1e-6
        gained_wh = (car.soc_percent - before) / 100 * car.capacity_wh
        assert gained_wh == pytest.approx(drawn_wh, abs=1e-6)
        assert before <= car.soc_percent <= max(before, car.target_percent)


@given(st.floats(6, 16), st.floats(0.1, 5), st.floats(0, 30), st.integers(1, 12))
def test_energy_does_not_depend_on_how_often_one_looks(
    offered_a: float, ramp: float, seconds: float, looks: int
) -> None:
    once = Car(ramp_a_per_s=ramp, capacity_wh=1e9, soc_percent=10)
    often = Car(ramp_a_per_s=ramp, capacity_wh=1e9, soc_percent=10)
    wh = sum(often.advance(offered_a, seconds / looks) for _ in range(looks))
    assert once.advance(offered_a, seconds) == pytest.approx(wh, rel=1e-6, abs=1e-9)
    assert once.drawn_a == pytest.approx(often.drawn_a)


def test_more_is_drawn_by_and_by_and_less_at_once() -> None:
    car = Car(ramp_a_per_s=2, soc_percent=10)
    drawn = []
    for offered_a in (16, 16, 16, 7, 0):
        car.advance(offered_a, 3)
        drawn.append(car.drawn_a)
    assert drawn == [6, 12, 16, 7, 0]


def test_a_zoe_needs_eight_ampere() -> None:
    zoe = CARS["zoe"](soc_percent=30)
    assert zoe.advance(7.9, 60) == 0
    assert zoe.advance(8, 60) > 0


def test_a_car_that_draws_late() -> None:
    car = CARS["late"](soc_percent=30)
    car.advance(16, 44)
    assert car.drawn_a == 0
    car.advance(16, 2)
    assert car.drawn_a == 16
    car.advance(0, 1)
    car.advance(16, 44)
    assert car.drawn_a == 0


def test_a_car_that_sleeps_is_woken_by_a_break_of_the_pilot_alone() -> None:
    car = CARS["sleeper"](soc_percent=30)
    car.advance(0, 601)
    assert car.is_asleep
    assert car.advance(16, 3600) == 0
    car.wake()
    assert car.advance(16, 3600) > 0
    car.advance(0, 599)
    assert not car.is_asleep


def test_one_phase_is_used_where_there_is_one() -> None:
    wh = [Car(soc_percent=10).advance(10, 3600, phases) for phases in (0, 1, 2, 3)]
    assert wh == [0, 2300, 4600, 6900]
    assert CARS["one-phase"](soc_percent=10).advance(10, 3600, 3) == 2300


@pytest.mark.parametrize("name", CARS)
def test_every_car_charges_until_it_is_full(name: str) -> None:
    car = CARS[name]()
    while car.is_hungry:
        assert car.advance(16, 600) > 0
    assert car.advance(16, 600) == 0
    assert car.soc_percent == 100


@given(
    st.floats(0, 100),
    st.floats(0, 50),
    st.lists(st.tuples(st.floats(-20_000, 20_000), st.floats(0, 3600)), max_size=20),
)
def test_what_goes_in_and_out_adds_up(
    soc_percent: float, reserve_percent: float, steps: list[tuple[float, float]]
) -> None:
    car = Car(
        soc_percent=soc_percent,
        capacity_wh=10_000,
        reserve_percent=reserve_percent,
        discharge_maximum_w=10_000,
    )
    total_wh = 0.0
    for power_w, seconds in steps:
        wh = car.transfer(power_w, seconds)
        assert -10_000 * seconds / 3600 - 1e-6 <= wh <= 11_040 * seconds / 3600 + 1e-6
        assert wh * power_w >= 0
        total_wh += wh
    assert car.soc_percent == pytest.approx(soc_percent + total_wh / 100, abs=1e-6)
    assert min(soc_percent, reserve_percent) - 1e-6 <= car.soc_percent <= 100 + 1e-6


def test_a_car_that_cannot_discharge_does_not() -> None:
    car = Car()
    assert car.transfer(-5000, 3600) == 0
    assert car.transfer(5000, 3600) == 5000
