"""The limit on the sum of the mains that a capacity tariff gives, in A.

A tariff with a fixed limit is the setting `max_sum_mains_a` itself; these two change it
with time. Both stay 100 W under what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum
from typing import Final

import msgspec

MARGIN_W: Final = 100
ASSUMED_V: Final = 230
PERIOD_S: Final = 900
MINIMUM_PEAK_W: Final = 2500  # what is billed at least in Flanders
STOP_A: Final = 1  # too little for any car, where 0 would be no limit at all


class CapacityMode(IntEnum):
    """How the limit on the sum of the mains comes about."""

    DISABLED = 0
    FIXED = 1
    INTERVAL = 2
    FLANDERS = 3


class Interval(msgspec.Struct, frozen=True):
    """From that minute of the day on (local time), at most that power in W."""

    start: int
    power: int


class Peak(msgspec.Struct, frozen=True, kw_only=True):
    """The highest quarter-hour mean of the month so far, and the quarter hour that runs."""

    peak_w: float = MINIMUM_PEAK_W
    month: int = 0
    period: int = 0  # quarter hours since the epoch; 0: none yet
    period_start_wh: float = 0.0


def interval_limit_a(intervals: Iterable[Interval], minute: int) -> int | None:
    """The limit at that minute of the day; before the first interval the last one holds.

    None: there are no intervals, so that the limit stays what it is.
    """
    ordered = sorted(intervals, key=lambda interval: interval.start)
    if not ordered:
        return None
    begun = [interval for interval in ordered if interval.start <= minute]
    return _limit_a((begun or ordered)[-1].power)


def flanders_limit_a(peak: Peak, now: datetime, import_wh: float) -> tuple[Peak, int]:
    """Follow the meter, and give the limit for the rest of the quarter hour.

    Flanders bills the highest quarter-hour mean of a month, so that up to the one that
    was already reached energy costs nothing more. `now` is aware, in local time.
    """
    seconds = int(now.timestamp())
    period = seconds // PERIOD_S
    if period != peak.period:
        peak = _next_period(peak, now.month, period, import_wh)
    left_s = PERIOD_S - seconds % PERIOD_S
    allowed_wh = peak.peak_w * PERIOD_S / 3600
    left_wh = allowed_wh - (import_wh - peak.period_start_wh)
    return peak, _limit_a(left_wh * 3600 / left_s)


def _next_period(peak: Peak, month: int, period: int, import_wh: float) -> Peak:
    peak_w: float = MINIMUM_PEAK_W
    if month == peak.month:
        mean_w = (import_wh - peak.period_start_wh) * 3600 / PERIOD_S
        # A gap in the readings says nothing of any quarter hour.
        follows = period == peak.period + 1
        peak_w = max(peak.peak_w, mean_w) if follows else peak.peak_w
    return Peak(peak_w=peak_w, month=month, period=period, period_start_wh=import_wh)


def _limit_a(power_w: float) -> int:
    return max(STOP_A, int((power_w - MARGIN_W) / ASSUMED_V))
