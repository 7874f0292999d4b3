"""How much current there is, and for whom: of the EVSE that is alone, or of a master's group.

All currents are per phase in 0.1 A but `isum`, which is the sum of the phases.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from chargeplane.energy import phases, sharing, solar
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Error, Mode, PhaseSwitch, State, Strategy
from chargeplane.energy.status import Status, put
from chargeplane.energy.transitions import withhold

HARD_LIMIT_DA: Final = 800
UNLIMITED_DA: Final = 1 << 30
GRID_RELAY_DA: Final = 180  # 4.2 kW, which section 14a EnWG leaves, as a sum of the phases


class Load(NamedTuple):
    """The EVSEs that charge, what they need and were given, and what all else draws."""

    active: tuple[int, ...]  # positions
    needed_da: int
    limit_da: int
    total_da: int
    base_da: int
    circuit_base_da: int
    isum_da: int


def load_of(status: Status, settings: Settings) -> Load:
    """Split what is measured into the EVSEs and all else."""
    active = [position for position, state in enumerate(status.states) if state is State.C]
    needed_da = limit_da = total_da = 0
    for position in active:
        needed_da += settings.minimum_da(position)
        limit_da += status.balanced_max_da[position]
        total_da += status.balanced_da[position]
    circuit_da = status.circuit_max_da if settings.circuit_meter else 0
    return Load(
        tuple(active),
        needed_da,
        limit_da,
        total_da,
        status.mains_max_da - total_da,
        max(0, circuit_da - total_da),
        status.isum_da,
    )


# Whether one more may charge.


def is_available(status: Status, settings: Settings, position: int = 0) -> bool:
    """Whether that EVSE could charge too if all went down to their minimum.

    With a strategy also if those could pause that are served after it.
    """
    load = load_of(status, settings)
    if _fits(load, status, settings, position):
        return True
    lighter = _without_last(load, status, settings, position)
    return any(_fits(each, status, settings, position) for each, _ in lighter)


def make_room(draft: Status, settings: Settings, position: int) -> None:
    """Pause those served after that EVSE, as many as it takes for it to charge."""
    load = load_of(draft, settings)
    for lighter, last in _without_last(load, draft, settings, position):
        if _fits(load, draft, settings, position):
            return
        pause(draft, settings, last)
        load = lighter


def relieve(draft: Status, settings: Settings) -> bool:
    """Pause who is served last, if there is a strategy and anybody else to go on."""
    active = load_of(draft, settings).active
    if settings.sharing.strategy is Strategy.EQUAL or len(active) <= 1:
        return False
    pause(draft, settings, sharing.ranked(active, draft, settings)[-1])
    return True


def pause(draft: Status, settings: Settings, position: int) -> None:
    """Let that EVSE stop for lack of current, as all do where there is no strategy."""
    draft.balanced_da = put(draft.balanced_da, position, 0)
    if position == 0:
        draft.errors |= Error.LESS_6A
        withhold(draft, settings)
        return
    node = draft.nodes[position - 1]
    paused = msgspec.structs.replace(node, errors=node.errors | Error.LESS_6A, is_paused=True)
    draft.nodes = put(draft.nodes, position - 1, paused)
    draft.states = put(draft.states, position, State.B1)


def _without_last(
    load: Load, status: Status, settings: Settings, position: int
) -> Iterator[tuple[Load, int]]:
    """The load with fewer and fewer of those that are served after that EVSE, and who left."""
    if settings.sharing.strategy is Strategy.EQUAL:
        return
    order = sharing.ranked({*load.active, position}, status, settings)
    for last in reversed(order[order.index(position) + 1 :]):
        current_da = status.balanced_da[last]
        load = load._replace(
            active=tuple(each for each in load.active if each != last),
            needed_da=load.needed_da - settings.minimum_da(last),
            total_da=load.total_da - current_da,
            isum_da=load.isum_da - current_da,  # at least one phase gets free
        )
        yield load, last


def _fits(load: Load, status: Status, settings: Settings, position: int) -> bool:
    needed_da = load.needed_da + settings.minimum_da(position)
    return (
        needed_da <= _ceiling_da(status, settings, load)
        and (status.mode is not Mode.SOLAR or _is_sunny(load, settings))
        and (status.mode is Mode.NORMAL or _fits_sum(load, status, settings, needed_da))
        and not is_suspended(status, settings)
        and _fits_circuits(load, settings, position)
    )


def _fits_sum(load: Load, status: Status, settings: Settings, needed_da: int) -> bool:
    if not settings.max_sum_mains_a:
        return True
    # Of nodes it is not known how many phases they use.
    is_three = not settings.load_balancing and not phases.is_single(status, settings)
    sum_da = needed_da * (3 if is_three else 1) + load.isum_da
    return sum_da <= settings.max_sum_mains_a * 10


def is_suspended(status: Status, settings: Settings) -> bool:
    """Whether the central system leaves too little to charge."""
    limit_a = status.ocpp_limit_a
    return limit_a is not None and not settings.load_balancing and limit_a < settings.min_current_a


def _fits_circuits(load: Load, settings: Settings, position: int) -> bool:
    return all(
        sum(map(settings.minimum_da, evses.intersection((*load.active, position)))) <= limit_a * 10
        for circuit in settings.sharing.circuits
        for limit_a, evses in circuit.flat()
        if position in evses
    )


def _is_sunny(load: Load, settings: Settings) -> bool:
    if not load.active:
        return load.isum_da < -10 * settings.start_current_a
    spare_da = load.total_da - load.needed_da
    return spare_da >= 0 and load.isum_da <= settings.import_current_a * 10 + spare_da


def _counts_circuit(status: Status, settings: Settings) -> bool:
    if settings.is_master:
        return True
    return settings.circuit_meter and not settings.is_node and status.mode is not Mode.NORMAL


# How much all may draw.


def balance(draft: Status, settings: Settings, *, joining: bool = False) -> None:
    """Set the current of every EVSE that charges; `joining`: one of a group is about to."""
    draft.charge_current_da = _charge_current_da(draft, settings)
    draft.balanced_max_da = (draft.charge_current_da, *draft.balanced_max_da[1:])
    load = load_of(draft, settings)
    exceeds_sum = False
    if draft.mode is Mode.NORMAL:
        _follow_setting(draft, settings, load)
    else:
        exceeds_sum = _follow_mains(draft, settings, load, joining=joining)
    ceiling_da = _ceiling_da(draft, settings, load)
    draft.iset_da = min(draft.iset_da, ceiling_da)
    if not load.active:
        _forget_shortage(draft)
    elif draft.mains_fresh or draft.mode is Mode.NORMAL:
        if draft.iset_da < load.needed_da:
            is_hard = ceiling_da < load.needed_da
            _on_shortage(draft, settings, load, is_hard=is_hard, exceeds_sum=exceeds_sum)
        elif draft.mode is not Mode.SOLAR or not solar.steps_up(draft, settings):
            _forget_shortage(draft)
        _share(draft, settings, load)
    draft.mains_fresh = False


def _charge_current_da(status: Status, settings: Settings) -> int:
    """The most that the own EVSE may offer."""
    limits_da = [settings.max_current_a * 10]
    if status.override_da:
        limits_da.append(status.override_da)
    if status.state is State.C and not settings.fixed_cable:
        limits_da.append(status.cable_limit_a * 10)
    if is_suspended(status, settings):
        return 0
    if status.ocpp_limit_a is not None and not settings.load_balancing:
        limits_da.append(int(status.ocpp_limit_a * 10))
    return min(limits_da)


def _follow_setting(draft: Status, settings: Settings, load: Load) -> None:
    """NORMAL: what the EVSE has, or for a group what its circuit has."""
    if settings.is_master:
        draft.iset_da = settings.max_circuit_a * 10 - load.circuit_base_da
    else:
        draft.iset_da = draft.charge_current_da
    if draft.phases == 1:
        phases.plan(draft, 3)


def _follow_mains(draft: Status, settings: Settings, load: Load, *, joining: bool) -> bool:
    """SMART and SOLAR: what the mains have left; whether the sum of the phases is exceeded."""
    if draft.mode is Mode.SOLAR:
        solar.plan_phases(draft, settings)
    room_da, sum_da = _room_da(draft, settings)
    if settings.max_sum_mains_a and sum_da >= 0:
        draft.max_sum_mains_timer_s = 0
    if not joining:
        _keep_below_mains(draft, settings, room_da)
    if draft.mode is Mode.SOLAR:
        if load.active and room_da > 0 and draft.mains_fresh:
            excess_da = solar.import_da(draft, settings)
            if abs(excess_da) >= settings.dead_band_da:
                draft.iset_da += solar.step_da(excess_da, room_da)
    elif joining and load.active:
        draft.iset_da = min(
            settings.max_mains_a * 10 - load.base_da,
            settings.max_circuit_a * 10 - load.circuit_base_da,
            _third(sum_da),
        )
    return sum_da < 0


def _room_da(status: Status, settings: Settings) -> tuple[int, int]:
    """What more could be drawn per phase, and as a sum of the phases."""
    room_da = settings.max_mains_a * 10 - status.mains_max_da
    if settings.circuit_meter:
        room_da = min(room_da, settings.max_circuit_a * 10 - status.circuit_max_da)
    if not settings.max_sum_mains_a:
        return room_da, UNLIMITED_DA
    sum_da = settings.max_sum_mains_a * 10 - status.isum_da
    return min(room_da, _third(sum_da)), sum_da


def _keep_below_mains(draft: Status, settings: Settings, room_da: int) -> None:
    """Go up slowly, go down at once, and neither without a new measurement."""
    if draft.mains_fresh:
        if room_da <= 0:
            draft.iset_da += room_da
        elif draft.mode is Mode.SMART and room_da >= settings.dead_band_da:
            draft.iset_da += room_da // 4
    draft.iset_da = min(max(draft.iset_da, 0), HARD_LIMIT_DA)


def _ceiling_da(status: Status, settings: Settings, load: Load) -> int:
    """What must not be exceeded, however little that leaves."""
    ceiling_da = _relay_da(status, settings)
    if settings.mains_meter and status.mode is not Mode.NORMAL:
        ceiling_da = min(ceiling_da, settings.max_mains_a * 10 - load.base_da)
    if _counts_circuit(status, settings):
        ceiling_da = min(ceiling_da, settings.max_circuit_a * 10 - load.circuit_base_da)
    return ceiling_da


def _relay_da(status: Status, settings: Settings) -> int:
    if not status.grid_relay_open:
        return UNLIMITED_DA
    return GRID_RELAY_DA // (1 if phases.is_single(status, settings) else 3)


def _third(sum_da: int) -> int:
    """A third, as devices divide: towards zero."""
    return -(-sum_da // 3) if sum_da < 0 else sum_da // 3


# Too little, or enough.


def _on_shortage(
    draft: Status, settings: Settings, load: Load, *, is_hard: bool, exceeds_sum: bool
) -> None:
    """All go on with their minimum until the shortage has lasted."""
    draft.iset_da = load.needed_da
    if draft.mode is Mode.SOLAR:
        solar.on_shortage(draft, settings, load.needed_da)
    has_time = settings.max_sum_mains_time_min > 0
    is_hard = is_hard or (exceeds_sum and not has_time)
    # One phase instead of three may be enough.
    if is_hard and draft.phase_switch is not PhaseSwitch.TO_ONE:
        draft.no_current += 1
    elif exceeds_sum and has_time and draft.max_sum_mains_timer_s == 0:
        draft.max_sum_mains_timer_s = settings.max_sum_mains_time_min * 60


def _forget_shortage(draft: Status) -> None:
    draft.solar_stop_timer_s = 0
    draft.max_sum_mains_timer_s = 0
    draft.no_current = 0


def _share(draft: Status, settings: Settings, load: Load) -> None:
    draft.iset_da = min(draft.iset_da, load.limit_da)
    claims = [
        sharing.Claim(
            position,
            settings.minimum_da(position),
            draft.balanced_max_da[position],
            draft.mode is Mode.SOLAR and draft.charging_s[position] < solar.RUN_IN_S,
        )
        for position in load.active
        if draft.states[position] is State.C
    ]
    given = sharing.share(draft.iset_da, claims, len(load.active), draft, settings)
    balanced = list(draft.balanced_da)
    for position, current_da in given.items():
        balanced[position] = current_da
    draft.balanced_da = tuple(balanced)
    for claim in claims:
        if claim.position not in given:
            pause(draft, settings, claim.position)
        elif claim.is_running_in:
            draft.iset_da = load.total_da
