"""Notifications that need no table of their own: kept whole, and told of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from secrets import randbelow
from typing import Any, TypeVar

import msgspec

from chargeplane.csms.central import Unit
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import StatusInfo
from chargeplane.storage.repositories import notifications, transactions

A = TypeVar("A")


def keep(unit: Unit, station_id: str, kind: str, request: Any) -> int:
    """Store a notification whole and publish it as an event of this kind; its number."""
    action = type(request).__name__
    number = notifications.append(unit.connection, station_id, action, request, unit.now)
    unit.emit(
        kind,
        station_id=station_id,
        evse_id=getattr(request, "evse_id", None),
        transaction_id=_transaction(unit, station_id, request),
        notification=number,
        payload=msgspec.to_builtins(request),
    )
    return number


def keeper(kind: str, answer: type[A]) -> Callable[[Station, Any], Awaitable[A]]:
    """A handler that keeps a notification and gives the empty answer."""

    async def on_notification(station: Station, request: Any) -> A:
        await station.central.commit(lambda unit: keep(unit, station.id, kind, request))
        return answer()

    return on_notification


def new_id() -> int:
    """An id for a request that notifications will refer to, unlikely to be that of another."""
    return 1 + randbelow(2**31 - 1)


def info(answer: Any) -> StatusInfo | None:
    """Why a 2.x station answers as it does."""
    said = answer.status_info
    return None if said is None else msgspec.convert(said, StatusInfo, from_attributes=True)


def _transaction(unit: Unit, station_id: str, request: Any) -> int | None:
    """Our number of the transaction that a notification names."""
    name = getattr(request, "transaction_id", None)
    found = transactions.by_name(unit.connection, station_id, name) if name else None
    return found.id if found else None
