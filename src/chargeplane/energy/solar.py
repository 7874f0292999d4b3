"""Charging with what the sun leaves over: when to begin, how to follow, when to stop."""

from __future__ import annotations

from typing import Final

from chargeplane.energy import phases, transitions
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import ContactorTwo, PhaseSwitch, State
from chargeplane.energy.status import Status

RUN_IN_S: Final = 40  # for which a car that began gets its minimum, so that it settles
STEP_DOWN_S: Final = 30  # before three phases become one
STEP_UP_S: Final = 63  # before one phase becomes three
# A change of phases is made before the timer is over, which would stop for lack of sun.
STEP_DOWN_AT_S: Final = 2
STEP_UP_AT_S: Final = 3
NEAR_TOP_DA: Final = 8
# How far off, as a sum of the phases, asks for what step.
NEAR_DA: Final = 3
FAR_DA: Final = 10
TOO_FAR_DA: Final = 20


def import_da(status: Status, settings: Settings) -> float:
    """What is drawn from the grid beyond what is allowed, as a sum of the phases."""
    isum_da = status.smooth_isum_da if settings.smoothing_s else status.isum_da
    return isum_da - 10 * settings.import_current_a


def plan_phases(draft: Status, settings: Settings) -> None:
    """Choose the phases for a car that is about to begin, by the surplus."""
    if settings.enable_c2 is not ContactorTwo.AUTO or draft.state is not State.B:
        return
    # One ampere more on each phase than the minimum, so that there is room to regulate.
    wanted = 3 if -draft.isum_da >= 30 * settings.min_current_a + 30 else 1
    if draft.phases != wanted:
        phases.plan(draft, wanted)


def step_da(import_da: float, room_da: int) -> int:
    """By how much to change the current for what is imported beyond the allowed, in 0.1 A."""
    if import_da < 0:
        return 5 if import_da < -FAR_DA and room_da > FAR_DA else 1
    if import_da > TOO_FAR_DA:
        return -int(import_da / 2)
    if import_da > FAR_DA:
        return -5
    return -1 if import_da > NEAR_DA else 0


def on_shortage(draft: Status, settings: Settings, needed_da: int) -> None:
    """Let the timer run that stops for lack of sun, or goes back to one phase first."""
    can_step_down = draft.phases > 1 and settings.enable_c2 is ContactorTwo.AUTO
    # To stop would only free what would at once let charging begin again.
    frees_too_much = draft.isum_da <= needed_da - 10 * settings.start_current_a
    excess_da = import_da(draft, settings)
    if excess_da <= 0 or (frees_too_much and not can_step_down):
        draft.solar_stop_timer_s = 0
    elif can_step_down and draft.state is State.C:
        _step_down(draft, settings, excess_da)
    elif draft.solar_stop_timer_s == 0:
        draft.solar_stop_timer_s = settings.stop_time_min * 60


def _step_down(draft: Status, settings: Settings, excess_da: float) -> None:
    if draft.solar_stop_timer_s == 0:
        is_small = excess_da < 10 * settings.min_current_a
        stop_s = settings.stop_time_min * 60 if is_small else 0
        draft.solar_stop_timer_s = stop_s or STEP_DOWN_S
    if draft.solar_stop_timer_s <= STEP_DOWN_AT_S:
        _change(draft, settings, PhaseSwitch.TO_ONE)


def steps_up(draft: Status, settings: Settings) -> bool:
    """Whether one phase is not enough for the sun, so that the timer for three runs."""
    if not (
        draft.phases == 1
        and settings.enable_c2 is ContactorTwo.AUTO
        and draft.iset_da + NEAR_TOP_DA >= settings.max_current_a * 10
        and draft.state is State.C
    ):
        return False
    gap_a = 3 * (settings.min_current_a + 1) - settings.max_current_a
    if -draft.isum_da <= 10 * (gap_a if gap_a >= 0 else 3):
        draft.solar_stop_timer_s = 0
        return True
    draft.solar_stop_timer_s = draft.solar_stop_timer_s or STEP_UP_S
    if draft.solar_stop_timer_s <= STEP_UP_AT_S:
        _change(draft, settings, PhaseSwitch.TO_THREE)
    return True


def _change(draft: Status, settings: Settings, change: PhaseSwitch) -> None:
    draft.phase_switch = change
    transitions.enter(draft, settings, State.C1)
    draft.solar_stop_timer_s = 0
