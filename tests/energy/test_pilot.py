from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.energy.pilot import (
    SAFE_PWM,
    cable_limit_a,
    duty,
    iec_state,
    level,
    offered_da,
)
from chargeplane.energy.states import Error, Level, State
from chargeplane.energy.status import Status


@pytest.mark.parametrize(
    ("current_a", "pwm"),
    [(6, 102), (10, 169), (16, 272), (32, 545), (51, 870), (52, 868), (64, 917), (80, 983)],
)
def test_duty(current_a: int, pwm: int) -> None:
    assert duty(current_a * 10) == pwm


@pytest.mark.parametrize("current_da", [0, 59, 801, -5, 10_000])
def test_a_current_that_cannot_be_said_is_6_a(current_da: int) -> None:
    assert duty(current_da) == SAFE_PWM


def test_what_a_duty_offers_is_what_was_meant_and_never_more() -> None:
    for current_da in range(60, 801):
        # Just above 51 A the table says duties that still lie on the lower line.
        tolerance_da = 17 if 510 < current_da < 528 else 2
        assert 0 <= current_da - offered_da(duty(current_da)) <= tolerance_da


@pytest.mark.parametrize("pwm", [0, 50, 101, 1024, 990])
def test_no_current_is_offered_outside_of_the_duties_that_do(pwm: int) -> None:
    assert offered_da(pwm) == 0


@given(st.integers(0, 799))
def test_more_current_is_never_less_duty_within_a_line(current_da: int) -> None:
    if (current_da > 510) == (current_da + 1 > 510):
        assert duty(current_da) <= duty(current_da + 1)


@pytest.mark.parametrize(
    ("pilot_mv", "expected"),
    [
        (3300, Level.V12),
        (3055, Level.V12),
        (3054, Level.V9),
        (2735, Level.V9),
        (2734, Level.V6),
        (2400, Level.V6),
        (2399, Level.V3),
        (2000, Level.V3),
        (1999, Level.SHORT),
        (1600, Level.SHORT),
        (1599, Level.NOT_OK),
        (300, Level.NOT_OK),
        (299, Level.DIODE),
        (101, Level.DIODE),
        (100, Level.NOT_OK),
        (0, Level.NOT_OK),
    ],
)
def test_levels(pilot_mv: int, expected: Level) -> None:
    assert level(pilot_mv) is expected


@pytest.mark.parametrize(
    ("proximity_mv", "limit_a"),
    [(300, 63), (595, 32), (1336, 16), (1980, 13), (3300, 13), (0, 13), (450, 13), (900, 13)],
)
def test_cables(proximity_mv: int, limit_a: int) -> None:
    assert cable_limit_a(proximity_mv) == limit_a


@pytest.mark.parametrize(
    ("status", "letter"),
    [
        (Status(), "A"),
        (Status(states=(State.B,)), "B"),
        (Status(states=(State.COMM_B,)), "B"),
        (Status(states=(State.B1,)), "B"),
        (Status(states=(State.C,)), "C"),
        (Status(states=(State.C1,)), "C"),
        (Status(states=(State.B1,), pilot_connected=False), "E"),
        (Status(states=(State.ACTSTART,)), "F"),
        (Status(states=(State.B1,), errors=Error.TEMP_HIGH), "F"),
        (Status(states=(State.B1,), errors=Error.LESS_6A), "B"),
    ],
)
def test_letters_of_the_standard(status: Status, letter: str) -> None:
    assert iec_state(status) == letter
