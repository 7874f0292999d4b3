"""Taking what is due and letting go of the rest, once, whatever fails meanwhile.

What is to be taken is stored before the provider is asked for it. So whoever finds a reservation
with something due and nothing settled repeats what may or may not have been done; the provider
does it once, and says how it came out.
"""

from __future__ import annotations

from typing import Any

import structlog

from chargeplane.csms.central import Unit
from chargeplane.payments.desk import Desk
from chargeplane.payments.provider import Payment, ProviderError, ProviderUnavailable
from chargeplane.payments.reservations import OVER, bill_of, get, move, placed_order, set_values
from chargeplane.storage.payment_records import PaymentReservationRecord

logger = structlog.get_logger()


def is_due(record: PaymentReservationRecord) -> bool:
    """Whether the provider is still to do something."""
    return record.due_minor is not None and record.settled_at is None


async def settle(desk: Desk, record: PaymentReservationRecord) -> PaymentReservationRecord:
    """Have the provider do what is due; what fails is tried again later. Raises `StorageError`."""
    while is_due(record):
        try:
            if record.due_minor:
                return await _capture(desk, record, record.due_minor)
            return await _release(desk, record)
        except ProviderUnavailable as error:
            return await _postpone(desk, record, error)
        except ProviderError as error:
            if not record.due_minor:
                return await _postpone(desk, record, error)
            record = await _give_up_capture(desk, record, error)
    return record


async def _capture(
    desk: Desk, record: PaymentReservationRecord, amount: int
) -> PaymentReservationRecord:
    if record.payment_id is None:
        raise ProviderError("there is no payment to be captured")
    payment = await desk.provider.capture(record.payment_id, amount, record.id)
    if payment.status == "succeeded":
        return await _captured(desk, record, payment)
    if payment.status == "canceled":
        return await _lost(desk, record)
    raise ProviderUnavailable(f"the payment is {payment.status}")


async def _captured(
    desk: Desk, record: PaymentReservationRecord, payment: Payment
) -> PaymentReservationRecord:
    def work(unit: Unit) -> PaymentReservationRecord:
        values: dict[str, Any] = {"captured_minor": payment.captured_minor, "settled_at": unit.now}
        values |= {"email": payment.email or record.email, "needs_review": False}
        return move(unit, record.id, "Completed", "Captured", **values)

    return await desk.commit(work)


async def _lost(desk: Desk, record: PaymentReservationRecord) -> PaymentReservationRecord:
    """The hold is gone, so that there is nothing to take."""

    def work(unit: Unit) -> PaymentReservationRecord:
        values: dict[str, Any] = {
            "captured_minor": 0,
            "settled_at": unit.now,
            "failure_code": "HoldLost",
            "needs_review": False,
        }
        return move(unit, record.id, "Failed", "HoldLost", **values)

    return await desk.commit(work)


async def _give_up_capture(
    desk: Desk, record: PaymentReservationRecord, error: ProviderError
) -> PaymentReservationRecord:
    """A capture that is refused will not be taken; what is held is let go of."""
    logger.error("capture refused", reservation=record.id, error=str(error))

    def work(unit: Unit) -> PaymentReservationRecord:
        values: dict[str, Any] = {"failure_code": "CaptureRefused", "failure_message": str(error)}
        return move(unit, record.id, "Failed", "CaptureRefused", due_minor=0, **values)

    return await desk.commit(work)


async def _release(desk: Desk, record: PaymentReservationRecord) -> PaymentReservationRecord:
    """Close the checkout and let go of what is held."""
    payment_id = record.payment_id or await _close_checkout(desk, record)
    payment = await desk.provider.cancel(payment_id, record.id) if payment_id else None
    if payment is None or payment.status == "canceled":
        return await _released(desk, record, payment_id)
    if payment.status == "succeeded":
        return await _taken(desk, record, payment)
    raise ProviderUnavailable(f"the payment is {payment.status}")


async def _close_checkout(desk: Desk, record: PaymentReservationRecord) -> str | None:
    """The payment of a checkout that nobody can use any more; None: nobody paid.

    Of a checkout that was opened just before a crash nothing is known: it is asked for again,
    which gives the same one.
    """
    checkout_id = record.checkout_id
    if checkout_id is None:
        try:
            checkout_id = (await desk.provider.open_checkout(placed_order(record))).id
        except ProviderUnavailable:
            raise
        except ProviderError:
            return None  # so the first attempt was refused or never arrived
    checkout = await desk.provider.expire_checkout(checkout_id)
    if checkout.status == "open":
        raise ProviderUnavailable("the checkout is still open")
    return checkout.payment_id


async def _released(
    desk: Desk, record: PaymentReservationRecord, payment_id: str | None
) -> PaymentReservationRecord:
    def work(unit: Unit) -> PaymentReservationRecord:
        values: dict[str, Any] = {
            "captured_minor": 0,
            "settled_at": unit.now,
            "payment_id": payment_id,
        }
        now = get(unit, record.id)
        if now.state in OVER:
            return set_values(unit, record.id, needs_review=False, **values)
        bill = bill_of(now)
        reason = bill.no_charge if bill and bill.no_charge else "NothingToPay"
        return move(unit, record.id, "Cancelled", reason, needs_review=False, **values)

    return await desk.commit(work)


async def _taken(
    desk: Desk, record: PaymentReservationRecord, payment: Payment
) -> PaymentReservationRecord:
    """Money was taken that should not have been: an operator has to look."""
    message = "the payment was captured, though nothing is due"
    logger.error("captured, though nothing is due", reservation=record.id)

    def work(unit: Unit) -> PaymentReservationRecord:
        values: dict[str, Any] = {"captured_minor": payment.captured_minor, "settled_at": unit.now}
        found = set_values(unit, record.id, needs_review=True, last_error=message, **values)
        _ask_for_review(unit, found)
        return found

    return await desk.commit(work)


async def _postpone(
    desk: Desk, record: PaymentReservationRecord, error: ProviderError
) -> PaymentReservationRecord:
    """Try again later, each time after twice as long; after the last try somebody has to look."""
    logger.warning("not settled", reservation=record.id, error=str(error))

    def work(unit: Unit) -> PaymentReservationRecord:
        tries = get(unit, record.id).settle_tries + 1
        wait = desk.rules.retry_base * 2 ** min(tries - 1, 20)
        found = set_values(
            unit,
            record.id,
            settle_tries=tries,
            next_try_at=unit.now + wait,
            needs_review=tries > desk.rules.settle_tries,
            last_error=str(error),
        )
        if found.needs_review:
            _ask_for_review(unit, found)
        return found

    return await desk.commit(work)


def _ask_for_review(unit: Unit, record: PaymentReservationRecord) -> None:
    unit.emit(
        "payment.review",
        station_id=record.station_id,
        evse_id=record.evse_id,
        transaction_id=record.transaction_id,
        reservation=record.id,
        reason=record.last_error,
    )
