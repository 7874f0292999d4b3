"""The life of a station's connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog

from chargeplane.csms.admission import Visitor
from chargeplane.csms.central import Central, Unit
from chargeplane.csms.handlers import HANDLERS
from chargeplane.csms.message_log import MessageLog
from chargeplane.csms.registry import Station
from chargeplane.domain.readings import MeterValues
from chargeplane.domain.station import BootNotification, StatusNotification
from chargeplane.domain.transactions import TransactionEvent
from chargeplane.errors import StorageError
from chargeplane.net.websocket import Connection
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.peer import Peer
from chargeplane.storage.repositories import stations
from chargeplane.storage.repositories.stations import Presence, StationSettings

WATCH_PERIOD: Final = 30.0  # s between looks of the watchdog
SILENCES: Final = 3  # heartbeat intervals without a word after which a link is probed

Handler = Callable[[Station, Any], Awaitable[Any]]

logger = structlog.get_logger()


# Their handlers write always, so that an answer means that the data store works.
STORED: Final = (BootNotification, StatusNotification, TransactionEvent, MeterValues)


class Health:
    """Whether the data store works; the log says so when it changes, not with every message."""

    def __init__(self) -> None:
        self._is_failing = False

    def failed(self, error: StorageError) -> None:
        """Tell why, once."""
        if not self._is_failing:
            logger.error("nothing can be stored, stations keep what they say", error=str(error))
        self._is_failing = True

    def worked(self) -> None:
        """Tell that it is over, once."""
        if self._is_failing:
            logger.info("the data store works again")
        self._is_failing = False


def gated(handler: Handler, health: Health) -> Handler:
    """A handler that refuses what a station may not say yet, or what cannot be stored now."""

    async def handle(station: Station, request: Any) -> Any:
        station.last_seen = station.central.now()
        # 2.x B02.FR.09, B03.FR.07
        if station.registration != "Accepted" and not _may_say(station, request):
            raise OcppError("SecurityError", "the station is not accepted yet")
        try:
            answer = await handler(station, request)
        except StorageError as error:
            health.failed(error)
            # 1.6 §3.7.1, 2.x E13: what is answered so the station sends again.
            raise OcppError("InternalError", "this cannot be stored now, send it again") from error
        if isinstance(request, STORED):
            health.worked()
        return answer

    return handle


def _may_say(station: Station, request: Any) -> bool:
    return isinstance(request, BootNotification) or type(request).__name__ in station.invited


class Sessions:
    """Runs the connections of a central system."""

    def __init__(self, central: Central, log: MessageLog) -> None:
        self._central = central
        self._log = log
        health = Health()
        self._handlers = {request: gated(handler, health) for request, handler in HANDLERS.items()}
        self._farewells: set[asyncio.Task[None]] = set()

    async def run(self, connection: Connection, visitor: Visitor) -> None:
        """Serve a station until its connection ends."""
        station = self._station(connection, visitor)
        replaced = self._central.stations.enter(station)
        if replaced is not None:
            self._replace(replaced)
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
        station.heartbeat_interval = visitor.heartbeat_interval or settings.heartbeat_interval
        station.peer = Peer(
            visitor.dialect,
            self._handlers,
            station,
            connection.send,
            timeout=settings.answer_timeout,
            strict=settings.strict,
            other_side="station",
            on_frame=partial(self._log.add, visitor.station_id),
            on_oddity=station.note_oddity,
            on_call=station.note_call,
        )
        connection.observe(station.peer.fail, station.note_oddity)
        return station

    def _replace(self, old: Station) -> None:
        """Drop an old connection; the new one does not wait until a dead link says goodbye."""
        logger.info("replaced by a new connection", station=old.id, address=old.address)
        old.peer.disconnected()
        closing = old.connection.close(1001, "replaced by a new connection")
        farewell = asyncio.create_task(closing, name=f"farewell[{old.id}]")
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)

    async def _note_presence(self, station: Station, visitor: Visitor) -> None:
        presence = Presence(
            connected_at=station.connected_at,
            node=self._central.node,
            subprotocol=visitor.dialect.subprotocol,
            security_profile=visitor.security_profile,
            remote_address=visitor.address,
        )

        def work(unit: Unit) -> None:
            record = stations.connect(unit.connection, station.id, presence)
            # 2.x A05: whoever has shown a higher profile may not go back to a lower one.
            if record and record.min_security_profile < visitor.security_profile:
                higher = StationSettings(min_security_profile=visitor.security_profile)
                stations.change(unit.connection, station.id, higher)
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
        while True:
            await asyncio.sleep(WATCH_PERIOD)
            silent = [each for each in self._central.stations if self._is_silent(each)]
            # Side by side, as each dead one takes its time.
            await asyncio.gather(*(self._probe(station) for station in silent))

    def _is_silent(self, station: Station) -> bool:
        silence = self._central.now() - station.last_seen
        return silence > timedelta(seconds=SILENCES * station.heartbeat_interval)

    async def _probe(self, station: Station) -> None:
        if await station.connection.is_alive():
            station.last_seen = self._central.now()
            return
        logger.warning("silent, closing the connection", station=station.id)
        await station.connection.close(1001, "silent")
