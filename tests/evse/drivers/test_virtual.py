from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.evse.car import CARS, Car
from chargeplane.evse.drivers.virtual import VirtualBoard, offered_a

STEADY = 1024
A16, A6 = 272, 102  # duties


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A board with a car, and hands."""

    def __init__(self, car: Car | None = None) -> None:
        self.clock = Clock()
        self.virtual = VirtualBoard(self.clock)
        self.board: Any = self.virtual.board
        if car is not None:
            self.virtual.plug_in(car)

    def levels(self, seconds: float = 0.0, readings: int = 24) -> set[int]:
        """What the pilot shows after so long, without the diode."""
        self.clock.now += seconds
        return {self.board.pilot_level.read_mv() for _ in range(readings)} - {200}

    def close(self, *, first: bool = True, second: bool = True) -> None:
        self.board.contactor_1.switch(closed=first)
        self.board.contactor_2.switch(closed=second)

    def charge(self, duty: int = A16, seconds: float = 2.0) -> tuple[float, ...]:
        """Offer and close; the currents after so long."""
        self.board.pilot_duty.set_duty(duty)
        self.clock.now += 2
        self.levels()
        self.close()
        self.clock.now += seconds
        return self.virtual.currents_a()


@pytest.mark.parametrize(
    ("duty", "current_a"),
    [
        (STEADY, 0),
        (0, 0),
        (50, 0),
        (90, 6),
        (102, 6),
        (169, 9.9),
        (272, 15.94),
        (545, 31.93),
        (868, 50.86),
        (917, 63.88),
        (983, 79.99),
        (992, 80),
        (1000, 0),
    ],
)
def test_what_a_car_reads_from_a_duty(duty: int, current_a: float) -> None:
    assert offered_a(duty) == pytest.approx(current_a, abs=0.01)


def test_the_levels_of_a_charge() -> None:
    bench = Bench()
    assert bench.levels() == {3100}
    bench.virtual.plug_in(Car(soc_percent=10))
    assert bench.levels(5) == {2900}
    bench.board.pilot_duty.set_duty(A16)
    assert bench.levels() == {2900}
    assert bench.levels(1) == {2600}
    bench.virtual.is_paused = True
    assert bench.levels(1) == {2900}
    bench.virtual.is_paused = False
    assert bench.levels(1) == {2900}
    assert bench.levels(1) == {2600}
    bench.board.pilot_duty.set_duty(STEADY)
    assert bench.levels() == {2900}
    bench.virtual.plug_out()
    assert bench.levels() == {3100}


def test_the_diode_shows_now_and_then_while_there_is_a_square_wave() -> None:
    bench = Bench(Car(soc_percent=10))
    read = bench.board.pilot_level.read_mv
    assert 200 not in {read() for _ in range(100)}
    bench.board.pilot_duty.set_duty(A16)
    shown = [read() for _ in range(100)]
    assert (shown.count(200), shown.count(2900)) == (4, 96)
    bench.virtual.plug_in(CARS["no diode"]())
    assert {read() for _ in range(100)} == {2900, 900}


def test_a_pilot_that_is_off_shorted_or_negative() -> None:
    bench = Bench(Car(soc_percent=10))
    bench.board.pilot_switch.connect(connected=False)
    assert bench.levels() == {0}
    bench.board.pilot_switch.connect(connected=True)
    bench.board.pilot_duty.set_duty(0)
    assert bench.board.pilot_level.read_mv() == 200
    bench.board.pilot_duty.set_duty(A16)
    bench.virtual.is_shorted = True
    assert bench.levels() == {1800}


def test_energy_flows_through_closed_contactors_alone() -> None:
    bench = Bench(Car(soc_percent=10))
    assert bench.charge() == pytest.approx((15.94,) * 3, abs=0.01)
    bench.close(second=False)
    assert bench.virtual.currents_a() == pytest.approx((15.94, 0, 0), abs=0.01)
    bench.close(first=False)
    assert bench.virtual.currents_a() == (0, 0, 0)
    bench.close()
    bench.board.pilot_duty.set_duty(STEADY)
    assert bench.virtual.currents_a() == (0, 0, 0)


async def test_it_is_its_own_meter() -> None:
    bench = Bench(CARS["two-phase"](soc_percent=10, capacity_wh=1e7))
    bench.charge(duty=171)  # 10.02 A
    before = await bench.virtual.read()
    bench.clock.now += 3600
    after = await bench.virtual.read()
    assert after.currents_da == (100, 100, 0)
    assert after.powers_w == (2304, 2304, 0)
    assert (after.import_wh or 0) - (before.import_wh or 0) == pytest.approx(4608, abs=2)
    assert after.at == after.energy_at == bench.clock.now


def test_a_sleeping_car_shows_nothing_until_the_pilot_breaks() -> None:
    bench = Bench(CARS["sleeper"](soc_percent=10))
    bench.levels(700)
    bench.board.pilot_duty.set_duty(A16)
    assert bench.levels(60) == {2900}
    bench.board.pilot_switch.connect(connected=False)
    bench.levels(5)
    bench.board.pilot_switch.connect(connected=True)
    bench.levels()
    assert bench.levels(2) == {2600}


def test_a_steady_minus_wakes_it_too() -> None:
    bench = Bench(CARS["sleeper"](soc_percent=10))
    bench.levels(700)
    bench.board.pilot_duty.set_duty(0)
    bench.levels(3)
    assert bench.charge()[0] > 15


def test_a_full_car_does_not_ask() -> None:
    bench = Bench(Car(soc_percent=79.99, target_percent=80))
    bench.charge(seconds=600)
    assert bench.levels(1) == {2900}


moments = st.lists(
    st.tuples(
        st.integers(0, STEADY), st.booleans(), st.booleans(), st.booleans(), st.floats(0, 90)
    ),
    max_size=15,
)


@given(st.sampled_from(sorted(CARS)), st.floats(0, 100), moments)
def test_nothing_flows_that_was_not_offered(
    name: str, soc: float, when: list[tuple[int, bool, bool, bool, float]]
) -> None:
    car = CARS[name](soc_percent=soc)
    bench = Bench(car)
    for duty, first, second, connected, seconds in when:
        bench.board.pilot_duty.set_duty(duty)
        bench.board.pilot_switch.connect(connected=connected)
        bench.close(first=first, second=second)
        bench.clock.now += seconds
        currents = bench.virtual.currents_a()
        offer = offered_a(duty) if connected else 0.0
        assert max(currents) <= min(offer, car.maximum_a) + 1e-9
        if not first:
            assert currents == (0, 0, 0)
        if not second:
            assert currents[1:] == (0, 0)
        if 2600 not in bench.levels():
            assert bench.virtual.currents_a() == (0, 0, 0)


async def test_the_other_parts() -> None:
    bench = Bench()
    board, virtual = bench.board, bench.virtual
    assert board.proximity.read_ohm() == math.inf
    virtual.plug_in(cable_ohm=680)
    assert board.proximity.read_ohm() == 680
    assert await board.lock.lock(locked=True)
    virtual.lock.is_jammed = True
    assert not await board.lock.lock(locked=False)
    assert virtual.lock.is_locked
    virtual.residual_current.is_active = True
    assert (board.residual_current.is_tripped(), board.button.is_pressed()) == (True, False)
    virtual.thermometer.temperature_c = 70
    assert board.thermometer.read_c() == 70
    waiting = asyncio.create_task(board.rfid.next_uid())
    virtual.rfid.show("04A1B2C3")
    assert await waiting == "04A1B2C3"
    board.led.show(1, 2, 3)
    assert virtual.led.color == (1, 2, 3)
