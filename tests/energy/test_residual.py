from __future__ import annotations

import pytest

from chargeplane.energy import regulation
from chargeplane.energy.pilot import iec_state
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Error, State
from chargeplane.energy.status import Inputs, Status
from tests.energy.test_machine import seconds, status_of

GUARDED = Settings(residual_current_monitor=True)
TESTED = Settings(residual_current_monitor=True, residual_current_test=True)


def test_a_residual_current_switches_off_at_once_until_it_is_reset() -> None:
    status = status_of(State.C, GUARDED, contactor_1=True)
    status = regulation.tick_10ms(status, GUARDED, 2600, residual_current=True)
    assert (status.state, status.contactor_1) == (State.B1, False)
    assert (status.errors, iec_state(status)) == (Error.RCM_TRIPPED, "F")
    status = seconds(status, 100, "9", GUARDED)
    assert status.errors == Error.RCM_TRIPPED
    status = regulation.reset_residual_current(status, GUARDED, is_tripped=True)
    assert status.errors == Error.RCM_TRIPPED
    status = regulation.reset_residual_current(status, GUARDED, is_tripped=False)
    assert seconds(status, 2, "9", GUARDED).state is State.B


def test_it_is_an_error_without_a_car_too() -> None:
    status = regulation.tick_10ms(status_of(State.A), GUARDED, 3100, residual_current=True)
    assert (status.state, status.errors) == (State.A, Error.RCM_TRIPPED)


def test_without_a_monitor_nothing_is_seen() -> None:
    status = regulation.tick_10ms(status_of(State.C), Settings(), 2600, residual_current=True)
    assert (status.state, status.errors) == (State.C, 0)


def charge(reported_in: set[int], seconds_: int = 6) -> list[Status]:
    """A charge begins, and the monitor reports a current in these seconds."""
    status = status_of(State.C, TESTED, contactor_1=True)
    seen = []
    for second in range(seconds_):
        inputs = Inputs(pilot_mv=2600, residual_current=second in reported_in)
        status = regulation.second(status, TESTED, inputs)
        seen.append(status)
    return seen


def test_a_monitor_that_reports_the_test_may_go_on() -> None:
    first, *others = charge({1})
    assert (first.state, first.errors) == (State.C, Error.RCM_TEST)
    assert iec_state(first) == "C"
    assert regulation.outputs(first, TESTED).residual_current_test
    assert [status.errors for status in others] == [0] * 5
    assert {status.state for status in others} == {State.C}
    assert not any(regulation.outputs(each, TESTED).residual_current_test for each in others)


def test_a_monitor_that_is_silent_switches_off() -> None:
    last = charge(set())[-1]
    assert (last.state, last.contactor_1, last.errors) == (State.B1, False, Error.RCM_TEST)
    assert iec_state(last) == "F"
    last = regulation.reset_residual_current(last, TESTED, is_tripped=False)
    assert last.errors == 0


def test_a_current_after_the_test_is_a_residual_current() -> None:
    assert charge({1, 5})[-1].errors == Error.RCM_TRIPPED


@pytest.mark.parametrize("level", ["9", "12"])
def test_a_car_that_stops_ends_the_test(level: str) -> None:
    (first, *_) = charge(set())
    assert seconds(first, 5, level, TESTED).errors == 0
