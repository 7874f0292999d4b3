"""Sharing a current among the EVSEs that charge.

`equal` is what SmartEVSE does. `fill` is for what goes beyond it: minima that differ,
circuits within the circuit, and serving some first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from chargeplane.energy.settings import Settings
from chargeplane.energy.states import State, Strategy
from chargeplane.energy.status import Status


class Claim(NamedTuple):
    """An EVSE that wants current, per phase in 0.1 A."""

    position: int
    minimum_da: int
    maximum_da: int
    is_running_in: bool = False  # it gets its minimum and no more


def share(
    total_da: int, claims: Sequence[Claim], count: int, status: Status, settings: Settings
) -> dict[int, int]:
    """Share as the settings say; who has to pause is not in the answer."""
    options = settings.sharing
    in_turn = options.strategy in _IN_TURN
    if not (in_turn or options.minimum_a or options.circuits):
        return equal(total_da, claims, count)
    order = ranked((claim.position for claim in claims), status, settings)
    claims = sorted(claims, key=lambda claim: order.index(claim.position))
    return fill(total_da, claims, settings, in_turn=in_turn)


def equal(total_da: int, claims: Iterable[Claim], count: int) -> dict[int, int]:
    """Make `count` shares of the same size, and give what one cannot use to the others."""
    given: dict[int, int] = {}
    left = list(claims)
    while settled := _settled(left, total_da // count if count else 0):
        claim, current_da = settled
        given[claim.position] = current_da
        left.remove(claim)
        total_da = max(0, total_da - current_da)
        count -= 1
    for claim in left:
        given[claim.position] = current_da = total_da // count
        total_da -= current_da
        count -= 1
    return given


def _settled(claims: Iterable[Claim], share_da: int) -> tuple[Claim, int] | None:
    """The first claim that does not depend on what the others get."""
    for claim in claims:
        if claim.is_running_in:
            return claim, claim.minimum_da
        if share_da >= claim.maximum_da:
            return claim, claim.maximum_da
    return None


def fill(
    total_da: int, claims: Sequence[Claim], settings: Settings, *, in_turn: bool
) -> dict[int, int]:
    """Give each its minimum in their order, as far as that goes, and then share the rest.

    The rest goes to the first as far as it can use it, and so on (`in_turn`), or all
    rise together. Who gets nothing is not in the answer.
    """
    rooms = _Rooms(total_da, claims, settings)
    given: dict[int, int] = {}
    for claim in claims:
        if rooms.left_da(claim.position) >= claim.minimum_da:
            rooms.take(claim.position, claim.minimum_da)
            given[claim.position] = claim.minimum_da
    hungry = [claim for claim in claims if claim.position in given and not claim.is_running_in]
    if in_turn:
        for claim in hungry:
            _raise(rooms, given, [claim])
    else:
        _raise(rooms, given, hungry)
    return given


def _raise(rooms: _Rooms, given: dict[int, int], hungry: Sequence[Claim]) -> None:
    """Raise all together until each has its maximum or its circuit is full."""
    while True:
        hungry = [
            claim
            for claim in hungry
            if given[claim.position] < claim.maximum_da and rooms.share_da(claim, hungry) > 0
        ]
        if not hungry:
            return
        step_da = min(
            min(claim.maximum_da - given[claim.position], rooms.share_da(claim, hungry))
            for claim in hungry
        )
        for claim in hungry:
            given[claim.position] += step_da
            rooms.take(claim.position, step_da)


class _Rooms:
    """What is left in each circuit, the one that holds all included."""

    def __init__(self, total_da: int, claims: Iterable[Claim], settings: Settings) -> None:
        self._members = [frozenset(claim.position for claim in claims)]
        self._left_da = [total_da]
        for circuit in settings.sharing.circuits:
            for limit_a, evses in circuit.flat():
                self._members.append(evses)
                self._left_da.append(limit_a * 10)

    def left_da(self, position: int) -> int:
        return min(
            left
            for left, members in zip(self._left_da, self._members, strict=True)
            if position in members
        )

    def share_da(self, claim: Claim, claims: Sequence[Claim]) -> int:
        """How far the claim can rise if all these rise by the same."""
        return min(
            left // sum(other.position in members for other in claims)
            for left, members in zip(self._left_da, self._members, strict=True)
            if claim.position in members
        )

    def take(self, position: int, current_da: int) -> None:
        for index, members in enumerate(self._members):
            if position in members:
                self._left_da[index] -= current_da


# Who is served first.

_IN_TURN: Final = {Strategy.PRIORITY, Strategy.FIRST_CONNECTED, Strategy.LAST_CONNECTED}


def ranked(positions: Iterable[int], status: Status, settings: Settings) -> list[int]:
    """The positions in the order in which they are served where there is not enough for all.

    Whose car has not made use of its turn for long enough comes last.
    """
    key, timeout_s = RANKS[settings.sharing.strategy], settings.sharing.idle_timeout_s

    def rank(position: int) -> tuple[int, ...]:
        is_idle = 0 < timeout_s <= status.idle_s[position]
        return is_idle, *key(position, status, settings)

    return sorted(positions, key=rank)


def _by_priority(position: int, status: Status, settings: Settings) -> tuple[int, ...]:
    priorities = settings.sharing.priorities
    own = priorities[position] if position < len(priorities) else 0
    return -own, -status.connected_s[position], position


def _in_rotation(position: int, status: Status, settings: Settings) -> tuple[int, ...]:
    """Those that have not had their time yet, then those that wait, then those that had it."""
    charged_s = status.charging_s[position]
    if status.states[position] is not State.C:
        return 1, -status.waiting_s[position], position
    has_had_its_time = charged_s >= settings.sharing.rotation_min * 60
    return (2, charged_s, position) if has_had_its_time else (0, -charged_s, position)


RANKS: Final[dict[Strategy, Callable[[int, Status, Settings], tuple[int, ...]]]] = {
    Strategy.EQUAL: lambda position, _status, _settings: (position,),
    Strategy.PRIORITY: _by_priority,
    Strategy.FIRST_CONNECTED: lambda position, status, _settings: (
        -status.connected_s[position],
        position,
    ),
    Strategy.LAST_CONNECTED: lambda position, status, _settings: (
        status.connected_s[position],
        position,
    ),
    Strategy.ROTATION: _in_rotation,
}
