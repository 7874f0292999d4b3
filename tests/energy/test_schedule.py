from __future__ import annotations

import pytest

from chargeplane.energy.schedule import DAY_S, NONE, Schedule, due, plan
from chargeplane.energy.states import Access

NOW = 1_000_000


@pytest.mark.parametrize(
    ("start_s", "stop_s", "expected"),
    [
        (NOW + 60, 0, Schedule(start_s=NOW + 60)),
        (NOW + 60, NOW + 90, Schedule(start_s=NOW + 60, stop_s=NOW + 90)),
        (NOW + 60, NOW + 60, Schedule(start_s=NOW + 60)),
        (NOW + 60, NOW + 30, Schedule(start_s=NOW + 60)),
        (NOW, NOW + 90, NONE),
        (NOW - 1, 0, NONE),
    ],
)
def test_plan(start_s: int, stop_s: int, expected: Schedule) -> None:
    assert plan(NOW, start_s, stop_s) == expected


def test_charging_begins_and_ends_once() -> None:
    schedule = plan(NOW, NOW + 60, NOW + 120)
    happened = []
    for now in range(NOW, NOW + 3 * DAY_S, 10):
        schedule, access = due(schedule, now)
        if access is not None:
            happened.append((now, access))
    assert happened == [(NOW + 60, Access.ON), (NOW + 120, Access.OFF)]
    assert schedule == NONE


def test_charging_begins_and_ends_every_day() -> None:
    schedule = plan(NOW, NOW + 60, NOW + 120, is_daily=True)
    happened = []
    for now in range(NOW, NOW + 3 * DAY_S, 10):
        schedule, access = due(schedule, now)
        if access is not None:
            happened.append((now - NOW, access))
    assert happened == [
        (day * DAY_S + second, access)
        for day in range(3)
        for second, access in ((60, Access.ON), (120, Access.OFF))
    ]


def test_days_that_were_slept_through_are_not_made_up_for() -> None:
    schedule, access = due(plan(NOW, NOW + 60, is_daily=True), NOW + 5 * DAY_S)
    assert access is Access.ON
    assert NOW + 5 * DAY_S < schedule.start_s <= NOW + 6 * DAY_S
