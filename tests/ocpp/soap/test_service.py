"""What is written is valid by the official schemas and reads as the same."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.errors import Untranslatable
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.soap import service as services
from chargeplane.ocpp.soap.codec import Member, members
from chargeplane.ocpp.soap.envelope import unwrap
from chargeplane.ocpp.soap.messages import MESSAGES, Messages, Side
from chargeplane.ocpp.soap.service import CENTRAL, STATION, Fault, Headers, Service
from tests.conftest import Shared
from tests.ocpp.examples import AT, METER_VALUES, V1, Json, meter_values
from tests.ocpp.schemas import ADDRESSES, FEW
from tests.ocpp.soap.official import FILES, OPERATIONS, validate

Strategy = st.SearchStrategy[Any]

HEADERS = Headers(
    identity="CP 1 & <ü>", message_id="urn:1", sender="http://192.0.2.7:8080/a?b&c", to="http://x/"
)


def service(version: str, side: Side) -> Service:
    return (CENTRAL if side == "Cs" else STATION)[version]


# Every message that the tables allow.

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r"),
    max_size=20,
)
KINDS: dict[str, Strategy] = {
    "int": st.integers(-(2**31), 2**31 - 1),
    "boolean": st.booleans(),
    "decimal1": st.integers(-9999, 9999).map(lambda n: n / 10),
    "dateTime": st.sampled_from([AT, "2011-06-01T12:00:00", "2011-06-01T12:00:00+02:00"]),
    "anyURI": st.sampled_from(ADDRESSES),
}


def kind(messages: Messages, name: str) -> Strategy:
    if name in messages.structures:
        return structure(messages, name)
    if name in messages.enums:
        return st.sampled_from(messages.enums[name].split())
    return KINDS.get(name, TEXTS)


def member(messages: Messages, each: Member) -> Strategy:
    one = kind(messages, each.kind)
    return st.lists(one, min_size=1, max_size=2) if each.is_list else one


def structure(messages: Messages, name: str) -> Strategy:
    parts = members(messages.structures[name])
    made = {each.name: member(messages, each) for each in parts}
    required = {each.name for each in parts if each.is_required}
    return st.fixed_dictionaries(
        {name: value for name, value in made.items() if name in required},
        optional={name: value for name, value in made.items() if name not in required},
    )


@pytest.mark.parametrize(("version", "side", "action"), OPERATIONS)
def test_any_message(version: str, side: Side, action: str, shared: Shared) -> None:
    path = shared(f"wsdl/{FILES[version, side]}")
    ours = service(version, side)

    @FEW
    @given(
        structure(MESSAGES[version], f"{action}Request"),
        structure(MESSAGES[version], f"{action}Response"),
    )
    def check(request: Json, answer: Json) -> None:
        for is_answer, said in ((False, request), (True, answer)):
            payload = msgspec.json.encode(said)
            write = ours.answer if is_answer else ours.call
            envelope = write(action, payload, HEADERS)
            validate(path, envelope)
            opened = unwrap(envelope)
            message = opened.message()
            assert opened.service is ours
            assert (message.action, message.is_answer) == (action, is_answer)
            assert msgspec.json.decode(message.payload) == said

    check()


# Real messages, through all that lies between the vocabulary and the envelope.

EXAMPLES = [
    *(pytest.param(name, exchange.request, exchange.answer, id=name)
      for name, exchange in V1.items() if name in services.DIALECTS["1.6"].by_name),
    *(pytest.param("MeterValues", meter_values(case[2]), {}, id=case[0]) for case in METER_VALUES),
]  # fmt: skip


@pytest.mark.parametrize("version", list(MESSAGES))
@pytest.mark.parametrize(("name", "request_", "answer"), EXAMPLES)
def test_examples(version: str, name: str, request_: Json, answer: Json, shared: Shared) -> None:
    dialect = services.DIALECTS[version]
    if name not in dialect.by_name:
        return
    row = DIALECTS["1.6"].by_name[name]
    side: Side = "Cs" if name in MESSAGES[version].central else "Cp"
    path = shared(f"wsdl/{FILES[version, side]}")
    for is_answer, message in ((False, request_), (True, answer)):
        payload = msgspec.json.encode(message)
        wire, _ = DIALECTS["1.6"].decode(row, payload, answer=is_answer, strict=True)
        try:
            said = dialect.encode(row, wire, answer=is_answer)
        except Untranslatable:
            assert version != "1.6"
            continue
        write = service(version, side).answer if is_answer else service(version, side).call
        envelope = write(name, said, HEADERS)
        validate(path, envelope)
        read = unwrap(envelope).message()
        same_words = said.replace(b"Celcius", b"Celsius")
        assert msgspec.json.decode(read.payload) == msgspec.json.decode(same_words)


def test_a_frequency_has_no_unit_in_xml() -> None:
    sample = {"value": "50", "measurand": "Frequency", "unit": "Hertz"}
    said = {"connectorId": 1, "meterValue": [{"timestamp": AT, "sampledValue": [sample]}]}
    envelope = CENTRAL["1.6"].call("MeterValues", msgspec.json.encode(said), HEADERS)
    payload = msgspec.json.decode(unwrap(envelope).message().payload)
    assert payload["meterValue"][0]["sampledValue"] == [{"value": "50", "measurand": "Frequency"}]


# Headers


def test_a_call_names_everybody() -> None:
    headers = unwrap(CENTRAL["1.6"].call("Heartbeat", b"{}", HEADERS)).headers
    assert headers == Headers(
        identity="CP 1 & <ü>",
        action="/Heartbeat",
        message_id="urn:1",
        sender="http://192.0.2.7:8080/a?b&c",
        to="http://x/",
    )
    assert headers.missing == ()


def test_a_call_without_a_name_is_given_one_of_its_own() -> None:
    ids = {unwrap(CENTRAL["1.6"].call("Heartbeat", b"{}", Headers())).headers.message_id
           for _ in range(3)}  # fmt: skip
    assert len(ids) == 3
    assert all(each.startswith("urn:uuid:") for each in ids)


def test_an_answer_relates_to_its_request() -> None:
    payload = msgspec.json.encode({"currentTime": AT})
    envelope = CENTRAL["1.2"].answer("Heartbeat", payload, HEADERS)
    headers = unwrap(envelope).headers
    assert (headers.action, headers.relates_to) == ("/HeartbeatResponse", "urn:1")
    assert f"<a:To>{services.ANONYMOUS}</a:To>".encode() in envelope
    assert headers.message_id not in ("", "urn:1")


def test_an_answer_to_a_request_without_a_name_relates_to_nothing() -> None:
    payload = msgspec.json.encode({"currentTime": AT})
    envelope = CENTRAL["1.2"].answer("Heartbeat", payload, Headers())
    assert b"RelatesTo" not in envelope


# Faults


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("SecurityError", ("Sender", "SecurityError")),
        ("NotSupported", ("Receiver", "NotSupported")),
        ("NotImplemented", ("Receiver", "NotSupported")),
        ("InternalError", ("Receiver", "InternalError")),
        ("GenericError", ("Receiver", "InternalError")),
        ("ProtocolError", ("Sender", "ProtocolError")),
        ("PropertyConstraintViolation", ("Sender", "ProtocolError")),
        ("FormatViolation", ("Sender", "ProtocolError")),
    ],
)
def test_errors_are_faults_of_the_specification(code: Any, fault: tuple[str, str]) -> None:
    written = CENTRAL["1.5"].fault(Fault.of(OcppError(code, "idTag: <missing>\x01")), HEADERS)
    opened = unwrap(written)
    assert opened.headers.relates_to == "urn:1"
    with pytest.raises(Fault) as raised:
        opened.message()
    assert (raised.value.code, raised.value.subcode) == fault
    assert raised.value.reason == "idTag: <missing>"


def test_a_fault_is_the_error_that_the_other_side_named() -> None:
    error = Fault("Sender", "IdentityMismatch", "I am CP2").as_error()
    assert (error.code, error.spelling, error.description) == (
        "GenericError",
        "IdentityMismatch",
        "I am CP2",
    )
    assert Fault("Receiver", "NotSupported", "").as_error().code == "NotSupported"
    assert Fault("MustUnderstand", "", "what?").as_error().spelling == "MustUnderstand"


# What cannot be said


@pytest.mark.parametrize(
    ("version", "action", "payload", "why"),
    [
        ("1.6", "DataTransfer", {"vendorId": "a\x00b"}, "XML cannot hold"),
        ("1.6", "DataTransfer", {"vendorId": "a", "more": 1}, "has no more"),
        ("1.6", "Authorize", {}, "needs idTag"),
        ("1.5", "StatusNotification",
         {"connectorId": 1, "status": "Charging", "errorCode": "NoError"}, "cannot be 'Charging'"),
        ("1.5", "MeterValues", {"connectorId": 1, "values": [
            {"timestamp": AT, "value": [{"value": "1", "phase": "L1"}]}]}, "phase"),
        ("1.5", "MeterValues", {"connectorId": 1, "values": [
            {"timestamp": AT, "value": [{"value": "1", "unit": "A"}]}]}, "cannot be 'A'"),
        ("1.5", "MeterValues", {"connectorId": 1, "values": [
            {"timestamp": AT, "value": [{"unit": "Wh"}]}]}, "value is not"),
        ("1.5", "MeterValues", {"connectorId": 1, "values": [
            {"timestamp": AT, "value": []}]}, "needs value"),
    ],
)  # fmt: skip
def test_what_cannot_be_said(version: str, action: str, payload: Json, why: str) -> None:
    with pytest.raises(Untranslatable, match=why):
        CENTRAL[version].call(action, msgspec.json.encode(payload), HEADERS)


def test_what_soap_does_not_have() -> None:
    with pytest.raises(OcppError, match="GetLog is not part of OCPP"):
        STATION["1.6"].call("GetLog", b"{}", HEADERS)
    assert "GetLog" in DIALECTS["1.6"].by_name
    assert "GetLog" not in services.DIALECTS["1.6"].by_name
