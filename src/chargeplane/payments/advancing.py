"""The next step of a reservation, found by comparing what is stored with what is so.

It is taken after every event that may concern it, on a schedule, and after a start: so it does not
matter which event was missed, or what a crash cut off.
"""

from __future__ import annotations

from typing import Final

from chargeplane.payments import asking, charging, confirming, settling, starting, telling
from chargeplane.payments.desk import Desk
from chargeplane.payments.reservations import OVER
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.repositories import transactions

STEPS: Final = 8  # that are taken at once; a reservation has fewer states in its life


async def advance(desk: Desk, number: str, *, again: bool = False) -> None:
    """Take all steps that can be taken now; `again` tries what was put off at once.

    Raises `StorageError`.
    """
    async with desk.lock(number):
        record = await desk.get(number)
        for _ in range(STEPS):
            if record is None:
                return
            before = record
            record = await _step(desk, record, again=again)
            if (record.state, record.due_minor) == (before.state, before.due_minor):
                return


async def _step(
    desk: Desk, record: PaymentReservationRecord, *, again: bool
) -> PaymentReservationRecord:
    if settling.is_due(record):
        return await _settle(desk, record, again=again)
    if record.state in OVER:
        return record
    match record.state:
        case "Pending":
            return await _pending(desk, record)
        case "Authorized" | "StartRequested":
            return await _starting(desk, record, again=again)
        case "Charging":
            return await charging.watch(desk, record)
    return await charging.finish(desk, record)


async def _settle(
    desk: Desk, record: PaymentReservationRecord, *, again: bool
) -> PaymentReservationRecord:
    waits = record.next_try_at is not None and record.next_try_at > desk.now
    if not again and (waits or record.needs_review):
        return record
    return await settling.settle(desk, record)


async def _pending(desk: Desk, record: PaymentReservationRecord) -> PaymentReservationRecord:
    """Who has not paid in time is asked about once more, then forgotten."""
    if record.created_at + desk.rules.pending_timeout > desk.now:
        return record
    seen = await confirming.look_or_fail(desk, record)
    found = seen.reservation or record
    if found.state != "Pending":
        return found
    return await starting.give_up(desk, found, "Abandoned", "CleanupTimeout", seen.error)


async def _starting(
    desk: Desk, record: PaymentReservationRecord, *, again: bool
) -> PaymentReservationRecord:
    found = await asking.begun(desk, record)
    if found.state == "Charging":
        await _show_tariff(desk, found)
        return found
    if starting.is_late(desk, found):
        return await starting.give_up(desk, found, "StartTimeout", "StartTimeout")
    waits = starting.asked_lately(desk, found) and not again
    if found.state == "StartRequested" or waits:
        return found
    return (await starting.start(desk, found)).reservation or found


async def _show_tariff(desk: Desk, record: PaymentReservationRecord) -> None:
    if record.transaction_id is not None:
        running = await desk.central.database.read(transactions.get, record.transaction_id)
        if running is not None:
            await telling.tariff(desk, record, running)
