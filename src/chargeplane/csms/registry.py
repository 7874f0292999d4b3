"""Who is connected to this process."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

import structlog

from chargeplane.domain.messages import Request
from chargeplane.errors import NotConnected
from chargeplane.net.websocket import Connection
from chargeplane.ocpp.action import Wire
from chargeplane.ocpp.dialects import Dialect
from chargeplane.ocpp.peer import Peer

if TYPE_CHECKING:
    from chargeplane.csms.central import Central

R = TypeVar("R")

MAX_ODDITIES: Final = 100  # kinds of oddities that are told apart for one station

UNKNOWN: Final = "unknown"  # stands for all actions that no version has: a station may invent many

logger = structlog.get_logger()


class Station:
    """A connected station."""

    __slots__ = (
        "address",
        "central",
        "connected_at",
        "connection",
        "dialect",
        "heartbeat_interval",
        "id",
        "invited",
        "last_seen",
        "lock",
        "oddities",
        "peer",
        "registration",
    )

    def __init__(
        self, station_id: str, central: Central, connection: Connection, dialect: Dialect
    ) -> None:
        self.id = station_id
        self.central = central
        self.connection = connection
        self.dialect = dialect
        self.address = ""
        self.registration = "Accepted"
        self.heartbeat_interval = central.settings.heartbeat_interval  # s, as it is told
        self.connected_at: datetime = central.now()
        self.last_seen = self.connected_at
        self.lock = asyncio.Lock()  # keeps what it says of transactions in order
        self.invited: set[str] = set()  # requests that it may send while it is Pending
        self.oddities: Counter[str] = Counter()
        self.peer: Peer[Station]

    @overload
    async def ask(self, request: Request[R], timeout: float | None = None) -> R: ...  # noqa: ASYNC109

    @overload
    async def ask(self, request: Wire, timeout: float | None = None) -> Any: ...  # noqa: ASYNC109

    async def ask(self, request: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        """Put a request to the station; raises Untranslatable, OcppError, NoAnswer."""
        return await self.peer.ask(request, timeout)

    def note_oddity(self, action: str, oddity: str) -> None:
        """Count what was tolerated; each kind is logged once a station."""
        kind = f"{action}: {oddity}"
        if kind not in self.oddities and len(self.oddities) >= MAX_ODDITIES:
            kind = "others"
        if kind not in self.oddities:
            logger.warning("tolerated", station=self.id, oddity=kind)
        self.oddities[kind] += 1

    def note_call(self, action: str, result: str) -> None:
        """Count a call of the station by its action and what came of it."""
        name = action if action in self.dialect.known else UNKNOWN
        self.central.stations.calls[name, result] += 1


class Registry:
    """The connected stations by id, and how many calls of stations there were of each kind."""

    def __init__(self) -> None:
        self._stations: dict[str, Station] = {}
        self.calls: Counter[tuple[str, str]] = Counter()  # by action and result

    def enter(self, station: Station) -> Station | None:
        """Add a station; the one that it replaces is returned."""
        replaced = self._stations.get(station.id)
        self._stations[station.id] = station
        return replaced

    def leave(self, station: Station) -> bool:
        """Remove a station; False if another connection has taken its place."""
        if self._stations.get(station.id) is not station:
            return False
        del self._stations[station.id]
        return True

    def get(self, station_id: str) -> Station | None:
        """The station if it is connected."""
        return self._stations.get(station_id)

    def require(self, station_id: str) -> Station:
        """The station; raises `NotConnected`."""
        station = self._stations.get(station_id)
        if station is None:
            raise NotConnected(f"{station_id} is not connected")
        return station

    def __iter__(self) -> Iterator[Station]:
        return iter(list(self._stations.values()))

    def __len__(self) -> int:
        return len(self._stations)
