"""The same calls at Stripe itself, in the test mode of an account (STRIPE_TEST_KEY)."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chargeplane.payments.provider import Order, ProviderError
from chargeplane.payments.stripe import StripeAccess, StripeProvider
from tests.conftest import account

HELD = 3920


@pytest.fixture
async def provider() -> AsyncIterator[StripeProvider]:
    key = account("STRIPE_TEST_KEY")
    assert "_test_" in key, "only test keys are used here"
    async with StripeProvider(StripeAccess(api_key=key, webhook_secret="whsec_none")) as made:
        yield made


@pytest.fixture
def number() -> str:
    return str(uuid.uuid4())


def order(number: str, **changes: Any) -> Order:
    given = {
        "reservation_id": number,
        "amount_minor": HELD,
        "currency": "eur",
        "product": "Charging session (80 kWh)",
        "success_url": "https://example.com/ok?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://example.com/back",
        "expires_at": datetime.now(UTC) + timedelta(minutes=35),
        "metadata": {"charge_point_id": "CP1"},
        **changes,
    }
    return Order(**given)


async def held(provider: StripeProvider, number: str) -> str:
    """A payment whose amount is held, as a driver's card would do at the checkout."""
    made = await provider._api.v1.payment_intents.create_async(
        {
            "amount": HELD,
            "currency": "eur",
            "capture_method": "manual",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"reservation_id": number},
        }
    )
    return made.id


async def test_a_checkout_is_opened_once_and_closed(provider: StripeProvider, number: str) -> None:
    wanted = order(number)
    opened = await provider.open_checkout(wanted)
    assert await provider.open_checkout(wanted) == opened
    assert opened.status == "open"
    assert opened.url
    with pytest.raises(ProviderError):
        await provider.open_checkout(order(number, amount_minor=HELD + 1))
    assert (await provider.expire_checkout(opened.id)).status == "expired"
    assert (await provider.expire_checkout(opened.id)).status == "expired"


async def test_a_part_is_captured_and_given_back(provider: StripeProvider, number: str) -> None:
    payment = await held(provider, number)
    assert (await provider.payment(payment)).status == "requires_capture"
    for amount in (1234, 999):
        taken = await provider.capture(payment, amount, number)
        assert (taken.status, taken.captured_minor) == ("succeeded", 1234)
    assert (await provider.cancel(payment, number)).status == "succeeded"
    first = await provider.refund(payment, 234, "requested_by_customer", f"{number}-1")
    assert await provider.refund(payment, 234, "requested_by_customer", f"{number}-1") == first
    assert (await provider.payment(payment)).refunded_minor == 234


async def test_what_is_held_is_let_go_of(provider: StripeProvider, number: str) -> None:
    payment = await held(provider, number)
    for _ in range(2):
        assert (await provider.cancel(payment, number)).status == "canceled"
    assert (await provider.capture(payment, 100, number)).captured_minor == 0
