"""A driver wants to charge: agree on the price, keep the connector, open a checkout."""

from __future__ import annotations

from base64 import b32encode
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Final
from urllib.parse import quote
from uuid import uuid4

import structlog
from msgspec.structs import replace
from sqlalchemy import Connection

from chargeplane.csms.central import Unit
from chargeplane.payments import connectors, free, settling
from chargeplane.payments.desk import Desk
from chargeplane.payments.outcomes import BUSY, OFFLINE, Created, ReturnUrlRefused, Wanted
from chargeplane.payments.pricing import Prices, hold_minor
from chargeplane.payments.provider import Order, ProviderError, ProviderUnavailable
from chargeplane.payments.reservations import begin, move, placed_order, set_values
from chargeplane.payments.rules import Rules
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.repositories.payments import NewReservation

TOKEN_LENGTH: Final = 20  # 1.6 §7.28 CiString20Type
ALLOWANCE: Final = timedelta(minutes=1)  # by which the provider's clock may be ahead of ours

logger = structlog.get_logger()


async def create(desk: Desk, wanted: Wanted) -> Created:
    """Keep a connector for a driver and open a checkout, or start at once what costs nothing.

    Raises `ReturnUrlRefused`, `StorageError`.
    """
    base = _base(desk.rules, wanted)
    if not desk.is_online(wanted.station_id):
        return Created(status=OFFLINE, reason="Offline")
    evse_id = wanted.evse_id or await desk.central.database.read(
        connectors.choose_evse, wanted.station_id
    )
    prices, reason, why_free = await desk.central.database.read(_look, desk, wanted, evse_id)
    if reason is not None:
        return Created(status=BUSY, reason=reason)
    if why_free is not None:
        return await free.start(desk, wanted, evse_id, why_free)
    try:
        hold = hold_minor(prices)
    except ValueError as error:
        return Created(status="Error", reason=str(error))
    new = _agreed(desk, wanted, evse_id, prices, hold, base)
    record = await desk.commit(lambda unit: begin(unit, new))
    if record is None:
        return Created(status=BUSY, reason="ActiveReservation")
    async with desk.lock(record.id):
        return await _open(desk, record)


def _look(
    connection: Connection, desk: Desk, wanted: Wanted, evse_id: int
) -> tuple[Prices, str | None, str | None]:
    """The prices, why it cannot be, and why it costs nothing."""
    prices = desk.prices_at(connection, wanted.station_id, evse_id)
    reason = connectors.busy_reason(connection, wanted.station_id, evse_id)
    return prices, reason, free.reason(connection, wanted.station_id, wanted.charge_tag, prices)


def _agreed(
    desk: Desk, wanted: Wanted, evse_id: int, prices: Prices, hold: int, base: str
) -> NewReservation:
    number = str(uuid4())
    return NewReservation(
        id=number,
        station_id=wanted.station_id,
        evse_id=evse_id,
        connector_id=wanted.connector_id,
        state="Pending",
        charge_tag=wanted.charge_tag,
        id_token=new_token(),
        language=wanted.language,
        prices=prices,
        terms=desk.rules.terms,
        currency=prices.currency,
        hold_minor=hold,
        checkout_order=_order(desk, replace(wanted, evse_id=evse_id), prices, hold, base, number),
    )


def _order(desk: Desk, wanted: Wanted, prices: Prices, hold: int, base: str, number: str) -> Order:
    metadata = {
        "reservation_id": number,
        "charge_point_id": wanted.station_id,
        "connector_id": str(wanted.evse_id),
        "charge_tag_id": wanted.charge_tag,
    }
    return Order(
        reservation_id=number,
        amount_minor=hold,
        currency=prices.currency,
        product=desk.rules.product or f"Charging session ({prices.max_energy_kwh:f} kWh)",
        success_url=_success_url(wanted, base, number),
        cancel_url=_cancel_url(wanted, base, number),
        expires_at=_expiry(desk),
        language=wanted.language,
        metadata=metadata,
    )


def new_token() -> str:
    """A token that fits into every version and that nobody can guess."""
    return f"R{b32encode(token_bytes(15)).decode()}"[:TOKEN_LENGTH]


def _base(rules: Rules, wanted: Wanted) -> str:
    """Where the driver comes back to; a caller's own place must be on the list."""
    if wanted.return_url is None:
        return rules.return_url.rstrip("/")
    base = wanted.return_url.rstrip("/")
    allowed = {each.rstrip("/") for each in (rules.return_url, *rules.return_urls)}
    if base not in allowed:
        raise ReturnUrlRefused("this place to come back to is not allowed")
    return base


def _success_url(wanted: Wanted, base: str, number: str) -> str:
    if wanted.success_url is not None:
        return wanted.success_url.replace("{reservation}", number)
    session = "&session_id={CHECKOUT_SESSION_ID}"  # which the provider fills in
    return f"{base}/Payments/Success?reservationId={number}{session}{_origin(wanted)}"


def _cancel_url(wanted: Wanted, base: str, number: str) -> str:
    if wanted.cancel_url is not None:
        return wanted.cancel_url.replace("{reservation}", number)
    return f"{base}/Payments/Cancel?reservationId={number}{_origin(wanted)}"


def _origin(wanted: Wanted) -> str:
    return f"&origin={quote(wanted.origin, safe='')}" if wanted.origin else ""


def _expiry(desk: Desk) -> datetime:
    """When the checkout ends, in whole seconds as providers count."""
    return (desk.now + desk.rules.checkout_expiry + ALLOWANCE).replace(microsecond=0)


async def _open(desk: Desk, record: PaymentReservationRecord) -> Created:
    order = placed_order(record)
    try:
        checkout = await desk.provider.open_checkout(order)
    except ProviderError as error:
        return await _not_opened(desk, record, error)

    def work(unit: Unit) -> PaymentReservationRecord:
        return set_values(unit, record.id, checkout_id=checkout.id, checkout_url=checkout.url)

    record = await desk.commit(work)
    return Created(status="Redirect", reservation=record, checkout_url=checkout.url)


async def _not_opened(
    desk: Desk, record: PaymentReservationRecord, error: ProviderError
) -> Created:
    """Give up; what the provider did not answer may have been opened all the same."""
    logger.warning("no checkout", reservation=record.id, error=str(error))
    failed = await desk.commit(
        lambda unit: move(
            unit,
            record.id,
            "Failed",
            "CheckoutFailed",
            failure_code="CheckoutFailed",
            failure_message=str(error),
            settled_at=None if isinstance(error, ProviderUnavailable) else unit.now,
        )
    )
    failed = await settling.settle(desk, failed)
    return Created(status="Error", reason="CheckoutFailed", reservation=failed)
