"""Curves through points, as V2X profiles have them (2.1 part 2 Q §2.2)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable


def interpolated(points: Iterable[tuple[float, float]], x: float) -> float:
    """The value at `x` on the lines between the points; beyond the ends, that of the end.

    Where two points have the same x, the later one counts from there on. Raises `ValueError`
    without any point.
    """
    known = sorted(points, key=lambda point: point[0])
    if not known:
        raise ValueError("a curve has at least one point")
    after = bisect_right(known, x, key=lambda point: point[0])
    if after == 0:
        return known[0][1]
    if after == len(known):
        return known[-1][1]
    (low, at_low), (high, at_high) = known[after - 1], known[after]
    return at_low + (at_high - at_low) * (x - low) / (high - low)
