"""A clock that runs as fast as one likes."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic


class FastClock:
    """Shows `start` when it is made, and then runs `speed` times as fast as the real one."""

    def __init__(
        self, start: float = 0.0, speed: float = 1.0, real: Callable[[], float] = monotonic
    ) -> None:
        self._start = start
        self._speed = speed
        self._real = real
        self._began = real()

    def __call__(self) -> float:
        """What it shows now."""
        return self._start + (self._real() - self._began) * self._speed
