"""Demands that only cap what all phases draw together, as nearly all do, and so are kept short.

What demands mean is said in full by `composite_limits`; everything that says
more than a cap goes there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeGuard

from chargeplane.domain.profiles import ChargingSchedule, ChargingSchedulePeriod, RateUnit
from chargeplane.energy import composite_limits as limits
from chargeplane.energy.composite_limits import (
    CHARGING_ONLY,
    FREE,
    Bounds,
    Demand,
    Number,
    Phases,
)
from chargeplane.energy.composite_values import CompositePeriod, StationFacts


class Cap(NamedTuple):
    """The most current and power, and the stack levels that they come from."""

    limit_a: Number = None
    limit_w: Number = None
    number_phases: int | None = None
    level_a: int = 0
    level_w: int = 0


AnyDemand = Cap | Demand


def reader(
    schedule: ChargingSchedule, stack_level: int, soc_percent: float | None, facts: StationFacts
) -> Callable[[ChargingSchedulePeriod], AnyDemand | None]:
    """Says what a period of the schedule demands: see `composite_limits.demand`."""
    exact, phases, in_a = facts.precision, facts.assumed_phases, schedule.charging_rate_unit == "A"
    only_caps = not schedule.min_charging_rate and schedule.limit_at_soc is None

    def read(period: ChargingSchedulePeriod) -> AnyDemand | None:
        limit = period.limit
        if limit is None or not (
            only_caps
            and period.operation_mode in CHARGING_ONLY
            and period.limit_l2 is period.limit_l3 is period.phase_to_use is None
        ):
            return limits.demand(period, schedule, stack_level, soc_percent, facts)
        limit = exact(limit) if limit > 0 else 0.0
        if in_a:
            return Cap(limit, None, period.number_phases or phases, stack_level, 0)
        return Cap(None, limit, period.number_phases or phases, 0, stack_level)

    return read


def in_full(one: AnyDemand) -> Demand:
    """A cap as a demand."""
    if isinstance(one, Demand):
        return one
    in_a = FREE if one.limit_a is None else Bounds(Phases(one.limit_a), stack_level=one.level_a)
    in_w = FREE if one.limit_w is None else Bounds(Phases(one.limit_w), stack_level=one.level_w)
    return Demand(in_a, in_w, one.number_phases)


def lowest(demands: Sequence[AnyDemand], facts: StationFacts, *, split: bool = False) -> AnyDemand:
    """Of several demands the lowest: see `composite_limits.lowest`."""
    if (split and facts.per_phase) or not _are_caps(demands):
        return limits.lowest([in_full(one) for one in demands], facts, split=split)
    if len(demands) == 1:
        return demands[0]
    lowest_a = lowest_w = phases = None
    at_a = at_w = 0
    for limit_a, limit_w, count, level_a, level_w in demands:
        if limit_a is not None and (lowest_a is None or limit_a < lowest_a):
            lowest_a, at_a = limit_a, level_a
        if limit_w is not None and (lowest_w is None or limit_w < lowest_w):
            lowest_w, at_w = limit_w, level_w
        if count is not None and (phases is None or count < phases):
            phases = count
    return Cap(lowest_a, lowest_w, phases, at_a, at_w)


def total(demands: Sequence[AnyDemand], facts: StationFacts) -> AnyDemand:
    """What EVSEs may draw together: see `composite_limits.total`."""
    if not _are_caps(demands):
        return limits.total([in_full(one) for one in demands], facts)
    sum_a = sum_w = 0.0
    for limit_a, limit_w, *_ in demands:
        sum_a = facts.precision(sum_a + (facts.default_limit_a if limit_a is None else limit_a))
        sum_w = facts.precision(sum_w + (facts.default_limit_w if limit_w is None else limit_w))
    return Cap(sum_a, sum_w, max((one[2] for one in demands if one[2] is not None), default=None))


def _are_caps(demands: Sequence[AnyDemand]) -> TypeGuard[Sequence[Cap]]:
    return Demand not in map(type, demands)


def answer(
    one: AnyDemand, more: Sequence[AnyDemand], unit: RateUnit, facts: StationFacts
) -> CompositePeriod:
    """A demand in the unit asked for: see `composite_limits.answer`."""
    if more or isinstance(one, Demand):
        return limits.answer(in_full(one), [in_full(each) for each in more], unit, facts)
    limit_a, limit_w, phases, level_a, level_w = one
    factor = facts.voltage_v * (phases or facts.default_phases)
    if unit == "A":
        other = None if limit_w is None else facts.precision(limit_w / factor)
        return _period(limit_a, other, facts.default_limit_a, phases, (level_a, level_w))
    other = None if limit_a is None else facts.precision(limit_a * factor)
    return _period(limit_w, other, facts.default_limit_w, phases, (level_w, level_a))


def _period(
    own: Number, foreign: Number, default: float, phases: int | None, levels: tuple[int, int]
) -> CompositePeriod:
    converted = foreign is not None and (own is None or foreign < own)
    limit = foreign if converted else own
    values = ChargingSchedulePeriod(
        start_period=0, limit=default if limit is None else limit, number_phases=phases
    )
    return CompositePeriod(
        values=values,
        stack_level=levels[converted],
        level_in_unit=levels[0],
        converted=converted,
    )
