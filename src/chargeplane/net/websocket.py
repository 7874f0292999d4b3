"""OCPP over WebSocket: the only place that opens these sockets, on both ends.

The server asks an `Admit` function about every handshake and hands the
connections that it admits to a session function; the client connects a
station. Both exchange frames as bytes, one text frame a message.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import unquote
from weakref import WeakKeyDictionary

import structlog
from websockets.asyncio.client import connect as connect_websocket
from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websocket
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from chargeplane.errors import ChargeplaneError, NotConnected
from chargeplane.net.tls import Fault, fault_of
from chargeplane.ocpp.dialects import BY_SUBPROTOCOL, Dialect

A = TypeVar("A")

MAX_FRAME: Final = 1 << 20  # bytes; as ocpp/rpc.py limits them
OPEN_TIMEOUT: Final = 20.0  # s for the whole handshake, password check included
CLOSE_TIMEOUT: Final = 5.0  # s for the other side to say goodbye
PROBE_TIMEOUT: Final = 20.0  # s for an answer to a ping
MAX_ID_LENGTH: Final = 48  # 2.1 part 4 §3.1.1

logger = structlog.get_logger()


class Refused(ChargeplaneError):
    """A handshake is turned down: the HTTP status and one line why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a station asks for and shows of itself."""

    station_id: str
    subprotocols: tuple[str, ...]  # as offered, best first
    address: str  # of the peer, without port
    secure: bool  # over TLS
    credentials: tuple[str, bytes] | None  # HTTP Basic: user name and password
    certificate_name: str | None  # common name of the verified client certificate


@dataclass(frozen=True, slots=True)
class Admitted(Generic[A]):
    """The subprotocol to speak, and whatever the session needs to know."""

    subprotocol: str
    as_: A


class Connection:
    """An open connection: frames as bytes."""

    __slots__ = ("_websocket", "subprotocol")

    def __init__(self, websocket: Any, subprotocol: str) -> None:
        self._websocket = websocket
        self.subprotocol = subprotocol

    async def send(self, frame: bytes) -> None:
        """Send one text frame; raises `NotConnected` once the connection is lost."""
        try:
            await self._websocket.send(frame, text=True)
        except ConnectionClosed as error:
            raise NotConnected(str(error)) from error

    async def frames(self) -> AsyncIterator[bytes]:
        """Every frame that comes, until the connection ends."""
        try:
            while True:
                yield await self._websocket.recv(decode=False)
        except ConnectionClosed:
            return

    @property
    def dialect(self) -> Dialect:
        """The version that is spoken."""
        return BY_SUBPROTOCOL[self.subprotocol]

    def observe(
        self,
        on_failure: Callable[[str, ChargeplaneError], None],
        on_oddity: Callable[[str, str], None] | None = None,
    ) -> None:
        """Have it told of calls that cannot be made, by id, and of what is odd about an action's.

        A WebSocket has neither: it is lost as a whole, and frames hold nothing beside the payload.
        """

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Say goodbye and wait a moment for the answer."""
        await self._websocket.close(code, reason)

    def cut(self) -> None:
        """Lose the connection without a word, as when the cable is pulled."""
        self._websocket.transport.abort()

    async def is_alive(self) -> bool:
        """Whether the other side answers a ping in time."""
        try:
            async with asyncio.timeout(PROBE_TIMEOUT):
                await (await self._websocket.ping())
        except (ConnectionClosed, TimeoutError):
            return False
        return True

    @property
    def closing(self) -> str:
        """How the connection ended, for the log."""
        code, reason = self._websocket.close_code, self._websocket.close_reason
        return f"{code} {reason or ''}".strip()


Admit = Callable[[Handshake], Awaitable[Admitted[A]]]
"""Decides about a handshake; raises `Refused`."""

Session = Callable[[Connection, A], Awaitable[None]]
"""Lives as long as the connection."""


# Server


def read_station_id(path: str) -> str:
    """The last part of the path that is not empty, decoded; raises `Refused` for a bad one."""
    parts = [part for part in path.partition("?")[0].split("/") if part]
    if len(parts) < 2:  # noqa: PLR2004 an endpoint and an id
        raise Refused(404, "the path names no station: /ocpp/<id>")
    return checked_station_id(unquote(parts[-1], errors="replace"))


def checked_station_id(station_id: str) -> str:
    """The id if a station may be called so; raises `Refused`."""
    # 2.1 part 4 §3.1.1: at most 48 characters and no colon, which Basic authentication needs.
    if not 1 <= len(station_id) <= MAX_ID_LENGTH:
        raise Refused(400, f"a station id has 1 to {MAX_ID_LENGTH} characters")
    if ":" in station_id or "/" in station_id or not station_id.isprintable():
        raise Refused(400, "a station id has no colon, no slash and no control characters")
    if "\ufffd" in station_id:
        raise Refused(400, "the station id is not UTF-8")
    return station_id


def read_subprotocols(headers: Headers) -> tuple[str, ...]:
    """The subprotocols offered; some stations write the list as JSON: `["ocpp1.6","ocpp1.5"]`."""
    offered = ",".join(headers.get_all("Sec-WebSocket-Protocol"))
    cleaned = offered.translate(str.maketrans("", "", "[]\"'"))
    return tuple(name for part in cleaned.split(",") if (name := part.strip()))


def read_credentials(headers: Headers) -> tuple[str, bytes] | None:
    """User name and password of HTTP Basic authentication; raises `Refused` if unreadable."""
    header = headers.get("Authorization")
    return None if header is None else read_basic(header)


def read_basic(header: str) -> tuple[str, bytes]:
    """User name and password of an Authorization header; raises `Refused`."""
    scheme, _, encoded = header.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except ValueError:  # not base64, or not even ASCII
        decoded = b""
    name, colon, password = decoded.partition(b":")
    if scheme.lower() != "basic" or not colon:
        raise Refused(401, "the Authorization header is not HTTP Basic")
    # 1.6J §6.2.2: the password may be any 20 bytes.
    return name.decode("utf-8", "replace"), password


def _certificate_name(connection: ServerConnection) -> str | None:
    certificate = connection.transport.get_extra_info("peercert") or {}
    names = dict(pair for part in certificate.get("subject", ()) for pair in part)
    return names.get("commonName")


def _read_handshake(connection: ServerConnection, request: Request) -> Handshake:
    remote = connection.remote_address
    return Handshake(
        station_id=read_station_id(request.path),
        subprotocols=read_subprotocols(request.headers),
        address=str(remote[0]) if remote else "",
        secure=connection.transport.get_extra_info("ssl_object") is not None,
        credentials=read_credentials(request.headers),
        certificate_name=_certificate_name(connection),
    )


def _is_upgrade(headers: Headers) -> bool:
    return headers.get("Upgrade", "").lower() == "websocket"


class _Door(Generic[A]):
    """Between the handshake of a connection and its session."""

    def __init__(self, admit: Admit[A], session: Session[A]) -> None:
        self._admit = admit
        self._session = session
        self._admitted: WeakKeyDictionary[ServerConnection, Admitted[A]] = WeakKeyDictionary()

    async def knock(self, connection: ServerConnection, request: Request) -> Response | None:
        """Admit a handshake or answer it with an HTTP status and one line why."""
        try:
            if not _is_upgrade(request.headers):
                raise Refused(426, "this is an OCPP-J endpoint: connect with a WebSocket")
            admitted = await self._admit(_read_handshake(connection, request))
        except Refused as refused:
            return self._turn_away(connection, request, refused)
        self._admitted[connection] = admitted
        if "Sec-WebSocket-Protocol" in request.headers:
            del request.headers["Sec-WebSocket-Protocol"]
        request.headers["Sec-WebSocket-Protocol"] = admitted.subprotocol
        return None

    @staticmethod
    def _turn_away(connection: ServerConnection, request: Request, refused: Refused) -> Response:
        logger.warning(
            "handshake refused",
            path=request.path,
            address=str(connection.remote_address),
            status=refused.status,
            reason=refused.reason,
        )
        response = connection.respond(refused.status, f"{refused.reason}\n")
        if refused.status == 401:  # noqa: PLR2004 RFC 9110 §15.5.2 asks for the header
            response.headers["WWW-Authenticate"] = 'Basic realm="OCPP"'
        if refused.status == 426:  # noqa: PLR2004 RFC 9110 §15.5.22 likewise
            response.headers["Upgrade"] = "websocket"
        return response

    async def enter(self, websocket: ServerConnection) -> None:
        """Run the session of an admitted connection."""
        admitted = self._admitted.pop(websocket, None)
        if admitted is None:
            return
        await self._session(Connection(websocket, admitted.subprotocol), admitted.as_)


@asynccontextmanager
async def serve(
    host: str,
    port: int,
    admit: Admit[A],
    session: Session[A],
    *,
    ping_interval: float | None = 60.0,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Server]:
    """Listen for stations; pings every `ping_interval` seconds find dead links."""
    door = _Door(admit, session)
    async with serve_websocket(
        door.enter,
        host,
        port,
        process_request=door.knock,
        select_subprotocol=lambda _connection, offered: offered[0] if offered else None,
        extensions=[
            # 2.1 part 4 §3.4 asks a CSMS for compression; without context takeover an idle
            # connection keeps no zlib state.
            ServerPerMessageDeflateFactory(
                server_no_context_takeover=True,
                client_no_context_takeover=True,
                server_max_window_bits=12,
                compress_settings={"memLevel": 5},
            )
        ],
        compression=None,
        open_timeout=OPEN_TIMEOUT,
        close_timeout=CLOSE_TIMEOUT,
        ping_interval=ping_interval,
        ping_timeout=ping_interval,
        max_size=MAX_FRAME,
        max_queue=4,
        ssl=tls,
        server_header=None,
    ) as server:
        yield server


# Client

DENIED: Final = (401, 403)  # HTTP statuses that refuse who we are


class Unreachable(NotConnected):
    """A connection did not come about; `fault` says whether security was the reason."""

    def __init__(self, message: str, fault: Fault | None = None) -> None:
        super().__init__(message)
        self.fault = fault


async def connect(
    url: str,
    subprotocols: Iterable[str],
    *,
    credentials: tuple[str, bytes] | None = None,
    ping_interval: float | None = 60.0,
    tls: ssl.SSLContext | None = None,
) -> Connection:
    """Connect a station; raises `Unreachable` with the reason."""
    offered = [Subprotocol(name) for name in subprotocols]
    try:
        websocket = await connect_websocket(
            url,
            subprotocols=offered,
            additional_headers=_authorization(credentials),
            open_timeout=OPEN_TIMEOUT,
            close_timeout=CLOSE_TIMEOUT,
            ping_interval=ping_interval,
            ping_timeout=ping_interval,
            max_size=MAX_FRAME,
            ssl=tls,
            user_agent_header=None,
            proxy=None,
        )
    except InvalidStatus as error:
        denied = error.response.status_code in DENIED
        raise Unreachable(f"{url}: {error}", "credentials" if denied else None) from error
    except (OSError, WebSocketException, TimeoutError) as error:
        raise Unreachable(f"{url}: {error}", fault_of(error)) from error
    if websocket.subprotocol is None:
        await websocket.close()
        raise Unreachable(f"{url}: the server chose none of {', '.join(offered)}")
    return Connection(websocket, websocket.subprotocol)


def _authorization(credentials: tuple[str, bytes] | None) -> dict[str, str]:
    if credentials is None:
        return {}
    name, password = credentials
    encoded = base64.b64encode(name.encode() + b":" + password)
    return {"Authorization": f"Basic {encoded.decode()}"}
