"""OCPP over SOAP as a connection of frames, so that nothing behind it differs.

Each side calls the other by an HTTP request. A `SoapConnection` takes and
gives the frames that OCPP-J would exchange: a call becomes a request, the
answer to it a frame again. Both ends are made of this: the central system's
in `chargeplane.net.soap_door`, a station's in `chargeplane.net.soap_station`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
import structlog

from chargeplane.errors import ChargeplaneError, Disconnected, NotConnected
from chargeplane.net.soap_http import Caller, Posted, Reply
from chargeplane.net.websocket import Connection, Refused
from chargeplane.ocpp.dialects import Dialect
from chargeplane.ocpp.errors import OcppError, received
from chargeplane.ocpp.rpc import CALLERROR, CALLRESULT, split_call
from chargeplane.ocpp.soap.envelope import Message, unwrap
from chargeplane.ocpp.soap.service import BY_SUBPROTOCOL, Fault, FaultCode, Headers, Service

ANSWER_TIMEOUT: Final = 60.0  # s that a handler may take
MAX_OPEN: Final = 16  # calls of the other side at once
LOST: Final = 1006  # RFC 6455 §7.4.1, as on a WebSocket

logger = structlog.get_logger()

Speak = Callable[[str, bytes], Awaitable[bytes]]
"""Makes a call of an action with a payload and returns that of its answer.

Raises OcppError, Untranslatable, NoAnswer.
"""

_encode: Final = msgspec.json.Encoder().encode
_decode_answer: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_text: Final = msgspec.json.Decoder(str).decode


class SoapConnection(Connection):
    """Frames over SOAP; calls of the other side come in by `exchange`."""

    __slots__ = (
        "_calling",
        "_closing",
        "_incoming",
        "_number",
        "_on_failure",
        "_on_oddity",
        "_open",
        "_speak",
    )

    def __init__(self, subprotocol: str, speak: Speak) -> None:
        super().__init__(None, subprotocol)
        self._speak = speak
        self._incoming: asyncio.Queue[bytes | None] = asyncio.Queue()  # None: the end
        self._open: dict[str, asyncio.Future[bytes]] = {}  # the other side's calls
        self._number = 0
        self._calling: asyncio.Task[None] | None = None
        self._closing = ""
        self._on_failure: Callable[[str, ChargeplaneError], None] = lambda _call_id, _error: None
        self._on_oddity: Callable[[str, str], None] | None = None

    @property
    def dialect(self) -> Dialect:
        """The version that is spoken, as far as SOAP has it."""
        return BY_SUBPROTOCOL[self.subprotocol]

    def observe(
        self,
        on_failure: Callable[[str, ChargeplaneError], None],
        on_oddity: Callable[[str, str], None] | None = None,
    ) -> None:
        """Have it told of calls that cannot be made, by id, and of what is odd, by action."""
        self._on_failure, self._on_oddity = on_failure, on_oddity

    async def exchange(self, action: str, payload: bytes) -> bytes:
        """Hand over a call of the other side; the payload of its answer.

        Raises OcppError, `Disconnected`.
        """
        if self._closing:
            raise Disconnected(self._closing)
        if len(self._open) >= MAX_OPEN:
            raise OcppError("InternalError", "too many open calls")
        self._number += 1
        call_id = str(self._number)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._open[call_id] = answer
        self._incoming.put_nowait(
            b'[2,"%s","%s",%s]' % (call_id.encode(), action.encode(), payload)
        )
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                return await answer
        except TimeoutError:
            raise OcppError("InternalError", "the answer took too long") from None
        finally:
            self._open.pop(call_id, None)

    async def send(self, frame: bytes) -> None:
        """Send one frame; raises `NotConnected` once the connection is closed."""
        if self._closing:
            raise NotConnected(self._closing)
        call = split_call(frame)
        if call is None:
            self._settle(frame)
            return
        if self._calling is not None:
            self._calling.cancel()  # nobody waits for its answer any more
        self._calling = asyncio.create_task(self._call(*call), name=f"soap {call[1]}")

    def _settle(self, frame: bytes) -> None:
        """Answer a call of the other side."""
        number, call_id, *rest = _decode_answer(frame)
        answer = self._open.get(_decode_text(call_id))
        if answer is None or answer.done():
            return
        if bytes(number) == b"%d" % CALLRESULT:
            answer.set_result(bytes(rest[0]))
        else:
            code, description = map(_decode_text, rest[:2])
            answer.set_exception(received(code, description))

    async def _call(self, call_id: str, action: str, payload: bytes) -> None:
        try:
            answer = await self._speak(action, payload)
        except OcppError as error:
            frame = _encode((CALLERROR, call_id, error.spelling, error.description, {}))
            self._incoming.put_nowait(frame)
        except ChargeplaneError as error:
            self.undelivered(call_id, error)
        else:
            self._incoming.put_nowait(_encode((CALLRESULT, call_id, msgspec.Raw(answer))))

    def undelivered(self, call_id: str, error: ChargeplaneError) -> None:
        """Tell that a call cannot be made."""
        self._on_failure(call_id, error)

    def note_oddities(self, action: str, headers: Headers) -> None:
        """Tell which headers a call of the other side lacks."""
        if self._on_oddity is None:
            return
        for name in headers.missing:
            self._on_oddity(action, f"no {name} header")

    async def frames(self) -> AsyncIterator[bytes]:
        """Every frame that comes, until the connection is closed."""
        while (frame := await self._incoming.get()) is not None:
            yield frame

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Take and send nothing any more."""
        self.end(code, reason)

    def cut(self) -> None:
        """Lose the connection without a word."""
        self.end(LOST, "cut")

    def end(self, code: int, reason: str) -> None:
        """Be open no longer; whoever waits for an answer learns it."""
        if self._closing:
            return
        self._closing = f"{code} {reason}".strip()
        self._incoming.put_nowait(None)
        if self._calling is not None:
            self._calling.cancel()
        for answer in self._open.values():
            if not answer.done():
                answer.set_exception(Disconnected(self._closing))

    async def is_alive(self) -> bool:
        """False: whoever has been silent for too long is gone, as there is no link to probe."""
        return False

    @property
    def closing(self) -> str:
        """How the connection ended; empty while it is open."""
        return self._closing


# Messages to either side


@dataclass(frozen=True, slots=True)
class Request:
    """A call of the other side, with all that came along."""

    posted: Posted
    headers: Headers
    service: Service
    message: Message


Find = Callable[[Request], Awaitable[SoapConnection]]
"""The connection that a call belongs to; raises `Refused`, `Fault`."""


async def respond(
    posted: Posted, services: Mapping[str, Service], find: Find, *, strict: bool = False
) -> Reply:
    """Answer a message to one side, whose services these are, oldest first."""
    *_, service = services.values()
    headers = Headers()
    try:
        envelope = unwrap(posted.body)
        headers = envelope.headers
        service = next((each for each in services.values() if each is envelope.service), service)
        message = envelope.message()
        if message.is_answer or envelope.service is not service:
            raise Fault("Sender", "ProtocolError", "this is not a request to this side")
        if strict and headers.missing:
            raise Fault("Sender", "ProtocolError", f"no {headers.missing[0]} header")
        connection = await find(Request(posted, headers, service, message))
        payload = await connection.exchange(message.action, message.payload)
        connection.note_oddities(message.action, headers)
        return Reply(200, service.answer(message.action, payload, headers))
    except ChargeplaneError as error:
        return _refusal(error, posted, service, headers)


def _refusal(error: ChargeplaneError, posted: Posted, service: Service, headers: Headers) -> Reply:
    """The fault that says an error; what never reached a session is logged."""
    fault = _fault(error)
    status = 400 if fault.code == "Sender" else 500  # SOAP 1.2 part 2 §7.5.2.2
    more = {}
    if isinstance(error, Refused):
        status = error.status if error.status in REFUSALS else status
        more = {"WWW-Authenticate": 'Basic realm="OCPP"'} if status == UNAUTHORIZED else {}
    if isinstance(error, (Refused, Fault)):
        logger.warning(
            "SOAP message refused",
            station=headers.identity,
            address=posted.address,
            status=status,
            reason=str(error),
        )
    return Reply(status, service.fault(fault, headers), headers=more)


def _fault(error: ChargeplaneError) -> Fault:
    match error:
        case Fault():
            return error
        case Refused():
            return Fault(*REFUSALS.get(error.status, FORBIDDEN), error.reason)
        case OcppError():
            return Fault.of(error)
    return Fault("Receiver", "InternalError", str(error))


UNAUTHORIZED: Final = 401
FORBIDDEN: Final[tuple[FaultCode, str]] = ("Sender", "SecurityError")
# Refusals whose HTTP status says more than that of a fault would, and the faults that they are.
REFUSALS: Final[dict[int, tuple[FaultCode, str]]] = {
    400: ("Sender", "ProtocolError"),
    UNAUTHORIZED: ("Sender", "SecurityError"),  # it asks for the password
    429: ("Receiver", "InternalError"),
    503: ("Receiver", "InternalError"),
}


# Calls to either side


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom to call, and how."""

    caller: Caller
    service: Service
    url: str
    headers: Headers
    seen_at: str | None = None  # whoever named the url; None: an operator, who may name any
    credentials: tuple[str, bytes] | None = None


async def call(target: Target, action: str, payload: bytes) -> bytes:
    """The payload of an answer; raises OcppError, Untranslatable, `NotConnected`."""
    envelope = target.service.call(action, payload, target.headers)
    status, body = await target.caller.post(
        target.url,
        action,
        envelope,
        sender=target.seen_at,
        credentials=target.credentials,
    )
    try:
        message = unwrap(body).message()
    except Fault as fault:
        if status == SUCCESS or b"Fault" in body:
            raise fault.as_error() from fault
        raise OcppError("GenericError", f"{target.url} answers HTTP {status}") from fault
    if not message.is_answer or message.action != action:
        raise OcppError("GenericError", f"{target.url} answers something else: {message.action}")
    return message.payload


SUCCESS: Final = 200
