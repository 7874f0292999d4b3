from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    CompositeSchedule,
)
from chargeplane.web.csms.profiles import drawing

NOW = datetime(2026, 7, 1, 15, 20, tzinfo=ZoneInfo("Europe/Berlin"))
MIDNIGHT = datetime(2026, 6, 30, 22, tzinfo=UTC)
START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def points(kind: str, starts: dict[int, float], recurrency: Any = None, **more: Any) -> Any:
    """What is drawn: hours after the first point, and limits."""
    schedule = ChargingSchedule(
        charging_rate_unit="A",
        charging_schedule_period=tuple(
            ChargingSchedulePeriod(start_period=hours * 3600, limit=limit)
            for hours, limit in starts.items()
        ),
        **more,
    )
    profile = ChargingProfile(
        id=1,
        stack_level=0,
        charging_profile_purpose="TxDefaultProfile",
        charging_profile_kind=kind,  # type: ignore[arg-type]
        recurrency_kind=recurrency,
        charging_schedule=(schedule,),
    )
    found = drawing.of_profile(NOW, profile, schedule)
    first = found[0][0]
    return first, [((at - first) / timedelta(hours=1), limit) for at, limit in found]


def test_what_recurs_is_drawn_from_midnight_on() -> None:
    first, found = points("Recurring", {0: 16.0, 6: 8.0}, "Daily", start_schedule=MIDNIGHT)
    assert first == MIDNIGHT
    assert found == [(0, 16), (6, 16), (6, 8), (24, 8)]


def test_a_pause_is_a_gap() -> None:
    day = {"start_schedule": MIDNIGHT + timedelta(hours=4), "duration": 7200}
    first, found = points("Recurring", {0: 16.0}, "Weekly", **day)
    assert first == MIDNIGHT + timedelta(hours=4)
    assert found == [(0, 16), (2, 16)]
    _, found = points("Recurring", {0: 16.0}, "Daily", **day)
    assert found == [(0, 16), (2, 16)]


@pytest.mark.parametrize(
    ("kind", "more", "first", "until"),
    [
        ("Absolute", {"start_schedule": START}, START, 24),
        ("Absolute", {"start_schedule": START, "duration": 3 * 3600}, START, 3),
        ("Absolute", {"start_schedule": START, "duration": 10**15}, START, 168),
        ("Relative", {}, MIDNIGHT, 24),
    ],
)
def test_others_are_drawn_from_their_start_on(
    kind: str, more: dict[str, Any], first: datetime, until: float
) -> None:
    assert points(kind, {0: 10.0}, **more) == (first, [(0, 10), (until, 10)])


def test_periods_that_never_begin_do_not_make_it_endless() -> None:
    _, found = points("Relative", {0: 10.0, 10**12: 6.0})
    assert found == [(0, 10), (168, 10)]


def test_a_composite_schedule_ends_with_its_duration() -> None:
    schedule = CompositeSchedule(
        evse_id=1,
        duration=7200,
        schedule_start=START,
        charging_rate_unit="A",
        charging_schedule_period=(
            ChargingSchedulePeriod(start_period=0, limit=10.0),
            ChargingSchedulePeriod(start_period=3600, limit=6.0),
            ChargingSchedulePeriod(start_period=10**15, limit=1.0),
        ),
    )
    hour = timedelta(hours=1)
    assert drawing.of_composite(schedule) == [
        (START, 10.0),
        (START + hour, 6.0),
        (START + 2 * hour, 6.0),
    ]
