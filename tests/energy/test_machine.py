from __future__ import annotations

from typing import Any

import pytest

from chargeplane.energy import regulation
from chargeplane.energy.machine import STEPS
from chargeplane.energy.pilot import STEADY, iec_state
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, Error, Level, Mode, RfidReader, State
from chargeplane.energy.status import Inputs, Status

ALONE = Settings(max_current_a=16)
MV = {"12": 3100, "9": 2900, "6": 2600, "3": 2200, "short": 1800, "none": 900, "diode": 200}


def status_of(state: State, settings: Settings = ALONE, **more: Any) -> Status:
    """An EVSE in that state, which may charge."""
    status = regulation.set_access(regulation.start(settings), settings, Access.ON)
    status.states = (state,)
    status.activation_s = None
    for name, value in more.items():
        setattr(status, name, value)
    return status


def ticks(status: Status, levels: str, settings: Settings = ALONE, times: int = 1) -> Status:
    """Let 10 ms pass at each of these levels, so many times."""
    for level in levels.split():
        for _ in range(times):
            status = regulation.tick_10ms(status, settings, MV[level])
    return status


def seconds(status: Status, count: int, level: str, settings: Settings = ALONE) -> Status:
    for _ in range(count):
        status = regulation.second(status, settings, Inputs(pilot_mv=MV[level]))
    return status


@pytest.mark.parametrize(
    ("state", "level", "times", "expected"),
    [
        (State.A, "12", 1, State.A),
        (State.A, "9", 1, State.B),
        (State.A, "6", 100, State.A),
        (State.B, "12", 1, State.A),
        (State.B, "9", 100, State.B),
        (State.B, "6", 100, State.B),  # without a diode
        (State.C, "6", 100, State.C),
        (State.C, "9", 1, State.B),
        (State.C, "12", 1, State.A),
        (State.C, "short", 50, State.C),
        (State.C, "short", 51, State.B),
        (State.C, "3", 51, State.B),
        (State.C, "none", 51, State.B),
        (State.C1, "6", 100, State.C1),
        (State.C1, "9", 1, State.B1),
        (State.C1, "12", 1, State.A),
        (State.B1, "12", 1, State.A),
        (State.B1, "9", 1, State.B),
        (State.COMM_B, "9", 100, State.COMM_B),
        (State.COMM_B, "12", 1, State.A),
        (State.COMM_C, "12", 1, State.A),
        (State.COMM_C, "6", 100, State.COMM_C),
        (State.COMM_B_OK, "9", 1, State.B),
        (State.COMM_C_OK, "6", 1, State.C),
    ],
)
def test_what_a_level_does_in_a_state(
    state: State, level: str, times: int, expected: State
) -> None:
    assert ticks(status_of(state), level, times=times).state is expected


def test_a_car_charges_when_its_diode_was_seen_and_it_asks_for_half_a_second() -> None:
    status = ticks(status_of(State.A), "9 diode")
    assert (status.state, status.balanced_da) == (State.B, (60,))
    status = ticks(status, "6", times=50)
    assert status.state is State.B
    status = ticks(status, "6")
    assert (status.state, status.contactor_1, status.contactor_2) == (State.C, True, True)


def test_a_glitch_begins_the_half_second_anew() -> None:
    status = ticks(status_of(State.B, diode_seen=True), "6", times=50)
    status = ticks(ticks(status, "9"), "6", times=50)
    assert status.state is State.B


@pytest.mark.parametrize(
    "obstacle",
    [
        {"errors": Error.TEMP_HIGH},
        {"charge_delay_s": 3},
        {"access": Access.OFF},
        {"access": Access.PAUSE},
        {"diode_seen": False},
    ],
)
def test_what_keeps_a_car_from_charging(obstacle: dict[str, Any]) -> None:
    status = status_of(State.B, **{"diode_seen": True, **obstacle})
    assert ticks(status, "6", times=200).state is State.B


@pytest.mark.parametrize("obstacle", [{"errors": Error.TEMP_HIGH}, {"charge_delay_s": 3}])
def test_a_car_that_comes_at_a_bad_time_waits_in_b1(obstacle: dict[str, Any]) -> None:
    assert ticks(status_of(State.A, **obstacle), "9").state is State.B1


def test_without_access_nothing_happens() -> None:
    assert ticks(status_of(State.A, access=Access.OFF), "9", times=3).state is State.A


def test_a_car_begins_again_when_the_delay_is_over() -> None:
    status = status_of(State.C)
    status = ticks(regulation.set_access(status, ALONE, Access.PAUSE), "9")
    assert (status.state, status.contactor_1, status.pwm) == (State.B1, False, STEADY)
    status = regulation.set_access(status, ALONE, Access.ON)
    states = []
    for _ in range(17):
        status = seconds(status, 1, "9")
        states.append(status.state)
    assert states[-1] is State.B
    assert states.index(State.B) == 15


def test_the_pilot_is_off_for_five_seconds_where_a_car_is_to_begin_anew() -> None:
    status = regulation.tick_1s(status_of(State.B, temperature_c=70), ALONE)
    assert (status.state, status.pilot_connected, status.pilot_off_s) == (State.B1, False, 5)
    status = seconds(status, 5, "12")
    assert (status.state, status.pilot_connected) == (State.B1, False)
    status = seconds(status, 1, "12")
    assert (status.state, status.pilot_connected) == (State.A, True)


def test_a_car_that_does_not_stop_is_cut_off() -> None:
    status = regulation.set_access(status_of(State.C, contactor_1=True), ALONE, Access.OFF)
    assert (status.state, status.pwm, status.contactor_1) == (State.C1, STEADY, True)
    status = seconds(status, 6, "6")
    assert (status.state, status.contactor_1) == (State.C1, True)
    status = seconds(status, 1, "6")
    assert (status.state, status.contactor_1) == (State.B1, False)


def test_a_car_that_sleeps_is_woken_once() -> None:
    status = ticks(status_of(State.A), "9")
    status = seconds(status, 30, "9")
    assert status.state is State.B
    status = seconds(status, 1, "9")
    assert (status.state, status.pwm) == (State.ACTSTART, 0)
    status = seconds(status, 3, "9")
    assert status.state is State.B
    assert seconds(status, 100, "9").state is State.B


def test_a_thin_cable_limits_what_is_offered() -> None:
    socket = Settings(max_current_a=32, fixed_cable=False)
    status = regulation.measure_cable(status_of(State.A, socket), socket, 16)
    status = ticks(ticks(status, "9 diode", socket), "6", socket, times=51)
    assert status.state is State.C
    status = seconds(status, 6, "6", socket)
    assert (status.charge_current_da, status.balanced_da) == (160, (160,))


def test_not_enough_current_is_an_error_that_keeps_the_car_waiting() -> None:
    status = status_of(State.A, mode=Mode.SMART)
    status = regulation.measure_mains(status, ALONE, (240, 0, 0))
    status = ticks(status, "9")
    assert (status.state, status.errors) == (State.A, Error.LESS_6A)
    status = ticks(status, "9")
    assert status.state is State.B1


def test_current_that_is_gone_when_the_car_asks_is_the_same_error() -> None:
    status = status_of(State.B, mode=Mode.SMART, diode_seen=True)
    status = regulation.measure_mains(status, ALONE, (240, 0, 0))
    status = seconds(status, 1, "6")
    assert (status.state, status.errors, status.contactor_1) == (State.B1, Error.LESS_6A, False)


@pytest.mark.parametrize(
    ("reader", "locks"),
    [(RfidReader.ENABLE_ALL, True), (RfidReader.ENABLE_ONE, True), (RfidReader.DISABLED, False)],
)
def test_what_a_card_unlocked_locks_again_a_minute_after_the_car_left(
    reader: RfidReader, *, locks: bool
) -> None:
    settings = Settings(rfid_reader=reader)
    status = seconds(status_of(State.A, settings), 59, "12", settings)
    assert status.access is Access.ON
    status = seconds(status, 1, "12", settings)
    assert status.access is (Access.OFF if locks else Access.ON)


def test_a_car_that_comes_in_time_stays_unlocked() -> None:
    settings = Settings(rfid_reader=RfidReader.ENABLE_ALL)
    status = seconds(status_of(State.A, settings), 40, "12", settings)
    status = seconds(status, 40, "9", settings)
    assert (status.access, status.relock_s) == (Access.ON, 0)


def test_the_table_has_a_step_for_every_level_while_the_contactor_is_closed() -> None:
    for level in Level:
        assert (State.C, level) in STEPS


def test_a_car_that_needs_ventilation_charges_where_there_is_some() -> None:
    aired = Settings(max_current_a=16, ventilation=True)
    status = ticks(status_of(State.A, aired), "9 diode", aired)
    status = ticks(status, "3", aired, times=51)
    assert (status.state, iec_state(status)) == (State.C, "D")
    assert seconds(status, 5, "3", aired).state is State.C
    assert iec_state(seconds(status, 1, "6", aired)) == "C"
    assert ticks(status, "3", ALONE, times=51).state is State.B


def test_a_car_is_connected_while_the_pilot_is_not_at_12_volts() -> None:
    status = status_of(State.A)
    assert [ticks(status, level).is_connected for level in ("12", "9", "6")] == [False, True, True]
