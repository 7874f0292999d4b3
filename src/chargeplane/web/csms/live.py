"""What changes, for open pages: read once for all of them, a few times a second at most."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection

from chargeplane.csms.central import Central
from chargeplane.domain.events import Event
from chargeplane.errors import StorageError
from chargeplane.storage.repositories import overview
from chargeplane.storage.repositories.overview import Alarm, Summary, Tile

GATHER_S: Final = 0.3  # that a change waits for others
SAMPLE_S: Final = 60.0  # between two points of the chart of power
DAY_OF_SAMPLES: Final = 1440

logger = structlog.get_logger()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """What happened in the last moment; `tiles` has the connectors of stations that are watched."""

    events: tuple[Event, ...]
    stations: frozenset[str]
    tiles: Mapping[str, tuple[Tile, ...]]


Watcher = Callable[[Change], Any]


class Live:
    """Tells open pages of changes while its `run` runs, and remembers a day of power."""

    def __init__(self, central: Central) -> None:
        self._central = central
        self._watchers: dict[Watcher, Callable[[], Collection[str]]] = {}
        self._read: dict[tuple[Any, tuple[str, ...] | None], asyncio.Task[Any]] = {}
        self.powers: deque[tuple[datetime, float]] = deque(maxlen=DAY_OF_SAMPLES)

    def watch(
        self, watcher: Watcher, stations: Callable[[], Collection[str]] = frozenset
    ) -> Callable[[], None]:
        """Tell somebody of every change until what is returned is called.

        `stations` says whose connectors it wants to be told.
        """
        self._watchers[watcher] = stations

        def stop() -> None:
            self._watchers.pop(watcher, None)

        return stop

    async def summary(self, among: tuple[str, ...] | None = None) -> Summary:
        """The network in figures as of the last change; read once for all who ask."""
        return await self._once(overview.summary, among)

    async def alarms(self, among: tuple[str, ...] | None = None) -> tuple[Alarm, ...]:
        """What wants to be looked at as of the last change; read once for all who ask."""
        return await self._once(overview.alarms, among)

    async def _once(
        self,
        query: Callable[[Connection, tuple[str, ...] | None], T],
        among: tuple[str, ...] | None,
    ) -> T:
        if (query, among) not in self._read:
            read = self._central.database.read(query, among)
            self._read[query, among] = asyncio.ensure_future(read)
        found: T = await asyncio.shield(self._read[query, among])
        return found

    async def run(self) -> None:
        """Watch the bus, and the power."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sample())
            group.create_task(self._watch())

    async def _watch(self) -> None:
        with self._central.bus.subscribe() as happened:
            while True:
                gathered = [await happened.get()]
                await asyncio.sleep(GATHER_S)
                gathered += happened.waiting()
                self._read.clear()
                await self._tell(gathered)

    async def _sample(self) -> None:
        while True:
            try:
                now = await self.summary()
                self.powers.append((self._central.now(), now.power_w))
            except StorageError as error:
                self._read.clear()
                logger.warning("power not sampled", error=str(error))
            await asyncio.sleep(SAMPLE_S)

    async def _tell(self, gathered: list[Event]) -> None:
        if not self._watchers:
            return
        changed = frozenset(each.station_id for each in gathered if each.station_id)
        wanted = {name for stations in self._watchers.values() for name in stations()}
        shown = tuple(sorted(changed & wanted))
        try:
            tiles = await self._central.database.read(_tiles, shown) if shown else {}
        except StorageError as error:
            logger.warning("open pages are not up to date", error=str(error))
            return
        change = Change(tuple(gathered), changed, tiles)
        for watcher in list(self._watchers):
            try:
                watcher(change)
            except Exception:
                logger.exception("a page could not show a change")


def _tiles(connection: Connection, stations: tuple[str, ...]) -> dict[str, tuple[Tile, ...]]:
    found = overview.tiles_of(connection, stations)
    told = {name: tuple(each) for name, each in groupby(found, lambda tile: tile.station_id)}
    return {name: told.get(name, ()) for name in stations}
