"""The life of a station's connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache, partial
from typing import Any, Final

import structlog

from chargeplane.csms.admission import Visitor
from chargeplane.csms.central import Central, Unit
from chargeplane.csms.handlers import HANDLERS
from chargeplane.csms.message_log import MessageLog
from chargeplane.csms.registry import Station
from chargeplane.domain.station import BootNotification
from chargeplane.errors import StorageError
from chargeplane.net.websocket import Connection
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.peer import Peer
from chargeplane.storage.repositories import stations
from chargeplane.storage.repositories.stations import Presence

WATCH_PERIOD: Final = 30.0  # s between looks of the watchdog
SILENCES: Final = 3  # heartbeat intervals without a word after which a link is probed

Handler = Callable[[Station, Any], Awaitable[Any]]

logger = structlog.get_logger()


def gated(handler: Handler) -> Handler:
    """A handler that refuses what a station may not say yet (2.x B02.FR.09, B03.FR.07)."""

    async def handle(station: Station, request: Any) -> Any:
        station.last_seen = station.central.now()
        if station.registration != "Accepted" and not _may_say(station, request):
            raise OcppError("SecurityError", "the station is not accepted yet")
        return await handler(station, request)

    return handle


def _may_say(station: Station, request: Any) -> bool:
    return isinstance(request, BootNotification) or type(request).__name__ in station.invited


@cache
def _gated_handlers() -> dict[type, Handler]:
    return {request: gated(handler) for request, handler in HANDLERS.items()}


class Sessions:
    """Runs the connections of a central system."""

    def __init__(self, central: Central, log: MessageLog) -> None:
        self._central = central
        self._log = log

    async def run(self, connection: Connection, visitor: Visitor) -> None:
        """Serve a station until its connection ends."""
        station = self._station(connection, visitor)
        replaced = self._central.stations.enter(station)
        if replaced is not None:
            await self._replace(replaced)
        try:
            await self._note_presence(station, visitor)
            async for frame in connection.frames():
                await station.peer.receive(frame)
        finally:
            station.peer.disconnected()
            if self._central.stations.leave(station):
                await self._note_absence(station)

    def _station(self, connection: Connection, visitor: Visitor) -> Station:
        settings = self._central.settings
        station = Station(visitor.station_id, self._central, connection, visitor.dialect)
        station.address = visitor.address
        station.registration = visitor.registration
        station.peer = Peer(
            visitor.dialect,
            _gated_handlers(),
            station,
            connection.send,
            timeout=settings.answer_timeout,
            strict=settings.strict,
            other_side="station",
            on_frame=partial(self._log.add, visitor.station_id),
            on_oddity=station.note_oddity,
        )
        return station

    @staticmethod
    async def _replace(old: Station) -> None:
        logger.info("replaced by a new connection", station=old.id, address=old.address)
        old.peer.disconnected()
        await old.connection.close(1001, "replaced by a new connection")

    async def _note_presence(self, station: Station, visitor: Visitor) -> None:
        presence = Presence(
            connected_at=station.connected_at,
            node=self._central.node,
            subprotocol=visitor.dialect.subprotocol,
            security_profile=visitor.security_profile,
            remote_address=visitor.address,
        )

        def work(unit: Unit) -> None:
            stations.connect(unit.connection, station.id, presence)
            unit.emit("station.online", station_id=station.id, subprotocol=presence.subprotocol)

        await self._tell(station, "connected", work)

    async def _note_absence(self, station: Station) -> None:
        reason = station.connection.closing

        def work(unit: Unit) -> None:
            stations.note_seen(unit.connection, {station.id: station.last_seen})
            if stations.disconnect(unit.connection, station.id, station.connected_at, unit.now):
                unit.emit("station.offline", station_id=station.id, reason=reason)

        await self._tell(station, "disconnected", work)

    async def _tell(self, station: Station, what: str, work: Callable[[Unit], None]) -> None:
        """Note presence; that the disk is full must not keep a station out."""
        logger.info(what, station=station.id, subprotocol=station.connection.subprotocol)
        try:
            await self._central.commit(work)
        except StorageError as error:
            logger.error("presence not stored", station=station.id, error=str(error))

    async def watch(self) -> None:
        """Probe stations that have been silent for too long, until cancelled."""
        silence = timedelta(seconds=SILENCES * self._central.settings.heartbeat_interval)
        while True:
            await asyncio.sleep(WATCH_PERIOD)
            limit = self._central.now() - silence
            for station in self._central.stations:
                if station.last_seen < limit:
                    await self._probe(station)

    async def _probe(self, station: Station) -> None:
        if await station.connection.is_alive():
            station.last_seen = self._central.now()
            return
        logger.warning("silent, closing the connection", station=station.id)
        await station.connection.close(1001, "silent")
