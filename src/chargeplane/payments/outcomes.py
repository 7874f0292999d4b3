"""What is answered to whoever asks something of payments; the words are OCPP.Core's."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from chargeplane.domain.messages import Value
from chargeplane.errors import ChargeplaneError
from chargeplane.payments.pricing import Bill, Prices, Split, Terms
from chargeplane.storage.payment_records import (
    PaymentRefundRecord,
    PaymentReservationRecord,
    PaymentTransitionRecord,
)
from chargeplane.storage.records import ConnectorRecord, TransactionRecord

NOT_FOUND: Final = "NotFound"
OFFLINE: Final = "ChargerOffline"
BUSY: Final = "ConnectorBusy"
PROVIDER_ERROR: Final = "ProviderError"

Stage = Literal["waiting", "charging", "waitingForDisconnect", "done", "error"]


class RefundRefused(ChargeplaneError):
    """There is nothing to give back, or less than is asked for; the message says which."""


class ReturnUrlRefused(ChargeplaneError):
    """A caller names a place to come back to that is not on the list."""


class Wanted(Value, frozen=True, kw_only=True):
    """Who wants to charge where. EVSE 0: any of the station that is free.

    `return_url` is the base to which `/Payments/Success` and `/Payments/Cancel` are added;
    `success_url` and `cancel_url` are whole places of ours, which are not checked, in which
    `{reservation}` stands for the reservation's id.
    """

    station_id: str
    evse_id: int
    charge_tag: str
    connector_id: int = 1
    origin: str | None = None
    return_url: str | None = None
    success_url: str | None = None
    cancel_url: str | None = None
    language: str | None = None


class Created(Value, frozen=True, kw_only=True):
    """Redirect, ChargerOffline, ConnectorBusy, Error; free: Accepted, Rejected, Timeout."""

    status: str
    reason: str | None = None
    reservation: PaymentReservationRecord | None = None
    checkout_url: str | None = None
    free_reason: str | None = None


class Confirmed(Value, frozen=True, kw_only=True):
    """What came of a driver who has paid.

    Refused: NotFound, SessionMismatch, MissingPaymentIntent, ProviderError, the checkout's or the
    payment's status, or the state of a reservation that is over. Else: Accepted, Rejected, Timeout
    (of the remote start), ConnectorBusy, or Authorized with NotReady or AwaitingPlug.
    """

    status: str
    reason: str | None = None
    refused: bool = False
    error: str | None = None
    reservation: PaymentReservationRecord | None = None


class Cancelled(Value, frozen=True, kw_only=True):
    """The reservation's state or NotFound, and whether it was cancelled just now."""

    status: str
    applied: bool = False
    reservation: PaymentReservationRecord | None = None


class Resumed(Value, frozen=True, kw_only=True):
    """Redirect, Status, MissingCheckoutSession, ResumeUnavailable, ProviderError or NotFound."""

    status: str
    checkout_url: str | None = None
    error: str | None = None
    reservation: PaymentReservationRecord | None = None


class Stopped(Value, frozen=True, kw_only=True):
    """NotFound, AlreadyStopped, Cancelled, NoOpenTransaction, ChargerOffline, or what it says."""

    status: str
    transaction_id: int | None = None
    reservation: PaymentReservationRecord | None = None


class Progress(Value, frozen=True, kw_only=True):
    """A reservation with what is known of the charge by now."""

    reservation: PaymentReservationRecord
    stage: Stage
    prices: Prices
    terms: Terms
    transaction: TransactionRecord | None = None
    connector: ConnectorRecord | None = None
    online: bool = False
    energy_mwh: int | None = None
    bill: Bill | None = None  # so far, or in the end
    blocking_reason: str | None = None  # why it could not start now
    refunded_minor: int = 0
    now: datetime


class Details(Value, frozen=True, kw_only=True):
    """A reservation with every step, for operators."""

    reservation: PaymentReservationRecord
    steps: tuple[PaymentTransitionRecord, ...]
    refunds: tuple[PaymentRefundRecord, ...]
    split: Split | None = None  # of what was captured
