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
LONGEST: Final = timedelta(days=7)


def chart(visit: Visit, unit: str, height: str = "h-64") -> Callable[[Points], None]:
    """An empty drawing; what is returned puts limits into it."""
    t = visit.t
    update = charts.lines(
        visit, t("Limit over time"), [Series(t("Limit"), unit, "step", is_filled=True)], height
    )
    return lambda points: update([points])


def of_profile(visit: Visit, profile: ChargingProfile, schedule: ChargingSchedule) -> Points:
    """What a schedule limits when, from the day of its start on, for a day or as long as it is."""
    start, end = _window(visit, profile, schedule)
    zone = visit.t.zone
    session = Session(start=seconds(start), time_zone=zone, delay_seed=None)
    found: list[tuple[datetime, float | None]] = []
    for begin, until, period in spans(profile, schedule, (seconds(start), seconds(end)), session):
        if found and found[-1][0] != _moment(begin):
            found.append((found[-1][0], None))
        found += [(_moment(begin), period.limit), (_moment(until), period.limit)]
    return found


def _window(
    visit: Visit, profile: ChargingProfile, schedule: ChargingSchedule
) -> tuple[datetime, datetime]:
    """The time that is drawn: recurring ones from today's midnight, others from their start."""
    now = visit.central.now().astimezone(visit.t.zone)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if profile.charging_profile_kind == "Recurring":
        return midnight, midnight + (LONGEST if profile.recurrency_kind == "Weekly" else DAY)
    start = schedule.start_schedule or midnight
    last = max((each.start_period for each in schedule.charging_schedule_period), default=0)
    shown = max(DAY, timedelta(seconds=last) * 1.25)
    if schedule.duration is not None:
        shown = timedelta(seconds=schedule.duration)
    return start, start + min(shown, LONGEST)


def of_composite(schedule: CompositeSchedule) -> Points:
    """What a composite schedule limits when."""
    start = schedule.schedule_start
    found: list[tuple[datetime, float | None]] = [
        (start + timedelta(seconds=each.start_period), each.limit)
        for each in schedule.charging_schedule_period
    ]
    last = found[-1][1] if found else None
    return [*found, (start + timedelta(seconds=schedule.duration), last)]


def _moment(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
