"""What went on in the last day: quarter hours for tariffs by capacity, minutes for charts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from chargeplane.storage.documents import Documents

QUARTER_S: Final = 900
QUARTERS: Final = 96
MINUTE_S: Final = 60
MINUTES: Final = 1440


class Quarter(msgspec.Struct, frozen=True):
    """The mean power in W that was taken from the mains in a quarter hour of the epoch."""

    number: int
    power_w: int


@dataclass(frozen=True, slots=True)
class Powers:
    """Mean powers in W of a minute; None is not known. Mains below 0 is given to the grid."""

    at_s: float
    mains_w: float | None
    solar_w: float | None
    car_w: float | None


class _Mean:
    """The mean of what is added."""

    __slots__ = ("_count", "_sum")

    def __init__(self) -> None:
        self._sum, self._count = 0.0, 0

    def add(self, value: float | None) -> None:
        if value is not None:
            self._sum += value
            self._count += 1

    @property
    def value(self) -> float | None:
        return self._sum / self._count if self._count else None


class History:
    """The last day; quarter hours survive a restart."""

    def __init__(self, documents: Documents) -> None:
        self._quarters = documents.collection("quarters", Quarter)  # by its place in the day
        self._minutes: deque[Powers] = deque(maxlen=MINUTES)
        self._quarter = 0
        self._quarter_mean = _Mean()
        self._minute = 0
        self._means = (_Mean(), _Mean(), _Mean())

    def add(
        self, now_s: float, mains_w: float | None, solar_w: float | None, car_w: float | None
    ) -> None:
        """Take down the powers of a second."""
        if int(now_s) // QUARTER_S != self._quarter:
            self._next_quarter(int(now_s) // QUARTER_S)
        if int(now_s) // MINUTE_S != self._minute:
            self._next_minute(int(now_s) // MINUTE_S)
        self._quarter_mean.add(None if mains_w is None else max(0.0, mains_w))
        for mean, value in zip(self._means, (mains_w, solar_w, car_w), strict=True):
            mean.add(value)

    def minutes(self) -> Iterator[Powers]:
        """The minutes of the last day that have passed, the oldest first."""
        yield from self._minutes

    def quarters(self, now: datetime) -> list[tuple[str, int]]:
        """When each quarter hour of the last day began, in the time zone of `now`, and its W.

        The last is the one that runs; what was not measured is 0.
        """
        running = int(now.timestamp()) // QUARTER_S
        found = []
        for number in range(running - QUARTERS + 1, running + 1):
            begins = datetime.fromtimestamp(number * QUARTER_S, now.tzinfo)
            found.append((f"{begins:%H:%M}", self._power_w(number)))
        return found

    def _power_w(self, number: int) -> int:
        if number == self._quarter:
            return round(self._quarter_mean.value or 0)
        kept = self._quarters.get(_key(number))
        return kept.power_w if kept is not None and kept.number == number else 0

    def _next_quarter(self, number: int) -> None:
        mean = self._quarter_mean.value
        if mean is not None:
            self._quarters[_key(self._quarter)] = Quarter(self._quarter, round(mean))
        self._quarter, self._quarter_mean = number, _Mean()

    def _next_minute(self, number: int) -> None:
        values = [mean.value for mean in self._means]
        if any(value is not None for value in values):
            self._minutes.append(Powers(self._minute * MINUTE_S, *values))
        self._minute, self._means = number, (_Mean(), _Mean(), _Mean())


def _key(number: int) -> str:
    return f"{number % QUARTERS:02}"
