"""What changes, for pages that are open: read once for all of them, a few times a second at most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from chargeplane.csms.central import Central
from chargeplane.domain.events import Event
from chargeplane.errors import StorageError
from chargeplane.storage.records import ConnectorRecord
from chargeplane.storage.repositories import connectors

GATHER_S: Final = 0.3  # that a change waits for others

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Change:
    """What happened in the last moment; `connectors` has those of stations that somebody watches."""

    events: tuple[Event, ...]
    stations: frozenset[str]
    connectors: Mapping[str, tuple[ConnectorRecord, ...]]


Watcher = Callable[[Change], Any]


class Live:
    """Tells open pages of changes while its `run` runs."""

    def __init__(self, central: Central) -> None:
        self._central = central
        self._watchers: dict[Watcher, Callable[[], Collection[str]]] = {}

    def watch(
        self, watcher: Watcher, stations: Callable[[], Collection[str]] = frozenset
    ) -> Callable[[], None]:
        """Tell somebody of every change until what is returned is called.

        `stations` says whose connectors it wants to be told.
        """
        self._watchers[watcher] = stations
        return lambda: self._watchers.pop(watcher, None) and None

    async def run(self) -> None:
        """Watch the bus."""
        with self._central.bus.subscribe() as happened:
            while True:
                gathered = [await happened.get()]
                await asyncio.sleep(GATHER_S)
                gathered += happened.waiting()
                await self._tell(gathered)

    async def _tell(self, gathered: list[Event]) -> None:
        if not self._watchers:
            return
        changed = frozenset(each.station_id for each in gathered if each.station_id)
        wanted = {name for stations in self._watchers.values() for name in stations()}
        shown = changed & wanted
        try:
            states = await self._central.database.read(_states, tuple(shown)) if shown else {}
        except StorageError as error:
            logger.warning("open pages are not up to date", error=str(error))
            return
        change = Change(tuple(gathered), changed, states)
        for watcher in list(self._watchers):
            try:
                watcher(change)
            except Exception:
                logger.exception("a page could not show a change")


def _states(
    connection: Connection, stations: tuple[str, ...]
) -> dict[str, tuple[ConnectorRecord, ...]]:
    found = connectors.of_stations(connection, stations)
    return {name: tuple(each for each in found if each.station_id == name) for name in stations}
