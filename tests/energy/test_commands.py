from __future__ import annotations

import pytest

from chargeplane.energy import regulation
from chargeplane.energy.pilot import SAFE_PWM
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import (
    Access,
    ContactorTwo,
    Error,
    Mode,
    State,
    Switch,
    UserMode,
    user_mode,
)
from tests.energy.test_machine import seconds, status_of

ALONE = Settings(max_current_a=16)


@pytest.mark.parametrize("mode", UserMode)
def test_what_a_user_sets_is_what_a_user_sees(mode: UserMode) -> None:
    status = regulation.set_user_mode(status_of(State.A, mode=Mode.SMART), ALONE, mode)
    assert user_mode(status.access, status.mode) is mode


@pytest.mark.parametrize("access", [Access.OFF, Access.PAUSE])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (State.A, State.A),
        (State.B, State.B1),
        (State.B1, State.B1),
        (State.C, State.C1),
        (State.C1, State.C1),
    ],
)
def test_without_access_a_car_is_asked_to_stop(access: Access, before: State, after: State) -> None:
    status = regulation.set_access(status_of(before), ALONE, access)
    assert (status.state, status.access, status.pilot_connected) == (after, access, True)


def test_without_a_mains_meter_only_normal_is_possible() -> None:
    bare, node = Settings(mains_meter=False), Settings(mains_meter=False, load_balancing=2)
    for mode in (Mode.SMART, Mode.SOLAR):
        assert regulation.set_mode(status_of(State.A), bare, mode).mode is Mode.NORMAL
        assert regulation.set_mode(status_of(State.A), node, mode).mode is mode


def test_a_mode_that_is_to_begin_later_keeps_cars_waiting() -> None:
    status = regulation.set_mode(status_of(State.C), ALONE, Mode.SMART, is_delayed=True)
    assert (status.access, status.mode, status.state) == (Access.OFF, Mode.SMART, State.C1)


def test_solar_ends_an_override_and_smart_a_lack_of_current() -> None:
    status = status_of(State.B1, errors=Error.LESS_6A, charge_delay_s=60, solar_stop_timer_s=9)
    status = regulation.set_override(status, ALONE, 100)
    solar = regulation.set_mode(status, ALONE, Mode.SOLAR)
    assert (solar.override_da, solar.errors, solar.charge_delay_s) == (0, Error.LESS_6A, 0)
    smart = regulation.set_mode(status, ALONE, Mode.SMART)
    assert (smart.override_da, smart.errors, smart.solar_stop_timer_s) == (100, 0, 0)


@pytest.mark.parametrize(
    ("enable_c2", "phases", "before", "after", "stops"),
    [
        (ContactorTwo.SOLAR_OFF, 3, Mode.SMART, Mode.SOLAR, True),
        (ContactorTwo.SOLAR_OFF, 1, Mode.SOLAR, Mode.NORMAL, True),
        (ContactorTwo.SOLAR_OFF, 3, Mode.SMART, Mode.NORMAL, False),
        (ContactorTwo.AUTO, 1, Mode.SOLAR, Mode.SMART, True),
        (ContactorTwo.AUTO, 3, Mode.SOLAR, Mode.SMART, False),
        (ContactorTwo.AUTO, 3, Mode.SMART, Mode.SOLAR, False),
        (ContactorTwo.ALWAYS_ON, 3, Mode.SMART, Mode.SOLAR, False),
    ],
)
def test_a_car_stops_where_the_second_contactor_has_to_switch(
    enable_c2: ContactorTwo, phases: int, before: Mode, after: Mode, *, stops: bool
) -> None:
    settings = Settings(enable_c2=enable_c2)
    status = status_of(State.C, settings, mode=before, phases=phases)
    status = regulation.set_mode(status, settings, after)
    assert status.state is (State.C1 if stops else State.C)


def test_the_duty_can_be_forced_and_given_back() -> None:
    status = regulation.set_pwm_override(status_of(State.C), ALONE, 400)
    assert seconds(status, 8, "6", ALONE).pwm == 400
    status = regulation.set_pwm_override(status, ALONE, 0)
    assert (status.pwm, status.pilot_connected) == (0, False)
    status.states = (State.A,)
    assert not seconds(status, 8, "12", ALONE).pilot_connected
    status = regulation.set_pwm_override(status, ALONE, -1)
    assert (status.pwm, status.pilot_connected, status.pwm_override) == (SAFE_PWM, True, None)


def turned(switch: Switch, *, closed: bool, mode: Mode = Mode.SMART, **more: object) -> object:
    settings = Settings(switch=switch)
    status = status_of(State.C, settings, mode=mode, **more)
    if closed:
        return regulation.close_switch(status, settings)
    return regulation.open_switch(status, settings)


@pytest.mark.parametrize(
    ("switch", "closed", "name", "value"),
    [
        (Switch.DISABLED, True, "state", State.C1),
        (Switch.DISABLED, False, "state", State.C),
        (Switch.ACCESS_B, True, "access", Access.OFF),
        (Switch.ACCESS_B, False, "access", Access.ON),
        (Switch.ACCESS_S, True, "access", Access.ON),
        (Switch.ACCESS_S, False, "access", Access.OFF),
        (Switch.SMART_SOLAR_B, True, "mode", Mode.SMART),
        (Switch.SMART_SOLAR_B, False, "mode", Mode.SOLAR),
        (Switch.SMART_SOLAR_S, True, "mode", Mode.SMART),
        (Switch.SMART_SOLAR_S, False, "mode", Mode.SOLAR),
        (Switch.GRID_RELAY, False, "grid_relay_open", True),
        (Switch.GRID_RELAY, True, "grid_relay_open", False),
        (Switch.CUSTOM_B, True, "custom_button", True),
        (Switch.CUSTOM_B, False, "custom_button", False),
        (Switch.CUSTOM_S, True, "custom_button", True),
        (Switch.CUSTOM_S, False, "custom_button", False),
    ],
)
def test_the_external_switch(switch: Switch, name: str, value: object, *, closed: bool) -> None:
    assert getattr(turned(switch, closed=closed), name) == value


def test_switching_also_ends_a_residual_current() -> None:
    settings = Settings(switch=Switch.CUSTOM_S)
    status = status_of(State.B1, settings, errors=Error.RCM_TRIPPED)
    assert regulation.close_switch(status, settings).errors == 0
    assert regulation.close_switch(status, settings, is_tripped=True).errors == Error.RCM_TRIPPED


def test_a_button_that_is_held_lets_the_car_go() -> None:
    settings = Settings(switch=Switch.SMART_SOLAR_B)
    status = status_of(State.C, settings, mode=Mode.SMART)
    assert regulation.hold_switch(status, settings, 1.0).state is State.C
    held = regulation.hold_switch(status, settings, 1.6)
    assert (held.state, held.charge_delay_s) == (State.C1, 15)
    assert regulation.open_switch(held, settings, 2.0).mode is Mode.SMART
    other = Settings(switch=Switch.ACCESS_B)
    assert regulation.hold_switch(status, other, 9.0).state is State.C


def test_a_short_press_in_normal_mode_only_ends_a_wait() -> None:
    settings = Settings(switch=Switch.SMART_SOLAR_B)
    status = status_of(State.B1, settings, errors=Error.LESS_6A, charge_delay_s=50)
    status = regulation.open_switch(status, settings, 0.3)
    assert (status.mode, status.errors, status.charge_delay_s) == (Mode.NORMAL, 0, 0)


def test_a_toggle_switch_does_not_give_access() -> None:
    settings = Settings(switch=Switch.SMART_SOLAR_S)
    status = status_of(State.A, settings, mode=Mode.SMART, access=Access.OFF)
    assert regulation.open_switch(status, settings).access is Access.OFF
