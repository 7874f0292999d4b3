"""The OCPP-J message exchange, without any I/O.

Rule 1: this file does not know which side it is. A charging station and a
central system hold the same `Session`.

Rule 2: this file opens nothing, waits for nothing and reads no clock. After
every method, write `data_to_send()` to the peer.

Rule 3: payloads are bytes here. What they mean, and whether they are right,
is for `chargeplane.ocpp.peer` and the translations.

Rule 4: whatever the peer sends, `receive` raises nothing, and what it keeps
is bounded by `Limits`.

The paragraphs cited are those of OCPP-J 1.6 ("1.6J") and of part 4 of OCPP
2.0.1 and 2.1, whose numbers agree ("2.x").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import uuid4

import msgspec

from chargeplane.errors import Disconnected, QueueFull, Untranslatable
from chargeplane.ocpp.errors import DESCRIPTION_LENGTH, Family, OcppError, received, spell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CALL, CALLRESULT, CALLERROR = 2, 3, 4
CALLRESULTERROR, SEND = 5, 6  # since 2.1 (2.1 §4.1.3)

BASIC_TYPES: Final = frozenset({CALL, CALLRESULT, CALLERROR})
ALL_TYPES: Final = BASIC_TYPES | {CALLRESULTERROR, SEND}

# How many elements a frame has (1.6J §4.2, 2.x §4.2).
CALL_ELEMENTS: Final = 4  # of SEND too
RESULT_ELEMENTS: Final = 3
ERROR_ELEMENTS: Final = 5  # of CALLRESULTERROR too

ID_CHARACTERS: Final = 36  # 1.6J §4.1.4, 2.x §4.1.4; peers that send longer ones are tolerated
UNREADABLE_ID: Final = "-1"  # 2.x §4.2.3: what a CALLERROR says when it cannot read the id

MessageId: TypeAlias = str | int
"""A string, as the specifications ask; some stations send integers, which are echoed as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a peer may make us hold; more is refused."""

    frame_bytes: int = 1024 * 1024
    nesting: int = 64  # levels of arrays and objects, the frame itself being the first
    array_items: int = 10_000
    id_characters: int = 1000  # what is longer is no id any more
    queued_calls: int = 100  # ours, that wait to be sent
    open_calls: int = 32  # the peer's, that wait to be answered
    # A peer has one call outstanding, so what it repeats is among its last few.
    remembered_answers: int = 4
    remembered_bytes: int = 4096  # a longer answer is not kept for a repeated call


DEFAULT_LIMITS: Final = Limits()


class Call(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The peer asks something; give it back to `Session.send_result` or `send_error`."""

    id: MessageId
    action: str
    payload: bytes


class Message(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The peer tells something and expects no answer (2.1 §4.2.4)."""

    id: MessageId
    action: str
    payload: bytes


class Answer(msgspec.Struct, frozen=True, eq=False):
    """The peer answered the call that was outstanding, or sent nonsense in its place."""

    id: str
    action: str
    payload: bytes | OcppError


class ResultError(msgspec.Struct, frozen=True, eq=False):
    """The peer could not use one of our answers (2.1 §4.2.3)."""

    id: MessageId
    error: OcppError


Event: TypeAlias = Call | Message | Answer | ResultError


class Session:
    """One end of an OCPP-J connection."""

    __slots__ = (
        "_answered",
        "_closed",
        "_counters",
        "_family",
        "_limits",
        "_message_types",
        "_new_id",
        "_open",
        "_queue",
        "_waiting",
        "_writes",
    )

    def __init__(
        self,
        family: Family,
        message_types: frozenset[int] = BASIC_TYPES,
        *,
        limits: Limits = DEFAULT_LIMITS,
        new_id: Callable[[], str] | None = None,
    ) -> None:
        self._family = family
        self._message_types = message_types  # those that the version has
        self._limits = limits
        self._new_id = new_id or _uuid
        self._waiting: tuple[str, str] | None = None  # our outstanding call: id and action
        self._queue: dict[str, tuple[str, bytes]] = {}  # our calls behind it: action and payload
        self._open: dict[MessageId, Call] = {}  # the peer's calls, not answered yet
        self._answered: dict[MessageId, tuple[int, bytes]] = {}  # its last ones: content, answer
        self._counters: dict[str, int] = {}
        self._writes: list[bytes] = []
        self._closed = False

    @property
    def counters(self) -> Mapping[str, int]:
        """How often the peer was tolerated, ignored or refused, by reason."""
        return MappingProxyType(self._counters)

    def count(self, reason: str) -> None:
        """Count one more tolerance or refusal; reasons are ours, so they stay few."""
        self._counters[reason] = self._counters.get(reason, 0) + 1

    @property
    def outstanding(self) -> str | None:
        """The id of our call that was sent and waits for its answer."""
        return self._waiting[0] if self._waiting else None

    # Sending.

    def send_call(self, action: str, payload: bytes) -> str:
        """Queue a call, sent once no other waits for its answer; raise QueueFull, Disconnected."""
        if self._closed:
            raise Disconnected(f"{action}: the connection is closed")
        if len(self._queue) >= self._limits.queued_calls:
            raise QueueFull(f"{action}: {len(self._queue)} calls to this peer wait already")
        call_id = self._new_id()
        self._queue[call_id] = action, payload
        self._send_next()
        return call_id

    def send_message(self, action: str, payload: bytes) -> str:
        """Send what needs no answer, at once; raise Untranslatable before 2.1, Disconnected."""
        if SEND not in self._message_types:
            raise Untranslatable(f"{action}: unconfirmed messages require OCPP 2.1")
        if self._closed:
            raise Disconnected(f"{action}: the connection is closed")
        # 2.1 §4.2.4: there is no need to wait for the answer of an outstanding call.
        message_id = self._new_id()
        self._writes.append(_encode((SEND, message_id, action, msgspec.Raw(payload))))
        return message_id

    def send_result(self, call: Call, payload: bytes) -> None:
        """Answer a call; nothing is sent if a newer call took its id meanwhile."""
        if not self._settle(call):
            return
        answer = _encode((CALLRESULT, call.id, msgspec.Raw(payload)))
        self._remember(call, answer)
        self._writes.append(answer)

    def send_error(self, call: Call, error: OcppError) -> None:
        """Refuse a call; a repetition of it will be handled anew, as the cause may have passed."""
        if self._settle(call):
            self._write_error(CALLERROR, call.id, error)

    def send_result_error(self, call_id: str, error: OcppError) -> None:
        """Tell the peer that its answer to our call was unusable; nothing before 2.1."""
        if CALLRESULTERROR in self._message_types and not self._closed:
            self._write_error(CALLRESULTERROR, call_id, error)

    def give_up(self, call_id: str) -> None:
        """Forget this call, the caller's patience being over; let the next one go."""
        self._queue.pop(call_id, None)
        if self._waiting is not None and self._waiting[0] == call_id:
            self._waiting = None
            self._send_next()

    def close(self) -> None:
        """Forget every call of either side, the connection being gone; be silent from now on."""
        self._closed = True
        self._waiting = None
        self._queue.clear()
        self._open.clear()
        self._answered.clear()
        self._writes.clear()

    @property
    def has_data_to_send(self) -> bool:
        """Whether frames wait to be written."""
        return bool(self._writes)

    def data_to_send(self) -> list[bytes]:
        """Return the frames to be written to the peer, each once."""
        if not self._writes:
            return []
        writes, self._writes = self._writes, []
        return writes

    # Receiving.

    def receive(self, data: bytes | str) -> Event | None:
        """Take one message from the peer; ``None`` if there is nothing to do. Raises nothing."""
        if self._closed:
            return None
        try:
            frame = self._frame(data)
            if frame.startswith(b"[2"):
                return self._receive_usual_call(frame)
            return self._receive_any(frame)
        except OcppError as error:
            return self._refuse_unread(data, error)
        except RecursionError:
            return self._refuse_unread(data, self._too_deep())
        except (msgspec.DecodeError, ValueError) as error:
            return self._refuse_unread(data, _not_a_frame(error))

    def _receive_usual_call(self, frame: bytes) -> Event | None:
        parts = split_call(frame)
        return self._take_call(*parts) if parts else self._receive_any(frame)

    def _receive_any(self, frame: bytes) -> Event | None:
        elements = _ANY_FRAME.decode(frame)
        number, message_id = _number(elements[:1]), self._id(elements[1:2])
        if message_id is None:
            return self._refuse(number, None, OcppError("RpcFrameworkError", "unreadable id"))
        if number is None or number not in self._message_types:
            return self._refuse(number, message_id, _unsupported(number))
        try:
            return self._READERS[number](self, message_id, elements)
        except OcppError as error:
            return self._refuse(number, message_id, error)

    def _read_call(self, message_id: MessageId, elements: list[msgspec.Raw]) -> Event | None:
        action, payload = self._action(elements)
        if isinstance(message_id, int):
            self.count("numeric ids")
        elif len(message_id) > ID_CHARACTERS:
            self.count("long ids")
        return self._take_call(message_id, action, payload)

    def _read_message(self, message_id: MessageId, elements: list[msgspec.Raw]) -> Event | None:
        action, payload = self._action(elements)
        return Message(message_id, action, payload)

    def _read_result(self, message_id: MessageId, elements: list[msgspec.Raw]) -> Event | None:
        if len(elements) != RESULT_ELEMENTS:
            raise OcppError("RpcFrameworkError", "a CALLRESULT has 3 elements")
        return self._take_answer(message_id, self._payload(elements[2]))

    def _read_error(self, message_id: MessageId, elements: list[msgspec.Raw]) -> Event | None:
        return self._take_answer(message_id, self._error(elements))

    def _read_result_error(self, message_id: MessageId, elements: list[msgspec.Raw]) -> Event:
        return ResultError(message_id, self._error(elements))

    _READERS: Final = {
        CALL: _read_call,
        CALLRESULT: _read_result,
        CALLERROR: _read_error,
        CALLRESULTERROR: _read_result_error,
        SEND: _read_message,
    }

    def _take_call(self, call_id: MessageId, action: str, payload: bytes) -> Call | None:
        if self._is_repeated(call_id, action, payload):
            return None
        if len(self._open) >= self._limits.open_calls:
            self.count("calls refused, too many open")
            self._write_error(CALLERROR, call_id, OcppError("InternalError", "too many open calls"))
            return None
        call = self._open[call_id] = Call(call_id, action, payload)
        return call

    def _is_repeated(self, call_id: MessageId, action: str, payload: bytes) -> bool:
        """Whether this very call is in progress or answered; if answered, answer it again.

        The same id with another content is a new call: stations that start
        to count anew after a reboot are common.
        """
        answered = self._answered.get(call_id)
        if answered is not None and answered[0] == hash((action, payload)):
            self.count("repeated calls")
            self._writes.append(answered[1])
            return True
        in_progress = self._open.get(call_id)
        if in_progress is None:
            return False
        if in_progress.action == action and in_progress.payload == payload:
            self.count("repeated calls")
            return True
        del self._open[call_id]  # its answer would be taken for the newer call's
        return False

    def _take_answer(self, message_id: MessageId, payload: bytes | OcppError) -> Answer | None:
        if self._waiting is None or self._waiting[0] != message_id:
            self.count("late or unknown answers")
            return None
        call_id, action = self._waiting
        self._waiting = None
        self._send_next()
        return Answer(call_id, action, payload)

    # Reading parts of frames.

    def _frame(self, data: bytes | str) -> bytes:
        """Return the frame as UTF-8 within our limits; raise OcppError, ValueError."""
        if len(data) > self._limits.frame_bytes:
            raise self._too_large()
        if isinstance(data, str):
            data = data.encode()
            if len(data) > self._limits.frame_bytes:
                raise self._too_large()
        elif not data.isascii():
            data.decode()  # 1.6J §4.1.2, 2.x §4.1.2: UTF-8, also inside what is not decoded here
        # Cheap bounds first: only a frame that could break a limit is looked at closely.
        if data.count(b"{") + data.count(b"[") > self._limits.nesting:
            self._check_nesting(data)
        if len(data) > 2 * self._limits.array_items:
            self._check_arrays(data)
        return data

    def _check_nesting(self, frame: bytes) -> None:
        brackets = _brackets(frame)
        for _ in range(self._limits.nesting):
            before, brackets = brackets, brackets.replace(b"[]", b"")  # the innermost level
            if brackets == before:
                break
        if b"[]" in brackets:
            raise self._too_deep()

    def _check_arrays(self, frame: bytes) -> None:
        if frame.count(b",") < self._limits.array_items:
            return
        if _longest_array(msgspec.json.decode(frame)) > self._limits.array_items:
            text = f"array of more than {self._limits.array_items} items"
            raise OcppError("OccurrenceConstraintViolation", text)

    def _too_large(self) -> OcppError:
        return OcppError("FormatViolation", f"larger than {self._limits.frame_bytes} bytes")

    def _too_deep(self) -> OcppError:
        return OcppError("FormatViolation", f"nested deeper than {self._limits.nesting} levels")

    def _id(self, element: list[msgspec.Raw]) -> MessageId | None:
        try:
            message_id = _ID.decode(element[0])
        except (IndexError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        if isinstance(message_id, int):
            return message_id if _INTEGERS[0] <= message_id <= _INTEGERS[1] else None
        return message_id if len(message_id) <= self._limits.id_characters else None

    def _action(self, elements: list[msgspec.Raw]) -> tuple[str, bytes]:
        if len(elements) != CALL_ELEMENTS:
            raise OcppError("RpcFrameworkError", "a CALL has 4 elements")
        try:
            return _TEXT.decode(elements[2]), self._payload(elements[3])
        except msgspec.DecodeError:
            raise OcppError("RpcFrameworkError", "action: expected str") from None

    def _payload(self, element: msgspec.Raw) -> bytes:
        payload = bytes(element)
        if payload != b"null":
            return payload
        # 1.6J §4.2.1, 2.x §4.1.5: another notation for no payload, though not the better one.
        self.count("null payloads")
        return b"{}"

    def _error(self, elements: list[msgspec.Raw]) -> OcppError:
        code, description, details = (*map(msgspec.json.decode, elements[2:5]), *_NO_ERROR)[:3]
        if len(elements) != ERROR_ELEMENTS:
            self.count("incomplete errors")
        return received(
            code if isinstance(code, str) and code else "GenericError",
            description if isinstance(description, str) else "",
            details if isinstance(details, dict) else {},
        )

    # Refusing.

    def _refuse_unread(self, data: bytes | str, error: OcppError) -> Answer | None:
        """Refuse a frame that is no JSON or too much, reading type and id if they stand there."""
        head = data[: self._limits.id_characters + 64]
        found = _HEAD.match(head if isinstance(head, bytes) else head.encode(errors="replace"))
        if found is None:
            return self._refuse(None, None, error)
        return self._refuse(int(found[1]), self._id([msgspec.Raw(found[2])]), error)

    def _refuse(
        self, number: int | None, message_id: MessageId | None, error: OcppError
    ) -> Answer | None:
        self.count("refused frames")
        if number in _ANSWERS:
            # An answer is never answered; but nobody needs to wait for another one.
            return None if message_id is None else self._take_refused_answer(message_id, error)
        if number not in self._message_types or number == CALL:
            self._answer_refused(number, message_id, error)
        return None

    def _take_refused_answer(self, message_id: MessageId, error: OcppError) -> Answer | None:
        answer = self._take_answer(message_id, error)
        if answer is not None:
            self.send_result_error(answer.id, error)  # 2.1 §4.2.3; nothing before it
        return answer

    def _answer_refused(
        self, number: int | None, message_id: MessageId | None, error: OcppError
    ) -> None:
        if number != CALL and self._family == "1.x":
            return  # 1.6J §4.1.3: other types are ignored
        if message_id is not None:
            refusal = error if number == CALL else _unsupported(number)
            self._write_error(CALLERROR, message_id, refusal)
        elif self._family == "2.x":
            unreadable = OcppError("RpcFrameworkError", error.description)
            self._write_error(CALLERROR, UNREADABLE_ID, unreadable)  # 2.x §4.2.3
        # 1.6J §4.2.3 only knows answers with the id of the call, so without one nothing is said.

    # Writing.

    def _send_next(self) -> None:
        # 1.6J §4.1.1, 2.x §4.1.1: no call before the last one was answered or given up.
        if self._waiting is None and self._queue:
            call_id = next(iter(self._queue))
            action, payload = self._queue.pop(call_id)
            self._waiting = call_id, action
            self._writes.append(_encode((CALL, call_id, action, msgspec.Raw(payload))))

    def _settle(self, call: Call) -> bool:
        """Whether the call still waits for its answer; from now on it does not."""
        if self._open.get(call.id) is not call:
            self.count("answers not sent")
            return False
        del self._open[call.id]
        return True

    def _remember(self, call: Call, answer: bytes) -> None:
        self._answered.pop(call.id, None)
        if len(answer) > self._limits.remembered_bytes or not self._limits.remembered_answers:
            return
        if call.action == "Heartbeat":  # its answer is the time, which is never the same
            return
        if len(self._answered) >= self._limits.remembered_answers:
            del self._answered[next(iter(self._answered))]
        self._answered[call.id] = hash((call.action, call.payload)), answer

    def _write_error(self, number: int, message_id: MessageId, error: OcppError) -> None:
        code = spell(error.code, self._family)
        description = error.description[:DESCRIPTION_LENGTH]
        try:
            frame = _encode((number, message_id, code, description, error.details))
        except (TypeError, ValueError, OverflowError, RecursionError):  # details of any kind
            clean = description.encode(errors="replace").decode()
            frame = _encode((number, message_id, code, clean, {}))
        self._writes.append(frame)


def split_call(frame: bytes) -> tuple[str, str, bytes] | None:
    """Return id, action and payload of a CALL as nearly all are written; None for any other.

    The payload is not looked at: whoever decodes it finds what is wrong with it.
    """
    head = _CALL_HEAD(frame)
    if head is None or frame[-2:] != b"}]":
        return None
    return head[1].decode(), head[2].decode(), frame[head.end() : -1]


def _uuid() -> str:
    return str(uuid4())


def _number(element: list[msgspec.Raw]) -> int | None:
    try:
        return _INTEGER.decode(element[0])
    except (IndexError, msgspec.DecodeError):
        return None


def _unsupported(number: int | None) -> OcppError:
    shown = "unreadable" if number is None else number
    return OcppError("MessageTypeNotSupported", f"message type number {shown}")


def _not_a_frame(error: Exception) -> OcppError:
    return OcppError("FormatViolation", f"not a valid frame: {error}"[:DESCRIPTION_LENGTH])


def _brackets(frame: bytes) -> bytes:
    """Return the brackets of a JSON text, all made square, without those inside strings."""
    if b"\\" in frame:
        frame = frame.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = frame.translate(_AS_SQUARE, _NEITHER_BRACKET_NOR_QUOTE).replace(b'""', b"")
    if b'"' not in brackets:
        return brackets
    # Some string holds brackets, so the quotes did not pair up; take strings out one by one.
    return b"".join(frame.split(b'"')[::2]).translate(_AS_SQUARE, _NOT_BRACKET)


def _longest_array(value: Any) -> int:
    longest, pending = 0, [value]
    while pending:
        container = pending.pop()
        if isinstance(container, list):
            longest = max(longest, len(container))
        items = container.values() if isinstance(container, dict) else container
        pending.extend(item for item in items if isinstance(item, (dict, list)))
    return longest


# An id of at most 36 characters (§4.1.4), no escapes, and an object to follow.
_CALL_HEAD: Final = re.compile(rb'\[2, ?"([^"\\]{1,36})", ?"(\w+)", ?(?={)').match
_ANY_FRAME: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ID: Final = msgspec.json.Decoder(str | int)
_TEXT: Final = msgspec.json.Decoder(str)
_INTEGER: Final = msgspec.json.Decoder(int)
_encode: Final = msgspec.json.Encoder().encode

_ANSWERS: Final = frozenset({CALLRESULT, CALLERROR})
_NO_ERROR: Final[tuple[Any, ...]] = ("", "", {})
_INTEGERS: Final = (-(2**63), 2**64 - 1)  # what msgspec can write back

# The head of a frame whose rest cannot be read: message type and id.
_HEAD: Final = re.compile(rb'\s*\[\s*(\d{1,9})\s*,\s*("[^"\\\x00-\x1f]*"|-?\d{1,19})\s*[,\]]')

_AS_SQUARE: Final = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKET: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")
_NEITHER_BRACKET_NOR_QUOTE: Final = _NOT_BRACKET.replace(b'"', b"")
