"""What charging periods demand, how several demands make one, and A and W.

A demand keeps both units apart until the end, because how many phases there
are is known only when all demands of a moment are known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from chargeplane.domain.profiles import ChargingSchedule, ChargingSchedulePeriod, RateUnit
from chargeplane.energy.composite_values import CompositePeriod, StationFacts

Number = float | None
Exact = Callable[[float], float]

CHARGING_ONLY: Final = (None, "ChargingOnly")  # K01.FR.110: absent is the same
OF_THE_LEAD: Final = (
    *("operation_mode", "preconditioning_request", "evse_sleep"),
    *("v2x_baseline", "v2x_freq_watt_curve", "v2x_signal_watt_curve"),
)


class Phases(NamedTuple):
    """A value of all phases together or of L1, and those of L2 and L3 if they have their own."""

    l1: Number = None
    l2: Number = None
    l3: Number = None

    @property
    def separate(self) -> bool:
        """Whether the phases have values of their own."""
        return self.l2 is not None or self.l3 is not None


UNSAID: Final = Phases()


class Steering(NamedTuple):
    """What is said of discharging, which is negative, and of values to be followed (2.1)."""

    discharge: Phases = UNSAID
    setpoint: Phases = UNSAID
    reactive: Phases = UNSAID


UNSTEERED: Final = Steering()


class Bounds(NamedTuple):
    """What is demanded in one unit."""

    limit: Phases = UNSAID
    steering: Steering = UNSTEERED
    stack_level: int = 0
    min_rate: Number = None


FREE: Final = Bounds()


class Demand(NamedTuple):
    """What is demanded at a time. `lead` is the period whose operation mode is followed."""

    in_a: Bounds = FREE
    in_w: Bounds = FREE
    number_phases: int | None = None
    phase_to_use: int | None = None
    lead: ChargingSchedulePeriod | None = None

    @property
    def separate(self) -> bool:
        """Whether anything is said of single phases."""
        bounds = (self.in_a, self.in_w)
        return any(v.separate for b in bounds for v in (b.limit, *b.steering))


NOTHING: Final = Demand()


# From a period


def demand(
    period: ChargingSchedulePeriod,
    schedule: ChargingSchedule,
    stack_level: int,
    soc_percent: float | None,
    facts: StationFacts,
) -> Demand | None:
    """What a period demands; None if it says nothing, so that a lower level counts."""
    exact = facts.precision
    only_charging = period.operation_mode in CHARGING_ONLY
    limit = _limit(period, exact)
    if only_charging and limit is UNSAID:
        return None
    steering = UNSTEERED if only_charging else _steering(period, exact)
    bounds = Bounds(limit, steering, stack_level, schedule.min_charging_rate)
    if schedule.limit_at_soc is not None and soc_percent is not None:
        bounds = _capped_at_soc(bounds, schedule, soc_percent)
    in_a = schedule.charging_rate_unit == "A"
    return Demand(
        bounds if in_a else FREE,
        FREE if in_a else bounds,
        period.number_phases or facts.assumed_phases,
        period.phase_to_use,
        None if only_charging else period,
    )


def _limit(period: ChargingSchedulePeriod, exact: Exact) -> Phases:
    """The limits; a negative one, by which old systems mean discharging, allows no charging."""
    l1, l2, l3 = period.limit, period.limit_l2, period.limit_l3
    given = Phases(_one(min, l2, l3) if l1 is None else l1, l2, l3)
    return _each(lambda value: exact(max(value, 0.0)), given)


def _steering(period: ChargingSchedulePeriod, exact: Exact) -> Steering:
    p = period
    return Steering(
        _each(exact, Phases(p.discharge_limit, p.discharge_limit_l2, p.discharge_limit_l3)),
        _each(exact, Phases(p.setpoint, p.setpoint_l2, p.setpoint_l3)),
        _each(exact, Phases(p.setpoint_reactive, p.setpoint_reactive_l2, p.setpoint_reactive_l3)),
    )


def _each(change: Exact, values: Phases) -> Phases:
    """Every value that is said, changed."""
    l1, l2, l3 = values
    if l2 is None and l3 is None:
        return UNSAID if l1 is None else Phases(change(l1))
    return Phases(*(None if value is None else change(value) for value in values))


def _capped_at_soc(bounds: Bounds, schedule: ChargingSchedule, soc_percent: float) -> Bounds:
    """Limit and setpoint capped from a state of charge on (K01.FR.100)."""
    at_soc = schedule.limit_at_soc
    if at_soc is None or soc_percent < at_soc.soc:
        return bounds
    cap = max(at_soc.limit, 0.0)
    if bounds.limit.separate and schedule.charging_rate_unit == "W":
        cap /= sum(value is not None for value in bounds.limit)
    limit = Phases(cap) if bounds.limit is UNSAID else bounds.limit
    setpoint = _each(lambda value: min(value, cap), bounds.steering.setpoint)
    return bounds._replace(
        limit=_each(lambda value: min(value, cap), limit),
        steering=bounds.steering._replace(setpoint=setpoint),
    )


# Of several demands the lowest


def lowest(demands: Sequence[Demand], facts: StationFacts, *, split: bool = False) -> Demand:
    """The lowest limits and phases, the least discharging, and the first setpoint and mode.

    K08.FR.04, K01.FR.140, 1.6 §3.13.3. Of two setpoints the order of the demands
    decides (Q06.FR.20-22). `split` gives every phase its own value.
    """
    phases = min((d.number_phases for d in demands if d.number_phases), default=None)
    if facts.per_phase and (split or any(d.separate for d in demands)):
        demands = [_split(d, phases, facts) for d in demands]
    if len(demands) <= 1:
        return demands[0] if demands else NOTHING
    lead = _lead(demands)
    return Demand(
        _tightest([d.in_a for d in demands if d.in_a is not FREE], lead.in_a.steering),
        _tightest([d.in_w for d in demands if d.in_w is not FREE], lead.in_w.steering),
        phases,
        next((d.phase_to_use for d in demands if d.phase_to_use), None) if phases == 1 else None,
        lead.lead,
    )


def _lead(demands: Sequence[Demand]) -> Demand:
    """The demand that is followed where only one can be: with a setpoint, else with a mode."""
    modes = [d for d in demands if d.lead is not None]
    if len(modes) <= 1:
        return modes[0] if modes else NOTHING
    return next((d for d in modes if _has_setpoint(d)), modes[0])


def _has_setpoint(one: Demand) -> bool:
    return any(bounds.steering.setpoint is not UNSAID for bounds in (one.in_a, one.in_w))


def _tightest(several: Sequence[Bounds], lead: Steering) -> Bounds:
    if len(several) == 1 and several[0].steering is lead:
        return several[0]
    limit, discharge, level, rate = UNSAID, UNSAID, 0, None
    for bounds in several:
        if _is_below(bounds.limit.l1, limit.l1):
            level = bounds.stack_level
        limit = _picked(min, limit, bounds.limit)
        discharge = _picked(max, discharge, bounds.steering.discharge)
        rate = _one(max, rate, bounds.min_rate)
    steered = lead is not UNSTEERED or discharge is not UNSAID
    steering = Steering(discharge, lead.setpoint, lead.reactive) if steered else UNSTEERED
    return Bounds(limit, steering, level, rate) if several else FREE


def _is_below(value: Number, other: Number) -> bool:
    return value is not None and (other is None or value < other)


def _picked(pick: Callable[[float, float], float], one: Phases, other: Phases) -> Phases:
    """Of each phase the one value there is, or of two the picked one."""
    if one is UNSAID or other is UNSAID:
        return other if one is UNSAID else one
    return Phases(*(_one(pick, a, b) for a, b in zip(one, other, strict=True)))


def _one(pick: Callable[[float, float], float], one: Number, other: Number) -> Number:
    if one is None or other is None:
        return other if one is None else one
    return pick(one, other)


def _split(one: Demand, phases: int | None, facts: StationFacts) -> Demand:
    """The demand with a value for each of its phases; A count per phase, W are shared out."""
    if phases is None:
        return one
    if phases == 1:
        return one._replace(in_a=_changed(one.in_a, _joined), in_w=_changed(one.in_w, _joined))
    exact = facts.precision
    return one._replace(
        in_a=_changed(one.in_a, lambda v: _spread(v, phases, lambda value: value)),
        in_w=_changed(one.in_w, lambda v: _spread(v, phases, lambda value: exact(value / phases))),
    )


def _changed(bounds: Bounds, change: Callable[[Phases], Phases]) -> Bounds:
    if bounds is FREE:
        return FREE
    limit, steering, level, rate = bounds
    if steering is not UNSTEERED:
        steering = Steering(*map(change, steering))
    return Bounds(change(limit), steering, level, rate)


def _spread(values: Phases, phases: int, share: Exact) -> Phases:
    if values.l1 is None:
        return values
    each = values.l1 if values.separate else share(values.l1)
    l2 = each if values.l2 is None else values.l2
    l3 = each if values.l3 is None else values.l3
    return Phases(each, l2, l3 if phases > 2 else None)  # noqa: PLR2004 the third of them


def _joined(values: Phases) -> Phases:
    """One value for the one phase: that which moves the least energy (K01.FR.147)."""
    if not values.separate:
        return values
    return Phases(min((value for value in values if value is not None), key=abs))


# Of several EVSEs the total


def total(demands: Sequence[Demand], facts: StationFacts) -> Demand:
    """What EVSEs may draw together; one without a limit counts with that of its wires (K08.FR.03).

    Of discharging and setpoints there is no total: how EVSEs share them is the station's choice.
    """
    phases = max((d.number_phases for d in demands if d.number_phases), default=None)
    separate = facts.per_phase and any(d.separate for d in demands)
    default_w = facts.default_limit_w
    if separate:
        demands = [_split(d, phases, facts) for d in demands]
        default_w /= phases or facts.default_phases
    count = 3 if separate else 1
    in_a = _added([d.in_a.limit[:count] for d in demands], facts.default_limit_a, facts)
    in_w = _added([d.in_w.limit[:count] for d in demands], default_w, facts)
    return Demand(Bounds(in_a), Bounds(in_w), phases)


def _added(limits: Sequence[tuple[Number, ...]], default: float, facts: StationFacts) -> Phases:
    sums = []
    for column in zip(*limits, strict=True):
        sum_ = 0.0
        for value in column:
            sum_ = facts.precision(sum_ + (default if value is None else value))
        sums.append(sum_)
    return Phases(*sums)


# In one unit


def answer(
    one: Demand, more: Sequence[Demand], unit: RateUnit, facts: StationFacts
) -> CompositePeriod:
    """The demand in the unit asked for, with `more` capacity that is generated on the spot.

    Without a limit that of the wires holds; setpoints stay within the limits
    (K08.FR.08); local generation comes on top (K08.FR.04).
    """
    own, foreign = _in_unit(one, unit, one.number_phases or facts.default_phases, facts)
    limit = _picked(min, own.limit, foreign.limit)
    if limit is UNSAID:
        limit = Phases(facts.default_limit_a if unit == "A" else facts.default_limit_w)
    else:
        for each in more:
            limit = _raised(limit, each, unit, one.number_phases or facts.default_phases, facts)
    converted = _is_below(foreign.limit.l1, own.limit.l1)
    return CompositePeriod(
        values=_period(one, limit, own.steering, foreign.steering),
        stack_level=(foreign if converted else own).stack_level,
        level_in_unit=own.stack_level,
        converted=converted,
        min_charging_rate=_one(max, own.min_rate, foreign.min_rate),
    )


def _in_unit(
    one: Demand, unit: RateUnit, phases: int, facts: StationFacts
) -> tuple[Bounds, Bounds]:
    """What was demanded in the unit, and what in the other one, converted (K01.FR.50)."""
    voltage_v, exact = facts.voltage_v, facts.precision

    def to_a(values: Phases) -> Phases:
        factor = voltage_v if values.separate else voltage_v * phases
        return _each(lambda value: exact(value / factor), values)

    def to_w(values: Phases) -> Phases:
        factor = voltage_v if values.separate else voltage_v * phases
        return _each(lambda value: exact(value * factor), values)

    own, other, convert = (one.in_a, one.in_w, to_a) if unit == "A" else (one.in_w, one.in_a, to_w)
    foreign = _changed(other, convert)
    if foreign.min_rate is not None:
        foreign = foreign._replace(min_rate=convert(Phases(foreign.min_rate)).l1)
    return own, foreign


def _raised(
    limit: Phases, generated: Demand, unit: RateUnit, phases: int, facts: StationFacts
) -> Phases:
    """The limit and what is generated, for as many phases as the limit has."""
    if limit.separate:
        generated = _split(generated, phases, facts)
    own, foreign = _in_unit(generated, unit, phases, facts)
    more = _picked(max, own.limit, foreign.limit)
    return Phases(
        *(
            None if value is None else facts.precision(value + (plus or 0.0))
            for value, plus in zip(limit, more, strict=True)
        )
    )


def _period(one: Demand, limit: Phases, own: Steering, foreign: Steering) -> ChargingSchedulePeriod:
    period = ChargingSchedulePeriod(
        start_period=0,
        limit=limit.l1,
        limit_l2=limit.l2,
        limit_l3=limit.l3,
        number_phases=one.number_phases,
        phase_to_use=one.phase_to_use,
    )
    if own is foreign is UNSTEERED and one.lead is None:
        return period
    discharge = _picked(max, own.discharge, foreign.discharge)
    setpoint = foreign.setpoint if own.setpoint is UNSAID else own.setpoint
    reactive = foreign.reactive if own.reactive is UNSAID else own.reactive
    setpoint = Phases(*map(_between, setpoint, limit, discharge))
    return _steered(period, one.lead, Steering(discharge, setpoint, reactive))


def _between(setpoint: Number, most: Number, least: Number) -> Number:
    """The setpoint between the limits (V2X.03, V2X.04)."""
    if setpoint is None:
        return None
    if setpoint < 0:
        return setpoint if least is None else max(setpoint, least)
    return setpoint if most is None else min(setpoint, most)


def _steered(
    period: ChargingSchedulePeriod, lead: ChargingSchedulePeriod | None, steering: Steering
) -> ChargingSchedulePeriod:
    """The period with what 2.1 added; all but numbers is as the lead says."""
    names = ("discharge_limit", "setpoint", "setpoint_reactive")
    numbers = {
        name + phase: value
        for name, values in zip(names, steering, strict=True)
        for phase, value in zip(("", "_l2", "_l3"), values, strict=True)
    }
    said = {} if lead is None else {name: getattr(lead, name) for name in OF_THE_LEAD}
    return msgspec.structs.replace(period, **numbers, **said)
