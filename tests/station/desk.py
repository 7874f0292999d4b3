"""A scripted central system: what a station says is kept and answered as the test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from chargeplane.domain.messages import Empty
from chargeplane.domain.readings import MeterValues
from chargeplane.domain.station import (
    BootAnswer,
    BootNotification,
    ChargingStation,
    Heartbeat,
    HeartbeatAnswer,
)
from chargeplane.domain.tokens import Authorize, AuthorizeAnswer, TokenInfo
from chargeplane.domain.transactions import (
    TransactionAnswer,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.errors import ChargeplaneError, NotConnected
from chargeplane.evse.hardware import Display, Installer
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.net.fakes import MemoryConnection, wire
from chargeplane.ocpp.dialects import BY_SUBPROTOCOL, DIALECTS
from chargeplane.ocpp.keys import read_key
from chargeplane.ocpp.peer import Peer
from chargeplane.station import connection, handlers
from chargeplane.station.definition import name_of
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit
from chargeplane.storage.documents import Documents

T = TypeVar("T")

PATIENCE = 10.0  # s
ABOUT = ChargingStation(vendor_name="Vendor", model="Model", firmware_version="1")
VERSIONS = ("1.6", "2.0.1", "2.1")
SOON = {
    "OCPPCommCtrlr/RetryBackOffWaitMinimum": "0",
    "OCPPCommCtrlr/RetryBackOffRandomRange": "0",
    "OCPPCommCtrlr/MessageAttemptInterval[TransactionEvent]": "0",
}


class Desk:
    """The other end. `answers` has, by type of request, an answer or a function that makes one.

    A function may return an answer, an awaitable of one, or raise an `OcppError`.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self.said: list[Any] = []  # every request, as it came
        self.answers: dict[type, Any] = {
            BootNotification: lambda _request: BootAnswer(
                status="Accepted", current_time=datetime.now(UTC), interval=300
            ),
            Heartbeat: lambda _request: HeartbeatAnswer(current_time=datetime.now(UTC)),
            Authorize: AuthorizeAnswer(id_token_info=TokenInfo(status="Accepted")),
            TransactionStarted: self._name,
            TransactionUpdated: TransactionAnswer(),
            TransactionEnded: TransactionAnswer(),
            MeterValues: Empty(),
        }
        self.is_reachable = True
        self.unreachable: set[str] = set()  # addresses
        self.dialled: list[dict[str, Any]] = []  # with what the station tried to connect
        self._names: dict[Any, int] = {}
        self._peer: Peer[Desk] | None = None
        self._line: MemoryConnection | None = None
        self._news = asyncio.Event()
        self._jobs: set[asyncio.Task[None]] = set()

    def _name(self, request: TransactionStarted) -> TransactionAnswer:
        # One that is said again, because its answer was lost, is the same transaction.
        number = self._names.setdefault((request.evse, request.timestamp), len(self._names) + 1)
        info = TokenInfo(status="Accepted") if request.id_token else None
        name = str(number) if request.transaction_id is None else None
        return TransactionAnswer(transaction_id=name, id_token_info=info)

    # The connection.

    async def dial(self, url: str, subprotocols: Iterable[str], **how: Any) -> MemoryConnection:
        """Take the place of `net.websocket.connect`."""
        self.dialled.append({"url": url, "subprotocols": list(subprotocols), **how})
        subprotocol = DIALECTS[self.version].subprotocol
        if not self.is_reachable or url in self.unreachable:
            raise NotConnected(f"{url}: unreachable")
        if subprotocol not in self.dialled[-1]["subprotocols"]:
            raise NotConnected(f"{url}: no common version")
        theirs, ours = wire(subprotocol)
        self._line = ours
        dialect = BY_SUBPROTOCOL[subprotocol]
        table = {kind: Desk.hear for action in dialect.actions for kind in action.requests}
        self._peer = Peer(dialect, table, self, ours.send, other_side="station")
        job = asyncio.create_task(self._read(self._peer, ours))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return theirs

    @staticmethod
    async def _read(peer: Peer[Desk], line: MemoryConnection) -> None:
        async for frame in line.frames():
            await peer.receive(frame)
        peer.disconnected()

    async def hang_up(self, *, reachable: bool = True) -> None:
        """Lose the connection; the station may come back, or not."""
        self.is_reachable = reachable
        if self._line is not None:
            self._line.cut()
            self._line = None
        await asyncio.sleep(0)

    async def close(self) -> None:
        """End everything."""
        for job in tuple(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    # Both ways.

    @staticmethod
    async def hear(desk: Desk, request: Any) -> Any:
        """Keep and answer one request."""
        answer = desk.answers.get(type(request), Empty())
        desk.said.append(request)
        desk._news.set()
        if callable(answer) and not isinstance(answer, type):
            answer = answer(request)
        if asyncio.iscoroutine(answer):
            answer = await answer
        if isinstance(answer, Empty):
            action = DIALECTS[desk.version].by_request[type(request)][0]
            if not action.shared and action.wire_answer is not None:
                return action.wire_answer()
        return answer

    async def ask(self, request: Any) -> Any:
        """Put a request to the station."""
        assert self._peer is not None
        return await self._peer.ask(request, PATIENCE)

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Make a raw call."""
        assert self._peer is not None
        return await self._peer.call(action, payload, PATIENCE)

    def all(self, kind: type[T]) -> list[T]:
        """All requests of a type."""
        return [each for each in self.said if isinstance(each, kind)]

    async def hears(
        self, kind: type[T], so: Callable[[T], bool] = lambda _request: True, count: int = 1
    ) -> T:
        """Wait until that many requests of a type that are `so` have come; the last of them."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = [each for each in self.all(kind) if so(each)]
                if len(found) >= count:
                    return found[count - 1]
                self._news.clear()
                await self._news.wait()

    def forget(self) -> None:
        """Start to keep anew."""
        self.said.clear()


class Place:
    """A station at a desk."""

    def __init__(self, desk: Desk, station: Station) -> None:
        self.desk = desk
        self.station = station

    def evse(self, number: int = 1) -> EvseUnit:
        """An EVSE of the station."""
        return self.station.evses[number - 1]

    def hardware(self, number: int = 1) -> VirtualEvse:
        """The hands at it."""
        return cast(VirtualEvse, self.evse(number).hardware)

    async def accepted(self) -> None:
        """Wait until the station may talk."""
        await asyncio.wait_for(self.station.accepted.wait(), PATIENCE)

    async def without_central(self) -> None:
        """Lose the central system, until `reconnected`."""
        await self.desk.hang_up(reachable=False)
        await self.until(lambda: self.station.peer is None)

    async def reconnected(self) -> None:
        """Let the central system be there again."""
        self.desk.is_reachable = True
        self.station.reconnect_wanted.set()
        await self.until(lambda: self.station.is_online)

    async def until(self, so: Callable[[], Any]) -> None:
        """Wait until something is so of the station."""
        async with asyncio.timeout(PATIENCE):
            while not so():  # noqa: ASYNC110 anything may be waited for
                await asyncio.sleep(0.002)


@asynccontextmanager
async def place(
    version: str = "2.0.1",
    *,
    evses: int = 1,
    documents: Documents | None = None,
    values: dict[str, str] | None = None,
    desk: Desk | None = None,
    hardware: list[VirtualEvse] | None = None,
    connectors: tuple[int, ...] = (),
    displays: Mapping[int, Display] | None = None,
    run: bool = True,
    accept: bool = True,
    prepare: Callable[[Station], object] = lambda _station: None,
    installer: Installer | None = None,
    hurry: float = 1.0,
    **keys: Any,
) -> AsyncIterator[Place]:
    """A station that runs at a desk; `values` are variables, `keys` 1.6 configuration keys.

    What listens to it from the start is made by `prepare`. Its alarms ring `hurry` times as soon.
    """
    there = desk or Desk(version)
    made = list(hardware or [VirtualEvse(speed=600.0) for _ in range(evses)])
    station = handlers.build("CS-1", ABOUT, made, connectors=connectors, documents=documents)
    station.displays = displays or {}
    station.dial = there.dial
    station.installer = installer
    for name, value in (SOON | (values or {})).items():
        station.model.put(name, value)
    for key, value in keys.items():
        component, variable, _ = read_key(key)
        station.model.put(name_of(component, variable), str(value))
    connection.use(station, connection.Link(url="ws://desk/ocpp", versions=(there.version,)))
    _hurry(station, hurry)
    prepare(station)
    found = Place(there, station)
    job = asyncio.create_task(connection.run(station)) if run else None
    try:
        if run and accept and there.is_reachable:
            await found.accepted()
        yield found
    finally:
        if job is not None:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
        await there.close()


def _hurry(station: Station, times: float) -> None:
    alarm = station.alarm
    station.alarm = lambda name, seconds, work: alarm(name, seconds / times, work)  # type: ignore[method-assign]


def quietly(error: ChargeplaneError) -> Callable[[Any], Any]:
    """An answer that is an error."""

    def fail(_request: Any) -> Any:
        raise error

    return fail
