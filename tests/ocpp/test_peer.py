"""The peer: requests and answers between two of them, and what happens when one misbehaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
import pytest
from structlog.testing import capture_logs

from chargeplane.domain.messages import Request, Value
from chargeplane.errors import (
    AnswerTimeout,
    Disconnected,
    NoAnswer,
    NotConnected,
    QueueFull,
    Untranslatable,
)
from chargeplane.ocpp import lenient
from chargeplane.ocpp.action import Action, Wire
from chargeplane.ocpp.errors import Family, OcppError
from chargeplane.ocpp.peer import Handler, Peer
from chargeplane.ocpp.rpc import ALL_TYPES, BASIC_TYPES, Limits

# A tiny vocabulary.


class Pong(Value, frozen=True):
    text: str


class Ping(Value, Request[Pong], frozen=True):
    text: str


class Unsaid(Value, Request[Pong], frozen=True):
    """A request that two actions might say, but neither can."""


class Foreign(Value, Request[Pong], frozen=True):
    """A request of which the version knows nothing."""


class Upward(Value, Request[Pong], frozen=True):
    """What only a station sends."""


class News(Value, Request[None], frozen=True):
    number: int


# The wire of it.


class PingRequest(Wire):
    text: Annotated[str, msgspec.Meta(max_length=9)]
    extra: int | None = None


class PingResponse(Wire):
    text: str


class NewsMessage(Wire):
    number: int


def refuse(reason: str) -> Callable[[Any], Any]:
    def write(_: Any) -> Any:
        raise Untranslatable(reason)

    return write


def action(name: str, *requests: type[Any], **differing: Any) -> Action[Any, Any]:
    usual: dict[str, Any] = {
        "sender": "both",
        "wire": PingRequest,
        "wire_answer": PingResponse,
        "read": lambda wire: Ping(text=wire.text),
        "write": lambda request: PingRequest(text=request.text),
        "read_answer": lambda wire, request: Pong(text=f"{request.text}:{wire.text}"),
        "write_answer": lambda answer: PingResponse(text=answer.text),
    }
    return Action(name=name, requests=requests, **(usual | differing))


ACTIONS = (
    action("Refuser", Ping, Unsaid, write=refuse("pings need more")),
    action("Ping", Ping),
    action("Second", Unsaid, write=refuse("second reason")),
    action(
        "Upward",
        Upward,
        sender="station",
        read=lambda _: Upward(),
        write=lambda _: PingRequest(text="up"),
        read_answer=lambda wire, _: Pong(text=wire.text),
    ),
    action("Strange", Ping, read=lambda _: Foreign()),
    action(
        "News",
        News,
        wire=NewsMessage,
        wire_answer=None,
        read=lambda wire: News(number=wire.number),
        write=lambda request: NewsMessage(number=request.number),
    ),
)


def by_request() -> dict[type, tuple[Action[Any, Any], ...]]:
    kinds = {kind for row in ACTIONS for kind in row.requests}
    return {kind: tuple(row for row in ACTIONS if kind in row.requests) for kind in kinds}


@dataclass(frozen=True)
class TinyDialect:
    version: str = "2.1"
    family: Family = "2.x"
    message_types: frozenset[int] = ALL_TYPES
    by_name: Mapping[str, Action[Any, Any]] = field(
        default_factory=lambda: {row.name: row for row in ACTIONS}
    )
    by_request: Mapping[type, tuple[Action[Any, Any], ...]] = field(default_factory=by_request)
    known: frozenset[str] = frozenset({*(row.name for row in ACTIONS), "Elsewhere"})

    def decode(
        self,
        action: Action[Any, Any],
        payload: bytes,
        *,
        answer: bool,
        strict: bool,
        closely: bool,
    ) -> tuple[Wire, tuple[str, ...]]:
        del closely  # it always looks closely
        kind = action.wire_answer if answer else action.wire
        assert kind is not None
        return lenient.decode(kind, payload, strict=strict)

    def encode(self, action: Action[Any, Any], wire: Any, *, answer: bool) -> bytes:
        assert action.name
        assert isinstance(answer, bool)
        return msgspec.json.encode(wire)


DIALECTS = {
    "1.6": TinyDialect("1.6", "1.x", BASIC_TYPES),
    "2.0.1": TinyDialect("2.0.1", "2.x", BASIC_TYPES),
    "2.1": TinyDialect(),
}


async def echo(_: Any, request: Ping) -> Pong:
    return Pong(text=request.text)


async def no_send(_: bytes) -> None:
    """Drop the frame."""


class Wired:
    """A peer whose other end is the test: frames out are listed, frames in are given."""

    def __init__(
        self,
        handlers: Mapping[type, Handler[Any]] | None = None,
        version: str = "2.1",
        **settings: Any,
    ) -> None:
        self.frames: list[list[Any]] = []
        self.arrived = asyncio.Event()
        self.peer: Peer[str] = Peer(
            DIALECTS[version], handlers or {}, "context", self.send, **settings
        )

    async def send(self, data: bytes) -> None:
        self.frames.append(json.loads(data))
        self.arrived.set()

    async def give(self, *frame: Any) -> None:
        await self.peer.receive(json.dumps(frame))

    async def next_frame(self) -> list[Any]:
        while not self.frames:
            self.arrived.clear()
            await asyncio.wait_for(self.arrived.wait(), 5)
        return self.frames.pop(0)

    async def exchange(self, *frame: Any) -> list[Any]:
        await self.give(*frame)
        return await self.next_frame()


def pair(
    one: Mapping[type, Handler[Any]], other: Mapping[type, Handler[Any]]
) -> tuple[Peer[str], Peer[str]]:
    """Return two peers that are wired to each other."""
    peers: list[Peer[str]] = []

    def to(index: int) -> Callable[[bytes], Awaitable[None]]:
        async def send(data: bytes) -> None:
            await peers[index].receive(data)

        return send

    peers.append(Peer(DIALECTS["2.1"], one, "one", to(1), timeout=5))
    peers.append(Peer(DIALECTS["2.1"], other, "other", to(0), timeout=5))
    return peers[0], peers[1]


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


# Asking.


async def test_ask_between_two_peers() -> None:
    one, _ = pair({}, {Ping: echo})
    answer: Pong = await one.ask(Ping(text="hi"))
    assert answer == Pong(text="hi:hi")


async def test_handlers_may_call_back() -> None:
    async def call_back(peers: list[Peer[Any]], request: Ping) -> Pong:
        return await peers[0].ask(Ping(text=request.text + "!"))

    context: list[Peer[Any]] = []
    ends: list[Peer[Any]] = []

    async def to_one(data: bytes) -> None:
        await ends[0].receive(data)

    async def to_other(data: bytes) -> None:
        await ends[1].receive(data)

    ends.append(Peer(DIALECTS["2.1"], {Ping: echo}, None, to_other, timeout=5))
    ends.append(Peer(DIALECTS["2.1"], {Ping: call_back}, context, to_one, timeout=5))
    context.append(ends[1])
    assert await ends[0].ask(Ping(text="hi")) == Pong(text="hi:hi!:hi!")


async def test_many_asks_at_once_are_sent_one_after_another() -> None:
    outstanding = most = 0

    async def watch(_: Any, request: Ping) -> Pong:
        nonlocal outstanding, most
        outstanding += 1
        most = max(most, outstanding)
        await asyncio.sleep(0)
        outstanding -= 1
        return Pong(text=request.text)

    one, _ = pair({}, {Ping: watch})
    answers = await asyncio.gather(*(one.ask(Ping(text=str(n))) for n in range(50)))
    assert [answer.text for answer in answers] == [f"{n}:{n}" for n in range(50)]
    assert most == 1


async def test_frames_are_shown_to_the_log() -> None:
    log: list[tuple[str, bytes]] = []
    end = Wired({Ping: echo}, on_frame=lambda way, data: log.append((way, data)))
    await end.exchange(2, "a", "Ping", {"text": "x"})
    await end.peer.receive(b'[3,"late",{}]')
    assert log == [
        ("received", b'[2, "a", "Ping", {"text": "x"}]'),
        ("sent", b'[3,"a",{"text":"x"}]'),
        ("received", b'[3,"late",{}]'),
    ]
    assert end.peer.counters == {"late or unknown answers": 1}
    assert end.peer.dialect.version == "2.1"


async def test_the_first_refusal_is_raised_when_no_action_can_say_it() -> None:
    end = Wired()
    with pytest.raises(Untranslatable, match="pings need more"):
        await end.peer.ask(Unsaid())


async def test_request_without_an_action() -> None:
    with pytest.raises(Untranslatable, match=r"Foreign cannot be sent .* 1\.6"):
        await Wired(version="1.6").peer.ask(Foreign())


async def test_requests_go_in_their_direction_only() -> None:
    end = Wired(other_side="station")
    with pytest.raises(Untranslatable):
        await end.peer.ask(Upward())
    end = Wired({Upward: echo}, other_side="csms")
    reply = await end.exchange(2, "a", "Upward", {"text": "x"})
    assert reply[2:4] == ["NotSupported", "Upward is not supported here"]


async def test_error_answer_is_raised() -> None:
    async def fail(_: Any, __: Ping) -> Pong:
        raise OcppError("SecurityError", "not you", {"who": 1})

    one, _ = pair({}, {Ping: fail})
    with pytest.raises(OcppError) as caught:
        await one.ask(Ping(text="x"))
    error = caught.value
    assert (error.code, error.description) == ("SecurityError", "not you")
    assert error.details == {"who": 1}


@pytest.mark.parametrize("version", DIALECTS)
async def test_undecodable_answer(version: str) -> None:
    end = Wired(version=version)
    asking = asyncio.create_task(end.peer.ask(Ping(text="x")))
    call_id = (await end.next_frame())[1]
    await end.give(3, call_id, {"text": 5})
    with pytest.raises(OcppError) as caught:
        await asking
    assert caught.value.code == "TypeConstraintViolation"
    await settle()
    told = [[5, call_id, "TypeConstraintViolation", "text: expected str, got int", {}]]
    assert end.frames == (told if version == "2.1" else [])
    assert end.peer.counters == {"unusable answers": 1}


# The raw hatch.


async def test_call() -> None:
    end = Wired()
    asking = asyncio.create_task(end.peer.call("Vendor", {"a": [1]}))
    number, call_id, name, payload = await end.next_frame()
    assert (number, name, payload) == (2, "Vendor", {"a": [1]})
    await end.give(3, call_id, {"b": None})
    assert await asking == {"b": None}


async def test_call_answered_by_something_else_than_an_object() -> None:
    end = Wired()
    asking = asyncio.create_task(end.peer.call("Vendor", {}))
    await end.give(3, (await end.next_frame())[1], [1])
    with pytest.raises(OcppError) as caught:
        await asking
    assert caught.value.code == "FormatViolation"
    assert (await end.next_frame())[0] == 5


# Being asked.


async def test_handler_is_given_the_context_and_the_request() -> None:
    given: list[Any] = []

    async def handler(context: str, request: Ping) -> Pong:
        given.extend([context, request])
        return Pong(text="ok")

    end = Wired({Ping: handler})
    assert await end.exchange(2, "a", "Ping", {"text": "x"}) == [3, "a", {"text": "ok"}]
    assert given == ["context", Ping(text="x")]


@pytest.mark.parametrize(
    ("version", "name", "payload", "code", "words"),
    [
        ("1.6", "Nonsense", {}, "NotImplemented", "Nonsense is not a known action"),
        ("2.1", "Nonsense", {}, "NotImplemented", "Nonsense is not a known action"),
        ("2.1", "Elsewhere", {}, "NotSupported", "Elsewhere is not supported here"),
        ("2.1", "Upward", {"text": "x"}, "NotSupported", "Upward"),
        ("2.1", "Strange", {"text": "x"}, "NotSupported", "Strange"),
        ("2.1", "News", {"number": 1}, "NotSupported", "News"),
        ("1.6", "Ping", {}, "ProtocolError", "text: missing"),
        ("2.1", "Ping", {}, "OccurrenceConstraintViolation", "text: missing"),
        ("1.6", "Ping", {"text": 1}, "TypeConstraintViolation", "text: "),
        ("1.6", "Ping", {"text": "x" * 10}, "PropertyConstraintViolation", "text: "),
        ("1.6", "Ping", [], "FormationViolation", "payload: "),
        ("2.0.1", "Ping", [], "FormatViolation", "payload: "),
    ],
)
async def test_refused_call(version: str, name: str, payload: Any, code: str, words: str) -> None:
    end = Wired({Ping: echo, News: echo}, version)
    reply = await end.exchange(2, "a", name, payload)
    assert (reply[:3], reply[4]) == ([4, "a", code], {})
    assert reply[3].startswith(words)


async def test_long_action_name_is_not_repeated_in_full() -> None:
    reply = await Wired().exchange(2, "a", "N" * 1000, {})
    assert len(reply[3]) < 150


@pytest.mark.parametrize("fault", [RuntimeError("secret"), Untranslatable("secret")])
async def test_failing_handler_answers_internal_error(fault: Exception) -> None:
    async def fail(_: Any, __: Ping) -> Pong:
        raise fault

    end = Wired({Ping: fail})
    with capture_logs() as logs:
        reply = await end.exchange(2, "a", "Ping", {"text": "x"})
    assert reply == [4, "a", "InternalError", "the request could not be processed", {}]
    assert [(log["event"], log["exc_info"]) for log in logs] == [("handler failed", fault)]
    end.frames.clear()
    assert (await end.exchange(2, "b", "Nonsense", {}))[1] == "b"


async def test_answer_that_cannot_be_written_is_an_internal_error() -> None:
    async def wrong(_: Any, __: Ping) -> str:
        return "no Pong"

    with capture_logs() as logs:
        reply = await Wired({Ping: wrong}).exchange(2, "a", "Ping", {"text": "x"})
    assert reply[2] == "InternalError"
    assert logs[0]["log_level"] == "error"


async def test_oddities_are_tolerated_and_reported() -> None:
    odd: list[tuple[str, str]] = []
    end = Wired({Ping: echo}, on_oddity=lambda name, oddity: odd.append((name, oddity)))
    reply = await end.exchange(2, "a", "Ping", {"text": "x", "foo": 1, "extra": None})
    assert reply[0] == 3
    assert odd == [("Ping", "unknown member foo"), ("Ping", "null extra")]
    assert end.peer.counters == {"oddities": 2}


async def test_oddities_need_no_listener() -> None:
    reply = await Wired({Ping: echo}).exchange(2, "a", "Ping", {"text": "x", "foo": 1})
    assert reply[0] == 3


async def test_strict_refuses_oddities() -> None:
    end = Wired({Ping: echo}, strict=True)
    reply = await end.exchange(2, "a", "Ping", {"text": "x", "foo": 1})
    assert reply[2:4] == ["FormatViolation", "foo: not a known field"]


async def test_handlers_at_once_are_bounded() -> None:
    free = asyncio.Event()

    async def wait(_: Any, request: Ping) -> Pong:
        await free.wait()
        return Pong(text=request.text)

    end = Wired({Ping: wait}, max_handlers=2)
    await end.give(2, "a", "Ping", {"text": "x"})
    await end.give(2, "b", "Ping", {"text": "x"})
    third = asyncio.create_task(end.give(2, "c", "Ping", {"text": "x"}))
    await settle()
    assert not third.done()
    free.set()
    await third
    assert sorted([(await end.next_frame())[1] for _ in range(3)]) == ["a", "b", "c"]


# Messages without answers.


async def test_tell() -> None:
    told: list[Any] = []

    async def hear(_: Any, news: News) -> None:
        told.append(news)

    one, _ = pair({}, {News: hear})
    await one.tell(News(number=7))
    await settle()
    assert told == [News(number=7)]
    with pytest.raises(Untranslatable):
        await one.ask(News(number=7))
    with pytest.raises(Untranslatable):
        await one.tell(Ping(text="x"))
    with pytest.raises(Untranslatable):
        await Wired(version="2.0.1").peer.tell(News(number=7))


@pytest.mark.parametrize(
    ("name", "payload", "event"),
    [
        ("News", {"number": "x"}, "message refused"),
        ("Ping", {"text": "x"}, "message refused"),
        ("Nonsense", {}, "message refused"),
        ("News", {"number": 1}, "handler failed"),
    ],
)
async def test_messages_are_never_answered(name: str, payload: Any, event: str) -> None:
    async def fail(_: Any, __: Any) -> None:
        raise RuntimeError

    end = Wired({News: fail, Ping: echo})
    with capture_logs() as logs:
        await end.give(6, "m", name, payload)
        await settle()
    assert end.frames == []
    assert [log["event"] for log in logs] == [event]


async def test_result_error_is_logged_and_counted() -> None:
    end = Wired()
    with capture_logs() as logs:
        await end.give(5, "a", "FormatViolation", "x" * 1000, {})
    assert end.peer.counters == {"answers refused by the peer": 1}
    assert len(logs[0]["error"]) == 255


# Time.


async def test_no_answer_in_time() -> None:
    end = Wired(timeout=0.01)
    with pytest.raises(AnswerTimeout, match=r"Ping: no answer within 0\.01 s"):
        await end.peer.ask(Ping(text="x"))
    call_id = (await end.next_frame())[1]
    await end.give(3, call_id, {"text": "late"})
    assert end.peer.counters == {"late or unknown answers": 1}


async def test_timeout_counts_from_when_the_call_is_sent() -> None:
    end = Wired()
    first = asyncio.create_task(end.peer.ask(Ping(text="1"), timeout=0.05))
    second = asyncio.create_task(end.peer.ask(Ping(text="2"), timeout=0.06))
    await asyncio.wait([first])
    assert isinstance(first.exception(), AnswerTimeout)
    await asyncio.sleep(0.03)  # 0.08 s after it was asked, 0.03 s after it was sent
    await end.next_frame()
    await end.give(3, (await end.next_frame())[1], {"text": "ok"})
    assert await second == Pong(text="2:ok")


async def test_answering_meanwhile_does_not_prolong_the_timeout() -> None:
    end = Wired({Ping: echo})
    asking = asyncio.create_task(end.peer.ask(Ping(text="1"), timeout=0.05))
    for number in range(10):
        await asyncio.sleep(0.01)
        await end.give(2, str(number), "Ping", {"text": "x"})
    assert asking.done()
    with pytest.raises(AnswerTimeout):
        await asking


async def test_wait_in_the_queue_is_bounded() -> None:
    end = Wired()
    first = asyncio.create_task(end.peer.ask(Ping(text="1"), timeout=5))
    await settle()
    with pytest.raises(AnswerTimeout):
        await end.peer.ask(Ping(text="2"), timeout=0.01)
    await end.give(3, (await end.next_frame())[1], {"text": "ok"})
    assert await first == Pong(text="1:ok")
    assert end.frames == []


async def test_cancelled_caller_lets_the_next_call_go() -> None:
    end = Wired()
    first = asyncio.create_task(end.peer.ask(Ping(text="1")))
    second = asyncio.create_task(end.peer.ask(Ping(text="2")))
    await end.next_frame()
    first.cancel()
    await end.give(3, (await end.next_frame())[1], {"text": "ok"})
    assert await second == Pong(text="2:ok")
    assert first.cancelled()


async def test_answer_after_the_caller_left_in_the_same_step() -> None:
    end = Wired()
    asking = asyncio.create_task(end.peer.ask(Ping(text="1")))
    call_id = (await end.next_frame())[1]
    asking.cancel()
    await end.give(3, call_id, {"text": "ok"})
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_call_that_cannot_be_made_fails_alone() -> None:
    end = Wired()
    first = asyncio.create_task(end.peer.ask(Ping(text="1")))
    second = asyncio.create_task(end.peer.ask(Ping(text="2")))
    end.peer.fail((await end.next_frame())[1], NotConnected("nobody there"))
    with pytest.raises(NotConnected, match="nobody there"):
        await first
    await end.give(3, (await end.next_frame())[1], {"text": "ok"})
    assert await second == Pong(text="2:ok")
    end.peer.fail("unknown", NotConnected("nobody there"))


async def test_queue_full() -> None:
    end = Wired(limits=Limits(queued_calls=1))
    asking = [asyncio.create_task(end.peer.ask(Ping(text="x"))) for _ in range(2)]
    await settle()
    with pytest.raises(QueueFull):
        await end.peer.ask(Ping(text="x"))
    end.peer.disconnected()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_link_that_takes_no_frame_does_not_outlast_the_timeout() -> None:
    async def stuck(_: bytes) -> None:
        await asyncio.Event().wait()

    peer = Peer(DIALECTS["2.1"], {}, None, stuck, timeout=0.01)
    with pytest.raises(AnswerTimeout):
        await peer.ask(Ping(text="x"))


# The end of the connection.


async def test_disconnection_fails_every_waiter_at_once() -> None:
    end = Wired()
    asking = [asyncio.create_task(end.peer.ask(Ping(text="x"))) for _ in range(5)]
    await settle()
    end.peer.disconnected()
    results = await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), 1)
    assert {type(result) for result in results} == {Disconnected}
    assert len(end.frames) == 1
    for late in (end.peer.ask(Ping(text="x")), end.peer.tell(News(number=1))):
        with pytest.raises(Disconnected):
            await late
    await end.give(2, "a", "Ping", {"text": "x"})
    assert len(end.frames) == 1


async def test_disconnection_frees_a_caller_whose_frame_is_stuck() -> None:
    async def stuck(_: bytes) -> None:
        await asyncio.Event().wait()

    peer = Peer(DIALECTS["2.1"], {}, None, stuck)
    asking = asyncio.create_task(peer.ask(Ping(text="x")))
    await settle()
    peer.disconnected()
    with pytest.raises(Disconnected):
        await asyncio.wait_for(asking, 1)


@pytest.mark.parametrize("turns", range(4))
async def test_disconnection_in_the_moment_of_the_timeout(turns: int) -> None:
    end = Wired(timeout=0)
    asking = asyncio.create_task(end.peer.ask(Ping(text="x")))
    for _ in range(turns):
        await asyncio.sleep(0)
    end.peer.disconnected()
    with pytest.raises(NoAnswer):
        await asking


async def test_handlers_finish_after_disconnection() -> None:
    finished: list[bool] = []

    async def ask_back(_: Any, __: Ping) -> Pong:
        try:
            return await end.peer.ask(Ping(text="x"))
        finally:
            finished.append(True)

    end = Wired({Ping: ask_back})
    with capture_logs() as logs:
        await end.give(2, "a", "Ping", {"text": "x"})
        await end.next_frame()
        end.peer.disconnected()
        await settle()
    assert finished == [True]
    assert end.frames == []
    assert [log["log_level"] for log in logs] == ["debug"]


async def test_disconnection_ends_answers_that_are_stuck() -> None:
    async def stuck(_: bytes) -> None:
        await asyncio.Event().wait()

    peer = Peer(DIALECTS["2.1"], {Ping: echo}, None, stuck)
    await peer.receive(b'[2,"a","Ping",{"text":"x"}]')
    await settle()
    peer.disconnected()
    await settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_connection_that_breaks_while_sending() -> None:
    async def broken(_: bytes) -> None:
        raise ConnectionResetError

    peer = Peer(DIALECTS["2.1"], {Ping: echo}, None, broken)
    with pytest.raises(Disconnected):
        await peer.ask(Ping(text="x"))
    with capture_logs() as logs:
        await peer.receive(b'[2,"a","Ping",{"text":"x"}]')
        await settle()
    assert [log["log_level"] for log in logs] == ["debug"]


def test_idle_peer_is_small() -> None:
    import tracemalloc

    dialect = DIALECTS["2.1"]
    handlers: Mapping[type, Handler[None]] = {Ping: echo}
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    peers = [Peer(dialect, handlers, None, no_send) for _ in range(100)]
    used = (tracemalloc.get_traced_memory()[0] - before) / len(peers)
    tracemalloc.stop()
    assert used < 2048


async def test_busy_peer_stays_small() -> None:
    async def drop(_: bytes) -> None:
        pass

    peer = Peer(DIALECTS["2.1"], {Ping: echo}, None, drop)
    for number in range(200):
        await peer.receive(json.dumps([2, str(number), "Ping", {"text": "x"}]))
        await settle()
    assert not peer._tasks
    assert not peer._waiters
