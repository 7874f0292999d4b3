"""When the periods of charging profiles hold, and which of several goes before the others.

Times are whole seconds of the epoch; a span holds from its start until before
its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise
from operator import itemgetter
from random import Random
from typing import Final, NamedTuple, TypeVar

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
)
from chargeplane.energy.composite_values import seconds

DAY: Final = 86400
RECURRENCE: Final = {"Daily": DAY, "Weekly": 7 * DAY}
FOREVER: Final = 1 << 62
STEP: Final = DAY // 2  # no place changes its clocks twice within half a day

Gap = tuple[int, int]
T = TypeVar("T")
R = TypeVar("R")


Span = tuple[int, int, T]
"""Start and end, and what holds between them."""


class Session(NamedTuple):
    """What the schedules of an EVSE may begin with."""

    start: int  # of the transaction, or of the window if there is none
    time_zone: tzinfo
    delay_seed: int | None  # None: no delays, as there is no transaction (K08.FR.06)


def spans(
    profile: ChargingProfile, schedule: ChargingSchedule, window: Gap, session: Session
) -> list[Span[ChargingSchedulePeriod]]:
    """When each period holds within the window and the validity (K01.FR.10-13, 36, 37)."""
    start, end = window
    if profile.valid_from is not None:
        start = max(start, seconds(profile.valid_from))
    if profile.valid_to is not None:
        end = min(end, seconds(profile.valid_to))
    if not schedule.charging_schedule_period:
        return []
    periods = _periods(profile, schedule, session.delay_seed)
    found: list[Span[ChargingSchedulePeriod]] = []
    for begin, until, offset in _clock(schedule, start, end, session.time_zone):
        starts = [*_starts(profile, schedule, (begin, until), session.start, offset), FOREVER]
        for first, following in pairwise(starts):
            stop = min(until, following, first + _duration(schedule))
            if begin < stop:
                found += _clipped(periods, first, (begin, stop))
    return found


def _clipped(
    periods: list[tuple[int, ChargingSchedulePeriod]], first: int, window: Gap
) -> Iterator[Span[ChargingSchedulePeriod]]:
    """The periods of a schedule that begins at `first`, as far as they are in the window."""
    start, end = window
    for (at, period), (next_at, _) in pairwise(periods):
        low, high = first + at, first + next_at
        if start <= low and high <= end:
            yield low, high, period
        elif low < end and start < high:
            yield max(low, start), min(high, end), period


def _duration(schedule: ChargingSchedule) -> int:
    return FOREVER if schedule.duration is None else schedule.duration


def _starts(
    profile: ChargingProfile, schedule: ChargingSchedule, window: Gap, session: int, offset: int
) -> Iterable[int]:
    """When the schedule begins; a recurring one as often as it does up to the window's end.

    Without `startSchedule` it is relative to the start of charging (1.6 §7.13).
    A dynamic one counts from its last update (K28.FR.13). A recurring one
    counts before its first start too.
    """
    if profile.charging_profile_kind == "Dynamic":
        updated = profile.dyn_update_time
        return (window[0] if updated is None else seconds(updated),)
    first = session
    if schedule.start_schedule is not None and profile.charging_profile_kind != "Relative":
        first = seconds(schedule.start_schedule) - offset
    every = RECURRENCE.get(profile.recurrency_kind or "")
    if profile.charging_profile_kind != "Recurring" or every is None:
        return (first,)
    return range(window[0] - (window[0] - first) % every, window[1], every)


def _periods(
    profile: ChargingProfile, schedule: ChargingSchedule, seed: int | None
) -> list[tuple[int, ChargingSchedulePeriod]]:
    """The periods with their starts, and one beyond the last that never starts."""
    periods = [(each.start_period, each) for each in schedule.charging_schedule_period]
    if schedule.randomized_delay and seed is not None:
        periods = _delayed(periods, schedule, Random(f"{seed}/{profile.id}/{schedule.id}"))  # noqa: S311 spreads load, hides nothing
    return [*periods, (FOREVER, periods[-1][1])]


def _delayed(
    periods: list[tuple[int, ChargingSchedulePeriod]], schedule: ChargingSchedule, random: Random
) -> list[tuple[int, ChargingSchedulePeriod]]:
    """All but the first period delayed; one that the next overtakes is left out (K01.FR.92-97)."""
    most = schedule.randomized_delay or 0
    drawn = [periods[0], *((at + random.randint(0, most), each) for at, each in periods[1:])]
    kept: list[tuple[int, ChargingSchedulePeriod]] = []
    until = _duration(schedule)
    for at, each in reversed(drawn):
        if at < until:
            kept.insert(0, (at, each))
            until = at
    return kept or periods[:1]


def _clock(
    schedule: ChargingSchedule, start: int, end: int, zone: tzinfo
) -> Iterator[tuple[int, int, int]]:
    """Cut the window where local time shifts, with its offset from UTC (K01.FR.90, 91)."""
    if start >= end:
        return
    if not schedule.use_local_time:
        yield start, end, 0
        return
    while start < end:
        offset = _offset(start, zone)
        stop = _shift(start, end, offset, zone)
        yield start, stop, offset
        start = stop


def _shift(start: int, end: int, offset: int, zone: tzinfo) -> int:
    """The first second from `start` on with another offset, or `end`."""
    same = start
    other = min(same + STEP, end)
    while _offset(other, zone) == offset:
        if other == end:
            return end
        same, other = other, min(other + STEP, end)
    while other - same > 1:
        middle = (same + other) // 2
        same, other = (middle, other) if _offset(middle, zone) == offset else (same, middle)
    return other


def _offset(moment: int, zone: tzinfo) -> int:
    shift = datetime.fromtimestamp(moment, zone).utcoffset()
    return int(shift.total_seconds()) if shift else 0


def layered(levels: Iterable[list[Span[T]]], window: Gap) -> list[Span[T]]:
    """One line of spans: each level, from the highest on, fills what those before left free."""
    gaps = [window]
    taken: list[Span[T]] = []
    for level in levels:
        gaps, parts = _filled(gaps, level)
        taken += parts
        if not gaps:
            break
    return sorted(taken, key=itemgetter(0))


def _filled(gaps: list[Gap], level: list[Span[T]]) -> tuple[list[Gap], list[Span[T]]]:
    """What is still free, and the parts of the spans that lie in the gaps."""
    free: list[Gap] = []
    parts: list[Span[T]] = []
    for start, end in gaps:
        at = start
        for low, high, what in level:
            if low >= end:
                break
            if high > at:
                if at < low:
                    free.append((at, low))
                    at = low
                parts.append((at, min(end, high), what))
                at = high
        if at < end:
            free.append((at, end))
    return free, parts


def joined(
    lines: Sequence[list[Span[T]]], window: Gap, join: Callable[[list[T]], R]
) -> list[Span[R]]:
    """Several lines as one: `join` is asked whenever something changes, for what holds then."""
    changes = _changes(lines, window)
    held: list[T | None] = [None] * len(lines)
    spans_: list[Span[R]] = []
    for cut, end in pairwise((*sorted(changes), window[1])):
        for index, what in changes[cut]:
            held[index] = what
        spans_.append((cut, end, join([what for what in held if what is not None])))
    return spans_


def _changes(lines: Sequence[list[Span[T]]], window: Gap) -> dict[int, list[tuple[int, T | None]]]:
    """What begins to hold in which line, and when."""
    changes: dict[int, list[tuple[int, T | None]]] = {window[0]: []}
    for index, line in enumerate(lines):
        at = window[0]
        for start, end, what in line:
            if at < start:
                changes.setdefault(at, []).append((index, None))
            changes.setdefault(start, []).append((index, what))
            at = end
        if at < window[1]:
            changes.setdefault(at, []).append((index, None))
    return changes
