"""What the provider tells by itself: a reason to look, never an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from chargeplane.csms.central import Unit
from chargeplane.payments import charging, confirming, starting
from chargeplane.payments.desk import Desk
from chargeplane.payments.provider import Notice, ProviderUnavailable
from chargeplane.storage.payment_records import PaymentNoticeRecord, PaymentReservationRecord
from chargeplane.storage.repositories import payment_books, payments

KEPT: Final = timedelta(days=90)  # Stripe sends again for three days, on request for thirty

logger = structlog.get_logger()


async def notice(desk: Desk, body: bytes, signature: str) -> None:
    """Take a notice of the provider; one that was dealt with before changes nothing.

    Raises `NoticeRefused`; `ProviderUnavailable` and `StorageError`, upon which it is to be sent
    again.
    """
    said = desk.provider.notice(body, signature)
    known, record = await desk.central.database.read(_find, said)
    if known:
        return
    if record is not None:
        await _look(desk, record.id)
    number = record.id if record else None
    logger.info("notice of the provider", kind=said.kind, notice=said.id, reservation=number)

    def work(unit: Unit) -> None:
        payment_books.forget_notices(unit.connection, unit.now - KEPT)
        payment_books.note(unit.connection, _kept(unit, said, number))

    # Only now: what is interrupted is to be sent again.
    await desk.commit(work)


def _kept(unit: Unit, said: Notice, number: str | None) -> PaymentNoticeRecord:
    return PaymentNoticeRecord(
        id=said.id, kind=said.kind, reservation_id=number, at=said.at, received_at=unit.now
    )


def _find(connection: Connection, said: Notice) -> tuple[bool, PaymentReservationRecord | None]:
    """Whether a notice is known, and the reservation that it is about."""
    known = payment_books.is_known(connection, said.id)
    found = payments.get(connection, said.reservation_id) if said.reservation_id else None
    if found is None:
        found = payments.by_provider(connection, said.checkout_id, said.payment_id)
    return known, found


async def _look(desk: Desk, number: str) -> None:
    """Ask the provider what is so, and go on from there."""
    async with desk.lock(number):
        record = await desk.get(number)
        if record is None:
            return
        if record.state == "Pending":
            seen = await confirming.look_or_fail(desk, record)
            if seen.status == "ProviderError" and seen.reservation is record:
                raise ProviderUnavailable(seen.error or "the provider did not answer")
            record = seen.reservation or record
        else:
            record = await _check_hold(desk, record)
        if record.state == "Authorized" and not starting.asked_lately(desk, record):
            await starting.start(desk, record)


async def _check_hold(desk: Desk, record: PaymentReservationRecord) -> PaymentReservationRecord:
    """See whether what was held still is; else nobody is to charge. Raises `ProviderError`."""
    if record.payment_id is None or record.due_minor is not None:
        return record
    payment = await desk.provider.payment(record.payment_id)
    if payment.status == "requires_capture":
        return record
    if record.state == "Charging":
        return await charging.stop_for(desk, record, "HoldLost")
    if record.state in {"Authorized", "StartRequested"}:
        return await confirming.fail(desk, record, "HoldLost", f"the payment is {payment.status}")
    return record
