"""Going into a state of the control pilot, and what that does: `ENTER`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chargeplane.energy import phases
from chargeplane.energy.pilot import STEADY
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, Error, State
from chargeplane.energy.status import Status

B1_DELAY_S: Final = 3
C1_DELAY_S: Final = 15
LESS_6A_DELAY_S: Final = 60  # so that charging does not flutter with the current
C1_LIMIT_S: Final = 6  # a car that has not stopped by then is cut off
PILOT_OFF_S: Final = 5  # long enough for any car to notice that it is to begin anew
ACTIVATED_S: Final = 3


def enter(draft: Status, settings: Settings, state: State) -> None:
    """Go into a state."""
    action = ENTER.get(state)
    if action:
        action(draft, settings)
    draft.states = (state, *draft.states[1:])


def withhold(draft: Status, settings: Settings) -> None:
    """Offer no power: ask a car that charges to stop, and let no other begin."""
    if draft.state is State.C:
        enter(draft, settings, State.C1)
    elif draft.state not in {State.A, State.B1, State.C1}:
        enter(draft, settings, State.B1)


def _enter_a(draft: Status, settings: Settings) -> None:
    _cut_off(draft, settings)
    draft.errors &= ~Error.LESS_6A
    draft.charge_delay_s = 0
    draft.charging_s = (0, *draft.charging_s[1:])


def _enter_b1(draft: Status, settings: Settings) -> None:
    draft.charge_delay_s = draft.charge_delay_s or B1_DELAY_S
    if draft.state is not State.B1 and draft.pilot_connected and draft.access is Access.ON:
        draft.pilot_connected = False
        draft.pilot_off_s = PILOT_OFF_S
    _cut_off(draft, settings)


def _cut_off(draft: Status, _settings: Settings) -> None:
    draft.contactor_1 = draft.contactor_2 = False
    draft.pwm = STEADY


def _enter_b(draft: Status, settings: Settings) -> None:
    phases.follow_setting(draft, settings)
    draft.pilot_connected = True
    draft.contactor_1 = draft.contactor_2 = False


def _enter_c(draft: Status, settings: Settings) -> None:
    draft.activation_s = None
    draft.solar_stop_timer_s = draft.max_sum_mains_timer_s = 0
    phases.begin(draft, settings)


def _enter_c1(draft: Status, _settings: Settings) -> None:
    draft.pwm = STEADY
    draft.stopping_s = C1_LIMIT_S
    draft.charge_delay_s = C1_DELAY_S


def _enter_actstart(draft: Status, _settings: Settings) -> None:
    draft.pwm = 0
    draft.activated_s = ACTIVATED_S


# What is not here changes nothing but the state: the hands of a node and its master.
ENTER: Final[dict[State, Callable[[Status, Settings], None]]] = {
    State.A: _enter_a,
    State.B: _enter_b,
    State.C: _enter_c,
    State.ACTSTART: _enter_actstart,
    State.B1: _enter_b1,
    State.C1: _enter_c1,
}
