"""Noticing that a bound is reached, with few looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.station import progress


class Clock:
    """A station of which only the time and the alarms are there."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)
        self.waiting: dict[str, tuple[float, Any]] = {}

    def now(self) -> datetime:
        return self.at

    def alarm(self, name: str, seconds: float, work: Any) -> None:
        self.waiting[name] = (seconds, work)

    def ring(self) -> None:
        seconds, work = self.waiting.pop("x")
        self.at += timedelta(seconds=seconds)
        work(self)


@given(speed=st.floats(0.01, 100), seconds=st.floats(1, 10_000))
def test_a_bound_is_reached_soon_after_it_is(speed: float, seconds: float) -> None:
    clock, done = Clock(), []
    start = clock.at

    def value() -> float:
        return speed * (clock.at - start).total_seconds()

    bound = speed * seconds
    progress.reach(clock, "x", value, bound, lambda: done.append(value()))  # type: ignore[arg-type]
    looks = 0
    while clock.waiting:
        clock.ring()
        looks += 1
    assert len(done) == 1
    assert bound <= done[0] <= bound + speed * progress.USUAL_S
    # Never more than once in a second, and seldom where it is far.
    assert looks <= seconds / progress.LATEST_S + 40


def test_what_never_will_be_is_not_waited_for() -> None:
    clock = Clock()
    progress.reach(clock, "x", lambda: None, 1, pytest.fail)  # type: ignore[arg-type]
    assert not clock.waiting


def test_what_stands_still_is_looked_at_now_and_then() -> None:
    clock = Clock()
    progress.reach(clock, "x", lambda: 0.5, 1, pytest.fail)  # type: ignore[arg-type]
    for _ in range(3):
        assert clock.waiting["x"][0] == progress.USUAL_S
        clock.ring()
