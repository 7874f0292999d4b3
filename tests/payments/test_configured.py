from __future__ import annotations

from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from chargeplane import config
from chargeplane.config import Mail, Payments, Stripe
from chargeplane.errors import ConfigurationError
from chargeplane.payments import configured
from chargeplane.payments.pricing import DailyWindow, Prices, Terms, hold_minor

READY: dict[str, Any] = {
    "enabled": True,
    "api_key": "sk_test_1",
    "webhook_secret": "whsec_1",
    "return_base_url": "https://charge.example.com/",
}


def test_payments_are_off_by_default() -> None:
    assert Stripe().enabled is False
    assert configured.prices(Payments(), "eur") == Prices(max_energy_kwh=Decimal(80))
    assert configured.terms(Payments()) == Terms()


def test_prices_and_terms_are_exact(
    empty_folder: Path,
) -> None:
    (empty_folder / "chargeplane.toml").write_text(
        "[payments]\nprice_per_kwh = 0.49\nsession_fee = '0.5'\nprice_per_minute = 0.05\n"
        "free_minutes = 10\nmax_minutes = 120\nminutes_from = 'idle'\n"
        "free_window = '20:00-08:00'\ntimezone = 'Europe/Zagreb'\n"
    )
    settings = config.load().settings.payments
    prices = configured.prices(settings, "eur")
    assert prices.per_kwh == Decimal("0.49")
    assert (prices.counts_from, prices.free_minutes) == ("idle", 10)
    assert hold_minor(prices) == 4520
    assert configured.terms(settings).free_window == DailyWindow(
        begin=time(20), end=time(8), zone="Europe/Zagreb"
    )


@pytest.mark.parametrize(("currency", "digits"), [("eur", 2), ("jpy", 0), ("isk", 2)])
def test_digits_follow_the_currency(currency: str, digits: int) -> None:
    assert configured.prices(Payments(), currency).digits == digits


def test_a_currency_of_three_digits_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="kwd"):
        configured.prices(Payments(), "kwd")


@pytest.mark.parametrize(
    "wrong",
    [
        {"price_per_kwh": -1},
        {"price_per_kwh": "nan"},
        {"commission_percent": 101},
        {"free_window": "20-08"},
        {"free_window": "24:00-08:00"},
        {"free_window": "08:00-08:00"},
        {"timezone": "Europe/Nowhere"},
        {"checkout_minutes": 30},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Payments(**wrong)


@pytest.mark.parametrize(
    "changes",
    [
        {"api_key": None},
        {"webhook_secret": None},
        {"return_base_url": None},
        {"api_key_file": "key"},
        {"currency": "EUR"},
        {"return_base_url": "javascript:alert(1)"},
        {"return_base_urls": "https://a.example,//b.example"},
        {"api_base": "ftp://a.example"},
    ],
)
def test_stripe_needs_all_that_it_needs(changes: dict[str, Any]) -> None:
    Stripe(**READY)
    with pytest.raises(ValidationError):
        Stripe(**{**READY, **changes})


def test_addresses_are_kept_without_their_last_slash() -> None:
    wanted = Stripe(**READY, return_base_urls="https://a.example/x/, https://b.example")
    assert wanted.return_base_url == "https://charge.example.com"
    assert wanted.return_base_urls == ["https://a.example/x", "https://b.example"]


def test_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk_test_file\n")
    settings = Stripe(api_key_file=tmp_path / "key", webhook_secret=SecretStr("whsec_1"))
    found = configured.access(settings)
    assert (found.api_key, found.webhook_secret) == ("sk_test_file", "whsec_1")
    assert "sk_test_file" not in repr(found)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff", b"sk\x00"])
def test_a_file_without_a_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"stripe\.api_key"):
        configured.access(Stripe(api_key_file=tmp_path / "key"))
    with pytest.raises(ConfigurationError, match="api_key_file"):
        configured.access(Stripe(api_key_file=tmp_path / "none"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "mail.example.com"},
        {"host": "mail.example.com", "sender": "a@b.example", "password": "x", "security": "none"},
        {"security": "ssl"},
    ],
)
def test_mail_needs_a_sender_and_secrecy(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Mail(**wrong)
