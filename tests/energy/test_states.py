from __future__ import annotations

import pytest

from chargeplane.energy.states import (
    STATE_TEXTS,
    Access,
    Error,
    Mode,
    State,
    UserMode,
    error_text,
    user_mode,
)


def test_every_state_has_its_texts() -> None:
    assert set(STATE_TEXTS) == set(State)
    assert STATE_TEXTS[State.B1] == ("Charging Stopped", "B1")


@pytest.mark.parametrize(
    ("errors", "text"),
    [
        (0, "None"),
        (Error.LESS_6A, "No Power Available"),
        (Error.CT_NOCOMM, "Communication Error"),
        (Error.LESS_6A | Error.CT_NOCOMM, "Communication Error"),
        (Error.TEMP_HIGH, "Temperature High"),
        (Error.EV_NOCOMM, "EV Meter Comm Error"),
        (Error.RCM_TRIPPED, "RCM Tripped"),
        (Error.RCM_TEST, "RCM Test"),
        (Error.CIRCUIT_NOCOMM, "Circuit Meter Comm Error"),
    ],
)
def test_the_gravest_error_is_told(errors: int, text: str) -> None:
    assert error_text(errors) == text


def test_a_user_sees_access_before_the_mode() -> None:
    assert [user_mode(Access.ON, mode) for mode in Mode] == [
        UserMode.NORMAL,
        UserMode.SMART,
        UserMode.SOLAR,
    ]
    for mode in Mode:
        assert user_mode(Access.OFF, mode) is UserMode.OFF
        assert user_mode(Access.PAUSE, mode) is UserMode.PAUSE
