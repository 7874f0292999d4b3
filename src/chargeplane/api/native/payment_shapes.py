"""What the native API is sent and answers about payments."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from chargeplane.api.native import shapes
from chargeplane.api.native.shapes import Body, Id
from chargeplane.payments.pricing import Prices
from chargeplane.payments.provider import RefundReason
from chargeplane.storage.payment_records import (
    PaymentRefundRecord,
    PaymentReservationRecord,
    PaymentState,
    PaymentTransitionRecord,
)

# Whoever knows the token charges with it; the order is Stripe's own business.
HIDDEN: Final = frozenset({"id_token", "checkout_order"})

Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6})?$", description="Exact.")]
Percent = Annotated[str, Meta(pattern=r"^(100|[0-9]{1,2}(\.[0-9]{1,6})?)$")]
Minutes = Annotated[int, Meta(ge=0, le=100_000)]
Minor = Annotated[int, Meta(ge=1, le=1_000_000_000)]
EvseNumber = Annotated[int, Meta(ge=0, le=1000)]
Language = Literal["de", "en", "nl"]

Payment: Final = shapes.shape_of("Payment", PaymentReservationRecord, HIDDEN)


class PaymentDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A payment with every step and every refund."""

    payment: Payment  # type: ignore[valid-type]
    steps: tuple[PaymentTransitionRecord, ...]
    refunds: tuple[PaymentRefundRecord, ...]


class NewPayment(Body, frozen=True):
    """Who wants to charge where; EVSE 0: any that is free."""

    station_id: Id
    charge_tag: Id
    evse_id: EvseNumber = 0
    language: Language | None = None
    return_base_url: shapes.HttpUrl | None = None


class PaymentMade(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a wish: Redirect, or what a free charge was answered with."""

    status: str
    payment_id: str | None = None
    checkout_url: str | None = None
    currency: str | None = None
    hold_minor: int | None = None


class PaymentConfirmation(Body, frozen=True):
    """The checkout that a driver came back from."""

    checkout_id: Id


class PaymentCancellation(Body, frozen=True):
    """Why a payment is cancelled."""

    reason: Annotated[str, Meta(min_length=1, max_length=100)] = "Operator"


class PaymentOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of what was asked, and the state that the payment has now."""

    status: str
    state: PaymentState | None = None
    reason: str | None = None
    checkout_url: str | None = None
    transaction_id: int | None = None


class NewRefund(Body, frozen=True):
    """What is to be given back; all that is left unless an amount is named."""

    amount_minor: Minor | None = None
    reason: RefundReason = "requested_by_customer"


class PriceList(Body, frozen=True):
    """What a connector costs, in the currency of the settings."""

    per_kwh: Amount = "0"
    session_fee: Amount = "0"
    per_minute: Amount = "0"
    free_minutes: Minutes = 0
    max_minutes: Minutes = 0
    counts_from: Literal["start", "idle"] = "start"
    max_energy_kwh: Amount = "0"
    owner_session_fee: Amount = "0"
    commission_percent: Percent = "0"
    commission_per_kwh: Amount = "0"


class ShownPrices(msgspec.Struct, frozen=True, kw_only=True):
    """The prices of an EVSE; EVSE 0 stands for those that have none of their own."""

    evse_id: int
    currency: str
    prices: PriceList


def payment_shown(record: PaymentReservationRecord) -> Any:
    """A reservation as operators see it."""
    return shapes.shown(Payment, record)


def prices_shown(evse_id: int, prices: Prices) -> ShownPrices:
    """Prices as they are told."""
    members = {name: _told(getattr(prices, name)) for name in PriceList.__struct_fields__}
    return ShownPrices(evse_id=evse_id, currency=prices.currency, prices=PriceList(**members))


def _told(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value


def prices_meant(sent: PriceList, default: Prices) -> Prices:
    """Prices as they are kept, in the currency that all have."""
    members: Mapping[str, Any] = {**msgspec.structs.asdict(sent)}
    kept = {"currency": default.currency, "digits": default.digits}
    return msgspec.convert({**members, **kept}, Prices)
