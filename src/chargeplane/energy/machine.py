"""The control-pilot state machine of IEC 61851-1 (annex A): what a level of the pilot does.

`STEPS` has a function for what is done in a state at a level in 10 ms. It tells whether
it did anything; to count `bounce_ticks` is not doing anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chargeplane.energy import balancing
from chargeplane.energy.pilot import level
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, Error, Level, RfidReader, State
from chargeplane.energy.status import Status
from chargeplane.energy.transitions import enter

BOUNCE_TICKS: Final = 50  # 500 ms: for how long the pilot has to ask, so that it is no glitch
ACTIVATION_S: Final = 30  # a car that has not begun by then is woken
RELOCK_S: Final = 60  # after which a card is needed again when the cable was taken out


def advance(draft: Status, settings: Settings, level: Level, ticks: int) -> None:
    """Let that many times 10 ms pass while the pilot stays at one level."""
    while ticks > 0:
        ticks -= 1
        counted = draft.bounce_ticks
        if tick(draft, settings, level):
            continue
        # Nothing happened, so nothing will before the pilot has asked for long enough.
        if not counted < draft.bounce_ticks <= BOUNCE_TICKS:
            return
        passed = min(ticks, BOUNCE_TICKS - draft.bounce_ticks)
        draft.bounce_ticks += passed
        ticks -= passed


def tick(draft: Status, settings: Settings, level: Level) -> bool:
    """Let 10 ms pass; whether anything happened."""
    if not draft.pilot_connected and draft.state in _REST:
        return _reconnect(draft)
    step = STEPS.get((draft.state, level))
    return step is not None and step(draft, settings)


def seen(draft: Status, settings: Settings, pilot_mv: int) -> Level:
    """What the pilot shows; where there is ventilation a car that needs it may charge too."""
    draft.level = level(pilot_mv)
    if draft.level is Level.V3 and settings.ventilation:
        return Level.V6
    return draft.level


def _reconnect(draft: Status) -> bool:
    if draft.pilot_off_s or draft.pwm_override == 0:
        return False
    draft.pilot_connected = True
    return True


# Steps.


def _is_out(draft: Status, settings: Settings) -> bool:
    """No car: whoever unlocked this EVSE has a while left to plug in."""
    needs_card = settings.rfid_reader in {RfidReader.ENABLE_ALL, RfidReader.ENABLE_ONE}
    if needs_card and draft.relock_s == 0 and draft.access is Access.ON:
        draft.relock_s = RELOCK_S
    draft.charge_delay_s = 0
    if draft.state is State.A:
        return False
    return _is_plugged_out(draft, settings)


def _is_plugged_in(draft: Status, settings: Settings) -> bool:
    if draft.access is not Access.ON:
        return False
    if draft.errors or draft.charge_delay_s:
        if draft.state is State.B1:
            return False
        enter(draft, settings, State.B1)
        return True
    _begin(draft, settings)
    return True


def _begin(draft: Status, settings: Settings) -> None:
    """Offer the minimum to a car, or ask the master for it."""
    draft.diode_seen = False
    draft.charge_current_da = settings.minimum_da()
    if not settings.fixed_cable and draft.cable_limit_a < settings.max_current_a:
        draft.charge_current_da = draft.cable_limit_a * 10
    if settings.is_node:
        enter(draft, settings, State.COMM_B)
    elif balancing.is_available(draft, settings):
        draft.balanced_da = (draft.charge_current_da, *draft.balanced_da[1:])
        enter(draft, settings, State.B)
        _await_charging(draft)
    else:
        draft.errors |= Error.LESS_6A


def _await_charging(draft: Status) -> None:
    draft.activation_s = ACTIVATION_S
    draft.relock_s = 0


def _may_begin(draft: Status, settings: Settings) -> bool:
    enter(draft, settings, State.B)
    _await_charging(draft)
    return True


def _asks(draft: Status, settings: Settings) -> bool:
    draft.bounce_ticks = min(draft.bounce_ticks + 1, BOUNCE_TICKS + 1)
    is_glitch = draft.bounce_ticks <= BOUNCE_TICKS
    if is_glitch or not draft.diode_seen or draft.errors or draft.charge_delay_s:
        return False
    if draft.access is not Access.ON or draft.state is State.COMM_C:
        return False
    if settings.is_node:
        enter(draft, settings, State.COMM_C)
    elif balancing.is_available(draft, settings):
        balancing.make_room(draft, settings, 0)
        draft.balanced_da = (settings.minimum_da(), *draft.balanced_da[1:])
        balancing.balance(draft, settings, joining=True)
        _may_charge(draft, settings)
    else:
        draft.errors |= Error.LESS_6A
    return True


def _may_charge(draft: Status, settings: Settings) -> bool:
    draft.diode_seen = False
    enter(draft, settings, State.C)
    return True


def _waits(draft: Status, settings: Settings) -> bool:
    draft.bounce_ticks = 0
    if draft.activation_s != 0:
        return False
    enter(draft, settings, State.ACTSTART)
    return True


def _shows_diode(draft: Status, _settings: Settings) -> bool:
    was_seen = draft.diode_seen
    draft.diode_seen = True
    return not was_seen


def _charges(draft: Status, _settings: Settings) -> bool:
    draft.bounce_ticks = 0
    return False


def _fails(draft: Status, settings: Settings) -> bool:
    """The pilot of a car that charges shows what no car shows, or that it needs ventilation."""
    draft.bounce_ticks += 1
    if draft.bounce_ticks <= BOUNCE_TICKS:
        return False
    draft.bounce_ticks = 0
    return _has_enough(draft, settings)


def _has_enough(draft: Status, settings: Settings) -> bool:
    enter(draft, settings, State.B)
    draft.diode_seen = False
    return True


def _has_stopped(draft: Status, settings: Settings) -> bool:
    enter(draft, settings, State.B1)
    return True


def _is_plugged_out(draft: Status, settings: Settings) -> bool:
    enter(draft, settings, State.A)
    return True


def _is_woken(draft: Status, settings: Settings) -> bool:
    if draft.activated_s:
        return False
    enter(draft, settings, State.B)
    draft.activation_s = None
    return True


_REST: Final = {State.A, State.B1, State.COMM_B}

STEPS: Final[dict[tuple[State, Level], Callable[[Status, Settings], bool]]] = {
    **{(state, Level.V12): _is_out for state in _REST},
    **{(state, Level.V9): _is_plugged_in for state in (State.A, State.B1)},
    **{(State.COMM_B_OK, level): _may_begin for level in Level},
    **{
        (state, level): step
        for state in (State.B, State.COMM_C)
        for level, step in {
            Level.V12: _is_plugged_out,
            Level.V9: _waits,
            Level.V6: _asks,
            Level.DIODE: _shows_diode,
        }.items()
    },
    **{(State.ACTSTART, level): _is_woken for level in Level},
    **{(State.COMM_C_OK, level): _may_charge for level in Level},
    **{(State.C, level): _fails for level in Level},
    (State.C, Level.V12): _is_plugged_out,
    (State.C, Level.V9): _has_enough,
    (State.C, Level.V6): _charges,
    (State.C1, Level.V12): _is_plugged_out,
    (State.C1, Level.V9): _has_stopped,
}
