"""Stripe's objects in the words of `provider.py`, and what Stripe is asked with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import stripe
from stripe.params.checkout import SessionCreateParams

from chargeplane.payments.provider import Checkout, Notice, Order, Payment, Refund

RESERVATION: Final = "reservation_id"  # in the metadata of sessions and payments
REFUND_KEY: Final = "refund_key"  # in the metadata of refunds
LANGUAGES: Final = frozenset({"de", "en", "nl"})  # those that the pages have; else the browser's
GIVEN: Final = frozenset({"pending", "requires_action", "succeeded"})


def session(order: Order) -> SessionCreateParams:
    """What a checkout session is opened with: one item, held and not captured."""
    metadata = {RESERVATION: order.reservation_id, **order.metadata}
    return {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.currency,
                    "unit_amount": order.amount_minor,
                    "product_data": {"name": order.product},
                },
            }
        ],
        "payment_intent_data": {"capture_method": "manual", "metadata": metadata},
        "metadata": metadata,
        "billing_address_collection": "auto",
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "expires_at": int(order.expires_at.timestamp()),
        "locale": _locale(order.language),
    }


def _locale(language: str | None) -> Any:
    return language if language in LANGUAGES else "auto"


def checkout(found: stripe.checkout.Session) -> Checkout:
    """A checkout session."""
    status: Any = found.status or "open"
    return Checkout(
        id=found.id,
        status=status,
        url=found.url,
        payment_id=_id(found.payment_intent),
    )


def payment(found: stripe.PaymentIntent) -> Payment:
    """A payment intent; its refunds are told apart."""
    status: Any = found.status
    charge = found.latest_charge
    details = charge.billing_details if isinstance(charge, stripe.Charge) else None
    return Payment(
        id=found.id,
        status=status,
        amount_minor=found.amount,
        captured_minor=found.amount_received or 0,
        currency=found.currency,
        email=found.receipt_email or (details.email if details else None),
        metadata=metadata(found),
    )


def refund(found: stripe.Refund) -> Refund:
    """A refund."""
    status: Any = found.status or "pending"
    return Refund(id=found.id, amount_minor=found.amount, status=status)


def refunded_minor(refunds: Iterable[stripe.Refund]) -> int:
    """What was given back by us: a hold that was let go of may be listed as a refund too."""
    ours = [each for each in refunds if REFUND_KEY in metadata(each)]
    return sum(each.amount for each in ours if each.status in GIVEN)


def metadata(found: stripe.PaymentIntent | stripe.Refund) -> Mapping[str, str]:
    """What was written beside an object."""
    return found.metadata.to_dict() if found.metadata else {}


def notice(event: stripe.Event) -> Notice:
    """An event, with the ids of what it is about."""
    about: dict[str, Any] = event.to_dict()["data"]["object"]
    is_checkout = about["object"] == "checkout.session"
    is_payment = about["object"] == "payment_intent"
    written = about.get("metadata") or {}
    return Notice(
        id=event.id,
        kind=event.type,
        at=datetime.fromtimestamp(event.created, UTC),
        checkout_id=about["id"] if is_checkout else None,
        payment_id=about["id"] if is_payment else _id(about.get("payment_intent")),
        reservation_id=written.get(RESERVATION),
    )


def _id(value: Any) -> str | None:
    """The id of what Stripe tells as an id or as a whole object."""
    return value if value is None or isinstance(value, str) else value["id"]
