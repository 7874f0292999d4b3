"""Whether a driver has paid: what the provider says of the payment itself, and nothing else."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any, Final

import structlog

from chargeplane.csms.central import Unit
from chargeplane.domain.tokens import Token
from chargeplane.payments import settling, starting
from chargeplane.payments.desk import Desk
from chargeplane.payments.outcomes import NOT_FOUND, PROVIDER_ERROR, Confirmed
from chargeplane.payments.provider import Payment, ProviderError, ProviderUnavailable
from chargeplane.payments.reservations import OVER, get, move
from chargeplane.payments.tokens import one_time
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.repositories import tokens

UNDECIDED: Final = frozenset({"processing", "requires_action", "requires_confirmation"})

logger = structlog.get_logger()


async def confirm(desk: Desk, number: str, checkout_id: str) -> Confirmed:
    """A driver comes back from the checkout: see whether it is paid, then start.

    Raises `StorageError`.
    """
    async with desk.lock(number):
        record = await desk.get(number)
        if record is None:
            return Confirmed(status=NOT_FOUND, refused=True)
        if not compare_digest((record.checkout_id or "").encode(), checkout_id.encode()):
            return _refused("SessionMismatch", record)
        if record.state in OVER:
            return _refused(record.state, record, record.failure_message)
        if record.state == "Pending":
            seen = await look_or_fail(desk, record)
            if seen.refused or seen.reservation is None:
                return seen
            record = seen.reservation
        if record.state == "Authorized":
            return await starting.start(desk, record)
        return Confirmed(status="Accepted", reservation=record)


async def look_or_fail(desk: Desk, record: PaymentReservationRecord) -> Confirmed:
    """Ask the provider; what it refuses to tell is no payment."""
    try:
        return await look(desk, record)
    except ProviderUnavailable as error:
        return _refused(PROVIDER_ERROR, record, str(error))
    except ProviderError as error:
        failed = await fail(desk, record, "ProviderError", str(error))
        return _refused(PROVIDER_ERROR, failed, str(error))


async def look(desk: Desk, record: PaymentReservationRecord) -> Confirmed:
    """Ask the provider what became of a pending payment, and store it; raises `ProviderError`."""
    if record.checkout_id is None:
        return _refused("MissingCheckoutSession", record)
    checkout = await desk.provider.checkout(record.checkout_id)
    if checkout.status == "expired":
        return _refused("expired", await _expired(desk, record))
    if checkout.status != "complete":
        return _refused(checkout.status, record)
    if checkout.payment_id is None:
        return _refused("MissingPaymentIntent", record)
    payment = await desk.provider.payment(checkout.payment_id)
    return await _judge(desk, record, payment)


async def _judge(desk: Desk, record: PaymentReservationRecord, payment: Payment) -> Confirmed:
    if payment.status in UNDECIDED:
        return _refused(payment.status, record)
    if payment.status != "requires_capture":
        text = f"the payment is {payment.status}"
        failed = await fail(desk, record, "PaymentFailed", text, payment.id)
        return _refused(payment.status, failed, text)
    if problem := _mismatch(record, payment):
        failed = await fail(desk, record, "PaymentMismatch", problem, payment.id)
        return _refused("SessionMismatch", failed, problem)
    authorized = await desk.commit(lambda unit: authorize(desk, unit, record, payment))
    return Confirmed(status=authorized.state, reservation=authorized)


def _mismatch(record: PaymentReservationRecord, payment: Payment) -> str | None:
    """Why a payment is not the one that was agreed on."""
    if payment.metadata.get("reservation_id", record.id) != record.id:
        return "the payment is for another reservation"
    if payment.currency.lower() != record.currency.lower():
        return "the payment is in another currency"
    if payment.amount_minor < record.hold_minor:
        return "less is held than was agreed"
    return None


def authorize(
    desk: Desk, unit: Unit, record: PaymentReservationRecord, payment: Payment
) -> PaymentReservationRecord:
    """Let the reservation's token charge until the start window is over."""
    if get(unit, record.id).state != "Pending":
        return get(unit, record.id)
    deadline = unit.now + desk.rules.start_window
    token = Token(record.id_token, desk.rules.id_token_type)
    name = f"Payment {record.id}"
    tokens.save(unit.connection, [one_time(record.station_id, token, name, unit.now, deadline)])
    return move(
        unit,
        record.id,
        "Authorized",
        "Paid",
        payment_id=payment.id,
        email=payment.email,
        authorized_at=unit.now,
        start_deadline_at=deadline,
    )


async def _expired(desk: Desk, record: PaymentReservationRecord) -> PaymentReservationRecord:
    moved = await desk.commit(
        lambda unit: move(
            unit, record.id, "Cancelled", "CheckoutExpired", failure_code="CheckoutExpired"
        )
    )
    return await settling.settle(desk, moved)


async def fail(
    desk: Desk,
    record: PaymentReservationRecord,
    code: str,
    text: str,
    payment_id: str | None = None,
) -> PaymentReservationRecord:
    """Give the reservation up, and let go of whatever is held."""
    logger.warning("payment failed", reservation=record.id, code=code, reason=text)

    def work(unit: Unit) -> PaymentReservationRecord:
        values: dict[str, Any] = {"failure_code": code, "failure_message": text}
        values["payment_id"] = payment_id or record.payment_id or ""
        return move(unit, record.id, "Failed", code, **{k: v for k, v in values.items() if v})

    return await settling.settle(desk, await desk.commit(work))


def _refused(status: str, record: PaymentReservationRecord, error: str | None = None) -> Confirmed:
    return Confirmed(status=status, refused=True, error=error or status, reservation=record)
