"""The PyPI package `ocpp`, which no one here wrote, at the other end of a real WebSocket.

It takes both sides in 1.6, 2.0.1 and 2.1, and every action goes over the
wire in its direction. The package validates what it sends and receives by the
official schemas.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Literal

import msgspec
import pytest
from websockets.asyncio.client import connect as connect_websocket
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websocket
from websockets.typing import Subprotocol

from chargeplane.domain.station import Heartbeat, HeartbeatAnswer
from chargeplane.net.websocket import Admitted, Connection, Handshake, connect, serve
from chargeplane.ocpp.action import Action
from chargeplane.ocpp.dialects import DIALECTS, Dialect
from chargeplane.ocpp.peer import Peer
from tests.ocpp import schemas
from tests.ocpp.examples import V1, V2, Exchange, Json

Side = Literal["station", "csms"]
OTHER: Mapping[Side, Side] = {"station": "csms", "csms": "station"}
TABLES = {"1.6": V1, "2.0.1": V2, "2.1": V2}


class Script:
    """What our side has to answer, and what it was asked."""

    def __init__(self) -> None:
        self.answer: Any = None
        self.asked: Any = None
        self.was_asked = asyncio.Event()

    async def handle(self, request: Any) -> Any:
        self.asked = request
        self.was_asked.set()
        return self.answer


class Wire:
    """A WebSocket of the package that remembers the payload that came last."""

    def __init__(self, websocket: Any) -> None:
        self._websocket = websocket
        self.payload: Json = {}

    async def recv(self) -> str:
        text: str = await self._websocket.recv(decode=True)
        self.payload = json.loads(text)[-1]
        return text

    async def send(self, text: str) -> None:
        await self._websocket.send(text)


class Package:
    """The package at one end: a station or a central system."""

    def __init__(self, version: str, websocket: Any) -> None:
        module = "ocpp.v" + version.replace(".", "")
        self.wire = Wire(websocket)
        self.end = import_module(module).ChargePoint("station", self.wire)
        self._calls = import_module(module + ".call")
        self._results = import_module(module + ".call_result")

    async def call(self, action: str, request: Json) -> None:
        """Make a call, and raise what it raises."""
        await self.end.call(built(getattr(self._calls, action), request), suppress=False)

    def expect(self, action: str, answer: Json) -> None:
        """Answer calls of an action."""
        result = built(getattr(self._results, action), answer)
        self.end.route_map[action] = {"_on_action": lambda **_members: result}


def built(kind: type[Any], message: Json) -> Any:
    """A message of the package, which has its own way to put names into snake case."""
    known = {field.name.replace("_", ""): field.name for field in fields(kind)}
    return kind(**{known[name.lower()]: value for name, value in message.items()})


# The package cannot send these optional members: it spells receiptURL, prioritizedEmaids,
# fixedPfInject, limitAtsoC, limitL2.
MISSPELT = re.compile(r"receiptUrl|prioritizedEMAIDs|fixedPF\w+|limitAtSoC|\w+_L[23]")


def sendable(message: Any) -> Any:
    """What the package can send of a message."""
    if isinstance(message, dict):
        kept = {name: v for name, v in message.items() if not MISSPELT.fullmatch(name)}
        return {name: sendable(value) for name, value in kept.items()}
    return [sendable(item) for item in message] if isinstance(message, list) else message


def make_peer(dialect: Dialect, side: Side, script: Script, connection: Connection) -> Peer[Script]:
    handlers = {request: Script.handle for action in dialect.actions for request in action.requests}
    return Peer(
        dialect, handlers, script, connection.send, timeout=10, strict=True, other_side=OTHER[side]
    )


async def pump(connection: Connection, peer: Peer[Script]) -> None:
    async for frame in connection.frames():
        await peer.receive(frame)
    peer.disconnected()


async def admit(handshake: Handshake) -> Admitted[None]:
    return Admitted(handshake.subprotocols[0], None)


Ends = tuple[Peer[Script], Package, Script]


@asynccontextmanager
async def ours_as_csms(dialect: Dialect) -> AsyncIterator[Ends]:
    """We are the central system, the package is the station."""
    script, connected = Script(), asyncio.Queue[Peer[Script]]()

    async def session(connection: Connection, _nothing: None) -> None:
        peer = make_peer(dialect, "csms", script, connection)
        connected.put_nowait(peer)
        await pump(connection, peer)

    async with serve("127.0.0.1", 0, admit, session) as server:
        port = server.sockets[0].getsockname()[1]
        protocols = [Subprotocol(dialect.subprotocol)]
        url = f"ws://127.0.0.1:{port}/ocpp/station"
        async with connect_websocket(url, subprotocols=protocols, proxy=None) as websocket:
            package = Package(dialect.version, websocket)
            async with running(package):
                yield await connected.get(), package, script


@asynccontextmanager
async def ours_as_station(dialect: Dialect) -> AsyncIterator[Ends]:
    """The package is the central system, we are the station."""
    script, connected, over = Script(), asyncio.Queue[ServerConnection](), asyncio.Event()

    async def hold(websocket: ServerConnection) -> None:
        connected.put_nowait(websocket)
        await over.wait()

    protocols = [Subprotocol(dialect.subprotocol)]
    async with serve_websocket(hold, "127.0.0.1", 0, subprotocols=protocols) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"ws://127.0.0.1:{port}/ocpp/station"
        connection = await connect(url, [dialect.subprotocol])
        package = Package(dialect.version, await connected.get())
        peer = make_peer(dialect, "station", script, connection)
        reading = asyncio.create_task(pump(connection, peer))
        try:
            async with running(package):
                yield peer, package, script
        finally:
            over.set()
            await connection.close()
            await reading


@asynccontextmanager
async def running(package: Package) -> AsyncIterator[None]:
    task = asyncio.create_task(package.end.start())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


ENDS = {"csms": ours_as_csms, "station": ours_as_station}


def example(version: str, action: Action[Any, Any]) -> Exchange:
    """A real exchange, or for what only 2.x has one with every member of the schemas."""
    if action.shared:
        return TABLES[version][action.name]
    request = schemas.full(version, action.name)
    return Exchange(request, schemas.full(version, action.name, answer=True))


def received(dialect: Dialect, action: Action[Any, Any], message: Json, *, answer: bool) -> Any:
    payload = msgspec.json.encode(message)
    return dialect.decode(action, payload, answer=answer, strict=False)[0]


async def they_call(dialect: Dialect, action: Action[Any, Any], ends: Ends) -> None:
    _peer, package, script = ends
    exchange = example(dialect.version, action)
    message = sendable(exchange.request)
    request = action.read(received(dialect, action, message, answer=False))
    reply = received(dialect, action, exchange.answer, answer=True)
    script.answer, script.asked = action.read_answer(reply, request), None
    await package.call(action.name, message)
    assert script.asked == request
    assert package.wire.payload == exchange.answer


async def we_call(dialect: Dialect, action: Action[Any, Any], ends: Ends) -> None:
    peer, package, _script = ends
    exchange = example(dialect.version, action)
    request = action.read(received(dialect, action, exchange.request, answer=False))
    answer = sendable(exchange.answer)
    reply = received(dialect, action, answer, answer=True)
    package.expect(action.name, answer)
    assert await peer.ask(request) == action.read_answer(reply, request)
    assert package.wire.payload == (exchange.said or exchange.request)


@pytest.mark.parametrize("side", ["csms", "station"])
@pytest.mark.parametrize("version", list(schemas.FOLDERS))
async def test_every_action_in_its_direction(version: str, side: Side) -> None:
    dialect = DIALECTS[version]
    done = []
    async with ENDS[side](dialect) as ends:
        for action in dialect.actions:
            if action.wire_answer is None:
                continue  # the package knows no SEND; see below
            if action.sender != side:
                await they_call(dialect, action, ends)
            if action.sender in (side, "both"):
                await we_call(dialect, action, ends)
            done.append(action.name)
        assert ends[0].counters.get("oddities", 0) == 0
    assert len(done) == {"1.6": 39, "2.0.1": 64, "2.1": 90}[version]


async def test_a_send_between_two_of_our_peers() -> None:
    dialect, script = DIALECTS["2.1"], Script()
    heard = asyncio.Event()

    async def session(connection: Connection, _nothing: None) -> None:
        await pump(connection, make_peer(dialect, "csms", script, connection))
        heard.set()

    message = received(
        dialect,
        dialect.by_name["NotifyPeriodicEventStream"],
        schemas.full("2.1", "NotifyPeriodicEventStream"),
        answer=False,
    )
    async with serve("127.0.0.1", 0, admit, session) as server:
        port = server.sockets[0].getsockname()[1]
        connection = await connect(f"ws://127.0.0.1:{port}/ocpp/station", [dialect.subprotocol])
        peer = make_peer(dialect, "station", script, connection)
        await peer.tell(message)
        script.answer = HeartbeatAnswer(current_time=datetime(2026, 3, 1, tzinfo=UTC))
        reading = asyncio.create_task(pump(connection, peer))
        await script.was_asked.wait()
        assert script.asked == message
        # A SEND is not answered, so the next call gets its own answer.
        assert await peer.ask(Heartbeat()) == script.answer
        await connection.close()
        await reading
        await heard.wait()
