"""What the settings say, as the parts of this package want it."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from chargeplane.config import Payments as PaymentSettings
from chargeplane.config import Stripe as StripeSettings
from chargeplane.errors import ConfigurationError
from chargeplane.payments.pricing import DIGITS, DailyWindow, Prices, Terms
from chargeplane.payments.rules import Rules
from chargeplane.payments.stripe import StripeAccess

# https://docs.stripe.com/currencies: these have no minor unit, of those it cannot take every cent.
WITHOUT_MINOR_UNIT: Final = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()
)
OF_THREE_DIGITS: Final = frozenset("bhd jod kwd omr tnd".split())


def rules(stripe: StripeSettings, settings: PaymentSettings) -> Rules:
    """By which rules payments are made."""
    return Rules(
        return_url=stripe.return_base_url or "",
        return_urls=frozenset(stripe.return_base_urls),
        product=stripe.product_name,
        prices=prices(settings, stripe.currency),
        terms=terms(settings),
        start_window=timedelta(minutes=settings.start_window_minutes),
        pending_timeout=timedelta(minutes=settings.pending_timeout_minutes),
        checkout_expiry=timedelta(minutes=settings.checkout_minutes),
        require_plug=settings.require_plug_before_start,
        idle_auto_stop=timedelta(minutes=settings.idle_auto_stop_minutes),
        settle_tries=settings.release_tries,
        retry_base=timedelta(minutes=settings.release_base_minutes),
        reconcile_interval=timedelta(seconds=settings.reconcile_seconds),
    )


def prices(settings: PaymentSettings, currency: str) -> Prices:
    """The prices where a connector has none; `ConfigurationError` for a currency of mills."""
    if currency in OF_THREE_DIGITS:
        raise ConfigurationError(f"stripe.currency: {currency} has three digits, use another")
    return Prices(
        currency=currency,
        digits=0 if currency in WITHOUT_MINOR_UNIT else DIGITS,
        per_kwh=settings.price_per_kwh,
        session_fee=settings.session_fee,
        per_minute=settings.price_per_minute,
        free_minutes=settings.free_minutes,
        max_minutes=settings.max_minutes,
        counts_from=settings.minutes_from,
        max_energy_kwh=settings.max_energy_kwh,
        owner_session_fee=settings.owner_session_fee,
        commission_percent=settings.commission_percent,
        commission_per_kwh=settings.commission_per_kwh,
    )


def terms(settings: PaymentSettings) -> Terms:
    """What holds for all connectors."""
    return Terms(
        min_energy_kwh=settings.min_energy_kwh,
        min_amount_minor=settings.min_amount_minor,
        free_window=_window(settings.free_window, settings.timezone),
    )


def access(settings: StripeSettings) -> StripeAccess:
    """How Stripe is reached; raises `ConfigurationError` if a secret cannot be read."""
    return StripeAccess(
        api_key=_secret("api_key", settings.api_key, settings.api_key_file),
        webhook_secret=_secret(
            "webhook_secret", settings.webhook_secret, settings.webhook_secret_file
        ),
        api_base=settings.api_base,
        timeout=settings.timeout,
        retries=settings.retries,
    )


def is_test(settings: StripeSettings) -> bool:
    """Whether the key is one of Stripe's test mode, in which no money moves."""
    return "_test_" in access(settings).api_key


def _window(text: str, zone: str) -> DailyWindow | None:
    if not text:
        return None
    begin, _, end = text.partition("-")
    return DailyWindow(begin=time.fromisoformat(begin), end=time.fromisoformat(end), zone=zone)


def _secret(name: str, given: SecretStr | None, file: Path | None) -> str:
    found = given.get_secret_value() if given else ""
    try:
        found = file.read_text(encoding="utf-8").strip() if file else found
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"stripe.{name}_file: {error}") from error
    if not found or not found.isascii() or not found.isprintable():
        raise ConfigurationError(f"stripe.{name}: is no secret of Stripe's")
    return found
