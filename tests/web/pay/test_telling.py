from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chargeplane.payments.pricing import Bill, DailyWindow, Prices, Terms
from chargeplane.web.pay.telling import Teller
from tests.api.payment_samples import NOW, PRICES, progress, reservation


def teller(language: str = "en") -> Teller:
    return Teller(language, "Europe/Berlin")


@pytest.mark.parametrize(
    ("amount", "currency", "digits", "told"),
    [
        ("0.49", "eur", 2, "€0.49"),
        ("0.5", "eur", 2, "€0.50"),
        ("0.4925", "eur", 2, "€0.4925"),
        ("30", "jpy", 0, "JP¥30"),
    ],
)
def test_prices_have_all_their_digits(amount: str, currency: str, digits: int, told: str) -> None:
    assert teller().price(Decimal(amount), Prices(currency=currency, digits=digits)) == told


def test_all_prices_and_conditions_are_told() -> None:
    prices = Prices(
        per_kwh=Decimal("0.49"),
        session_fee=Decimal("0.5"),
        per_minute=Decimal("0.05"),
        free_minutes=10,
        max_minutes=120,
        counts_from="idle",
        max_energy_kwh=Decimal(80),
    )
    window = DailyWindow(begin=time(20), end=time(8), zone="Europe/Zagreb")
    told = list(teller().prices(prices))
    assert [value for _, value in told] == ["€0.49", "€0.50", "€0.05", "80 kWh", "€45.20"]
    first, *rest = teller().conditions(prices, Terms(free_window=window))
    assert "after the first 10 minutes" in first
    assert "only while the car occupies" in first
    assert "not from 20:00 to 08:00 (Europe/Zagreb)" in first
    assert rest == ["Less than 1 kWh costs nothing.", "Less than €0.50 is not taken."]


def test_what_is_free_has_no_conditions() -> None:
    assert list(teller().prices(Prices())) == []
    assert list(teller().conditions(Prices(), Terms())) == []


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({}, "pay"),
        ({"state": "Authorized"}, "plug"),
        ({"state": "Authorized", "start_sent_at": NOW}, "start"),
        ({"state": "Authorized", "start_sent_at": NOW, "awaiting_plug": True}, "plug"),
        ({"state": "StartRequested"}, "start"),
        ({"state": "Charging"}, "charge"),
        ({"state": "WaitingForDisconnect"}, "unplug"),
        ({"state": "WaitingForDisconnect", "due_minor": 500}, "settling"),
        ({"state": "Completed"}, "done"),
        ({"state": "Cancelled"}, "cancelled"),
        ({"state": "Failed"}, "error"),
        ({"state": "StartRejected"}, "error"),
        ({"state": "StartTimeout"}, "error"),
        ({"state": "Abandoned"}, "error"),
    ],
)
def test_a_driver_is_told_where_they_are(changes: dict[str, Any], step: str) -> None:
    found = progress(reservation=reservation(**changes))
    assert teller().step(found) == step
    assert teller("de").help(found)


def test_the_deadline_is_told_by_local_clocks() -> None:
    waiting = reservation(state="Authorized", start_deadline_at=NOW)
    assert "until 13:00" in teller().help(progress(reservation=waiting))


def test_what_is_measured_is_told() -> None:
    charging = reservation(state="Charging", started_at=NOW - timedelta(minutes=75))
    found = progress(reservation=charging, energy_mwh=1_234_567, bill=Bill(energy_minor=60))
    assert teller("nl").values(found) == {
        "energy": "1,23 kWh",
        "duration": "1:15",
        "cost": "€\xa00,60",
    }
    done = reservation(
        state="Completed", started_at=NOW, stopped_at=NOW + timedelta(hours=2), captured_minor=588
    )
    told = teller().values(
        progress(reservation=done, bill=Bill(energy_minor=588), refunded_minor=88)
    )
    assert told == {"duration": "2:00", "paid": "€5.88", "refunded": "€0.88"}
    assert teller().price(PRICES.per_kwh, PRICES) == "€0.49"
