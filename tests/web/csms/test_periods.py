from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.web.csms import periods

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def test_a_day_is_that_of_the_reader() -> None:
    assert periods.since("2026-03-29", BERLIN) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert periods.until("2026-03-29", BERLIN) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert periods.since("", BERLIN) is None
    assert periods.until(None, BERLIN) is None


@pytest.mark.parametrize(
    ("unit", "first", "last", "days"),
    [
        ("day", (2026, 3, 28), (2026, 3, 29), ["03-28", "03-29", "03-30"]),
        ("day", (2026, 3, 28), (2026, 3, 27), ["03-28"]),
        ("week", (2026, 3, 1), (2026, 3, 9), ["03-01", "03-02", "03-09", "03-10"]),
        ("month", (2026, 1, 31), (2026, 3, 1), ["01-31", "02-01", "03-01", "03-02"]),
    ],
)
def test_spans(unit: Any, first: Any, last: Any, days: list[str]) -> None:
    found = periods.starts(date(*first), date(*last), unit, BERLIN)
    assert [f"{each:%m-%d}" for each in found] == days
    assert {(each.hour, each.tzinfo) for each in found} == {(0, BERLIN)}


@given(DAYS, st.integers(0, 5000), st.sampled_from(["day", "week", "month"]))
def test_all_days_are_within(first: date, more: int, unit: Any) -> None:
    last = first + timedelta(days=more)
    found = periods.starts(first, last, unit, BERLIN)
    assert found == sorted(set(found))
    assert len(found) <= periods.MOST_SPANS + 1
    assert found[-1].date() == last + timedelta(days=1)
    assert len(found) == periods.MOST_SPANS + 1 or found[0].date() == first
