"""Stripe as the payment provider, by its own package: https://docs.stripe.com/api.

Idempotency keys are kept by Stripe for a day. What may be repeated later than that is guarded by
more: a payment is captured or cancelled once at all, and a refund is looked for before it is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Self, TypeVar

import msgspec
import stripe

from chargeplane.payments import stripe_objects as objects
from chargeplane.payments.provider import (
    Checkout,
    Notice,
    NoticeRefused,
    Order,
    Payment,
    ProviderError,
    ProviderUnavailable,
    Refund,
    RefundReason,
)
from chargeplane.payments.stripe_http import HttpClient
from chargeplane.payments.stripe_objects import REFUND_KEY

API_BASE: Final = "https://api.stripe.com"
OVER: Final = frozenset({"succeeded", "canceled"})  # a payment of which nothing is held
# What does not say that the request is bad: keys that were changed, conflicts, limits.
TRANSIENT: Final = frozenset({401, 403, 408, 409, 429})
SERVER_ERRORS: Final = 500
SOME: Final = 100  # refunds of one payment that are looked at

T = TypeVar("T")


class _Repeated(ProviderUnavailable):
    """Stripe repeats that it failed before, and will for a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeAccess:
    """How Stripe is reached."""

    api_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api_base: str = API_BASE
    timeout: float = 20
    retries: int = 2


class StripeProvider:
    """Takes payments by Stripe. Use it as a context, or close it."""

    def __init__(self, access: StripeAccess) -> None:
        # It would write an identifier into the home folder and tell the platform.
        stripe.enable_telemetry = False
        self._access = access
        self._http = HttpClient(access.timeout)
        self._api = stripe.StripeClient(
            access.api_key,
            base_addresses={"api": access.api_base},
            max_network_retries=access.retries,
            http_client=self._http,
        )
        # A timeout bounds each wait for bytes; this bounds all of a call with its retries.
        self._patience = (access.timeout + HttpClient.MAX_DELAY) * (access.retries + 1)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close its connections."""
        await self._http.close_async()

    async def open_checkout(self, order: Order, /) -> Checkout:
        """Open a checkout session that holds the amount and does not capture it."""
        key = f"checkout_create:{order.reservation_id}"
        sessions = self._api.v1.checkout.sessions
        asked = sessions.create_async(objects.session(order), {"idempotency_key": key})
        return objects.checkout(await self._ask(asked))

    async def checkout(self, checkout_id: str, /) -> Checkout:
        """A checkout session as it is now."""
        asked = self._api.v1.checkout.sessions.retrieve_async(checkout_id)
        return objects.checkout(await self._ask(asked))

    async def expire_checkout(self, checkout_id: str, /) -> Checkout:
        """Close an open checkout session; one that is not open is answered as it is."""
        try:
            asked = self._api.v1.checkout.sessions.expire_async(checkout_id)
            return objects.checkout(await self._ask(asked))
        except ProviderUnavailable:
            raise
        except ProviderError:
            found = await self.checkout(checkout_id)
            if found.status == "open":
                raise
            return found

    async def payment(self, payment_id: str, /) -> Payment:
        """A payment as it is now; of refunds those count that were made here."""
        intents = self._api.v1.payment_intents
        asked = intents.retrieve_async(payment_id, {"expand": ["latest_charge"]})
        found = objects.payment(await self._ask(asked))
        if found.status != "succeeded":
            return found
        given = objects.refunded_minor(await self._refunds(payment_id))
        return msgspec.structs.replace(found, refunded_minor=given)

    async def capture(self, payment_id: str, amount_minor: int, reservation_id: str, /) -> Payment:
        """Take a part of what is held, let go of the rest; a payment that is over is answered."""
        intents = self._api.v1.payment_intents
        return await self._finish(
            payment_id,
            f"capture:{reservation_id}:{amount_minor}",
            lambda key: intents.capture_async(
                payment_id, {"amount_to_capture": amount_minor}, {"idempotency_key": key}
            ),
        )

    async def cancel(self, payment_id: str, reservation_id: str, /) -> Payment:
        """Let go of all that is held; a payment that is over is answered as it is."""
        intents = self._api.v1.payment_intents
        return await self._finish(
            payment_id,
            f"cancel:{reservation_id}",
            lambda key: intents.cancel_async(payment_id, {}, {"idempotency_key": key}),
        )

    async def refund(
        self, payment_id: str, amount_minor: int, reason: RefundReason, key: str, /
    ) -> Refund:
        """Give back a part of what was captured; the key tells one refund from the next."""
        for each in await self._refunds(payment_id):
            if objects.metadata(each).get(REFUND_KEY) == key:
                return objects.refund(each)
        asked = self._api.v1.refunds.create_async(
            {
                "payment_intent": payment_id,
                "amount": amount_minor,
                "reason": reason,
                "metadata": {REFUND_KEY: key},
            },
            {"idempotency_key": f"refund:{key}"},
        )
        return objects.refund(await self._ask(asked))

    def notice(self, body: bytes, signature: str, /) -> Notice:
        """Read a notice whose signature over the raw body is right; raises `NoticeRefused`."""
        secret = self._access.webhook_secret
        try:
            return objects.notice(self._api.construct_event(body, signature, secret))
        except stripe.SignatureVerificationError as error:
            raise NoticeRefused(str(error.user_message)) from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise NoticeRefused(f"no event: {type(error).__name__}") from None

    async def _finish(
        self, payment_id: str, key: str, ask: Callable[[str], Awaitable[stripe.PaymentIntent]]
    ) -> Payment:
        """Capture or cancel; what is refused because the payment is over is answered as it is."""
        try:
            return objects.payment(await self._ask(ask(key)))
        except ProviderError as refused:
            found = await self.payment(payment_id)
            if found.status in OVER:
                return found
            if not isinstance(refused, _Repeated):
                raise
        # The payment says that nothing was done, so it is asked for anew.
        return objects.payment(await self._ask(ask(f"{key}:{datetime.now(UTC):%Y%m%d%H%M}")))

    async def _refunds(self, payment_id: str) -> list[stripe.Refund]:
        asked = self._api.v1.refunds.list_async({"payment_intent": payment_id, "limit": SOME})
        return (await self._ask(asked)).data

    async def _ask(self, asked: Awaitable[T]) -> T:
        with _explained():
            async with asyncio.timeout(self._patience):
                return await asked


@contextmanager
def _explained() -> Iterator[None]:
    """Say what Stripe refused or did not do in the words of the Protocol."""
    try:
        yield
    except TimeoutError:
        raise ProviderUnavailable("Stripe did not answer in time") from None
    except stripe.StripeError as error:
        raise _meant(error) from error


def _meant(error: stripe.StripeError) -> ProviderError:
    status, reason = error.http_status, f"Stripe: {error.user_message or type(error).__name__}"
    if status is None or status in TRANSIENT:
        return ProviderUnavailable(reason)
    if status < SERVER_ERRORS:
        return ProviderError(reason)
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    if headers.get("idempotent-replayed") == "true":
        return _Repeated(reason)
    return ProviderUnavailable(reason)
