from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.payments.limits import idle_times, reached
from chargeplane.payments.pricing import Interval, Prices, Terms, Use, hold_minor
from chargeplane.storage.repositories.payments import Suspension

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENERGY = Prices(per_kwh=Decimal("0.49"), max_energy_kwh=Decimal(80))
FLAT = Prices(session_fee=Decimal(5), max_energy_kwh=Decimal(20))


def after(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def use(kwh: str, minutes: float = 60, idle: float = 0) -> Use:
    end = after(minutes)
    quiet = (Interval(after(minutes - idle), end),) if idle else ()
    energy = int(Decimal(kwh) * 1_000_000)
    return Use(energy_mwh=energy, started_at=AT, stopped_at=end, idle=quiet)


@pytest.mark.parametrize(
    ("prices", "used", "limit"),
    [
        (ENERGY, use("79.9998"), None),
        (ENERGY, use("79.9999"), "MaxEnergy"),
        (ENERGY, use("81"), "MaxEnergy"),
        (FLAT, use("19"), None),
        (FLAT, use("20"), "MaxEnergy"),
        (Prices(session_fee=Decimal(5)), use("500"), None),
        (Prices(session_fee=Decimal(5), per_kwh=Decimal(1)), use("0.001"), None),
        (Prices(session_fee=Decimal(5), per_kwh=Decimal(1)), use("0.005"), "MaxAmount"),
        (ENERGY, use("1", idle=29), None),
        (ENERGY, use("1", idle=30), "Idle"),
        (ENERGY, Use(energy_mwh=None, started_at=AT, stopped_at=after(1)), None),
    ],
)
def test_limits(prices: Prices, used: Use, limit: Any) -> None:
    hold = hold_minor(prices) + (1 if limit is None else 0)
    assert reached(prices, Terms(), used, hold, timedelta(minutes=30)) == limit


def test_an_ev_that_rests_is_left_alone_where_nobody_minds() -> None:
    assert reached(ENERGY, Terms(), use("1", idle=59), 3920, timedelta()) is None


@pytest.mark.parametrize(
    ("told", "idle"),
    [
        ([], []),
        ([(0, "Charging")], []),
        ([(0, "Charging"), (10, "SuspendedEV")], [(10, 60)]),
        ([(10, "SuspendedEV"), (20, "SuspendedEV"), (30, "Charging")], [(10, 30)]),
        ([(10, "SuspendedEV"), (20, "SuspendedEVSE"), (30, "SuspendedEV")], [(10, 20), (30, 60)]),
        ([(-10, "SuspendedEV"), (5, "Charging")], [(0, 5)]),
        ([(70, "SuspendedEV")], []),
        ([(50, "SuspendedEV"), (90, "Charging")], [(50, 60)]),
        ([(10, "SuspendedEV"), (10, "Charging")], []),
    ],
)
def test_idle_times(told: Any, idle: Any) -> None:
    said = tuple(Suspension(after(at), state) for at, state in told)
    found = idle_times(said, AT, after(60))
    assert found == tuple(Interval(after(begin), after(end)) for begin, end in idle)


@given(
    st.lists(st.tuples(st.integers(-50, 150), st.sampled_from(["Charging", "SuspendedEV", "Idle"])))
)
def test_idle_times_lie_within_the_charge_one_after_the_other(told: list[tuple[int, str]]) -> None:
    said = tuple(Suspension(after(at), state) for at, state in sorted(told))
    found = idle_times(said, AT, after(60))
    moments = [moment for each in found for moment in (each.begin, each.end)]
    assert moments == sorted(moments)
    assert all(AT <= moment <= after(60) for moment in moments)
    assert all(each.begin < each.end for each in found)
