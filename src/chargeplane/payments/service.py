"""Payments: a driver without a contract pays for one charge at one connector.

Whoever asks (OCPP.Core's API, the native API, a page) asks here. `run` does the rest: it follows
the charge, settles it, and finds its way again after a crash.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from chargeplane.csms.central import Central, Unit
from chargeplane.payments import asking, confirming, creating, following, noticing, refunding
from chargeplane.payments.answering import Answers
from chargeplane.payments.desk import Desk
from chargeplane.payments.outcomes import (
    Cancelled,
    Confirmed,
    Created,
    Details,
    Progress,
    Resumed,
    Stopped,
    Wanted,
)
from chargeplane.payments.pricing import Prices, split
from chargeplane.payments.provider import Provider, RefundReason
from chargeplane.payments.reservations import agreed_prices
from chargeplane.payments.rules import Rules
from chargeplane.storage.paging import Window
from chargeplane.storage.payment_records import (
    PaymentPrivilegeRecord,
    PaymentRefundRecord,
    PaymentReservationRecord,
)
from chargeplane.storage.records import Page
from chargeplane.storage.repositories import payment_books, payments, stations
from chargeplane.storage.repositories.payments import DailyTotal, PaymentFilter


class Payments:
    """Payments at a central system. Everything raises `StorageError`."""

    def __init__(self, central: Central, provider: Provider, rules: Rules) -> None:
        self._desk = Desk(central=central, provider=provider, rules=rules)
        self._read = central.database.read

    @property
    def rules(self) -> Rules:
        """By which rules payments are made."""
        return self._desk.rules

    async def run(self) -> None:
        """Follow all reservations, and tell stations what charges cost, until cancelled."""
        central = self._desk.central
        central.providers = replace(central.providers, costs=Answers(self._desk.rules))
        await following.Follower(self._desk).run()

    async def reconcile(self, *, thorough: bool = True) -> None:
        """Look at everything that is not finished, as `run` does at its start."""
        await following.reconcile(self._desk, thorough=thorough)

    # Drivers

    async def create(self, wanted: Wanted) -> Created:
        """Keep a connector and open a checkout; raises `ReturnUrlRefused`."""
        return await creating.create(self._desk, wanted)

    async def confirm(self, reservation_id: str, checkout_id: str) -> Confirmed:
        """See whether it is paid, and start."""
        return await confirming.confirm(self._desk, reservation_id, checkout_id)

    async def cancel(self, reservation_id: str, reason: str = "Cancelled") -> Cancelled:
        """Give up what has not begun."""
        return await asking.cancel(self._desk, reservation_id, reason)

    async def resume(self, reservation_id: str) -> Resumed:
        """Go back to the checkout, or see that it is over."""
        return await asking.resume(self._desk, reservation_id)

    async def stop(self, reservation_id: str) -> Stopped:
        """End the charge."""
        return await asking.stop(self._desk, reservation_id)

    async def status(self, reservation_id: str) -> Progress | None:
        """How far a reservation is."""
        return await asking.status(self._desk, reservation_id)

    # The provider

    async def notice(self, body: bytes, signature: str) -> None:
        """Take what the provider tells; raises `NoticeRefused`, `ProviderUnavailable`."""
        await noticing.notice(self._desk, body, signature)

    # Operators

    async def refund(
        self, reservation_id: str, amount_minor: int | None, reason: RefundReason, by: str
    ) -> PaymentRefundRecord:
        """Give money back, None: all of it; raises `RefundRefused`, `ProviderError`."""
        return await refunding.refund(self._desk, reservation_id, amount_minor, reason, by)

    async def page(self, what: PaymentFilter, window: Window) -> Page[PaymentReservationRecord]:
        """A page of reservations, the latest first; raises `ValueError` for a foreign cursor."""
        return await self._read(payments.page, what, window)

    async def details(self, reservation_id: str) -> Details | None:
        """A reservation with every step and refund; None: there is no such one."""
        return await self._read(_details, reservation_id)

    async def daily_totals(
        self, since: datetime, until: datetime, among: tuple[str, ...] | None = None
    ) -> tuple[DailyTotal, ...]:
        """What was captured and given back by UTC day, station and currency."""
        return await self._read(payments.daily_totals, since, until, among)

    # Prices and privileges

    async def prices_at(self, station_id: str, evse_id: int) -> Prices:
        """What an EVSE costs, by whatever prices hold for it."""
        return await self._read(self._desk.prices_at, station_id, evse_id)

    async def price_list(self, station_id: str) -> dict[int, Prices]:
        """The prices that are kept for a station (0) and its EVSEs."""
        kept = await self._read(payment_books.prices_of, station_id)
        return {each.evse_id: msgspec.convert(each.prices, Prices) for each in kept}

    async def set_prices(self, station_id: str, evse_id: int, prices: Prices) -> bool:
        """Keep prices of an EVSE, or of a station (0); False: there is no such station."""

        def work(unit: Unit) -> bool:
            if stations.get(unit.connection, station_id) is None:
                return False
            payment_books.set_prices(unit.connection, station_id, evse_id, prices, unit.now)
            return True

        return await self._desk.commit(work)

    async def remove_prices(self, station_id: str, evse_id: int) -> bool:
        """Forget prices, so that more general ones hold; False: there were none."""
        return await self._desk.commit(
            lambda unit: payment_books.remove_prices(unit.connection, station_id, evse_id)
        )

    async def privileges(self) -> tuple[PaymentPrivilegeRecord, ...]:
        """Who charges for nothing."""
        return await self._read(payment_books.privileges)

    async def add_privilege(self, token: str, station_id: str | None = None) -> None:
        """Let a token charge for nothing, at a station or everywhere."""
        where = station_id or payment_books.EVERYWHERE
        await self._desk.commit(
            lambda unit: payment_books.add_privilege(
                unit.connection, token.lower(), where, unit.now
            )
        )

    async def remove_privilege(self, token: str, station_id: str | None = None) -> bool:
        """Take a privilege away; False: there was none."""
        where = station_id or payment_books.EVERYWHERE
        return await self._desk.commit(
            lambda unit: payment_books.remove_privilege(unit.connection, token.lower(), where)
        )


def _details(connection: Connection, number: str) -> Details | None:
    record = payments.get(connection, number)
    if record is None:
        return None
    captured, energy = record.captured_minor, record.energy_mwh or 0
    return Details(
        reservation=record,
        split=split(agreed_prices(record), captured, energy) if captured else None,
        steps=payments.steps(connection, number),
        refunds=payment_books.refunds_of(connection, number),
    )
