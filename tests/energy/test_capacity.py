from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chargeplane.energy.capacity import Interval, Peak, flanders_limit_a, interval_limit_a

NIGHT_AND_DAY = [Interval(start=7 * 60, power=4000), Interval(start=22 * 60, power=9000)]
NEW_YEAR = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minute", "limit_a"),
    [(0, 38), (419, 38), (420, 16), (1319, 16), (1320, 38), (1439, 38)],
)
def test_the_limit_of_the_interval_that_has_begun_holds(minute: int, limit_a: int) -> None:
    assert interval_limit_a(NIGHT_AND_DAY, minute) == limit_a
    assert interval_limit_a(reversed(NIGHT_AND_DAY), minute) == limit_a


def test_without_intervals_there_is_no_new_limit() -> None:
    assert interval_limit_a([], 0) is None


def test_too_little_power_stops_charging_and_is_not_no_limit() -> None:
    assert interval_limit_a([Interval(start=0, power=0)], 0) == 1


def follow(
    peak: Peak, start: datetime, powers_w: list[float], wh: float = 0.0
) -> tuple[Peak, list[int], float]:
    """Let a minute pass with each of these powers."""
    limits = []
    for minute, power in enumerate(powers_w):
        wh += power / 60
        peak, limit = flanders_limit_a(peak, start + timedelta(minutes=minute), wh)
        limits.append(limit)
    return peak, limits, wh


def test_what_is_billed_at_least_may_be_used() -> None:
    _, limits, _ = follow(Peak(), NEW_YEAR, [0.0])
    assert limits == [(2500 - 100) // 230]


def test_what_was_not_used_early_in_a_quarter_hour_may_be_used_late() -> None:
    peak, limits, _ = follow(Peak(), NEW_YEAR, [0.0] * 14)
    assert limits == sorted(limits)
    assert limits[-1] > 60
    _, limits, _ = follow(peak, NEW_YEAR + timedelta(minutes=15), [20_000.0] * 3)
    assert limits[-1] == 1


def test_a_peak_that_was_reached_is_the_limit_until_the_month_ends() -> None:
    peak, _, wh = follow(Peak(), NEW_YEAR, [6000.0] * 16)
    assert peak.peak_w == pytest.approx(6000, rel=0.01)
    peak, limits, wh = follow(peak, NEW_YEAR + timedelta(minutes=16), [0.0] * 14, wh)
    assert limits[0] > (2500 - 100) // 230
    peak, limits, _ = follow(peak, NEW_YEAR + timedelta(minutes=30), [0.0], wh)
    assert (peak.month, peak.peak_w, limits) == (2, 2500, [10])


def test_a_gap_in_the_readings_is_no_peak() -> None:
    peak, _, wh = follow(Peak(), NEW_YEAR, [1000.0])
    peak, _ = flanders_limit_a(peak, NEW_YEAR.replace(day=1), wh + 50_000)
    peak, _ = flanders_limit_a(peak, NEW_YEAR.replace(day=1, hour=3), wh + 90_000)
    assert peak.peak_w == 2500
