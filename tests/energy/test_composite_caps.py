from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.domain.profiles import RateUnit
from chargeplane.energy import composite_caps as caps
from chargeplane.energy import composite_limits as limits
from chargeplane.energy.composite_caps import Cap, in_full
from chargeplane.energy.composite_values import StationFacts
from tests.energy.profiles import profile

FACTS = StationFacts()
values = st.none() | st.floats(0, 1000)
some = st.builds(
    lambda a, w, phases, level: Cap(
        a, w, phases, 0 if a is None else level, 0 if w is None else level
    ),
    *(values, values, st.sampled_from((None, 1, 2, 3)), st.integers(0, 5)),
)
units = st.sampled_from(("A", "W"))


@given(st.lists(some, max_size=4))
def test_the_lowest_of_caps_is_that_of_demands(several: list[Cap]) -> None:
    for split in (False, True):
        short = caps.lowest(several, FACTS, split=split)
        full = limits.lowest([in_full(one) for one in several], FACTS, split=split)
        assert in_full(short) == full


@given(st.lists(some, min_size=1, max_size=4))
def test_the_total_of_caps_is_that_of_demands(several: list[Cap]) -> None:
    full = limits.total([in_full(one) for one in several], FACTS)
    assert in_full(caps.total(several, FACTS)) == full


@given(some, units)
def test_a_cap_is_answered_as_its_demand(one: Cap, unit: RateUnit) -> None:
    for facts in (FACTS, replace(FACTS, voltage_v=120, default_phases=1)):
        full = limits.answer(in_full(one), (), unit, facts)
        assert caps.answer(one, (), unit, facts) == full


@pytest.mark.parametrize("unit", ["A", "W"])
@pytest.mark.parametrize("number_phases", [None, 0, 1, 3])
def test_a_period_is_read_as_its_demand(unit: RateUnit, number_phases: int | None) -> None:
    said = {"limit": 16.0, "number_phases": number_phases}
    (schedule,) = profile(said, charging_rate_unit=unit).charging_schedule
    (period,) = schedule.charging_schedule_period
    short = caps.reader(schedule, 4, 50, FACTS)(period)
    assert isinstance(short, Cap)
    assert in_full(short) == limits.demand(period, schedule, 4, 50, FACTS)
