"""What the parts of payments work with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from weakref import WeakValueDictionary

import msgspec
from sqlalchemy import Connection

from chargeplane.csms.central import Central, Unit
from chargeplane.payments.pricing import Prices
from chargeplane.payments.provider import Provider
from chargeplane.payments.rules import Rules
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.repositories import payment_books, payments

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Desk:
    """The central system, who takes the money, and by which rules."""

    central: Central
    provider: Provider
    rules: Rules
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.central.now()

    def lock(self, number: str) -> asyncio.Lock:
        """What keeps all but one from working at a reservation."""
        found = self._locks.get(number)
        if found is None:
            found = self._locks[number] = asyncio.Lock()
        return found

    async def commit(self, work: Callable[[Unit], T]) -> T:
        """Do a piece of work durably."""
        return await self.central.commit(work)

    async def get(self, number: str) -> PaymentReservationRecord | None:
        """A reservation as it is now."""
        return await self.central.database.read(payments.get, number)

    def is_online(self, station_id: str) -> bool:
        """Whether a station is connected."""
        return self.central.stations.get(station_id) is not None

    def prices_at(self, connection: Connection, station_id: str, evse_id: int) -> Prices:
        """What an EVSE costs: its own prices, else its station's, else those of the rules."""
        kept = payment_books.prices_at(connection, station_id, evse_id)
        return self.rules.prices if kept is None else msgspec.convert(kept.prices, Prices)
