"""The PyPI `ocpp` package as the central system: it answers everything and keeps what it heard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import ocpp.v16
import ocpp.v21
import ocpp.v201
from ocpp.routing import create_route_map, on
from websockets.asyncio.server import ServerConnection, serve

from tests.e2e.harness import until

logging.getLogger("ocpp").setLevel(logging.CRITICAL)

PACKAGES: dict[str, Any] = {"1.6": ocpp.v16, "2.0.1": ocpp.v201, "2.1": ocpp.v21}


def now() -> str:
    return datetime.now(UTC).isoformat()


class Book:
    """What a central system has heard, over all connections."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.starts: dict[str, int] = {}  # 1.6: what tells a start -> our number
        self.boots = 0
        self.there: Any = None  # the connected station

    def of(self, action: str) -> list[dict[str, Any]]:
        """The payloads of an action."""
        return [payload for name, payload in self.heard if name == action]

    async def hears(self, action: str, so: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Wait for an action whose payload is `so`."""
        found = await until(lambda: [each for each in self.of(action) if so(each)])
        return found[-1]


Answer = Callable[[Book, str, dict[str, Any]], dict[str, Any]]


def _info(_book: Book, version: str, _payload: dict[str, Any]) -> dict[str, Any]:
    return {"id_tag_info" if version == "1.6" else "id_token_info": {"status": "Accepted"}}


def _number(book: Book, _version: str, payload: dict[str, Any]) -> dict[str, Any]:
    key = f"{payload['connector_id']} {payload['timestamp']}"
    number = book.starts.setdefault(key, len(book.starts) + 1)
    return {"transaction_id": number, "id_tag_info": {"status": "Accepted"}}


def _token(book: Book, version: str, payload: dict[str, Any]) -> dict[str, Any]:
    return _info(book, version, payload) if "id_token" in payload else {}


def _nothing(_book: Book, _version: str, _payload: dict[str, Any]) -> dict[str, Any]:
    return {}


ANSWERS: dict[str, Answer] = {
    "Authorize": _info,
    "BootNotification": lambda *_: {"current_time": now(), "interval": 300, "status": "Accepted"},
    "DataTransfer": lambda *_: {"status": "UnknownVendorId"},
    "Heartbeat": lambda *_: {"current_time": now()},
    "MeterValues": _nothing,
    "NotifyEvent": _nothing,
    "NotifyReport": _nothing,
    "SecurityEventNotification": _nothing,
    "StartTransaction": _number,
    "StatusNotification": _nothing,
    "StopTransaction": _nothing,
    "TransactionEvent": _token,
}


def _station(version: str, book: Book) -> type[Any]:
    """The package's class with an answer to every action that a charge needs."""
    package = PACKAGES[version]

    def handler(action: str, answer: Answer) -> Any:
        result = getattr(package.call_result, action)

        def handle(self: Any, **payload: Any) -> Any:
            book.heard.append((action, payload))
            if action == "BootNotification":
                book.boots, book.there = book.boots + 1, self
            return result(**answer(book, version, payload))

        handle.__name__ = f"on_{action}"  # by which the package finds it
        return on(action)(handle)

    known = {name: a for name, a in ANSWERS.items() if hasattr(package.call_result, name)}
    members = {f"on_{name}": handler(name, answer) for name, answer in known.items()}
    return type("Station", (package.ChargePoint,), members)


@asynccontextmanager
async def counting(version: str) -> AsyncIterator[tuple[Book, str]]:
    """Such a central system, and its endpoint."""
    book = Book()
    kind = _station(version, book)

    async def session(connection: ServerConnection) -> None:
        assert connection.request is not None
        station = kind(connection.request.path.rpartition("/")[2], connection)
        station.route_map = create_route_map(station)
        try:
            await station.start()
        except Exception:  # noqa: BLE001 whatever ends a connection ends the session
            return

    protocol: Any = f"ocpp{version}"
    async with serve(session, "127.0.0.1", 0, subprotocols=[protocol]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield book, f"ws://127.0.0.1:{port}/ocpp"
        await asyncio.sleep(0)
