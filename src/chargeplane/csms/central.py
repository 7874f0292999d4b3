"""What the handlers and operations of the central system work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection

from chargeplane.bus.local import Bus
from chargeplane.config import Csms
from chargeplane.csms.providers import Providers
from chargeplane.csms.registry import Registry
from chargeplane.domain.events import Event
from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import events

T = TypeVar("T")

VendorHandler = Callable[[str, DataTransfer], Awaitable[DataTransferAnswer]]
"""Answers a vendor's DataTransfer; given the station's id and the message."""


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


class Unit:
    """One piece of work in the database, and the events that come true with its commit."""

    __slots__ = ("_events", "connection", "now")

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self._events: list[Event] = []

    def emit(
        self,
        kind: str,
        *,
        station_id: str | None = None,
        evse_id: int | None = None,
        transaction_id: int | None = None,
        lasting: bool = True,
        **data: Any,
    ) -> None:
        """Tell what happened once the work is committed; kept for later readers if `lasting`."""
        event = Event(
            kind=kind,
            at=self.now,
            data={name: value for name, value in data.items() if value is not None},
            station_id=station_id,
            evse_id=evse_id,
            transaction_id=transaction_id,
        )
        if lasting:
            number = events.append(self.connection, _stored(event))
            event = msgspec.structs.replace(event, id=number)
        self._events.append(event)

    @property
    def events(self) -> list[Event]:
        """What is to be published."""
        return self._events


def _stored(event: Event) -> events.Event:
    return events.Event(
        at=event.at,
        kind=event.kind,
        station_id=event.station_id,
        evse_id=event.evse_id,
        transaction_id=event.transaction_id,
        data=event.data,
    )


@dataclass(slots=True, kw_only=True)
class Central:
    """The central system: its settings, its data, who is connected."""

    settings: Csms
    database: Database
    bus: Bus = field(default_factory=Bus)
    stations: Registry = field(default_factory=Registry)
    node: str = "local"  # the name of this process among those that share the data
    providers: Providers = field(default_factory=Providers)
    vendors: Mapping[str, VendorHandler] = field(default_factory=dict)
    now: Callable[[], datetime] = utc_now

    async def commit(self, work: Callable[[Unit], T]) -> T:
        """Do the work durably, then publish its events; see `Database.write` for its duties."""
        now = self.now()

        def run(connection: Connection) -> tuple[T, list[Event]]:
            unit = Unit(connection, now)
            return work(unit), unit.events

        value, happened = await self.database.write(run)
        for event in happened:
            self.bus.publish(event)
        return value
