"""What the stand-in keeps, and how Stripe's API shows it (https://docs.stripe.com/api)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chargeplane.payments.provider import CheckoutStatus, PaymentStatus, RefundReason

Shown = dict[str, Any]


def seconds(moment: datetime) -> int:
    """A moment as Stripe writes it."""
    return int(moment.timestamp())


@dataclass(slots=True, kw_only=True)
class Session:
    """A Checkout Session in payment mode."""

    id: str
    url: str
    amount: int
    currency: str
    product: str
    success_url: str
    cancel_url: str
    created: datetime
    expires_at: datetime
    metadata: dict[str, str]
    payment_metadata: dict[str, str]
    locale: str = "auto"
    status: CheckoutStatus = "open"
    intent: Intent | None = None
    email: str | None = None

    def shown(self) -> Shown:
        """As the API shows it; a manual capture leaves it unpaid until then."""
        paid = self.intent is not None and self.intent.status == "succeeded"
        return {
            "id": self.id,
            "object": "checkout.session",
            "amount_total": self.amount,
            "cancel_url": self.cancel_url,
            "created": seconds(self.created),
            "currency": self.currency,
            "customer_details": {"email": self.email} if self.email else None,
            "expires_at": seconds(self.expires_at),
            "livemode": False,
            "locale": self.locale,
            "metadata": self.metadata,
            "mode": "payment",
            "payment_intent": self.intent.id if self.intent else None,
            "payment_status": "paid" if paid else "unpaid",
            "status": self.status,
            "success_url": self.success_url,
            "url": self.url if self.status == "open" else None,
        }


@dataclass(slots=True, kw_only=True)
class Intent:
    """A PaymentIntent that is captured by hand, with its charge."""

    id: str
    amount: int
    currency: str
    created: datetime
    metadata: dict[str, str]
    status: PaymentStatus = "requires_payment_method"
    received: int = 0
    email: str | None = None
    error: str | None = None
    refunds: list[RefundMade] = field(default_factory=list)

    @property
    def charge_id(self) -> str:
        """The id of its charge."""
        return self.id.replace("pi_", "ch_", 1)

    @property
    def refunded(self) -> int:
        """What was given back of what was captured."""
        return sum(each.amount for each in self.refunds)

    def shown(self, *, whole_charge: bool = False) -> Shown:
        """As the API shows it, on request with its charge in full."""
        was_charged = self.status in {"requires_capture", "succeeded", "canceled"} and self.email
        charge: Shown | str | None = self.charge_id if was_charged else None
        return {
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": self.amount if self.status == "requires_capture" else 0,
            "amount_received": self.received,
            "capture_method": "manual",
            "created": seconds(self.created),
            "currency": self.currency,
            "last_payment_error": {"code": self.error} if self.error else None,
            "latest_charge": self.charge() if charge and whole_charge else charge,
            "livemode": False,
            "metadata": self.metadata,
            "receipt_email": None,
            "status": self.status,
        }

    def charge(self) -> Shown:
        """Its charge."""
        released = self.amount - self.received if self.status in {"succeeded", "canceled"} else 0
        return {
            "id": self.charge_id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.received,
            "amount_refunded": self.refunded + released,
            "billing_details": {"email": self.email},
            "captured": self.status == "succeeded",
            "currency": self.currency,
            "metadata": self.metadata,
            "payment_intent": self.id,
        }


@dataclass(slots=True, kw_only=True)
class RefundMade:
    """A Refund, which succeeds at once."""

    id: str
    intent: Intent
    amount: int
    reason: RefundReason | None
    created: datetime
    metadata: dict[str, str]

    def shown(self) -> Shown:
        """As the API shows it."""
        return {
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "charge": self.intent.charge_id,
            "created": seconds(self.created),
            "currency": self.intent.currency,
            "metadata": self.metadata,
            "payment_intent": self.intent.id,
            "reason": self.reason,
            "status": "succeeded",
        }


@dataclass(slots=True, kw_only=True)
class Event:
    """What happened, as it was then."""

    id: str
    kind: str
    created: datetime
    about: Shown

    def shown(self) -> Shown:
        """As the API shows it, and as it is sent to a webhook endpoint."""
        return {
            "id": self.id,
            "object": "event",
            "created": seconds(self.created),
            "data": {"object": self.about},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": self.kind,
        }
