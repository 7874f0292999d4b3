"""What passes once a second: timers run out, meters fall silent, errors come and go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chargeplane.energy import balancing, nodes, residual
from chargeplane.energy.commands import set_access
from chargeplane.energy.measurements import REGULATION_S
from chargeplane.energy.pilot import duty
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, Error, Mode, State, Strategy
from chargeplane.energy.status import Status
from chargeplane.energy.transitions import LESS_6A_DELAY_S, enter, withhold

COOLER_BY_C: Final = 10
IDLE_DA: Final = 10  # a car that draws less does not charge
SHORTAGES: Final = 2  # in a row that are borne


def second(draft: Status, settings: Settings) -> None:
    """Do all that is done once a second."""
    for stage in STAGES:
        stage(draft, settings)


def _wake(draft: Status, _settings: Settings) -> None:
    if draft.activation_s:
        draft.activation_s -= 1
    if draft.activated_s:
        draft.activated_s -= 1


def _cut_off(draft: Status, settings: Settings) -> None:
    """A car that was asked to stop and goes on is cut off."""
    if draft.state is State.C1:
        if draft.stopping_s:
            draft.stopping_s -= 1
        else:
            enter(draft, settings, State.B1)


def _wait_for_sun(draft: Status, settings: Settings) -> None:
    if draft.solar_stop_timer_s:
        draft.solar_stop_timer_s -= 1
        if not draft.solar_stop_timer_s:
            _give_up(draft, settings)


def _bear_sum(draft: Status, settings: Settings) -> None:
    if draft.max_sum_mains_timer_s:
        draft.max_sum_mains_timer_s -= 1
        if not draft.max_sum_mains_timer_s:
            _give_up(draft, settings)


def _give_up(draft: Status, settings: Settings) -> None:
    if balancing.relieve(draft, settings):
        return
    if draft.state is State.C:
        enter(draft, settings, State.C1)
    draft.errors |= Error.LESS_6A


def _count(draft: Status, settings: Settings) -> None:
    if draft.pilot_off_s:
        draft.pilot_off_s -= 1
    if draft.battery_s:
        draft.battery_s -= 1
    draft.charging_s = tuple(
        [
            s + 1 if state is State.C else 0
            for state, s in zip(draft.states, draft.charging_s, strict=True)
        ]
    )
    if settings.sharing.strategy is not Strategy.EQUAL:
        _count_turns(draft, settings)


def _count_turns(draft: Status, settings: Settings) -> None:
    draft.connected_s = tuple(
        [
            0 if state is State.A else s + 1
            for state, s in zip(draft.states, draft.connected_s, strict=True)
        ]
    )
    errors = (draft.errors, *(node.errors for node in draft.nodes))
    draft.waiting_s = tuple(
        [
            s + 1 if state not in {State.A, State.C} and each & Error.LESS_6A else 0
            for state, s, each in zip(draft.states, draft.waiting_s, errors, strict=True)
        ]
    )

    own_da = max(draft.ev_da) if settings.ev_meter else None
    drawn = (own_da, *(node.drawn_da for node in draft.nodes))
    draft.idle_s = tuple(map(_idle_s, draft.states, drawn, draft.idle_s))


def _idle_s(state: State, drawn_da: int | None, idle_s: int) -> int:
    """For how long a car has drawn nothing; it stays so while it has to pause."""
    if state is State.A or drawn_da is None:
        return 0
    if state is not State.C:
        return idle_s
    return idle_s + 1 if drawn_da < IDLE_DA else 0


def _regulate(draft: Status, settings: Settings) -> None:
    """Every other second, where no master does it: share what there is."""
    draft.has_regulated = draft.has_overload = False
    if settings.is_node:
        return
    if draft.regulation_in_s:
        draft.regulation_in_s -= 1
        return
    draft.regulation_in_s = REGULATION_S - 1
    draft.has_regulated = True
    if draft.nodes:
        nodes.answer_all(draft, settings)
    balancing.balance(draft, settings)
    _stop_overload(draft, settings)
    if draft.state in _OFFERS and draft.pwm_override is None:
        draft.pwm = duty(draft.balanced_da[0])


def _stop_overload(draft: Status, settings: Settings) -> None:
    is_regulated = draft.mode is not Mode.NORMAL
    is_overload = is_regulated and draft.mains_max_da > settings.max_mains_a * 20
    is_short = draft.no_current > SHORTAGES and (is_regulated or draft.grid_relay_open)
    if is_overload or is_short:
        draft.no_current = 0
        if is_overload or not balancing.relieve(draft, settings):
            draft.errors |= Error.LESS_6A
            draft.has_overload = True


def _count_delays(draft: Status, settings: Settings) -> None:
    if draft.charge_delay_s:
        draft.charge_delay_s -= 1
    if draft.state is not State.A:
        draft.relock_s = 0
    elif draft.relock_s:
        draft.relock_s -= 1
        if not draft.relock_s:
            set_access(draft, settings, Access.OFF)


def _look_for_current(draft: Status, settings: Settings) -> None:
    """Charge again when there is current, but not while the sun goes in and out."""
    if settings.is_node:
        return
    if draft.errors & Error.LESS_6A:
        if balancing.is_available(draft, settings):
            draft.errors &= ~Error.LESS_6A
    elif (
        draft.charge_delay_s
        and draft.mode is Mode.SOLAR
        and not balancing.is_available(draft, settings)
    ):
        draft.errors |= Error.LESS_6A


def _watch_meters(draft: Status, settings: Settings) -> None:
    regulated = draft.mode is not Mode.NORMAL
    if settings.mains_meter or settings.is_node:
        draft.mains_timeout_s = _watch(
            draft,
            settings,
            draft.mains_timeout_s,
            Error.CT_NOCOMM,
            needed=regulated or settings.is_node,
        )
    if settings.ev_meter:
        draft.ev_timeout_s = _watch(
            draft, settings, draft.ev_timeout_s, Error.EV_NOCOMM, needed=regulated
        )
    if settings.circuit_meter:
        draft.circuit_timeout_s = _watch(
            draft, settings, draft.circuit_timeout_s, Error.CIRCUIT_NOCOMM, needed=regulated
        )


def _watch(draft: Status, settings: Settings, left_s: int, error: Error, *, needed: bool) -> int:
    """Stop for a meter that is silent for too long; how much longer it may be."""
    if left_s == 0:
        if needed and not draft.errors & error:
            draft.errors |= error
            withhold(draft, settings)
        return 0
    if left_s > 1 and draft.errors & error:
        draft.errors &= ~error
    return left_s - 1


def _watch_temperature(draft: Status, settings: Settings) -> None:
    if draft.errors & Error.TEMP_HIGH:
        if draft.temperature_c < settings.max_temperature_c - COOLER_BY_C:
            draft.errors &= ~Error.TEMP_HIGH
    elif draft.temperature_c > settings.max_temperature_c:
        draft.errors |= Error.TEMP_HIGH
        withhold(draft, settings)


def _hold_back(draft: Status, settings: Settings) -> None:
    if draft.errors & Error.LESS_6A:
        withhold(draft, settings)
        draft.charge_delay_s = LESS_6A_DELAY_S


_OFFERS: Final = {State.B, State.C}

Stage = Callable[[Status, Settings], None]

STAGES: Final[tuple[Stage, ...]] = (
    _wake,
    _cut_off,
    _wait_for_sun,
    _count,
    residual.check_monitor,
    _regulate,
    _bear_sum,
    _count_delays,
    _look_for_current,
    _watch_meters,
    _watch_temperature,
    _hold_back,
)
