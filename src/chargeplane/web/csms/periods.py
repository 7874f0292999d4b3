"""Days of a place as moments: where periods begin and end."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, Literal

Unit = Literal["day", "week", "month"]

MOST_SPANS: Final = 1100  # of a report; days of three years
DAY: Final = timedelta(days=1)


def since(day: str | None, zone: tzinfo) -> datetime | None:
    """When a day, as browsers write it, begins."""
    return None if not day else _midnight(date.fromisoformat(day), zone)


def until(day: str | None, zone: tzinfo) -> datetime | None:
    """When a day is over."""
    return None if not day else _midnight(date.fromisoformat(day) + DAY, zone)


def starts(first: date, last: date, unit: Unit, zone: tzinfo) -> list[datetime]:
    """The moments from which one span lasts to the next: all days from the first to the last.

    The first and the last week or month may be in part. Of very many spans the last `MOST_SPANS`.
    """
    days = [first]
    while days[-1] <= last:
        days.append(min(_next(_begin(days[-1], unit), unit), last + DAY))
    return [_midnight(day, zone) for day in days[-MOST_SPANS - 1 :]]


def _begin(day: date, unit: Unit) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def _next(day: date, unit: Unit) -> date:
    if unit == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + (DAY if unit == "day" else timedelta(days=7))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
