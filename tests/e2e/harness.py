"""A central system in this process, and stations that speak frames to it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from inspect import isawaitable
from pathlib import Path
from typing import Any, TypeVar, overload
from uuid import uuid4

import msgspec
from sqlalchemy import Connection as Sql

from chargeplane.bus.local import Subscription
from chargeplane.config import Csms
from chargeplane.csms.admission import Admission, Visitor
from chargeplane.csms.central import Central
from chargeplane.csms.message_log import MessageLog
from chargeplane.csms.session import Sessions
from chargeplane.domain.events import Event
from chargeplane.net import websocket
from chargeplane.net.fakes import wire
from chargeplane.net.websocket import Connection
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.storage.database import Database
from chargeplane.storage.paging import Window
from chargeplane.storage.records import (
    ConnectorRecord,
    EventRecord,
    MeterValueRecord,
    StationRecord,
    TokenRecord,
    TransactionRecord,
)
from chargeplane.storage.repositories import connectors, events, meter_values, stations, tokens
from chargeplane.storage.repositories import transactions as stored
from chargeplane.storage.repositories.stations import StationSettings

T = TypeVar("T")

VERSIONS = ("1.6", "2.0.1", "2.1")
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
PATIENCE = 20.0  # s; how long anything may take on a busy machine
EVERYTHING = Window(10_000)


def at(seconds: float) -> str:
    """The moment so many seconds after START, as stations write it."""
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@overload
async def until(condition: Callable[[], Coroutine[Any, Any, T]]) -> T: ...


@overload
async def until(condition: Callable[[], T]) -> T: ...


async def until(condition: Callable[[], Any]) -> Any:
    """The first value of the condition that is true."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = condition()
            value = await found if isawaitable(found) else found
            if value:
                return value
            await asyncio.sleep(0.005)


class Refusal(Exception):
    """A CALLERROR."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description


class Talker:
    """A station that says what it is told to, and answers what it was told to answer."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.answers: dict[str, Any] = {}  # by action; what is missing is never answered
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.frames: list[bytes] = []
        self.unexpected: list[Any] = []
        self.ended = asyncio.Event()
        self._waiting: dict[Any, asyncio.Future[Any]] = {}
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for frame in self.connection.frames():
            self.frames.append(frame)
            await self._take(msgspec.json.decode(frame))
        self.ended.set()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(Refusal("Disconnected", self.connection.closing))

    async def _take(self, frame: list[Any]) -> None:
        if frame[0] == 2:
            _, call_id, action, payload = frame
            self.asked.append((action, payload))
            if action in self.answers:
                await self.say([3, call_id, self.answers[action]])
            return
        future = self._waiting.pop(frame[1], None)
        if future is None or future.done():
            self.unexpected.append(frame)
        elif frame[0] == 3:
            future.set_result(frame[2])
        else:
            future.set_exception(Refusal(frame[2], frame[3]))

    async def say(self, frame: Any) -> None:
        """Send a frame."""
        await self.connection.send(
            frame if isinstance(frame, bytes) else msgspec.json.encode(frame)
        )

    def expect(self, call_id: Any) -> asyncio.Future[Any]:
        """The answer to a call that is about to be sent."""
        future = self._waiting[call_id] = asyncio.get_running_loop().create_future()
        return future

    async def call(self, action: str, payload: dict[str, Any], call_id: Any = None) -> Any:
        """Make a call and return the answer's payload; raises Refusal."""
        call_id = call_id or uuid4().hex
        answer = self.expect(call_id)
        await self.say([2, call_id, action, payload])
        async with asyncio.timeout(PATIENCE):
            return await answer

    async def close(self) -> None:
        """Hang up."""
        await self.connection.close()
        await asyncio.wait([self._reader], timeout=1)
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader


class World:
    """A central system and everything that a test wants to know of it."""

    def __init__(self, central: Central, log: MessageLog, sessions: Sessions) -> None:
        self.central = central
        self.log = log
        self.sessions = sessions
        self.admission = Admission(central)
        self.port = 0
        self._talkers: list[Talker] = []
        self._jobs: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """Where stations connect, without their id."""
        return f"ws://127.0.0.1:{self.port}/ocpp"

    async def wire(self, version: str, station_id: str = "CS-1") -> Talker:
        """Connect a station without a network; it is registered on the way."""
        dialect = DIALECTS[version]
        ours, theirs = wire(dialect.subprotocol)
        await self.register(station_id)
        record = await self.station(station_id)
        visitor = Visitor(station_id, dialect, "192.0.2.1", 0, record.registration)
        self._jobs.append(asyncio.create_task(self.sessions.run(ours, visitor)))
        talker = self._keep(Talker(theirs))
        connected = self.central.stations
        await until(lambda: (s := connected.get(station_id)) is not None and s.connection is ours)
        return talker

    async def dial(self, version: str, station_id: str = "CS-1", **options: Any) -> Talker:
        """Connect a station over a socket."""
        subprotocols = [DIALECTS[version].subprotocol]
        link = await websocket.connect(f"{self.url}/{station_id}", subprotocols, **options)
        return self._keep(Talker(link))

    def _keep(self, talker: Talker) -> Talker:
        self._talkers.append(talker)
        return talker

    async def close(self) -> None:
        """Hang up all stations."""
        await asyncio.gather(*(talker.close() for talker in self._talkers))
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    # What is stored.

    async def write(self, function: Callable[[Sql], T]) -> T:
        """Do something in the database."""
        return await self.central.database.write(function)

    async def read(self, function: Callable[[Sql], T]) -> T:
        """Read something from the database."""
        return await self.central.database.read(function)

    async def register(self, station_id: str, **settings: Any) -> None:
        """Add a station, or change what is set of it."""
        now = self.central.now()

        def work(connection: Sql) -> None:
            given = StationSettings(**settings)
            if not stations.register(connection, station_id, given, now):
                stations.change(connection, station_id, given)

        await self.write(work)

    async def add_tokens(self, *records: TokenRecord) -> None:
        """Add tokens."""
        await self.write(lambda connection: tokens.save(connection, records))

    async def station(self, station_id: str = "CS-1") -> StationRecord:
        """The record of a station."""
        record = await self.read(lambda connection: stations.get(connection, station_id))
        assert record is not None
        return record

    async def connectors(self, station_id: str = "CS-1") -> tuple[ConnectorRecord, ...]:
        """All connectors of a station."""
        return await self.read(lambda connection: connectors.of_station(connection, station_id))

    async def transactions(self, **what: Any) -> tuple[TransactionRecord, ...]:
        """Transactions, the oldest number first."""
        wanted = stored.TransactionFilter(**what)
        found = await self.read(lambda connection: stored.page(connection, wanted, EVERYTHING))
        return tuple(sorted(found.items, key=lambda each: each.id))

    async def transaction(self, **what: Any) -> TransactionRecord:
        """The only transaction."""
        (found,) = await self.transactions(**what)
        return found

    async def meter_values(self, **what: Any) -> tuple[MeterValueRecord, ...]:
        """Readings, the earliest first."""
        wanted = meter_values.MeterValueFilter(**what)
        page = await self.read(lambda connection: meter_values.page(connection, wanted, EVERYTHING))
        return page.items

    async def events(self, *kinds: str) -> tuple[EventRecord, ...]:
        """Events that are kept, the earliest first."""
        wanted = events.EventFilter(kinds=kinds)
        return await self.read(lambda connection: events.since(connection, 0, wanted))


@cache
def _template() -> tempfile.TemporaryDirectory[str]:
    """The folder of a database file that has the tables, to be copied."""
    return tempfile.TemporaryDirectory(prefix="chargeplane-template-")


async def database_file(folder: Path) -> Path:
    """A new database file that has the tables and nothing in them."""
    template = Path(_template().name) / "chargeplane.db"
    if not template.exists():
        await (await Database.open(f"sqlite:///{template}")).close()
    return Path(shutil.copy(template, folder / "chargeplane.db"))


@asynccontextmanager
async def world(folder: Path, *, node: str = "local", **settings: Any) -> AsyncIterator[World]:
    """A central system without sockets; settings are those of its section."""
    file = folder / "chargeplane.db"
    if not file.exists():
        await database_file(folder)
    async with await Database.open(f"sqlite:///{file}") as database:
        central = Central(settings=Csms(**settings), database=database, node=node)
        log = MessageLog(central)
        here = World(central, log, Sessions(central, log))
        try:
            yield here
        finally:
            await here.close()


@asynccontextmanager
async def listening(folder: Path, *, tls: Any = None, **settings: Any) -> AsyncIterator[World]:
    """A central system that listens on a free port."""
    settings.setdefault("admission", "open")
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(world(folder, **settings))
        ping = here.central.settings.websocket_ping_interval or None
        server = await stack.enter_async_context(
            websocket.serve(
                "127.0.0.1",
                0,
                here.admission.admit,
                here.sessions.run,
                ping_interval=ping,
                tls=tls,
            )
        )
        here.port = next(iter(server.sockets)).getsockname()[1]
        logging = asyncio.create_task(here.log.run())
        try:
            yield here
        finally:
            logging.cancel()
            await asyncio.gather(logging, return_exceptions=True)


def token(id_token: str, **members: Any) -> TokenRecord:
    """A token of which only what is given is unusual."""
    usual: dict[str, Any] = dict.fromkeys(TokenRecord.__struct_fields__)
    usual |= {
        "key": id_token.lower(),
        "id_token": id_token,
        "type": "ISO14443",
        "blocked": False,
        "max_active_transactions": 1,
        "created_at": START,
    }
    return TokenRecord(**(usual | members))


async def published(listener: Subscription, kind: str) -> Event:
    """The next event of a kind."""
    async with asyncio.timeout(PATIENCE):
        async for event in listener:
            if event.kind == kind:
                return event
    raise AssertionError


def kinds(found: Iterable[EventRecord]) -> list[str]:
    """The kinds of events."""
    return [each.kind for each in found]
