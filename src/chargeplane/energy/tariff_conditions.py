"""When the prices of a tariff apply, and the moments at which that may change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, get_args

from chargeplane.domain.tariffs import (
    Conditions,
    DayOfWeek,
    EvseKind,
    FixedConditions,
    Tariff,
)

Offset = Callable[[datetime], timedelta]
"""What local time is ahead of UTC at a moment."""

TIME_OF_DAY: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
DAYS: Final[tuple[DayOfWeek, ...]] = get_args(DayOfWeek)
MIDNIGHT: Final = time(0)
SECOND: Final = timedelta(seconds=1)
# Of `Conditions`: the bounds that are thresholds of something, by what it is of a `Situation`.
BOUNDS: Final = {
    "energy_wh": ("min_energy", "max_energy"),
    "current_a": ("min_current", "max_current"),
    "power_w": ("min_power", "max_power"),
    "elapsed_s": ("min_time", "max_time"),
    "charging_s": ("min_charging_time", "max_charging_time"),
    "idle_s": ("min_idle_time", "max_idle_time"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What conditions look at."""

    local: datetime  # local time, without a zone
    evse_kind: EvseKind = "AC"
    payment_brand: str | None = None
    payment_recognition: str | None = None
    energy_wh: Decimal = Decimal(0)
    current_a: Decimal = Decimal(0)  # of all phases
    power_w: Decimal = Decimal(0)
    elapsed_s: Decimal = Decimal(0)  # since the transaction began
    charging_s: Decimal = Decimal(0)
    idle_s: Decimal = Decimal(0)  # since it has not been charging


def holds(conditions: Conditions | FixedConditions | None, now: Situation) -> bool:
    """Whether a price with these conditions applies."""
    if conditions is None:
        return True
    if not _is_time(conditions, now.local):
        return False
    if conditions.evse_kind not in (None, now.evse_kind):
        return False
    if isinstance(conditions, FixedConditions):
        return conditions.payment_brand in (None, now.payment_brand) and (
            conditions.payment_recognition in (None, now.payment_recognition)
        )
    return all(
        _is_within(getattr(now, what), getattr(conditions, low), getattr(conditions, high))
        for what, (low, high) in BOUNDS.items()
    )


def first(prices: Iterable[Any], now: Situation) -> int | None:
    """The number of the first price that applies (I12.FR.34)."""
    return next((n for n, price in enumerate(prices) if holds(price.conditions, now)), None)


def _is_time(conditions: Conditions | FixedConditions, local: datetime) -> bool:
    days = conditions.day_of_week
    if days is not None and DAYS[local.weekday()] not in days:
        return False
    first_day, end_day = conditions.valid_from_date, conditions.valid_to_date
    today = local.date().isoformat()
    if not (first_day or today) <= today < (end_day or "9999-12-31"):
        return False
    return _is_time_of_day(f"{local:%H:%M}", conditions)


def _is_time_of_day(now: str, conditions: Conditions | FixedConditions) -> bool:
    """An end that is not after the start is on the next day; 00:00 is the end of the day."""
    start, end = conditions.start_time_of_day, conditions.end_time_of_day
    if start is None or end is None:
        return (start is None or now >= start) and (end in (None, "00:00") or now < str(end))
    return start <= now < end if start < end else now >= start or now < end


def _is_within(value: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    sign = -1 if any(bound is not None and bound < 0 for bound in (low, high)) else 1
    value *= sign
    return (low is None or value >= low * sign) and (high is None or value < high * sign)


# When it may change


def thresholds(tariff: Tariff, what: str) -> set[Decimal]:
    """The values of something at which a price of a tariff begins or ends to apply."""
    return {
        Decimal(bound)
        for conditions in _all(tariff)
        for name in BOUNDS[what]
        if (bound := getattr(conditions, name)) is not None
    }


def uses(tariff: Tariff, what: str) -> bool:
    """Whether a price of a tariff depends on something that a `Situation` tells."""
    return bool(thresholds(tariff, what))


def clock_times(tariff: Tariff) -> set[time]:
    """The local times of day at which a price may begin or end to apply."""
    found = set()
    for conditions in _all(tariff):
        for text in (conditions.start_time_of_day, conditions.end_time_of_day):
            if text is not None:
                found.add(time.fromisoformat(text))
        if conditions.day_of_week or conditions.valid_from_date or conditions.valid_to_date:
            found.add(MIDNIGHT)
    return found


def local_moments(
    start: datetime, end: datetime, times: set[time], offset: Offset
) -> Iterator[datetime]:
    """The moments between two at which local clocks show one of those times, or are changed.

    Clocks that are set back show some times twice (I12.FR.37).
    """
    if not times:
        return
    shifts = {offset(start), offset(end)}
    for shift in shifts:
        day, last = (start + shift).date(), (end + shift).date()
        while day <= last:
            yield from (datetime.combine(day, each, UTC) - shift for each in times)
            day += timedelta(days=1)
    if len(shifts) > 1:
        yield _transition(start, end, offset)


def _transition(start: datetime, end: datetime, offset: Offset) -> datetime:
    """When local clocks are changed, to the second."""
    before = offset(start)
    while end - start > SECOND:
        middle = start + (end - start) / 2
        start, end = (middle, end) if offset(middle) == before else (start, middle)
    return end.replace(microsecond=0)


def _all(tariff: Tariff) -> Iterator[Conditions]:
    """The conditions of the prices that are looked at again and again."""
    for part in (tariff.energy, tariff.charging_time, tariff.idle_time):
        for price in part.prices if part is not None else ():
            if price.conditions is not None:
                yield price.conditions


# Whether it makes sense


def flaw(conditions: Conditions | FixedConditions) -> str | None:
    """What is wrong with conditions, or None."""
    for text in (conditions.start_time_of_day, conditions.end_time_of_day):
        if text is not None and not TIME_OF_DAY.fullmatch(text):
            return f"time of day {text!r}"
    for text in (conditions.valid_from_date, conditions.valid_to_date):
        if text is not None and not _is_date(text):
            return f"date {text!r}"
    if isinstance(conditions, FixedConditions):
        return None
    for low, high in BOUNDS.values():
        least, most = getattr(conditions, low), getattr(conditions, high)
        if least is not None and most is not None and abs(least) > abs(most):
            return f"{low} is beyond {high}"
    return None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
