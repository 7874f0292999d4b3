"""The session: what is sent, what is understood, what is refused, and that it stays small."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chargeplane.errors import Disconnected, QueueFull, Untranslatable
from chargeplane.ocpp.errors import ErrorCode, Family, OcppError, canonical, spell
from chargeplane.ocpp.rpc import (
    ALL_TYPES,
    BASIC_TYPES,
    Answer,
    Call,
    Limits,
    Message,
    ResultError,
    Session,
)

HEARTBEAT = b'[2,"a","Heartbeat",{}]'


def ids() -> Callable[[], str]:
    numbers: Iterator[int] = count(1)
    return lambda: str(next(numbers))


def session(version: str = "1.6", **limits: int) -> Session:
    family: Family = "1.x" if version == "1.6" else "2.x"
    types = ALL_TYPES if version == "2.1" else BASIC_TYPES
    return Session(family, types, limits=Limits(**limits), new_id=ids())


def received_call(end: Session, frame: bytes | str = HEARTBEAT) -> Call:
    call = end.receive(frame)
    assert isinstance(call, Call)
    return call


def sent(end: Session) -> list[Any]:
    return [json.loads(frame) for frame in end.data_to_send()]


def frame(*elements: Any) -> bytes:
    return json.dumps(elements).encode()


# Calls of ours.


def test_call_is_one_compact_frame() -> None:
    end = session()
    assert end.send_call("Reset", b'{"type":"Soft"}') == "1"
    assert end.data_to_send() == [b'[2,"1","Reset",{"type":"Soft"}]']
    assert end.data_to_send() == []


def test_ids_are_at_most_36_characters() -> None:
    end = Session("1.x")
    first, second = end.send_call("A", b"{}"), end.send_call("A", b"{}")
    assert first != second
    assert len(first) <= 36


def test_one_call_is_outstanding_and_the_rest_wait_in_order() -> None:
    end = session()
    for action in ("A", "B", "C"):
        end.send_call(action, b"{}")
    assert [call[2] for call in sent(end)] == ["A"]
    assert end.outstanding == "1"
    end.receive(b'[3,"1",{}]')
    assert [call[2] for call in sent(end)] == ["B"]
    end.receive(b'[4,"2","GenericError","",{}]')
    assert [call[2] for call in sent(end)] == ["C"]
    end.receive(b'[3,"3",{}]')
    assert sent(end) == []
    assert end.outstanding is None


def test_queue_is_bounded() -> None:
    end = session(queued_calls=2)
    for _ in range(3):
        end.send_call("A", b"{}")
    with pytest.raises(QueueFull):
        end.send_call("A", b"{}")


def test_give_up_lets_the_next_call_go() -> None:
    end = session()
    for action in ("A", "B", "C"):
        end.send_call(action, b"{}")
    end.data_to_send()
    end.give_up("2")
    end.give_up("1")
    end.give_up("1")
    assert end.has_data_to_send
    assert [call[2] for call in sent(end)] == ["C"]
    assert end.receive(b'[3,"1",{}]') is None
    assert end.counters == {"late or unknown answers": 1}


# Answers to them.


def test_answer_is_matched() -> None:
    end = session()
    end.send_call("GetLog", b"{}")
    answer = end.receive(b'[3, "1", {"status": "Accepted"}]')
    assert isinstance(answer, Answer)
    assert (answer.id, answer.action) == ("1", "GetLog")
    assert answer.payload == b'{"status": "Accepted"}'
    assert end.receive(b'[3,"1",{}]') is None
    assert end.counters == {"late or unknown answers": 1}


def test_answer_with_another_id_is_ignored() -> None:
    end = session()
    end.send_call("A", b"{}")
    assert end.receive(b'[3,"7",{}]') is None
    assert end.receive(b"[3,1,{}]") is None
    assert end.counters == {"late or unknown answers": 2}
    assert end.outstanding == "1"


@pytest.mark.parametrize("family", get_args(Family))
@pytest.mark.parametrize("code", get_args(ErrorCode))
def test_error_answer(code: ErrorCode, family: Family) -> None:
    end = Session(family, new_id=ids())
    end.send_call("A", b"{}")
    answer = end.receive(frame(4, "1", spell(code, family), "why", {"x": 1}))
    assert isinstance(answer, Answer)
    error = answer.payload
    assert isinstance(error, OcppError)
    assert error.code == canonical(spell(code, family))
    assert (error.description, error.details) == ("why", {"x": 1})
    assert end.counters == {}


@pytest.mark.parametrize(
    ("elements", "code", "spelling", "counted"),
    [
        ([], "GenericError", "GenericError", 1),
        (["NotSupported"], "NotSupported", "NotSupported", 1),
        (["NotSupported", "no"], "NotSupported", "NotSupported", 1),
        (["Odd", None, None], "GenericError", "Odd", 0),
        ([404, 5, []], "GenericError", "GenericError", 0),
        (["", "", {}, 6], "GenericError", "GenericError", 1),
    ],
)
def test_incomplete_error_answer(
    elements: list[Any], code: str, spelling: str, counted: int
) -> None:
    end = session()
    end.send_call("A", b"{}")
    answer = end.receive(frame(4, "1", *elements))
    assert isinstance(answer, Answer)
    assert isinstance(answer.payload, OcppError)
    assert (answer.payload.code, answer.payload.spelling) == (code, spelling)
    assert answer.payload.details == {}
    assert end.counters.get("incomplete errors", 0) == counted


def test_null_payloads_are_empty_ones() -> None:
    end = session()
    assert received_call(end, b'[2,"a","Heartbeat",null]').payload == b"{}"
    end.send_call("A", b"{}")
    answer = end.receive(b'[3,"1",null]')
    assert isinstance(answer, Answer)
    assert answer.payload == b"{}"
    assert end.counters == {"null payloads": 2}


@pytest.mark.parametrize("broken", [b'[3,"1"]', b'[3,"1",{},{}]', b'[3,"1",{"a":}]', b'[3,"1",{'])
@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_broken_answer_ends_the_wait(broken: bytes, version: str) -> None:
    end = session(version)
    end.send_call("A", b"{}")
    end.data_to_send()
    answer = end.receive(broken)
    assert isinstance(answer, Answer)
    assert isinstance(answer.payload, OcppError)
    # 2.1 §4.2.3: only there the peer is told.
    assert [reply[:2] for reply in sent(end)] == ([[5, "1"]] if version == "2.1" else [])


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize("broken", [b'[3,"x",', b"[3,null,{}]", b"[4,{},", b"[4]", b'[4,"x",{]'])
def test_broken_answers_are_never_answered(broken: bytes, version: str) -> None:
    end = session(version)
    assert end.receive(broken) is None
    replies = sent(end)
    assert replies in ([], [[4, "-1", "RpcFrameworkError", replies and replies[0][3], {}]])
    assert not (replies and version == "1.6")


# Calls of the peer.


def test_call_and_result() -> None:
    end = session()
    call = received_call(end, b'[2,"a","Authorize",{"idTag":"x"}]')
    assert (call.id, call.action, call.payload) == ("a", "Authorize", b'{"idTag":"x"}')
    end.send_result(call, b'{"idTagInfo":{}}')
    assert end.data_to_send() == [b'[3,"a",{"idTagInfo":{}}]']


@pytest.mark.parametrize("text", ['[2, "a", "B", {}]', ' [ 2 ,"a" , "B",{} ] ', '[2,"a","B",{}]'])
def test_call_as_text(text: str) -> None:
    assert received_call(session(), text).action == "B"


@pytest.mark.parametrize("family", get_args(Family))
@pytest.mark.parametrize("code", get_args(ErrorCode))
def test_call_and_error(code: ErrorCode, family: Family) -> None:
    end = Session(family)
    end.send_error(received_call(end), OcppError(code, "d" * 300, {"x": 1}))
    assert sent(end) == [[4, "a", spell(code, family), "d" * 255, {"x": 1}]]


def test_details_that_are_no_json_are_left_out() -> None:
    end = session()
    end.send_error(received_call(end), OcppError("GenericError", "\ud800", {"x": object()}))
    assert sent(end) == [[4, "a", "GenericError", "?", {}]]


@pytest.mark.parametrize("message_id", ["x" * 36, "x" * 1000, 'ü"\\', "", 0, -7, 2**63, 2**64 - 1])
def test_ids_are_echoed_as_they_came(message_id: str | int) -> None:
    end = session()
    call = received_call(end, frame(2, message_id, "Heartbeat", {}))
    end.send_result(call, b"{}")
    assert sent(end) == [[3, message_id, {}]]


def test_odd_ids_are_counted() -> None:
    end = session()
    received_call(end, frame(2, 5, "Heartbeat", {}))
    received_call(end, frame(2, "x" * 37, "Heartbeat", {}))
    assert end.counters == {"numeric ids": 1, "long ids": 1}


def test_repeated_call_gets_the_same_answer() -> None:
    end = session()
    end.send_result(received_call(end, frame(2, "a", "Authorize", {})), b'{"n":1}')
    assert end.receive(b'[2,"a","Authorize",{}]') is None
    assert end.receive(b'[2, "a", "Authorize", {}]') is None
    assert end.data_to_send() == [b'[3,"a",{"n":1}]'] * 3
    assert end.counters == {"repeated calls": 2}


def test_heartbeat_with_the_same_id_is_told_the_new_time() -> None:
    end = session()
    end.send_result(received_call(end), b'{"currentTime":"then"}')
    end.send_result(received_call(end), b'{"currentTime":"now"}')
    assert end.data_to_send()[1] == b'[3,"a",{"currentTime":"now"}]'


def test_broken_payload_is_left_to_whoever_decodes_it() -> None:
    call = received_call(session(), b'[2,"a","A",{"x":}]')
    assert call.payload == b'{"x":}'


def test_repeated_call_in_progress_is_not_handled_twice() -> None:
    end = session()
    call = received_call(end)
    assert end.receive(HEARTBEAT) is None
    end.send_result(call, b"{}")
    assert end.data_to_send() == [b'[3,"a",{}]']


def test_repeated_id_with_another_content_is_a_new_call() -> None:
    end = session()
    end.send_result(received_call(end), b"{}")
    end.send_result(received_call(end, b'[2,"a","Heartbeat",{"x":1}]'), b"{}")
    end.send_result(received_call(end, b'[2,"a","Other",{"x":1}]'), b"{}")
    assert len(end.data_to_send()) == 3


def test_answer_to_a_superseded_call_is_not_sent() -> None:
    end = session()
    old = received_call(end)
    new = received_call(end, b'[2,"a","Other",{}]')
    end.send_result(old, b'{"old":1}')
    end.send_result(new, b'{"new":1}')
    end.send_error(new, OcppError("GenericError"))
    assert end.data_to_send() == [b'[3,"a",{"new":1}]']
    assert end.counters == {"answers not sent": 2}


def test_refused_call_is_handled_anew_when_repeated() -> None:
    end = session()
    end.send_error(received_call(end), OcppError("InternalError"))
    received_call(end)


def test_memory_of_answers_is_bounded() -> None:
    end = session(remembered_answers=2, remembered_bytes=100)
    for name in ("a", "b", "c"):
        end.send_result(received_call(end, frame(2, name, "A", {})), b"{}")
    received_call(end, frame(2, "a", "A", {}))
    assert end.receive(frame(2, "c", "A", {})) is None
    end.send_result(received_call(end, frame(2, "d", "A", {})), b'"%s"' % (b"x" * 100))
    received_call(end, frame(2, "d", "A", {}))


def test_nothing_is_remembered_when_so_set() -> None:
    end = session(remembered_answers=0)
    end.send_result(received_call(end), b"{}")
    received_call(end)


def test_open_calls_are_bounded() -> None:
    end = session(open_calls=2)
    received_call(end, frame(2, "a", "A", {}))
    received_call(end, frame(2, "b", "A", {}))
    assert end.receive(frame(2, "c", "A", {})) is None
    assert sent(end) == [[4, "c", "InternalError", "too many open calls", {}]]


# What only 2.1 has.


def test_message() -> None:
    end = session("2.1")
    end.send_call("A", b"{}")
    assert end.send_message("Notify", b'{"id":1}') == "2"
    assert end.data_to_send()[1] == b'[6,"2","Notify",{"id":1}]'
    message = end.receive(b'[6,"m","Notify",{"id":1}]')
    assert isinstance(message, Message)
    assert (message.id, message.action, message.payload) == ("m", "Notify", b'{"id":1}')


@pytest.mark.parametrize("broken", [b'[6,"m","N"]', b'[6,"m",5,{}]', b'[6,"m","N",{', b"[6,null]"])
def test_broken_messages_are_never_answered(broken: bytes) -> None:
    end = session("2.1")
    assert end.receive(broken) is None
    assert sent(end) == []
    assert end.counters == {"refused frames": 1}


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_no_messages_before_2_1(version: str) -> None:
    end = session(version)
    with pytest.raises(Untranslatable):
        end.send_message("Notify", b"{}")
    end.send_result_error("a", OcppError("GenericError"))
    assert end.receive(b'[6,"m","Notify",{}]') is None
    assert end.receive(b'[5,"m","GenericError","",{}]') is None
    text = "MessageTypeNotSupported"
    expected = [[4, "m", text, f"message type number {n}", {}] for n in (6, 5)]
    assert sent(end) == ([] if version == "1.6" else expected)


def test_result_error() -> None:
    end = session("2.1")
    end.send_result_error("a", OcppError("FormatViolation", "x"))
    assert sent(end) == [[5, "a", "FormatViolation", "x", {}]]
    event = end.receive(b'[5,"b","FormatViolation","y",{}]')
    assert isinstance(event, ResultError)
    assert (event.id, event.error.description) == ("b", "y")


# Frames that are wrong.

REFUSED: list[tuple[bytes, str, list[Any] | None, list[Any] | None]] = [
    # frame, part of the description, id and code in 1.6, id and code in 2.x
    (b"", "", None, ["-1", "RpcFrameworkError"]),
    (b"hello", "", None, ["-1", "RpcFrameworkError"]),
    (b"{}", "", None, ["-1", "RpcFrameworkError"]),
    (b"[]", "id", None, ["-1", "RpcFrameworkError"]),
    (b"[2]", "id", None, ["-1", "RpcFrameworkError"]),
    (b"[2,null,1,{}]", "id", None, ["-1", "RpcFrameworkError"]),
    (b'[2,1.5,"A",{}]', "id", None, ["-1", "RpcFrameworkError"]),
    (b'[2,99999999999999999999,"A",{}]', "id", None, ["-1", "RpcFrameworkError"]),
    (b'[2,"%s","A",{}]' % (b"x" * 1001), "id", None, ["-1", "RpcFrameworkError"]),
    (b'[2,"a"]', "4 elements", ["a", "FormationViolation"], ["a", "RpcFrameworkError"]),
    (b'[2,"a","A"]', "4 elements", ["a", "FormationViolation"], ["a", "RpcFrameworkError"]),
    (b'[2,"a","A",{},1]', "4 elements", ["a", "FormationViolation"], ["a", "RpcFrameworkError"]),
    (b'[2,"a",7,{}]', "action", ["a", "FormationViolation"], ["a", "RpcFrameworkError"]),
    (b'[2,"a","A",{"x":1}', "", ["a", "FormationViolation"], ["a", "FormatViolation"]),
    (b'[2,7,"A",{"x":}]', "", [7, "FormationViolation"], [7, "FormatViolation"]),
    (b'[2,"a","A",{"x":"\xff"}]', "utf-8", ["a", "FormationViolation"], ["a", "FormatViolation"]),
    (b'[2,"a","\\ud800",{}]', "", ["a", "FormationViolation"], ["a", "FormatViolation"]),
    (b'[2,"\xff","A",{}]', "utf-8", None, ["-1", "RpcFrameworkError"]),
    (b'[7,"a","A",{}]', "number 7", None, ["a", "MessageTypeNotSupported"]),
    (b'[7,"a",', "number 7", None, ["a", "MessageTypeNotSupported"]),
    (b'["2","a","A",{}]', "number", None, ["a", "MessageTypeNotSupported"]),
    (b'[2.0,"a","A",{}]', "number", None, ["a", "MessageTypeNotSupported"]),
    (b'[22,"a","A",{}]', "number 22", None, ["a", "MessageTypeNotSupported"]),
    (b"[7,null]", "id", None, ["-1", "RpcFrameworkError"]),
]


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize(("wrong", "words", "in_1x", "in_2x"), REFUSED)
def test_refused_frame(
    wrong: bytes, words: str, in_1x: list[Any] | None, in_2x: list[Any] | None, version: str
) -> None:
    end = session(version)
    assert end.receive(wrong) is None
    expected = in_1x if version == "1.6" else in_2x
    replies = sent(end)
    assert [reply[1:3] for reply in replies] == ([] if expected is None else [expected])
    for reply in replies:
        assert (reply[0], len(reply), reply[4]) == (4, 5, {})
        assert words in reply[3]
    assert end.counters == {"refused frames": 1}


def test_text_that_is_no_unicode_is_refused() -> None:
    end = session("2.1")
    assert end.receive('[2,"a","A",{"x":"\ud800"}]') is None
    assert [reply[1:3] for reply in sent(end)] == [["a", "FormatViolation"]]


# Limits.


def refusal(data: bytes | str, **limits: int) -> list[Any] | None:
    end = session("2.1", **limits)
    event = end.receive(data)
    replies = sent(end)
    assert (event is None) == bool(replies)
    return replies[0][1:4] if replies else None


@pytest.mark.parametrize("text", [False, True])
def test_frame_size(text: bool) -> None:  # noqa: FBT001
    data = frame(2, "a", "A", {"x": "y" * 100})
    data_as = data.decode() if text else data
    assert refusal(data_as, frame_bytes=len(data)) is None
    too_large = ["a", "FormatViolation", f"larger than {len(data) - 1} bytes"]
    assert refusal(data_as, frame_bytes=len(data) - 1) == too_large


def test_frame_size_counts_bytes() -> None:
    text = '[2,"a","A",{"x":"üüüü"}]'
    assert refusal(text, frame_bytes=len(text)) is not None


def nested(levels: int, start: str = "[", end: str = "]") -> str:
    return f'[2,"a","A",{start * levels}{end * levels}]'


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}"), ('{"]}\\"\\\\":[', "]}")])
def test_nesting(start: str, end: str) -> None:
    step = start.count("[", -1) + start.count("{")
    levels = 63 // step
    inner = nested(levels, start, end).replace(start + end, start + "1" + end)
    assert refusal(inner) is None
    inner = nested(levels + 1, start, end).replace(start + end, start + "1" + end)
    assert refusal(inner) == ["a", "FormatViolation", "nested deeper than 64 levels"]


def test_many_shallow_objects_are_fine() -> None:
    assert refusal(frame(2, "a", "A", {"x": [{"y": [1, "[[[[{{{{"]}] * 500})) is None


@pytest.mark.parametrize("levels", [1_000, 100_000])
@pytest.mark.parametrize("nesting", [64, 10**6])
def test_deep_nesting_is_no_crash(levels: int, nesting: int) -> None:
    reply = refusal(nested(levels), nesting=nesting)
    assert reply is not None
    assert reply[:2] == ["a", "FormatViolation"]


def test_array_length() -> None:
    assert refusal(frame(2, "a", "A", {"x": [1] * 10_000})) is None
    assert refusal(frame(2, "a", "A", {"x": [[1] * 5_000] * 3})) is None
    assert refusal(frame(2, "a", "A", {"x": [1] * 10_001})) == [
        "a",
        "OccurrenceConstraintViolation",
        "array of more than 10000 items",
    ]
    assert refusal(frame(2, "a", "A", *[1] * 10_000)) is not None


# After the end.


def test_closed_session_is_silent() -> None:
    end = session("2.1")
    call = received_call(end)
    end.send_call("A", b"{}")
    end.send_call("B", b"{}")
    end.close()
    end.send_result(call, b"{}")
    end.send_error(call, OcppError("GenericError"))
    end.send_result_error("x", OcppError("GenericError"))
    end.give_up("1")
    assert end.receive(HEARTBEAT) is None
    assert end.data_to_send() == []
    assert end.outstanding is None
    with pytest.raises(Disconnected):
        end.send_call("A", b"{}")
    with pytest.raises(Disconnected):
        end.send_message("A", b"{}")


# Whatever arrives.

VALID = [
    HEARTBEAT,
    b'[2,"19223201","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]',
    b'[3,"1",{"status":"Accepted"}]',
    b'[4,"1","NotSupported","no",{}]',
    b'[4,"1"]',
    b'[5,"1","FormatViolation","x",{}]',
    b'[6,"m","NotifyPeriodicEventStream",{"id":1,"data":[{"t":"2026-01-01T00:00:00Z"}]}]',
]
EVENTS = Call | Message | Answer | ResultError


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 8)))
        insert = draw(
            st.one_of(st.binary(max_size=4), st.sampled_from([b"null", b"[", b'"', b"]"]))
        )
        data[start:end] = insert
    return bytes(data)


def small(end: Session) -> bool:
    """Whether the session holds no more than its limits allow."""
    limits = end._limits
    return (
        len(end._open) <= limits.open_calls
        and len(end._answered) <= limits.remembered_answers
        and all(len(answer) <= limits.remembered_bytes for _, answer in end._answered.values())
        and len(end._counters) < 12
    )


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@settings(max_examples=300, deadline=None)
@given(frames=st.lists(st.one_of(st.binary(max_size=60), mutated(), st.text(max_size=40))))
@example(frames=[b"[" * 100_000])
@example(frames=[b'[2,"' + b"x" * 100_000])
@example(frames=[b"[2," + b"9" * 5000 + b',"A",{}]'])
@example(frames=[b"[" + b"9" * 4000 + b',"A",{}]'])
def test_nothing_that_arrives_raises(version: str, frames: list[bytes | str]) -> None:
    end = session(version)
    end.send_call("A", b"{}")
    for data in frames:
        event = end.receive(data)
        assert event is None or isinstance(event, EVENTS)
        assert len(end._writes) <= 2
        for reply in sent(end):
            assert reply[0] in (2, 3, 4, 5)
        if isinstance(event, Call) and len(event.payload) % 2:
            end.send_result(event, b"{}")
        assert small(end)


def test_unanswered_calls_do_not_pile_up() -> None:
    end = session("2.1")
    for number in range(1000):
        end.receive(frame(2, str(number), "A", {}))
        end.receive(frame(2, number, "A", {}))
        end.receive(frame(3, str(number), {}))
        end.receive(b"[%d" % number)
        assert small(end)
        assert len(end.data_to_send()) <= 4
