"""Noticing when something that grows has reached a bound, without looking all the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from chargeplane.station.station import Station

SOONEST_S: Final = 1.0
USUAL_S: Final = 5.0
LATEST_S: Final = 30.0
SHARE: Final = 0.8  # of the time that is left if it goes on like this


def reach(
    station: Station,
    name: str,
    value: Callable[[], float | None],
    bound: float,
    work: Callable[[], None],
) -> None:
    """Do `work` once the value is at the bound; None means that it will never be.

    It is looked at more and more often towards the bound, by how fast it grew between the last
    two looks. The same name again takes the place of what was waited for.
    """
    _look(station, name, value, bound, work, None)


def _look(
    station: Station,
    name: str,
    value: Callable[[], float | None],
    bound: float,
    work: Callable[[], None],
    before: tuple[datetime, float] | None,
) -> None:
    now = value()
    if now is None:
        return
    if now >= bound:
        work()
        return
    seen = (station.now(), now)
    pause = _pause(bound - now, _speed(before, seen))
    station.alarm(name, pause, lambda _station: _look(station, name, value, bound, work, seen))


def _speed(before: tuple[datetime, float] | None, now: tuple[datetime, float]) -> float:
    seconds = 0.0 if before is None else (now[0] - before[0]).total_seconds()
    return 0.0 if before is None or seconds <= 0 else (now[1] - before[1]) / seconds


def _pause(left: float, speed: float) -> float:
    """How long to wait (s) before something that is `left` away may be reached."""
    if speed <= 0:
        return USUAL_S
    return min(LATEST_S, max(SOONEST_S, SHARE * left / speed))
