"""Sends receipts to drivers whose e-mail address the provider knows."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from chargeplane.csms.central import Central
from chargeplane.net.mail import Mailer, MailFailed, is_address
from chargeplane.payments.receipts import mail, receipt_of
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.repositories import idempotency, payments, stations
from chargeplane.storage.repositories.idempotency import Claim

COMPLETED: Final = "payment.completed"
KEPT: Final = timedelta(days=1)  # as for keys of requests, among which this is kept

logger = structlog.get_logger()


async def send_receipts(central: Central, mailer: Mailer, zone: str) -> None:
    """Send a receipt for every payment that is completed, for as long as it runs."""
    with central.bus.subscribe() as events:
        async for event in events:
            if event.kind == COMPLETED and await _is_ours(central, str(event.data["reservation"])):
                await send_receipt(central, mailer, str(event.data["reservation"]), zone)


async def _is_ours(central: Central, number: str) -> bool:
    """Whether this process is the one that sends it: all hear that a payment is completed."""
    claim = Claim(f"receipt:{number}", number, central.node)
    known = await central.commit(
        lambda unit: idempotency.reserve(unit.connection, claim, unit.now, unit.now - KEPT)
    )
    return known is None


async def send_receipt(central: Central, mailer: Mailer, number: str, zone: str) -> bool:
    """Send the receipt of a reservation; False if there is none, no address, or it failed."""
    record, station = await central.database.read(_read, number)
    receipt = receipt_of(record, station, zone) if record else None
    if record is None or receipt is None or not is_address(record.email or ""):
        return False
    try:
        await mailer.send(mail(receipt, record.email or "", record.language))
    except MailFailed as error:
        logger.warning("receipt not sent", reservation=number, reason=str(error))
        return False
    return True


def _read(connection: Connection, number: str) -> tuple[PaymentReservationRecord | None, str]:
    record = payments.get(connection, number)
    known = stations.get(connection, record.station_id) if record else None
    name = known.name if known else None
    return record, name or (record.station_id if record else "")
