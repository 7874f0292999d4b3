"""Charging that begins and ends at set times (delayed charging)."""

from __future__ import annotations

from typing import Final

import msgspec

from chargeplane.energy.states import Access

DAY_S: Final = 86_400


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When charging begins and ends, in s since the epoch; 0: it does not by itself."""

    start_s: int = 0
    stop_s: int = 0
    is_daily: bool = False


NONE: Final = Schedule()


def plan(now_s: int, start_s: int, stop_s: int = 0, *, is_daily: bool = False) -> Schedule:
    """The schedule with those times, or none if the beginning has passed.

    An end that is not after both the beginning and now is left out.
    """
    if start_s <= now_s:
        return NONE
    return Schedule(start_s=start_s, stop_s=stop_s if stop_s > start_s else 0, is_daily=is_daily)


def due(schedule: Schedule, now_s: int) -> tuple[Schedule, Access | None]:
    """What is to happen now, if anything, and the schedule from then on."""
    access = None
    if schedule.start_s and now_s >= schedule.start_s:
        access = Access.ON
        schedule = msgspec.structs.replace(
            schedule, start_s=_next(schedule, schedule.start_s, now_s)
        )
    if schedule.stop_s and now_s >= schedule.stop_s:
        access = Access.OFF
        schedule = msgspec.structs.replace(schedule, stop_s=_next(schedule, schedule.stop_s, now_s))
    return schedule, access


def _next(schedule: Schedule, then_s: int, now_s: int) -> int:
    """The same time on the next day that is still to come."""
    if not schedule.is_daily:
        return 0
    return then_s + DAY_S * ((now_s - then_s) // DAY_S + 1)
