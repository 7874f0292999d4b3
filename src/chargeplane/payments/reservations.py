"""The life of a reservation that is paid for: its states, and which may follow which.

A step is made within one piece of work in the database, with its reason and its moment. One that
has been made already is answered as it was, one that may not follow is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from chargeplane.csms.central import Unit
from chargeplane.errors import ChargeplaneError
from chargeplane.payments.pricing import Bill, Prices, Terms
from chargeplane.payments.provider import Order
from chargeplane.storage.payment_records import PaymentReservationRecord, PaymentState
from chargeplane.storage.repositories import payments, tokens
from chargeplane.storage.repositories.payments import NewReservation

TRANSITIONS: Final[Mapping[PaymentState, frozenset[PaymentState]]] = {
    "Pending": frozenset({"Authorized", "Cancelled", "Failed", "Abandoned"}),
    "Authorized": frozenset(
        {"StartRequested", "Charging", "Cancelled", "Failed", "StartRejected", "StartTimeout"}
    ),
    "StartRequested": frozenset(
        {"Charging", "Cancelled", "Failed", "StartRejected", "StartTimeout"}
    ),
    "Charging": frozenset({"WaitingForDisconnect", "Failed"}),
    # A station may go on with what was taken to be over.
    "WaitingForDisconnect": frozenset({"Charging", "Completed", "Cancelled", "Failed"}),
    "Completed": frozenset(),
    "Cancelled": frozenset(),
    "Failed": frozenset(),
    "StartRejected": frozenset(),
    "StartTimeout": frozenset(),
    "Abandoned": frozenset(),
}
OVER: Final = frozenset(state for state, following in TRANSITIONS.items() if not following)
CANCELLABLE: Final = frozenset({"Pending", "Authorized", "StartRequested"})

_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


class StepRefused(ChargeplaneError):
    """A reservation cannot come to that state from the one in which it is."""


def begin(unit: Unit, new: NewReservation) -> PaymentReservationRecord | None:
    """Store a reservation with its first step; None if somebody else has the EVSE."""
    record = payments.add(unit.connection, new, unit.now)
    if record is not None:
        _tell(unit, record, None, "Created", {})
    return record


def move(
    unit: Unit,
    number: str,
    to: PaymentState,
    reason: str,
    *,
    details: Mapping[str, Any] | None = None,
    **values: Any,
) -> PaymentReservationRecord:
    """Make a step and set columns with it; what was made already is answered as it is.

    What ends a reservation frees its connector, takes its token away and, unless it was decided
    before, lets go of all that is held. Raises `StepRefused`, `LookupError`.
    """
    record = get(unit, number)
    if record.state == to:
        return record
    if to not in TRANSITIONS[record.state]:
        raise StepRefused(f"a reservation that is {record.state} cannot be {to}")
    if to in OVER:
        values = {"freed_at": record.freed_at or unit.now, "awaiting_plug": False, **values}
        values.setdefault("due_minor", 0 if record.due_minor is None else record.due_minor)
        tokens.remove(unit.connection, record.id_token.lower())
    moved = set_values(unit, number, state=to, **values)
    _tell(unit, moved, record.state, reason, dict(details or {}))
    return moved


def get(unit: Unit, number: str) -> PaymentReservationRecord:
    """A reservation as it is, for as long as this work goes on; raises `LookupError`."""
    record = payments.lock(unit.connection, number)
    if record is None:
        raise LookupError(f"there is no reservation {number}")
    return record


def set_values(unit: Unit, number: str, **values: Any) -> PaymentReservationRecord:
    """Set columns of a reservation, which stays in its state; raises `LookupError`."""
    record = payments.change(unit.connection, number, unit.now, values)
    if record is None:
        raise LookupError(f"there is no reservation {number}")
    return record


def _tell(
    unit: Unit,
    record: PaymentReservationRecord,
    before: PaymentState | None,
    reason: str,
    details: dict[str, Any],
) -> None:
    payments.note_step(unit.connection, record, before, reason, unit.now, details)
    unit.emit(
        event_of(record.state),
        station_id=record.station_id,
        evse_id=record.evse_id,
        transaction_id=record.transaction_id,
        reservation=record.id,
        reason=reason,
    )


def event_of(state: PaymentState) -> str:
    """The kind of the event of a state: `payment.start_requested`."""
    return f"payment.{_WORDS.sub('_', state).lower()}"


# What a reservation keeps as JSON


def agreed_prices(record: PaymentReservationRecord) -> Prices:
    """The prices as the driver agreed to them."""
    return msgspec.convert(record.prices, Prices)


def agreed_terms(record: PaymentReservationRecord) -> Terms:
    """The terms as the driver agreed to them."""
    return msgspec.convert(record.terms, Terms)


def placed_order(record: PaymentReservationRecord) -> Order:
    """What was asked of the provider, to be asked again in the same words."""
    return msgspec.convert(record.checkout_order, Order)


def bill_of(record: PaymentReservationRecord) -> Bill | None:
    """What the driver owes, once it is decided."""
    return None if record.bill is None else msgspec.convert(record.bill, Bill)
