"""When a charge is to be stopped: what was paid for is used up, or the EV has had enough."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

from msgspec.structs import replace

from chargeplane.payments.pricing import (
    MWH_PER_KWH,
    NOTHING,
    Interval,
    Prices,
    Terms,
    Use,
    bill,
)
from chargeplane.storage.repositories.payments import Suspension

Limit = Literal["MaxEnergy", "MaxAmount", "Idle"]

TOLERANCE_MWH: Final = 100  # meters count in steps
SUSPENDED: Final = "SuspendedEV"


def reached(
    prices: Prices, terms: Terms, use: Use, hold_minor: int, idle_auto_stop: timedelta
) -> Limit | None:
    """Why a charge is to be stopped; None: it may go on."""
    energy = use.energy_mwh or 0
    most = int(prices.max_energy_kwh * MWH_PER_KWH)
    if most and energy >= most - TOLERANCE_MWH:
        return "MaxEnergy"
    # Where energy costs nothing, the amount has a highest value that may last.
    if prices.per_kwh > NOTHING and so_far(prices, terms, use) >= hold_minor:
        return "MaxAmount"
    if idle_auto_stop and _idle_now(use) >= idle_auto_stop:
        return "Idle"
    return None


def so_far(prices: Prices, terms: Terms, use: Use) -> int:
    """What a charge would cost if it ended now, however little that is."""
    return bill(prices, least(terms), use).amount_minor


def least(terms: Terms) -> Terms:
    """The same terms, by which nothing is too little."""
    return replace(terms, min_energy_kwh=NOTHING, min_amount_minor=0)


def _idle_now(use: Use) -> timedelta:
    """For how long the EV has drawn nothing by now."""
    if not use.idle or use.idle[-1].end != use.stopped_at:
        return timedelta()
    return use.idle[-1].end - use.idle[-1].begin


def idle_times(
    told: tuple[Suspension, ...], begin: datetime, end: datetime
) -> tuple[Interval, ...]:
    """The times between two moments in which the EV drew nothing of its own accord."""
    found, since = [], None
    for each in (*told, Suspension(end, "")):
        at = min(max(each.at, begin), end)
        if each.charging_state == SUSPENDED:
            since = at if since is None else since
        elif since is not None:
            found.append(Interval(since, at))
            since = None
    return tuple(each for each in found if each.begin < each.end)
