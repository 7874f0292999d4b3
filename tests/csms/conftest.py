"""A central system over a database of its own, and stations in the same process."""

from __future__ import annotations

import asyncio
import inspect
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from chargeplane.config import Csms
from chargeplane.csms import session
from chargeplane.csms.admission import Visitor
from chargeplane.csms.central import Central
from chargeplane.csms.message_log import MessageLog
from chargeplane.csms.registry import Station
from chargeplane.net import fakes
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.peer import Peer
from chargeplane.storage.database import Database, migrate
from chargeplane.storage.paging import Window
from chargeplane.storage.records import Page, Registration
from chargeplane.storage.repositories import stations
from chargeplane.storage.repositories.stations import StationSettings

PATIENCE = 30.0  # s until a test gives up, also on a busy machine


class ScriptedStation:
    """A station that answers as a test says, and remembers what it was asked."""

    def __init__(self, version: str, connection: fakes.MemoryConnection) -> None:
        self.asked: list[Any] = []
        self.connection = connection
        self.here: Station  # as the central system has it
        self.session: asyncio.Future[None]  # the central system's side of the connection
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Future[Any]] = []
        self._answers: dict[type, Callable[[ScriptedStation, Any], Awaitable[Any]]] = {}
        self.peer: Peer[ScriptedStation] = Peer(
            DIALECTS[version],
            self._answers,
            self,
            connection.send,
            timeout=PATIENCE,
            other_side="csms",
        )

    def on(self, request: type, *answers: Any) -> None:
        """Answer a request with these in turn, the last one for ever; functions are called."""
        script = list(answers)

        async def answer(_station: ScriptedStation, asked: Any) -> Any:
            self.asked.append(asked)
            self._news.set()
            now = script.pop(0) if len(script) > 1 else script[0]
            value = now(asked) if callable(now) else now
            value = await value if inspect.isawaitable(value) else value
            if isinstance(value, Exception):
                raise value
            return value

        self._answers[request] = answer

    async def say(self, request: Any) -> Any:
        """Put a request to the central system."""
        return await self.peer.ask(request)

    def later(self, tell: Callable[[Any], Coroutine[Any, Any, Any]], about: Any) -> None:
        """Do something once the answer that is being made has left."""
        self._tasks.append(asyncio.ensure_future(tell(about)))

    async def listen(self) -> None:
        """Take what comes until the connection ends."""
        async for frame in self.connection.frames():
            await self.peer.receive(frame)
        self.peer.disconnected()

    async def was_asked(self) -> None:
        """Wait for the next request."""
        self._news.clear()
        async with asyncio.timeout(PATIENCE):
            await self._news.wait()

    async def leave(self) -> None:
        """Hang up, and wait until the central system has noticed."""
        await self.connection.close()
        await _ended(self.session)


class ConnectStation(Protocol):
    """Joins a station to the central system."""

    async def __call__(
        self, version: str, station_id: str = ..., registration: Registration = ...
    ) -> ScriptedStation:
        """Connect a station that speaks this version."""
        ...


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables, to be copied."""
    path = tmp_path_factory.mktemp("database") / "fresh.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def central(fresh_database: Path, tmp_path: Path) -> AsyncIterator[Central]:
    """A central system."""
    path = shutil.copy(fresh_database, tmp_path / "test.db")
    async with await Database.open(f"sqlite:///{path}") as database:
        yield Central(settings=Csms(message_log_retention_days=0), database=database)


@pytest.fixture
async def connect_station(
    central: Central,
) -> AsyncIterator[ConnectStation]:
    """Connect stations in memory; they leave when the test ends."""
    async with connecting(central) as connect:
        yield connect


@asynccontextmanager
async def connecting(central: Central) -> AsyncIterator[ConnectStation]:
    """Connect stations in memory for as long as the context lasts."""
    sessions = session.Sessions(central, MessageLog(central))
    async with AsyncExitStack() as stack:

        async def connect(
            version: str, station_id: str = "CP1", registration: Registration = "Accepted"
        ) -> ScriptedStation:
            settings = StationSettings(registration=registration)
            await central.commit(
                lambda unit: stations.register(unit.connection, station_id, settings, unit.now)
            )
            dialect = DIALECTS[version]
            ours, theirs = fakes.wire(dialect.subprotocol)
            visitor = Visitor(station_id, dialect, "memory", 0, registration)
            station = ScriptedStation(version, theirs)
            station.session = asyncio.ensure_future(sessions.run(ours, visitor))
            for job in (station.session, asyncio.ensure_future(station.listen())):
                stack.push_async_callback(_ended, job)
            stack.push_async_callback(theirs.close)
            await asyncio.sleep(0)  # the session begins by entering the registry
            station.here = central.stations.require(station_id)
            return station

        yield connect


async def _ended(task: asyncio.Future[None]) -> None:
    async with asyncio.timeout(PATIENCE):
        await asyncio.wait((task,))


async def everything(central: Central, page: Callable[..., Page[Any]], what: Any) -> list[Any]:
    """All records of a list, the latest first."""
    found = await central.database.read(page, what, Window(1000))
    return list(found.items)
