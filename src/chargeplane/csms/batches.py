"""What is too much for one message of a station is asked in several."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection

from chargeplane.csms.registry import Station
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.storage.repositories import variables
from chargeplane.storage.repositories.variables import VariableFilter

I = TypeVar("I")  # noqa: E741 an item
R = TypeVar("R")

ENVELOPE: Final = 200  # bytes of a message around its items
DEFAULT_ITEMS: Final = 50  # a message, where the station has not told how many it takes

# 2.x B06.FR.16, B06.FR.17 and the like: too many items, too many bytes. Others just fail.
TOO_MUCH: Final = frozenset(
    {"OccurrenceConstraintViolation", "FormatViolation", "InternalError", "GenericError"}
)


@dataclass(frozen=True, slots=True)
class Room:
    """What fits into one message."""

    items: int = DEFAULT_ITEMS
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a station tells what fits: a component, and the variables' instance."""

    component: str
    instance: str = ""
    legacy: tuple[str, str] | None = None  # component and variable that 1.x stations have instead


async def room(station: Station, limits: Limits) -> Room:
    """What fits into one message, as far as the station has told it."""
    return await station.central.database.read(_room, station.id, limits)


def _room(connection: Connection, station_id: str, limits: Limits) -> Room:
    def told(component: str, name: str, instance: str) -> int | None:
        what = VariableFilter(station_id=station_id, component=component, variable=name)
        return next(
            (
                int(record.value or 0)
                for record in variables.of_station(connection, what)
                if record.variable_instance == instance and (record.value or "").isdecimal()
            ),
            None,
        )

    items = told(limits.component, "ItemsPerMessage", limits.instance)
    if items is None and limits.legacy is not None:
        items = told(*limits.legacy, "")
    return Room(items or DEFAULT_ITEMS, told(limits.component, "BytesPerMessage", limits.instance))


def batches(
    items: Iterable[I], fits: Room, key: Callable[[I], Hashable] = id
) -> Iterator[tuple[I, ...]]:
    """Split items so that each part fits and holds no key twice; one item always fits."""
    part: list[I] = []
    keys: set[Hashable] = set()
    used = ENVELOPE
    for item in items:
        size = len(msgspec.json.encode(item)) + 1
        full = len(part) >= fits.items or (fits.bytes is not None and used + size > fits.bytes)
        if part and (full or key(item) in keys):
            yield tuple(part)
            part, keys, used = [], set(), ENVELOPE
        part.append(item)
        keys.add(key(item))
        used += size
    if part:
        yield tuple(part)


async def in_batches(
    items: Sequence[I],
    fits: Room,
    ask: Callable[[tuple[I, ...]], Awaitable[Sequence[R]]],
    refuse: Callable[[I, Exception], R],
    key: Callable[[I], Hashable] = id,
) -> tuple[R, ...]:
    """Ask for all items in messages that fit, in halves where dialect or station take less.

    An item that fails on its own is answered by `refuse`, unless it is the only one.
    """

    async def results(part: tuple[I, ...]) -> list[R]:
        try:
            return list(await ask(part))
        except (Untranslatable, OcppError) as error:
            if len(items) == 1 or not (len(part) == 1 or _is_too_much(error)):
                raise
            if len(part) == 1:
                return [refuse(part[0], error)]
        middle = len(part) // 2
        return await results(part[:middle]) + await results(part[middle:])

    return tuple([one for part in batches(items, fits, key) for one in await results(part)])


def _is_too_much(error: Exception) -> bool:
    return isinstance(error, Untranslatable) or getattr(error, "code", None) in TOO_MUCH


def can_hear(station: Station, request: Any) -> bool:
    """Whether a request can be said in the station's version at all."""
    for action in station.dialect.by_request.get(type(request), ()):
        try:
            station.dialect.encode(action, action.write(request), answer=False)
        except Untranslatable:
            continue
        return True
    return False
