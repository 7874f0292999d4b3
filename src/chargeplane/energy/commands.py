"""What users, switches, cards and the central system make an EVSE do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from chargeplane.energy import balancing, phases, residual
from chargeplane.energy.pilot import SAFE_PWM
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, ContactorTwo, Error, Mode, State, Switch, UserMode
from chargeplane.energy.status import Status
from chargeplane.energy.transitions import C1_DELAY_S, enter, withhold

LONG_PRESS_S: Final = 1.5


def set_access(draft: Status, settings: Settings, access: Access) -> None:
    """Let cars charge, or stop them."""
    draft.access = access
    if access is not Access.ON:
        _stop(draft, settings)


def _stop(draft: Status, settings: Settings) -> None:
    if draft.state is State.C:
        enter(draft, settings, State.C1)
    elif draft.state is State.B:
        enter(draft, settings, State.B1)


def set_mode(draft: Status, settings: Settings, mode: Mode, *, is_delayed: bool = False) -> None:
    """Regulate that way and let cars charge, or `is_delayed` keep them waiting.

    SMART and SOLAR are refused without a mains meter, except on a node, whose master has it.
    """
    if mode is not Mode.NORMAL and not (settings.mains_meter or settings.is_node):
        return
    set_access(draft, settings, Access.OFF if is_delayed else Access.ON)
    if mode is Mode.SOLAR:
        draft.override_da = 0
    if _changes_contactor(draft, settings, mode):
        _stop(draft, settings)
    phases.follow_setting(draft, settings)
    if mode is Mode.SMART:
        draft.errors &= ~Error.LESS_6A
        draft.solar_stop_timer_s = draft.max_sum_mains_timer_s = 0
    draft.charge_delay_s = 0
    if settings.is_master and mode is not draft.mode:
        draft.new_mode = mode
    draft.mode = mode


def _changes_contactor(status: Status, settings: Settings, mode: Mode) -> bool:
    """Whether the second contactor has to switch, for which the car has to stop."""
    if settings.enable_c2 is ContactorTwo.SOLAR_OFF:
        return (mode is Mode.SOLAR) != (status.mode is Mode.SOLAR)
    leaves_solar = status.mode is Mode.SOLAR and mode is not Mode.SOLAR
    return settings.enable_c2 is ContactorTwo.AUTO and leaves_solar and status.phases == 1


def set_user_mode(draft: Status, settings: Settings, mode: UserMode) -> None:
    """Set access and mode at once, as users know them."""
    if mode is UserMode.OFF or mode is UserMode.PAUSE:
        set_access(draft, settings, Access.OFF if mode is UserMode.OFF else Access.PAUSE)
    else:
        set_mode(draft, settings, Mode[mode.name])


def set_override(draft: Status, _settings: Settings, current_da: int) -> None:
    """Offer at most that current; 0: what the settings say."""
    draft.override_da = current_da


def set_ocpp_limit(draft: Status, settings: Settings, limit_a: float | None) -> None:
    """Offer at most what the central system says, unless EVSEs share a circuit.

    Less than the minimum stops a car at once, and enough lets it go on at once.
    """
    if limit_a == draft.ocpp_limit_a:
        return
    draft.ocpp_limit_a = limit_a
    if balancing.is_suspended(draft, settings):
        draft.errors |= Error.LESS_6A
        withhold(draft, settings)
    elif draft.errors & Error.LESS_6A and balancing.is_available(draft, settings):
        draft.errors &= ~Error.LESS_6A
        draft.charge_delay_s = 0


def set_grid_relay(draft: Status, _settings: Settings, *, is_open: bool) -> None:
    """Obey the relay with which the grid's operator may reduce the power."""
    draft.grid_relay_open = is_open


def set_custom_button(draft: Status, _settings: Settings, *, is_on: bool) -> None:
    """Remember what the custom button or switch was last set to."""
    draft.custom_button = is_on


def set_pwm_override(draft: Status, _settings: Settings, pwm: int) -> None:
    """Force the duty of the pilot, in 1/1024; 0 switches the pilot off, below 0 gives it back."""
    draft.pwm_override = pwm if pwm >= 0 else None
    draft.pwm = pwm if pwm >= 0 else SAFE_PWM
    draft.pilot_connected = pwm != 0


def follow_settings(draft: Status, settings: Settings) -> None:
    """Plan the change of phases that changed settings demand."""
    phases.follow_setting(draft, settings)


def close_switch(draft: Status, settings: Settings, *, is_tripped: bool = False) -> None:
    """The external switch was closed; that also ends a residual current that flows no more."""
    residual.reset(draft, settings, is_tripped=is_tripped)
    _turn(draft, settings, is_closed=True)


def open_switch(draft: Status, settings: Settings, closed_s: float = 0.0) -> None:
    """The external switch was opened after it had been closed for so long."""
    if settings.switch is not Switch.SMART_SOLAR_B or closed_s < LONG_PRESS_S:
        _turn(draft, settings, is_closed=False)


def _turn(draft: Status, settings: Settings, *, is_closed: bool) -> None:
    action = SWITCH.get((settings.switch, is_closed))
    if action:
        action(draft, settings)


def hold_switch(draft: Status, settings: Settings, closed_s: float) -> None:
    """The push button is still held: after a while that stops the car, so that it can leave."""
    if settings.switch is Switch.SMART_SOLAR_B and closed_s > LONG_PRESS_S:
        _let_go(draft, settings)


def _let_go(draft: Status, settings: Settings) -> None:
    if draft.state is State.C:
        enter(draft, settings, State.C1)
        draft.charge_delay_s = C1_DELAY_S


def _toggle_access(draft: Status, settings: Settings) -> None:
    set_access(draft, settings, Access.OFF if draft.access is Access.ON else Access.ON)


def _toggle_solar(draft: Status, settings: Settings) -> None:
    other = {Mode.SMART: Mode.SOLAR, Mode.SOLAR: Mode.SMART}.get(draft.mode)
    if other is not None:
        set_mode(draft, settings, other)
    draft.errors &= ~Error.LESS_6A
    draft.charge_delay_s = draft.solar_stop_timer_s = draft.max_sum_mains_timer_s = 0


def _swap_mode(draft: Status, settings: Settings, old: Mode, new: Mode) -> None:
    if draft.mode is old and draft.access is Access.ON:
        set_mode(draft, settings, new)


def _toggle_custom(draft: Status, _settings: Settings) -> None:
    draft.custom_button = not draft.custom_button


SWITCH: Final[dict[tuple[Switch, bool], Callable[[Status, Settings], None]]] = {
    (Switch.DISABLED, True): _let_go,
    (Switch.ACCESS_B, True): _toggle_access,
    (Switch.ACCESS_S, True): partial(set_access, access=Access.ON),
    (Switch.ACCESS_S, False): partial(set_access, access=Access.OFF),
    (Switch.SMART_SOLAR_B, False): _toggle_solar,
    (Switch.SMART_SOLAR_S, True): partial(_swap_mode, old=Mode.SOLAR, new=Mode.SMART),
    (Switch.SMART_SOLAR_S, False): partial(_swap_mode, old=Mode.SMART, new=Mode.SOLAR),
    (Switch.GRID_RELAY, True): partial(set_grid_relay, is_open=False),
    (Switch.GRID_RELAY, False): partial(set_grid_relay, is_open=True),
    (Switch.CUSTOM_B, True): _toggle_custom,
    (Switch.CUSTOM_S, True): partial(set_custom_button, is_on=True),
    (Switch.CUSTOM_S, False): partial(set_custom_button, is_on=False),
}
