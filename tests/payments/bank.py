"""A payment provider in memory, with drivers who pay and a wire that breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from chargeplane.payments.provider import (
    Checkout,
    Notice,
    NoticeRefused,
    Order,
    Payment,
    PaymentStatus,
    ProviderError,
    Refund,
    RefundReason,
)

SIGNATURE = "right"
AT = datetime(2026, 3, 1, tzinfo=UTC)


class Bank:
    """Holds money, takes it and gives it back; `trouble` is called around every call."""

    def __init__(self) -> None:
        self.checkouts: dict[str, Checkout] = {}
        self.orders: dict[str, Order] = {}
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, Refund] = {}
        self.calls: Counter[str] = Counter()
        self.trouble: Callable[[str, str], None] = lambda _name, _when: None

    # Drivers

    def pay(self, checkout_id: str, status: PaymentStatus = "requires_capture") -> str:
        """A driver pays; the payment's id."""
        order = self._order(checkout_id)
        payment = Payment(
            id=f"pi_{checkout_id}",
            status=status,
            amount_minor=order.amount_minor,
            currency=order.currency,
            email="driver@example.com",
            metadata=order.metadata,
        )
        self.payments[payment.id] = payment
        checkout = self.checkouts[checkout_id]
        self.checkouts[checkout_id] = replace(
            checkout, status="complete", url=None, payment_id=payment.id
        )
        return payment.id

    def lose(self, payment_id: str) -> None:
        """The hold of a payment goes away by itself."""
        self.payments[payment_id] = replace(self.payments[payment_id], status="canceled")

    def lapse(self, checkout_id: str) -> None:
        """Nobody pays in time."""
        self.checkouts[checkout_id] = replace(
            self.checkouts[checkout_id], status="expired", url=None
        )

    @property
    def held_minor(self) -> int:
        """All that is held and not taken."""
        held = [p for p in self.payments.values() if p.status == "requires_capture"]
        return sum(each.amount_minor for each in held)

    @property
    def captured_minor(self) -> int:
        """All that was taken."""
        return sum(each.captured_minor for each in self.payments.values())

    @property
    def open_checkouts(self) -> int:
        """At how many checkouts somebody could pay."""
        return sum(each.status == "open" for each in self.checkouts.values())

    def _order(self, checkout_id: str) -> Order:
        return self.orders[checkout_id.removeprefix("cs_")]

    def _begin(self, name: str) -> None:
        self.calls[name] += 1
        self.trouble(name, "before")

    # The Protocol

    async def open_checkout(self, order: Order, /) -> Checkout:
        self._begin("open_checkout")
        known = self.orders.setdefault(order.reservation_id, order)
        if known != order:
            raise ProviderError("the same key with another order")
        number = f"cs_{order.reservation_id}"
        fresh = Checkout(id=number, status="open", url=f"https://pay.example/{number}")
        self.checkouts.setdefault(number, fresh)
        self.trouble("open_checkout", "after")
        return fresh

    async def checkout(self, checkout_id: str, /) -> Checkout:
        self._begin("checkout")
        if checkout_id not in self.checkouts:
            raise ProviderError("no such checkout")
        return self.checkouts[checkout_id]

    async def expire_checkout(self, checkout_id: str, /) -> Checkout:
        self._begin("expire_checkout")
        if self.checkouts[checkout_id].status == "open":
            self.lapse(checkout_id)
        self.trouble("expire_checkout", "after")
        return self.checkouts[checkout_id]

    async def payment(self, payment_id: str, /) -> Payment:
        self._begin("payment")
        return self.payments[payment_id]

    async def capture(self, payment_id: str, amount_minor: int, reservation_id: str, /) -> Payment:
        self._begin("capture")
        payment = self.payments[payment_id]
        if payment.status == "requires_capture":
            assert payment.metadata["reservation_id"] == reservation_id
            assert 0 < amount_minor <= payment.amount_minor
            payment = replace(payment, status="succeeded", captured_minor=amount_minor)
            self.payments[payment_id] = payment
        self.trouble("capture", "after")
        return payment

    async def cancel(self, payment_id: str, _reservation_id: str, /) -> Payment:
        self._begin("cancel")
        payment = self.payments[payment_id]
        if payment.status not in {"succeeded", "canceled"}:
            self.lose(payment_id)
        self.trouble("cancel", "after")
        return self.payments[payment_id]

    async def refund(
        self, payment_id: str, amount_minor: int, _reason: RefundReason, key: str, /
    ) -> Refund:
        self._begin("refund")
        payment = self.payments[payment_id]
        if key not in self.refunds:
            if payment.refunded_minor + amount_minor > payment.captured_minor:
                raise ProviderError("more than was captured")
            given = payment.refunded_minor + amount_minor
            self.payments[payment_id] = replace(payment, refunded_minor=given)
            self.refunds[key] = Refund(
                id=f"re_{key}", amount_minor=amount_minor, status="succeeded"
            )
        self.trouble("refund", "after")
        return self.refunds[key]

    def notice(self, body: bytes, signature: str, /) -> Notice:
        if signature != SIGNATURE:
            raise NoticeRefused("the signature is wrong")
        return msgspec.json.decode(body, type=Notice)


def notice(number: str, kind: str, **about: str) -> bytes:
    """A notice as the bank sends it."""
    return msgspec.json.encode(Notice(id=number, kind=kind, at=AT, **about))
