"""Who takes the money: what is asked of a payment provider.

Its words are Stripe's, in whose API they are defined: a checkout session is where a driver pays, a
payment intent is the money, held until it is captured or let go.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from chargeplane.domain.messages import Value
from chargeplane.errors import ChargeplaneError

CheckoutStatus = Literal["open", "complete", "expired"]
PaymentStatus = Literal[
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "canceled",
    "succeeded",
]
RefundReason = Literal["duplicate", "fraudulent", "requested_by_customer"]


class ProviderError(ChargeplaneError):
    """The provider refused; asking again would not help."""


class ProviderUnavailable(ProviderError):
    """The provider did not answer, or not well; the same may be asked again with the same key."""


class NoticeRefused(ChargeplaneError):
    """A message that says it is the provider's is not, is too old or cannot be read."""


class Order(Value, frozen=True, kw_only=True):
    """What a driver is to agree to hold. `metadata` comes back in payments and notices."""

    reservation_id: str
    amount_minor: int
    currency: str
    product: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    language: str | None = None
    metadata: Mapping[str, str]


class Checkout(Value, frozen=True, kw_only=True):
    """A checkout session; it has an address while it is open, a payment once one was tried."""

    id: str
    status: CheckoutStatus
    url: str | None = None
    payment_id: str | None = None


class Payment(Value, frozen=True, kw_only=True):
    """A payment intent. What is held can be captured once, at most all of it."""

    id: str
    status: PaymentStatus
    amount_minor: int
    captured_minor: int = 0
    refunded_minor: int = 0
    currency: str = "eur"
    email: str | None = None  # of the driver, where the provider knows it
    metadata: Mapping[str, str] = {}


class Refund(Value, frozen=True, kw_only=True):
    """Money that goes back."""

    id: str
    amount_minor: int
    status: Literal["pending", "requires_action", "succeeded", "failed", "canceled"]


class Notice(Value, frozen=True, kw_only=True):
    """What the provider tells by itself. Only a hint: what counts is what it answers when asked."""

    id: str
    kind: str  # "checkout.session.completed", "payment_intent.amount_capturable_updated", ...
    at: datetime
    checkout_id: str | None = None
    payment_id: str | None = None
    reservation_id: str | None = None


class Provider(Protocol):
    """A payment provider. Every call raises `ProviderError`, has a timeout and can be repeated.

    What changes something has an idempotency key of its own, made of the reservation and what is
    asked, so that a call that is repeated after a crash does what the first did.
    """

    async def open_checkout(self, order: Order, /) -> Checkout:
        """Open a checkout session that holds the amount and does not capture it."""
        ...

    async def checkout(self, checkout_id: str, /) -> Checkout:
        """A checkout session as it is now."""
        ...

    async def expire_checkout(self, checkout_id: str, /) -> Checkout:
        """Close an open checkout session; one that is not open is answered as it is."""
        ...

    async def payment(self, payment_id: str, /) -> Payment:
        """A payment as it is now."""
        ...

    async def capture(self, payment_id: str, amount_minor: int, reservation_id: str, /) -> Payment:
        """Take a part of what is held, let go of the rest; a payment that is over is answered."""
        ...

    async def cancel(self, payment_id: str, reservation_id: str, /) -> Payment:
        """Let go of all that is held; a payment that is over is answered as it is."""
        ...

    async def refund(
        self, payment_id: str, amount_minor: int, reason: RefundReason, key: str, /
    ) -> Refund:
        """Give back a part of what was captured; the key tells one refund from the next."""
        ...

    def notice(self, body: bytes, signature: str, /) -> Notice:
        """Read a notice whose signature over the raw body is right; raises `NoticeRefused`."""
        ...
