"""A connected peer: domain requests in, domain requests out, whatever version it speaks.

`Peer.ask` puts a request to the peer, `Peer.receive` takes what comes from
it. Calls are handled in tasks, so that a handler may call back to the peer
that called. How long an answer may take counts from when the call is sent;
together with the wait for its turn a call takes at most `QUEUE_PATIENCE`
times that before it is sent, and then that time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final, Generic, Literal, Protocol, TypeAlias, TypeVar, cast, overload

import msgspec
import structlog

from chargeplane.domain.messages import Request
from chargeplane.errors import AnswerTimeout, ChargeplaneError, Disconnected, Untranslatable
from chargeplane.ocpp.action import Action, Wire
from chargeplane.ocpp.errors import DESCRIPTION_LENGTH, Family, OcppError, from_decode_error
from chargeplane.ocpp.rpc import (
    DEFAULT_LIMITS,
    Answer,
    Call,
    Limits,
    Message,
    ResultError,
    Session,
)

R = TypeVar("R")
C = TypeVar("C")  # what the handlers are given along with the request

AnyAction: TypeAlias = Action[Any, Any]
Handler: TypeAlias = Callable[[C, Any], Awaitable[Any]]
Send: TypeAlias = Callable[[bytes], Awaitable[None]]
OnFrame: TypeAlias = Callable[[Literal["received", "sent"], bytes], None]
OnOddity: TypeAlias = Callable[[str, str], None]
"""Given the name of the action and what was odd about its payload."""
OnCall: TypeAlias = Callable[[str, str], None]
"""Given the name of the action that the peer called, and `ANSWERED` or the code of the error."""

ANSWER_TIMEOUT: Final = 60.0  # s; stations on mobile networks take tens of seconds
QUEUE_PATIENCE: Final = 4  # a call waits this many times its timeout for its turn to be sent
ANSWERED: Final = "answered"
MAX_HANDLERS: Final = 16  # of one peer at once; one that keeps to §4.1.1 never has two

has_null: Final = re.compile(b"null").search  # quicker than `in` on payloads of usual size

logger = structlog.get_logger()


class Dialect(Protocol):
    """What a peer has to know about the OCPP version that it speaks."""

    @property
    def version(self) -> str:
        """As people write it: "1.6", "2.0.1"."""

    @property
    def family(self) -> Family:
        """Which spelling of the error codes it uses."""

    @property
    def message_types(self) -> frozenset[int]:
        """Which types of frames it has."""

    @property
    def by_name(self) -> Mapping[str, AnyAction]:
        """Its actions."""

    @property
    def by_request(self) -> Mapping[type, tuple[AnyAction, ...]]:
        """The actions that may say a request, the best first."""

    @property
    def known(self) -> frozenset[str]:
        """The names of the actions of every version."""

    def decode(
        self,
        action: AnyAction,
        payload: bytes,
        *,
        answer: bool,
        strict: bool,
        closely: bool,
    ) -> tuple[Wire, tuple[str, ...]]:
        """Return the wire value and its oddities, nulls if looked `closely`; raise DecodeError."""

    def encode(self, action: AnyAction, wire: Any, *, answer: bool) -> bytes:
        """Return the payload as this version writes it; raise Untranslatable."""


class _Waiter:
    """Someone who waits for the answer to a call."""

    __slots__ = ("answer", "deadline", "patience", "started")

    def __init__(
        self, answer: asyncio.Future[bytes], deadline: asyncio.Timeout, patience: float
    ) -> None:
        self.answer = answer
        self.deadline = deadline
        self.patience = patience  # s, from when the call is sent
        self.started = False  # whether it was

    def start(self) -> None:
        """Count the time from now: the call is on its way."""
        if not self.started and not self.deadline.expired():
            self.started = True
            self.deadline.reschedule(asyncio.get_running_loop().time() + self.patience)

    def interrupt(self) -> None:
        """End the wait, be it for the answer or for the call to be written."""
        if not self.deadline.expired():
            self.deadline.reschedule(asyncio.get_running_loop().time())


class Peer(Generic[C]):
    """The other end of a connection.

    `send` writes one frame to the connection. It raises when the connection
    is lost, and may be cancelled.
    """

    __slots__ = (
        "_context",
        "_dialect",
        "_gone",
        "_handlers",
        "_max_handlers",
        "_on_call",
        "_on_frame",
        "_on_oddity",
        "_other_side",
        "_send",
        "_session",
        "_strict",
        "_tasks",
        "_timeout",
        "_waiters",
    )

    def __init__(  # noqa: PLR0913 settings of a connection, all but four by name
        self,
        dialect: Dialect,
        handlers: Mapping[type, Handler[C]],
        context: C,
        send: Send,
        *,
        timeout: float = ANSWER_TIMEOUT,
        strict: bool = False,
        limits: Limits = DEFAULT_LIMITS,
        max_handlers: int = MAX_HANDLERS,
        other_side: Literal["station", "csms"] | None = None,
        on_frame: OnFrame | None = None,
        on_oddity: OnOddity | None = None,
        on_call: OnCall | None = None,
    ) -> None:
        self._dialect = dialect
        self._handlers = handlers
        self._context = context
        self._send = send
        self._timeout = timeout
        self._strict = strict
        self._max_handlers = max_handlers
        self._other_side = other_side  # None: who may send what is not checked
        self._on_frame = on_frame
        self._on_oddity = on_oddity
        self._on_call = on_call
        self._session = Session(dialect.family, dialect.message_types, limits=limits)
        self._waiters: dict[str, _Waiter] = {}
        self._tasks: dict[asyncio.Task[None], bool] = {}  # True: past its handler, only sending
        self._gone = False

    @property
    def dialect(self) -> Dialect:
        """The version that the peer speaks."""
        return self._dialect

    @property
    def counters(self) -> Mapping[str, int]:
        """How often the peer was tolerated, ignored or refused, by reason."""
        return self._session.counters

    @property
    def waiting(self) -> int:
        """How many of our calls wait for their turn or their answer."""
        return len(self._waiters)

    # To the peer.

    @overload
    async def ask(self, request: Request[R], timeout: float | None = None) -> R: ...  # noqa: ASYNC109

    @overload
    async def ask(self, request: Wire, timeout: float | None = None) -> Any: ...  # noqa: ASYNC109

    async def ask(self, request: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        """Put a request to the peer; raise Untranslatable, OcppError, NoAnswer."""
        action, wire = self._said(request, confirmed=True)
        payload = self._dialect.encode(action, wire, answer=False)
        call_id, answer = await self._exchange(action.name, payload, timeout)
        try:
            return action.read_answer(self._decode(action, answer, answer=True), request)
        except OcppError as error:
            self._refuse_answer(call_id, error)
            raise

    async def tell(self, message: Request[Any] | Wire) -> None:
        """Send a message that is not answered; raise Untranslatable, Disconnected."""
        action, wire = self._said(message, confirmed=False)
        payload = self._dialect.encode(action, wire, answer=False)
        self._session.send_message(action.name, payload)
        await self._flush()

    async def call(
        self,
        action_name: str,
        payload: Mapping[str, Any],
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> dict[str, Any]:
        """Make any call as raw JSON, known to us or not; raise OcppError, NoAnswer."""
        request = msgspec.json.encode(payload)
        call_id, answer = await self._exchange(action_name, request, timeout)
        try:
            return msgspec.json.decode(answer, type=dict[str, Any])
        except msgspec.DecodeError as error:
            refusal = from_decode_error(error, self._dialect.family)
        self._refuse_answer(call_id, refusal)
        raise refusal

    # From the peer.

    async def receive(self, data: bytes | str) -> None:
        """Take one message; return at once, or when one of too many handlers has finished."""
        if self._on_frame is not None:
            self._on_frame("received", _as_bytes(data))
        event = self._session.receive(data)
        match event:
            case Answer():
                self._settle(event)
            case ResultError():
                self._note_result_error(event)
        await self._flush_quietly()
        if isinstance(event, (Call, Message)):
            await self._free_handler()
            work = self._handle(event) if isinstance(event, Call) else self._hear(event)
            self._start(work, event.action)

    def fail(self, call_id: str, error: ChargeplaneError) -> None:
        """Tell whoever waits for the answer to this call of ours that there will be none."""
        waiter = self._waiters.get(call_id)
        if waiter is not None and not waiter.answer.done():
            waiter.answer.set_exception(error)

    def disconnected(self) -> None:
        """Fail everyone who waits for the peer; handlers finish, their answers are dropped."""
        self._gone = True
        self._session.close()
        for waiter in self._waiters.values():
            waiter.interrupt()
        for task, is_sending in self._tasks.items():
            if is_sending:
                task.cancel()

    # Our calls.

    def _said(self, request: object, *, confirmed: bool) -> tuple[AnyAction, Wire]:
        refusal: Untranslatable | None = None
        for action in self._dialect.by_request.get(type(request), ()):
            is_confirmed = action.wire_answer is not None
            if is_confirmed != confirmed or action.sender == self._other_side:
                continue
            try:
                return action, action.write(request)
            except Untranslatable as error:
                refusal = refusal or error
        name, version = type(request).__name__, self._dialect.version
        raise refusal or Untranslatable(f"{name} cannot be sent to this peer in OCPP {version}")

    async def _exchange(
        self, action: str, payload: bytes, patience: float | None
    ) -> tuple[str, bytes]:
        """Make a call and return its id and the payload of its answer."""
        if patience is None:
            patience = self._timeout
        call_id = self._session.send_call(action, payload)
        try:
            async with asyncio.timeout(QUEUE_PATIENCE * patience) as deadline:
                answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
                self._waiters[call_id] = _Waiter(answer, deadline, patience)
                await self._flush()
                return call_id, await answer
        except TimeoutError:
            if self._gone:
                raise Disconnected(f"{action}: the connection was lost") from None
            raise AnswerTimeout(f"{action}: no answer within {patience:g} s") from None
        finally:
            self._waiters.pop(call_id, None)
            self._give_up(call_id)

    def _give_up(self, call_id: str) -> None:
        self._session.give_up(call_id)
        self._flush_soon()  # the next call, which is not the leaving caller's to wait for

    def _refuse_answer(self, call_id: str, error: OcppError) -> None:
        self._session.count("unusable answers")
        self._session.send_result_error(call_id, error)
        self._flush_soon()

    def _settle(self, event: Answer) -> None:
        waiter = self._waiters.get(event.id)
        if waiter is None or waiter.answer.done():
            return
        if isinstance(event.payload, OcppError):
            waiter.answer.set_exception(event.payload)
        else:
            waiter.answer.set_result(event.payload)

    # The peer's calls.

    async def _free_handler(self) -> None:
        while len(self._tasks) >= self._max_handlers:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks[task] = False
        task.add_done_callback(self._tasks.pop)

    async def _handle(self, call: Call) -> None:
        try:
            payload = await self._answer(call)
        except OcppError as error:
            self._refuse_call(call, error)
        except Exception as error:  # noqa: BLE001 a bug must not close the connection
            self._note_failure(call.action, error)
            self._refuse_call(
                call, OcppError("InternalError", "the request could not be processed")
            )
        else:
            self._session.send_result(call, payload)
            self._note_call(call, ANSWERED)
        self._tasks[cast("asyncio.Task[None]", asyncio.current_task())] = True
        await self._flush_quietly()

    def _refuse_call(self, call: Call, error: OcppError) -> None:
        self._session.send_error(call, error)
        self._note_call(call, error.code)

    def _note_call(self, call: Call, result: str) -> None:
        if self._on_call is not None:
            self._on_call(call.action, result)

    async def _hear(self, message: Message) -> None:
        # 2.1 §4.2.4: whatever happens, a SEND is never answered.
        try:
            action = self._action(message.action, confirmed=False)
            await self._dispatch(action, message.payload)
        except OcppError as error:
            self._session.count("refused messages")
            logger.warning("message refused", action=message.action, error=str(error))
        except Exception as error:  # noqa: BLE001 a bug must not close the connection
            self._note_failure(message.action, error)

    async def _answer(self, call: Call) -> bytes:
        action = self._action(call.action, confirmed=True)
        answer = await self._dispatch(action, call.payload)
        return self._dialect.encode(action, action.write_answer(answer), answer=True)

    async def _dispatch(self, action: AnyAction, payload: bytes) -> Any:
        request = action.read(self._decode(action, payload, answer=False))
        handler = self._handlers.get(type(request))
        if handler is None:
            raise OcppError("NotSupported", f"{action.name} is not supported here")
        return await handler(self._context, request)

    def _action(self, name: str, *, confirmed: bool) -> AnyAction:
        """Return the action if the peer may send it and someone here handles it."""
        action = self._dialect.by_name.get(name)
        if action is None and name not in self._dialect.known:
            raise OcppError("NotImplemented", f"{name[:100]} is not a known action")
        if (
            action is None
            or (action.wire_answer is not None) != confirmed
            or not self._may_send(action)
            or self._handlers.keys().isdisjoint(action.requests)
        ):
            raise OcppError("NotSupported", f"{name} is not supported here")
        return action

    def _may_send(self, action: AnyAction) -> bool:
        return self._other_side is None or action.sender in (self._other_side, "both")

    def _decode(self, action: AnyAction, payload: bytes, *, answer: bool) -> Wire:
        closely = self._on_oddity is not None and has_null(payload) is not None
        try:
            wire, oddities = self._dialect.decode(
                action, payload, answer=answer, strict=self._strict, closely=closely
            )
        except msgspec.DecodeError as error:
            raise from_decode_error(error, self._dialect.family) from None
        for oddity in oddities:
            self._note_oddity(action.name, oddity)
        return wire

    # Writing.

    async def _flush(self) -> None:
        """Write what the session has to say; raise Disconnected."""
        outstanding = self._session.outstanding
        if outstanding in self._waiters:
            self._waiters[outstanding].start()
        for frame in self._session.data_to_send():
            if self._on_frame is not None:
                self._on_frame("sent", frame)
            try:
                await self._send(frame)
            except Exception as error:
                raise Disconnected("the connection was lost") from error

    async def _flush_quietly(self) -> None:
        """Write what the session has to say; if the connection is lost, its reader will know."""
        try:
            await self._flush()
        except Disconnected:
            logger.debug("frame not sent, the connection was lost")

    def _flush_soon(self) -> None:
        if self._session.has_data_to_send:
            self._start(self._flush_quietly(), "flush")

    # Noting.

    def _note_failure(self, action: str, error: Exception) -> None:
        if self._gone and isinstance(error, ChargeplaneError):
            logger.debug("handler ended by the lost connection", action=action)
        else:
            logger.error("handler failed", action=action, exc_info=error)

    def _note_result_error(self, event: ResultError) -> None:
        self._session.count("answers refused by the peer")
        text = str(event.error)[:DESCRIPTION_LENGTH]
        logger.warning("the peer could not use our answer", id=event.id, error=text)

    def _note_oddity(self, action: str, oddity: str) -> None:
        self._session.count("oddities")
        if self._on_oddity is not None:
            self._on_oddity(action, oddity)


def _as_bytes(data: bytes | str) -> bytes:
    return data if isinstance(data, bytes) else data.encode(errors="replace")
