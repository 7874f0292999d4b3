"""Answers that come in parts later: whoever asked waits until all of them are here.

The handlers of the parts store what comes, asked for or not; here it is only
handed on to whoever waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Generic, TypeVar

from chargeplane.csms.commands import Asked
from chargeplane.csms.registry import Station
from chargeplane.errors import AnswerTimeout, Disconnected, NoAnswer

I = TypeVar("I")  # noqa: E741 an item of a report

MAX_ITEMS: Final = 20_000  # of one report; the largest device models have a few thousand
MAX_PARTS: Final = 20_000
GLANCE: Final = 0.5  # s between looks whether the station is still connected

_expected: dict[tuple[Station, str, int], Collection[Any]] = {}
"""Who waits for which parts: the station, the name of the part and the request id."""


class Collection(Generic[I]):
    """The parts of one report as they come."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._parts: dict[int, tuple[I, ...]] = {}
        self._items = 0
        self._last: int | None = None
        self._news = asyncio.Event()

    def add(self, items: Iterable[I], *, number: int | None = None, more: bool) -> None:
        """Take a part; one that comes again takes its own place. No number: in this order."""
        number = len(self._parts) if number is None else number
        part = tuple(items)
        self._items += len(part) - len(self._parts.get(number, ()))
        self._parts[number] = part
        if not more:
            self._last = number
        self._news.set()

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the parts before the last one that have not come."""
        if self._last is None:
            return ()
        # 2.x B07.FR.10: the first part has the number 0. Some stations begin with 1.
        first = 1 if next(iter(self._parts)) == 1 else 0
        return tuple(n for n in range(first, self._last) if n not in self._parts)

    @property
    def is_whole(self) -> bool:
        """Whether all parts are here."""
        return self._last is not None and not self.missing

    async def whole(self, station: Station, patience: float) -> tuple[I, ...]:
        """All items, in order; raises `NoAnswer` if no further part comes for so long (s)."""
        while not self.is_whole:
            self._news.clear()
            await self._next(station, patience)
            if self._items > MAX_ITEMS or len(self._parts) > MAX_PARTS:
                raise NoAnswer(f"{self._name}: the report has too many items")
        return tuple(item for _, part in sorted(self._parts.items()) for item in part)

    async def _next(self, station: Station, patience: float) -> None:
        try:
            async with asyncio.timeout(patience):
                while not self._news.is_set():
                    self._require(station)
                    await self._glance()
        except TimeoutError:
            text = f"{self._name}: no part for {patience:g} s, {self._state()}"
            raise AnswerTimeout(text) from None

    async def _glance(self) -> None:
        try:
            async with asyncio.timeout(GLANCE):
                await self._news.wait()
        except TimeoutError:
            return

    def _require(self, station: Station) -> None:
        if station.central.stations.get(station.id) is not station:
            raise Disconnected(f"{self._name}: the connection was lost, {self._state()}")

    def _state(self) -> str:
        if self.missing:
            return f"without the parts {', '.join(map(str, self.missing))}"
        return f"after {len(self._parts)} of them"


@contextmanager
def expected(station: Station, part: type, request_id: int) -> Iterator[Collection[Any]]:
    """Collect parts with that request id while the context lasts; the station may send them."""
    # 2.x B02.FR.02: a station that is not accepted yet may send what it was asked for.
    station.invited.add(part.__name__)
    key = (station, part.__name__, request_id)
    _expected[key] = collection = Collection[Any](part.__name__)
    try:
        yield collection
    finally:
        del _expected[key]


def hand_on(
    station: Station, request: Any, items: Iterable[Any], number: int | None = None
) -> None:
    """Give a part that was stored to whoever waits for it, if anybody does."""
    collection = _expected.get((station, type(request).__name__, request.request_id))
    if collection is not None:
        collection.add(items, number=number, more=request.tbc)


async def collect(
    station: Station, request: Any, part: type, asked: Asked
) -> tuple[Any, tuple[Any, ...]]:
    """Ask for a report: the answer, and the items of all parts if it was accepted."""
    with expected(station, part, request.request_id) as collection:
        answer = await station.ask(request, asked.timeout)
        if answer.status != "Accepted":
            return answer, ()
        return answer, await collection.whole(station, patience(station, asked))


def patience(station: Station, asked: Asked) -> float:
    """How long to wait for the next part (s)."""
    return station.central.settings.answer_timeout if asked.timeout is None else asked.timeout
