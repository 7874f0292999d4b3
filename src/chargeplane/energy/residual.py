"""The residual-current monitor: it switches off at once, and is tested with each charge.

A test is passed when the monitor reports the current that the hardware lets flow for it
(`Outputs.residual_current_test`). What it reports during a test is no residual current.
"""

from __future__ import annotations

from typing import Final

from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Error, State
from chargeplane.energy.status import Status
from chargeplane.energy.transitions import enter

TEST_S: Final = 3


def sense(draft: Status, settings: Settings) -> None:
    """The monitor reports a residual current: switch off until somebody resets it."""
    if not settings.residual_current_monitor:
        return
    if draft.residual_test_s:
        draft.errors &= ~Error.RCM_TEST
        return
    if draft.state is not State.A:
        enter(draft, settings, State.B1)
    draft.errors |= Error.RCM_TRIPPED


def check_monitor(draft: Status, settings: Settings) -> None:
    """Begin a test when charging begins, and switch off when it was not passed in time."""
    if draft.residual_test_s:
        _go_on(draft, settings)
    elif settings.residual_current_test and draft.charging_s[0] == 1:
        draft.residual_test_s = TEST_S
        draft.errors |= Error.RCM_TEST


def _go_on(draft: Status, settings: Settings) -> None:
    draft.residual_test_s -= 1
    if draft.state is not State.C:  # which ends a test, passed or not
        draft.residual_test_s = 0
        draft.errors &= ~Error.RCM_TEST
    elif not draft.residual_test_s and draft.errors & Error.RCM_TEST:
        enter(draft, settings, State.B1)


def reset(draft: Status, _settings: Settings, *, is_tripped: bool) -> None:
    """Charge again after a residual current or a failed test, unless a current still flows."""
    if not is_tripped:
        draft.errors &= ~(Error.RCM_TRIPPED | Error.RCM_TEST)
