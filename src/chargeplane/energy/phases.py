"""One or three phases: when the second contactor closes, and when that changes."""

from __future__ import annotations

from chargeplane.energy.settings import Settings
from chargeplane.energy.states import ContactorTwo, Mode, PhaseSwitch, State
from chargeplane.energy.status import Status


def is_single(status: Status, settings: Settings) -> bool:
    """Whether the second contactor stays open, so that the car gets one phase."""
    match settings.enable_c2:
        case ContactorTwo.ALWAYS_OFF:
            return True
        case ContactorTwo.SOLAR_OFF:
            return status.mode is Mode.SOLAR
        case ContactorTwo.AUTO:
            return status.phases == 1
    return False


def plan(draft: Status, phases: int) -> None:
    """Change to that many phases when charging begins the next time."""
    if draft.phases == phases:
        draft.phase_switch = PhaseSwitch.NONE
    else:
        draft.phase_switch = PhaseSwitch.TO_ONE if phases == 1 else PhaseSwitch.TO_THREE


def follow_setting(draft: Status, settings: Settings) -> None:
    """Plan what the setting of the second contactor demands; without a car, just do it."""
    if settings.enable_c2 is ContactorTwo.AUTO and draft.mode is not Mode.SOLAR:
        if draft.mode is Mode.SMART:
            plan(draft, 3)
        return
    wanted = 1 if is_single(draft, settings) else 3
    if draft.state is State.A and draft.phases != wanted:
        draft.phases = wanted
    else:
        plan(draft, wanted)


def begin(draft: Status, settings: Settings) -> None:
    """Close the contactors for as many phases as were planned."""
    if draft.phase_switch is not PhaseSwitch.NONE:
        draft.phases = 1 if draft.phase_switch is PhaseSwitch.TO_ONE else 3
        draft.phase_switch = PhaseSwitch.NONE
    single = is_single(draft, settings)
    draft.phases = 1 if single else 3
    draft.contactor_1 = True
    draft.contactor_2 = not single
