"""Timing two ways of doing the same, side by side in one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

ROUNDS = 300  # short, and taken in turns, so that whatever else the machine does hits both alike


@dataclass(frozen=True, slots=True)
class Figure:
    """How long one call takes, in µs: the best of all rounds, which noise can only lengthen."""

    name: str
    ours_us: float
    other: str
    other_us: float
    target: float  # how many times faster it has to be; 0: nothing is promised

    @property
    def ratio(self) -> float:
        """How many times faster ours is."""
        return self.other_us / self.ours_us


def compare(
    name: str,
    ours: Callable[[], object],
    other_name: str,
    other: Callable[[], object],
    target: float = 0,
    calls: tuple[int, int] = (100, 2),
) -> Figure:
    """Measure both, `calls` times a round."""
    ours_s, other_s = [], []
    for _ in range(ROUNDS):
        ours_s.append(_seconds(ours, calls[0]))
        other_s.append(_seconds(other, calls[1]))
    return Figure(name, min(ours_s) * 1e6, other_name, min(other_s) * 1e6, target)


def _seconds(work: Callable[[], object], calls: int) -> float:
    began = perf_counter()
    for _ in range(calls):
        work()
    return (perf_counter() - began) / calls
