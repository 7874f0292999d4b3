from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.payments.pricing import (
    Bill,
    DailyWindow,
    Interval,
    Prices,
    Split,
    Terms,
    Use,
    bill,
    hold_minor,
    minutes_to_pay,
    split,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SEED = Prices(per_kwh=Decimal("0.49"), max_energy_kwh=Decimal(80))
TIMED = msgspec.structs.replace(
    SEED,
    session_fee=Decimal("0.50"),
    per_minute=Decimal("0.05"),
    free_minutes=10,
    max_minutes=120,
)
NIGHT = DailyWindow(begin=time(20), end=time(8), zone="Europe/Zagreb")


def used(minutes: float = 60, energy_mwh: int | None = 10_000_000, **more: Any) -> Use:
    stopped = NOON + timedelta(minutes=minutes)
    return Use(energy_mwh=energy_mwh, started_at=NOON, stopped_at=stopped, **more)


@pytest.mark.parametrize(
    ("prices", "held"),
    [
        (SEED, 3920),  # the example of the seed document
        (TIMED, 3920 + 50 + 550),
        (Prices(session_fee=Decimal(2)), 200),
        (Prices(per_minute=Decimal("0.10"), max_minutes=30), 300),
        (Prices(per_kwh=Decimal("0.005"), max_energy_kwh=Decimal(1)), 1),  # half away from zero
        (Prices(per_kwh=Decimal(40), max_energy_kwh=Decimal(10), digits=0), 400),  # as yen
    ],
)
def test_what_is_held(prices: Prices, held: int) -> None:
    assert hold_minor(prices) == held


@pytest.mark.parametrize(
    "prices",
    [
        Prices(),
        Prices(per_kwh=Decimal("0.49")),  # no bound of energy
        Prices(per_minute=Decimal("0.10"), max_minutes=10, free_minutes=10),
    ],
)
def test_nothing_to_hold_is_an_error(prices: Prices) -> None:
    with pytest.raises(ValueError, match="no amount"):
        hold_minor(prices)


@pytest.mark.parametrize(
    ("prices", "use", "owed"),
    [
        (SEED, used(), Bill(energy_minor=490, minutes=0)),
        (TIMED, used(), Bill(energy_minor=490, session_minor=50, time_minor=250, minutes=50)),
        (TIMED, used(60.001), Bill(energy_minor=490, session_minor=50, time_minor=255, minutes=51)),
        (TIMED, used(10), Bill(energy_minor=490, session_minor=50)),
        (
            TIMED,
            used(1000),
            Bill(energy_minor=490, session_minor=50, time_minor=600, minutes=120),
        ),
        (SEED, used(energy_mwh=None), Bill(no_charge="NoEnergy")),
        (SEED, used(energy_mwh=-1), Bill(no_charge="NoEnergy")),
        (SEED, used(energy_mwh=999_999), Bill(no_charge="BelowMinimumEnergy")),
        (SEED, used(energy_mwh=1_000_000), Bill(no_charge="BelowMinimumAmount")),  # 49
        (SEED, used(energy_mwh=1_020_409), Bill(energy_minor=50)),  # exactly the least is taken
    ],
)
def test_what_is_owed(prices: Prices, use: Use, owed: Bill) -> None:
    assert bill(prices, Terms(), use) == owed


def test_only_idle_minutes_cost() -> None:
    prices = msgspec.structs.replace(TIMED, counts_from="idle", free_minutes=5)
    left = NOON + timedelta(minutes=90)
    idle = (Interval(NOON + timedelta(minutes=10), NOON + timedelta(minutes=20)),)
    assert minutes_to_pay(prices, Terms(), used(60)) == 0
    assert minutes_to_pay(prices, Terms(), used(60, idle=idle)) == 5
    assert minutes_to_pay(prices, Terms(), used(60, idle=idle, disconnected_at=left)) == 35


@pytest.mark.parametrize(
    ("begin", "hours", "costing_h"),
    [
        ("2026-06-01T19:00", 2, 1),
        ("2026-06-01T21:00", 10, 0),
        ("2026-06-01T07:00", 48, 24),
        ("2026-06-02T02:00", 7, 1),  # the window of the day before
        ("2026-03-28T19:00", 14, 3),  # the clock leaps forward: the night has 11 hours
        ("2026-10-24T19:00", 14, 1),  # and back: 13 hours
    ],
)
def test_minutes_of_the_night_are_free(begin: str, hours: int, costing_h: int) -> None:
    start = datetime.fromisoformat(begin).replace(tzinfo=ZoneInfo(NIGHT.zone)).astimezone(UTC)
    use = Use(energy_mwh=1, started_at=start, stopped_at=start + timedelta(hours=hours))
    prices = Prices(per_minute=Decimal(1), max_minutes=100_000)
    assert minutes_to_pay(prices, Terms(free_window=NIGHT), use) == costing_h * 60


def test_a_window_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="another time"):
        DailyWindow(begin=time(8), end=time(8), zone="UTC")


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({}, (1000, 0, 1000)),
        ({"commission_percent": Decimal("12.5")}, (1000, 125, 875)),
        ({"commission_per_kwh": Decimal("0.05")}, (1000, 50, 950)),
        ({"commission_percent": Decimal(10), "commission_per_kwh": Decimal(9)}, (1000, 100, 900)),
        ({"commission_percent": Decimal(10), "owner_session_fee": Decimal(1)}, (1000, 100, 800)),
        ({"commission_per_kwh": Decimal(50)}, (1000, 1000, 0)),
        ({"owner_session_fee": Decimal(50)}, (1000, 0, 0)),
    ],
)
def test_who_gets_it(shares: dict[str, Decimal], expected: tuple[int, int, int]) -> None:
    gross, commission, owner = expected
    prices = msgspec.structs.replace(SEED, **shares)
    assert split(prices, 1000, 10_000_000) == Split(
        gross_minor=gross, commission_minor=commission, owner_minor=owner
    )


money = st.decimals(0, 5, places=4)
moments = st.integers(0, 527_000).map(lambda minutes: NOON + timedelta(minutes=minutes))
windows = st.builds(
    lambda begin, minutes: DailyWindow(
        begin=begin,
        end=(datetime.combine(NOON, begin) + timedelta(minutes=minutes)).time(),
        zone=NIGHT.zone,
    ),
    st.times(),
    st.integers(1, 1439),
)


@given(money, money, money, st.integers(0, 60), st.integers(0, 300), st.integers(0, 80_000_000))
def test_no_more_is_owed_than_is_held(
    per_kwh: Decimal,
    fee: Decimal,
    per_minute: Decimal,
    free: int,
    minutes: int,
    energy_mwh: int,
) -> None:
    prices = Prices(
        per_kwh=per_kwh,
        session_fee=fee,
        per_minute=per_minute,
        free_minutes=free,
        max_minutes=240,
        max_energy_kwh=Decimal(80),
    )
    owed = bill(prices, Terms(), used(min(minutes, 240), energy_mwh)).amount_minor
    assert owed == 0 or owed <= hold_minor(prices)


@given(moments, st.integers(0, 200_000), windows)
def test_windows_are_counted_minute_by_minute(
    start: datetime, seconds: int, window: DailyWindow
) -> None:
    use = Use(energy_mwh=1, started_at=start, stopped_at=start + timedelta(seconds=seconds))
    prices = Prices(per_minute=Decimal(1), max_minutes=100_000)
    costing = minutes_to_pay(prices, Terms(free_window=window), use)
    free = sum(
        is_within(start + timedelta(seconds=second), window) for second in range(0, seconds, 60)
    )
    assert abs(costing - (seconds / 60 - free)) <= 6  # where a window begins or ends in a minute


def is_within(at: datetime, window: DailyWindow) -> bool:
    clock = at.astimezone(ZoneInfo(window.zone)).time()
    if window.begin < window.end:
        return window.begin <= clock < window.end
    return clock >= window.begin or clock < window.end


def test_prices_travel_as_json() -> None:
    sent = msgspec.json.encode(TIMED)
    assert msgspec.json.decode(sent, type=Prices) == TIMED


@pytest.mark.parametrize(
    "sent",
    [{"per_kwh": "-1"}, {"session_fee": "NaN"}, {"commission_percent": "101"}, {"digits": 4}],
)
def test_what_is_no_price_is_refused(sent: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(sent, Prices)
