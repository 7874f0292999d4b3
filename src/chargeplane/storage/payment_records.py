"""Rows of the payment tables as values; see `records`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chargeplane.domain.messages import Json
from chargeplane.storage.records import Record

PaymentState = Literal[
    "Pending",
    "Authorized",
    "StartRequested",
    "Charging",
    "WaitingForDisconnect",
    "Completed",
    "Cancelled",
    "Failed",
    "StartRejected",
    "StartTimeout",
    "Abandoned",
]


class PaymentReservationRecord(Record, frozen=True):
    """A connector that a driver pays for, from the checkout to the capture.

    `due_minor` is what is to be taken of what is held, 0: nothing, None: not decided yet;
    `settled_at` is when the provider had done so.
    """

    id: str
    station_id: str
    evse_id: int
    connector_id: int
    state: PaymentState
    charge_tag: str
    id_token: str
    language: str | None
    prices: Json
    terms: Json
    currency: str
    hold_minor: int
    checkout_order: Json
    checkout_id: str | None
    checkout_url: str | None
    payment_id: str | None
    email: str | None
    created_at: datetime
    updated_at: datetime
    authorized_at: datetime | None
    start_deadline_at: datetime | None
    awaiting_plug: bool
    start_sent_at: datetime | None
    start_result: str | None
    start_accepted_at: datetime | None
    transaction_id: int | None
    started_at: datetime | None
    stop_asked_at: datetime | None
    stop_reason: str | None
    stop_result: str | None
    stopped_at: datetime | None
    disconnected_at: datetime | None
    cost_told_at: datetime | None
    energy_mwh: int | None
    bill: Json | None
    due_minor: int | None
    freed_at: datetime | None
    settled_at: datetime | None
    captured_minor: int | None
    settle_tries: int
    next_try_at: datetime | None
    needs_review: bool
    failure_code: str | None
    failure_message: str | None
    last_error: str | None

    @property
    def locks_connector(self) -> bool:
        """Whether nobody else may use the connector."""
        return self.freed_at is None


class PaymentTransitionRecord(Record, frozen=True):
    """A step of a reservation, and why it was made."""

    id: int
    reservation_id: str
    from_state: PaymentState | None
    to_state: PaymentState
    reason: str
    at: datetime
    details: Json


class PaymentNoticeRecord(Record, frozen=True):
    """A notice of the provider that has been dealt with."""

    id: str
    kind: str
    reservation_id: str | None
    at: datetime
    received_at: datetime


class PaymentRefundRecord(Record, frozen=True):
    """Money that goes back; `Requested` until the provider has said what becomes of it."""

    id: int
    reservation_id: str
    amount_minor: int
    reason: str
    asked_by: str
    status: str
    provider_id: str | None
    error: str | None
    created_at: datetime
    updated_at: datetime


class PaymentPriceRecord(Record, frozen=True):
    """What an EVSE costs; EVSE 0 stands for all of the station that have no prices of their own."""

    station_id: str
    evse_id: int
    prices: Json
    updated_at: datetime


class PaymentPrivilegeRecord(Record, frozen=True):
    """A token that charges for nothing, at one station or at all ('')."""

    token_key: str
    station_id: str
    created_at: datetime
