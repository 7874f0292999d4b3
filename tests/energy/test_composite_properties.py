"""What holds for any set of charging profiles, against a reckoning that looks at one moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    RateUnit,
)
from chargeplane.energy.composite import composite, limit_at
from chargeplane.energy.composite_values import (
    Circumstances,
    Composite,
    Installed,
    Running,
    StationFacts,
    Window,
)
from tests.energy.profiles import HOUR, NOON, later

FACTS = StationFacts(evse_ids=(1, 2))
BEGAN = later(-5 * HOUR)
HERE = Circumstances(facts=FACTS, transactions={1: Running(id="a", start=BEGAN)})
PURPOSES = (
    "ChargingStationExternalConstraints",
    "ChargingStationMaxProfile",
    "TxProfile",
    "TxDefaultProfile",
)
MINUTE = 60
seconds = st.integers(-30 * HOUR, 30 * HOUR).map(lambda s: s // MINUTE * MINUTE)
moments = seconds.map(later)


@st.composite
def schedules(draw: st.DrawFn) -> ChargingSchedule:
    unit: RateUnit = draw(st.sampled_from(("A", "W")))
    lengths = draw(st.lists(st.integers(1, 400), min_size=1, max_size=4))
    starts = [0, *(sum(lengths[: n + 1]) * MINUTE for n in range(len(lengths) - 1))]
    limits = st.integers(0, 400).map(lambda tenth: tenth / 10 * (1 if unit == "A" else 690))
    return ChargingSchedule(
        charging_rate_unit=unit,
        start_schedule=draw(moments),
        duration=draw(st.none() | st.integers(1, 30 * HOUR)),
        charging_schedule_period=tuple(
            ChargingSchedulePeriod(
                start_period=start,
                limit=draw(limits),
                number_phases=draw(st.sampled_from((None, 1, 2, 3))),
            )
            for start in starts
        ),
    )


@st.composite
def places(draw: st.DrawFn) -> Installed:
    purpose = draw(st.sampled_from(PURPOSES))
    kinds = ("Absolute", "Recurring", "Relative")  # the limit of a station is not relative
    kind = draw(st.sampled_from(kinds[: 2 if purpose == "ChargingStationMaxProfile" else 3]))
    held = ChargingProfile(
        id=draw(st.integers(0, 99)),
        stack_level=draw(st.integers(0, 4)),
        charging_profile_purpose=purpose,  # type: ignore[arg-type]
        charging_profile_kind=kind,  # type: ignore[arg-type]
        recurrency_kind="Daily",
        valid_from=draw(st.none() | moments),
        valid_to=draw(st.none() | moments),
        transaction_id=draw(st.sampled_from((None, "a", "b"))) if purpose == "TxProfile" else None,
        charging_schedule=(draw(schedules()),),
    )
    at = {"ChargingStationMaxProfile": (0,), "TxProfile": (1, 2)}.get(purpose, (0, 1, 2))
    return Installed(evse_id=draw(st.sampled_from(at)), profile=held, installed_at=BEGAN)


def unlike(held: list[Installed]) -> list[Installed]:
    """Without those of the same purpose and level, which no station installs together."""
    return list(
        {(e.profile.charging_profile_purpose, e.profile.stack_level): e for e in held}.values()
    )


stations = st.lists(places(), max_size=5).map(unlike)


def holding(each: Installed, moment: datetime) -> ChargingSchedulePeriod | None:
    """The period of a profile at a moment, told from the beginning of its schedule."""
    held, (schedule,) = each.profile, each.profile.charging_schedule
    assert schedule.start_schedule is not None
    if (held.valid_from or moment) > moment or (held.valid_to and held.valid_to <= moment):
        return None
    start = BEGAN if held.charging_profile_kind == "Relative" else schedule.start_schedule
    elapsed = int((moment - start).total_seconds())
    if held.charging_profile_kind == "Recurring":
        elapsed %= 24 * HOUR
    if elapsed < 0 or (schedule.duration is not None and elapsed >= schedule.duration):
        return None
    return [p for p in schedule.charging_schedule_period if p.start_period <= elapsed][-1]


def leading(held: list[Installed], purpose: str, moment: datetime) -> list[tuple[str, Any]]:
    """The unit and the period of a purpose that leads on EVSE 1."""
    found = [
        (each.profile.stack_level, each.profile.charging_schedule[0].charging_rate_unit, period)
        for each in held
        if each.profile.charging_profile_purpose == purpose
        and each.evse_id in {0, 1}
        and each.profile.transaction_id in {None, "a"}
        and (period := holding(each, moment))
    ]
    return [max(found, key=lambda one: one[0])[1:]] if found else []


def expected(held: list[Installed], moment: datetime, unit: RateUnit) -> float:
    """The limit of EVSE 1 at a moment."""
    own = leading(held, "TxProfile", moment) or leading(held, "TxDefaultProfile", moment)
    leads = own + [lead for purpose in PURPOSES[:2] for lead in leading(held, purpose, moment)]
    if not leads:
        return FACTS.default_limit_a if unit == "A" else FACTS.default_limit_w
    factor = 230.0 * min(period.number_phases or 3 for _, period in leads)
    in_a = [period.limit / (1 if of == "A" else factor) for of, period in leads]
    return float(min(in_a) * (1 if unit == "A" else factor))


def at(found: Composite, moment: datetime) -> ChargingSchedulePeriod:
    return found.at(moment).values


def of_purpose(held: ChargingProfile, purpose: str) -> ChargingProfile:
    return msgspec.structs.replace(held, charging_profile_purpose=purpose)


WINDOW = Window(NOON, later(48 * HOUR))
within = st.integers(0, 48 * HOUR - 1).map(later)


@given(stations, st.lists(within, min_size=5, max_size=20), st.sampled_from(("A", "W")))
@settings(max_examples=60)
def test_at_each_moment_the_lowest_leading_limit_holds(
    held: list[Installed], moments_: list[datetime], unit: RateUnit
) -> None:
    found = composite(held, HERE, WINDOW, unit, 1)
    for moment in moments_:
        assert at(found, moment).limit == pytest.approx(expected(held, moment, unit))
        now = limit_at(held, HERE, moment, 1, unit)
        assert now.values.limit == at(found, moment).limit


@given(stations, st.sampled_from((0, 1, 2)))
@settings(max_examples=40)
def test_periods_start_at_0_and_rise_and_differ_and_end_in_the_window(
    held: list[Installed], evse_id: int
) -> None:
    found = composite(held, HERE, WINDOW, "A", evse_id).schedule()
    starts = [period.start_period for period in found.charging_schedule_period]
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert starts[-1] < found.duration
    values = [
        (p.limit, p.limit_l2, p.limit_l3, p.number_phases) for p in found.charging_schedule_period
    ]
    assert all(one != other for one, other in pairwise(values))


@given(stations, within, st.sampled_from((0, 1, 2)))
@settings(max_examples=40)
def test_two_halves_are_the_whole(held: list[Installed], middle: datetime, evse_id: int) -> None:
    transactions = {n: Running(id="a", start=BEGAN) for n in (1, 2)}
    here = replace(HERE, transactions=transactions)
    whole, first, second = (
        composite(held, here, window, "A", evse_id)
        for window in (WINDOW, Window(WINDOW.start, middle), Window(middle, WINDOW.end))
    )
    shift = int((middle - NOON).total_seconds())
    joined = [p for p in first.periods if p.values.start_period < max(shift, 1)]
    later_ = [p.at(p.values.start_period + shift) for p in second.periods]
    if joined[-1].at(0) == later_[0].at(0):
        later_ = later_[1:]
    if shift == 0:
        joined, later_ = [], list(second.periods)
    assert [*joined, *later_] == list(whole.periods)


@given(stations, st.sampled_from((1, 2)))
@settings(max_examples=40)
def test_a_limit_in_a_is_that_in_w_divided_by_voltage_and_phases(
    held: list[Installed], evse_id: int
) -> None:
    in_a, in_w = (composite(held, HERE, WINDOW, unit, evse_id) for unit in ("A", "W"))
    for period in in_a.periods:
        moment = NOON + timedelta(seconds=period.values.start_period)
        power = at(in_w, moment).limit
        factor = 230.0 * (period.values.number_phases or 3)
        if power != FACTS.default_limit_w:
            assert period.values.limit is not None
            assert period.values.limit * factor == pytest.approx(power)


@given(stations)
@settings(max_examples=40)
def test_evses_together_never_get_more_than_the_station(held: list[Installed]) -> None:
    maximum = [each for each in held if each.profile.charging_profile_purpose == PURPOSES[1]]
    whole = composite(held, HERE, WINDOW, "W", 0)
    bound = composite(maximum, HERE, WINDOW, "W", 1)
    for period in whole.periods:
        most = power(at(bound, NOON + timedelta(seconds=period.values.start_period)))
        if most != FACTS.default_limit_w:
            assert power(period.values) <= most + 1e-6


def power(period: ChargingSchedulePeriod) -> float:
    return sum(part or 0 for part in (period.limit, period.limit_l2, period.limit_l3))


@given(stations, places(), st.lists(within, min_size=3, max_size=10))
@settings(max_examples=40)
def test_one_more_constraint_never_raises_a_limit(
    held: list[Installed], more: Installed, moments_: list[datetime]
) -> None:
    some = [each for each in held if each.profile.charging_profile_purpose != PURPOSES[0]]
    external = msgspec.structs.replace(more.profile, charging_profile_purpose=PURPOSES[0])
    added = [*some, Installed(evse_id=0, profile=external)]
    before, after = (composite(each, HERE, WINDOW, "W", 1) for each in (some, added))
    for moment in moments_:
        most = power(at(before, moment))
        if most != FACTS.default_limit_w:
            assert power(at(after, moment)) <= most + 1e-6
