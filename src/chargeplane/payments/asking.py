"""What drivers ask of a reservation that is there: cancel, resume, stop, see how far it is."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from chargeplane.payments import charging, confirming, connectors, starting
from chargeplane.payments.desk import Desk
from chargeplane.payments.outcomes import (
    NOT_FOUND,
    PROVIDER_ERROR,
    Cancelled,
    Progress,
    Resumed,
    Stage,
    Stopped,
)
from chargeplane.payments.provider import ProviderError
from chargeplane.payments.reservations import (
    CANCELLABLE,
    OVER,
    agreed_prices,
    agreed_terms,
    bill_of,
)
from chargeplane.storage.payment_records import PaymentReservationRecord, PaymentState
from chargeplane.storage.repositories import payment_books, payments, transactions

STAGES: Final[dict[PaymentState, Stage]] = {
    "Pending": "waiting",
    "Authorized": "waiting",
    "StartRequested": "waiting",
    "Charging": "charging",
    "WaitingForDisconnect": "waitingForDisconnect",
    "Completed": "done",
    "Cancelled": "done",
    "Failed": "error",
    "StartRejected": "error",
    "StartTimeout": "error",
    "Abandoned": "error",
}


async def cancel(desk: Desk, number: str, reason: str = "Cancelled") -> Cancelled:
    """Give a reservation up before its charge begins, and let go of what is held."""
    async with desk.lock(number):
        record = await desk.get(number)
        if record is None:
            return Cancelled(status=NOT_FOUND)
        record = await begun(desk, record)
        if record.state not in CANCELLABLE:
            return Cancelled(status=record.state, reservation=record)
        record = await starting.give_up(desk, record, "Cancelled", reason)
        return Cancelled(status=record.state, applied=True, reservation=record)


async def begun(desk: Desk, record: PaymentReservationRecord) -> PaymentReservationRecord:
    """The reservation, whose charge may have begun meanwhile."""
    if record.state not in {"Authorized", "StartRequested"}:
        return record
    return await desk.commit(lambda unit: starting.begin_charge(unit, record)) or record


async def resume(desk: Desk, number: str) -> Resumed:
    """Go back to the checkout while it is open, else see what became of the reservation."""
    async with desk.lock(number):
        record = await desk.get(number)
        if record is None:
            return Resumed(status=NOT_FOUND)
        if record.state in OVER:
            return Resumed(status=record.state, reservation=record)
        if record.state != "Pending":
            return Resumed(status="Status", reservation=record)
        return await _reopen(desk, record)


async def _reopen(desk: Desk, record: PaymentReservationRecord) -> Resumed:
    if record.checkout_id is None:
        return Resumed(status="MissingCheckoutSession", reservation=record)
    try:
        checkout = await desk.provider.checkout(record.checkout_id)
        if checkout.status == "open":
            url = checkout.url or record.checkout_url
            status = "ResumeUnavailable" if url is None else "Redirect"
            return Resumed(status=status, checkout_url=url, reservation=record)
        seen = await confirming.look(desk, record)
    except ProviderError as error:
        return Resumed(status=PROVIDER_ERROR, error=str(error), reservation=record)
    found = seen.reservation or record
    if seen.refused:
        status = found.state if found.state in OVER else "ResumeUnavailable"
        return Resumed(status=status, error=seen.error, reservation=found)
    return Resumed(status="Status", reservation=found)


async def stop(desk: Desk, number: str) -> Stopped:
    """A driver has had enough: end the charge, or give up what has not begun."""
    async with desk.lock(number):
        record = await desk.get(number)
        if record is None:
            return Stopped(status=NOT_FOUND)
        record = await begun(desk, record)
        if record.state in CANCELLABLE:
            record = await starting.give_up(desk, record, "Cancelled", "StoppedByDriver")
            return Stopped(status="Cancelled", reservation=record)
        if record.state != "Charging":
            return Stopped(
                status="AlreadyStopped",
                transaction_id=record.transaction_id,
                reservation=record,
            )
        return await _stop(desk, record)


async def _stop(desk: Desk, record: PaymentReservationRecord) -> Stopped:
    number = record.transaction_id
    running = None
    if number is not None:
        running = await desk.central.database.read(transactions.get, number)
    if running is None:
        return Stopped(status="NoOpenTransaction", reservation=record)
    if running.state == "closed":
        record = await charging.watch(desk, record)
        return Stopped(status="AlreadyStopped", transaction_id=number, reservation=record)
    record, said = await charging.stop(desk, record, running, "StoppedByDriver")
    return Stopped(status=said, transaction_id=number, reservation=record)


async def status(desk: Desk, number: str) -> Progress | None:
    """How far a reservation is; None: there is no such one."""
    return await desk.central.database.read(_progress, desk, number)


def _progress(connection: Connection, desk: Desk, number: str) -> Progress | None:
    record = payments.get(connection, number)
    if record is None:
        return None
    place = (record.station_id, record.evse_id)
    running = starting.transaction_of(connection, record)
    use = charging.used(connection, desk.rules, record, running, desk.now, record.disconnected_at)
    so_far = charging.cost_so_far(record, use) if running else None
    blocked = None
    if record.state in CANCELLABLE:
        blocked = connectors.busy_reason(connection, *place, record)
    return Progress(
        reservation=record,
        stage=STAGES[record.state],
        prices=agreed_prices(record),
        terms=agreed_terms(record),
        transaction=running,
        connector=next(iter(connectors.on_evse(connection, *place)), None),
        online=desk.is_online(record.station_id),
        energy_mwh=use.energy_mwh if record.energy_mwh is None else record.energy_mwh,
        bill=bill_of(record) or so_far,
        blocking_reason=blocked,
        refunded_minor=payment_books.refunded_minor(connection, number),
        now=desk.now,
    )
