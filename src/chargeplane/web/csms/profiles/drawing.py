"""Charging profiles and composite schedules as lines over time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from chargeplane.domain.profiles import ChargingProfile, ChargingSchedule, CompositeSchedule
from chargeplane.energy.composite_values import seconds
from chargeplane.energy.composite_windows import Session, spans
from chargeplane.web.csms import charts
from chargeplane.web.csms.charts import Points, Series
from chargeplane.web.csms.visit import Visit

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)


def chart(visit: Visit, unit: str, height: str = "h-64") -> Callable[[Points], None]:
    """An empty drawing; what is returned puts limits into it."""
    t = visit.t
    update = charts.lines(
        visit, t("Limit over time"), [Series(t("Limit"), unit, "step", is_filled=True)], height
    )
    return lambda points: update([points])


def now(visit: Visit) -> datetime:
    """The present moment in the reader's zone."""
    return visit.central.now().astimezone(visit.t.zone)


def of_profile(at: datetime, profile: ChargingProfile, schedule: ChargingSchedule) -> Points:
    """What a schedule limits when: a recurring one from midnight on, others from their start.

    Shown is a day, or as long as the schedule is, but a week at most.
    """
    start, end = _window(at, profile, schedule)
    session = Session(start=seconds(start), time_zone=start.tzinfo or UTC, delay_seed=None)
    found: list[tuple[datetime, float | None]] = []
    for begin, until, period in spans(profile, schedule, (seconds(start), seconds(end)), session):
        if found and found[-1][0] != _moment(begin):
            found.append((found[-1][0], None))
        found += [(_moment(begin), period.limit), (_moment(until), period.limit)]
    return found


def _window(
    at: datetime, profile: ChargingProfile, schedule: ChargingSchedule
) -> tuple[datetime, datetime]:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if profile.charging_profile_kind == "Recurring":
        return midnight, midnight + (WEEK if profile.recurrency_kind == "Weekly" else DAY)
    start = schedule.start_schedule or midnight
    last = max((each.start_period for each in schedule.charging_schedule_period), default=0)
    wanted = max(DAY.total_seconds(), last * 1.25)
    if schedule.duration is not None:
        wanted = schedule.duration
    return start, start + timedelta(seconds=min(wanted, WEEK.total_seconds()))


def of_composite(schedule: CompositeSchedule) -> Points:
    """What a composite schedule limits when."""
    start = schedule.schedule_start
    end_s = min(schedule.duration, int(WEEK.total_seconds()))
    found: list[tuple[datetime, float | None]] = [
        (start + timedelta(seconds=each.start_period), each.limit)
        for each in schedule.charging_schedule_period
        if each.start_period < end_s
    ]
    return [*found, (start + timedelta(seconds=end_s), found[-1][1])] if found else []


def _moment(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
