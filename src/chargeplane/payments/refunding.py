"""Giving money back, of one's own accord or because it was asked for."""

from __future__ import annotations

import structlog

from chargeplane.csms.central import Unit
from chargeplane.payments.desk import Desk
from chargeplane.payments.outcomes import RefundRefused
from chargeplane.payments.provider import (
    ProviderError,
    ProviderUnavailable,
    Refund,
    RefundReason,
)
from chargeplane.storage.payment_records import PaymentRefundRecord
from chargeplane.storage.repositories import payment_books, payments
from chargeplane.storage.repositories.payment_books import NewRefund

logger = structlog.get_logger()


async def refund(
    desk: Desk, number: str, amount_minor: int | None, reason: RefundReason, by: str
) -> PaymentRefundRecord:
    """Give back an amount of what was captured, or all that is left of it.

    It is stored before the provider is asked, and asked for again if there is no answer. Raises
    `RefundRefused`, and `ProviderError` if the provider refuses.
    """
    async with desk.lock(number):
        asked = await desk.commit(lambda unit: _ask(unit, number, amount_minor, reason, by))
        return await carry_out(desk, asked)


def _ask(
    unit: Unit, number: str, amount_minor: int | None, reason: RefundReason, by: str
) -> PaymentRefundRecord:
    record = payments.lock(unit.connection, number)
    if record is None:
        raise RefundRefused("NotFound")
    given = payment_books.refunded_minor(unit.connection, number)
    left = (record.captured_minor or 0) - given
    amount = left if amount_minor is None else amount_minor
    if record.payment_id is None or left <= 0:
        raise RefundRefused("there is nothing to give back")
    if not 0 < amount <= left:
        raise RefundRefused(f"no more than {left} can be given back, and no less than 1")
    new = NewRefund(reservation_id=number, amount_minor=amount, reason=reason, asked_by=by)
    return payment_books.add_refund(unit.connection, new, unit.now)


async def carry_out(desk: Desk, asked: PaymentRefundRecord) -> PaymentRefundRecord:
    """Ask the provider for a refund that is stored; no answer leaves it to be asked for again."""
    record = await desk.get(asked.reservation_id)
    if record is None or record.payment_id is None:
        raise RefundRefused("there is no payment")
    reason: RefundReason = asked.reason  # type: ignore[assignment]
    key = f"{record.id}:{asked.id}"
    try:
        done = await desk.provider.refund(record.payment_id, asked.amount_minor, reason, key)
    except ProviderUnavailable as error:
        logger.warning("refund not answered", reservation=record.id, error=str(error))
        return asked
    except ProviderError as error:
        await _note(desk, asked, "failed", error=str(error))
        raise
    return await _note(desk, asked, done.status, done)


async def _note(
    desk: Desk,
    asked: PaymentRefundRecord,
    status: str,
    done: Refund | None = None,
    error: str | None = None,
) -> PaymentRefundRecord:
    def work(unit: Unit) -> PaymentRefundRecord:
        number = done.id if done else None
        found = payment_books.set_refund(unit.connection, asked.id, unit.now, status, number, error)
        record = payments.get(unit.connection, asked.reservation_id)
        unit.emit(
            "payment.refunded",
            station_id=record.station_id if record else None,
            reservation=asked.reservation_id,
            refund=asked.id,
            amount_minor=asked.amount_minor,
            status=status,
            reason=asked.reason,
        )
        return found or asked

    return await desk.commit(work)
