"""Error codes: spelled for each family, understood from any peer, chosen by what is wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

import msgspec
import pytest

from chargeplane.errors import ChargeplaneError
from chargeplane.ocpp.action import Wire
from chargeplane.ocpp.errors import (
    DESCRIPTION_LENGTH,
    ErrorCode,
    Family,
    OcppError,
    canonical,
    from_decode_error,
    received,
    spell,
)

SPELLINGS: list[tuple[ErrorCode, str, str]] = [
    ("FormatViolation", "FormationViolation", "FormatViolation"),
    ("GenericError", "GenericError", "GenericError"),
    ("InternalError", "InternalError", "InternalError"),
    ("MessageTypeNotSupported", "NotSupported", "MessageTypeNotSupported"),
    ("NotImplemented", "NotImplemented", "NotImplemented"),
    ("NotSupported", "NotSupported", "NotSupported"),
    (
        "OccurrenceConstraintViolation",
        "OccurenceConstraintViolation",
        "OccurrenceConstraintViolation",
    ),
    ("PropertyConstraintViolation", "PropertyConstraintViolation", "PropertyConstraintViolation"),
    ("ProtocolError", "ProtocolError", "ProtocolError"),
    ("RpcFrameworkError", "FormationViolation", "RpcFrameworkError"),
    ("SecurityError", "SecurityError", "SecurityError"),
    ("TypeConstraintViolation", "TypeConstraintViolation", "TypeConstraintViolation"),
]


def test_every_code_has_a_row() -> None:
    assert {code for code, _, _ in SPELLINGS} == set(get_args(ErrorCode))


@pytest.mark.parametrize(("code", "in_1x", "in_2x"), SPELLINGS)
def test_spell(code: ErrorCode, in_1x: str, in_2x: str) -> None:
    assert (spell(code, "1.x"), spell(code, "2.x")) == (in_1x, in_2x)


@pytest.mark.parametrize("code", get_args(ErrorCode))
def test_canonical_names_mean_themselves(code: ErrorCode) -> None:
    assert canonical(code) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FormationViolation", "FormatViolation"),
        ("OccurenceConstraintViolation", "OccurrenceConstraintViolation"),
        ("VendorTrouble", "GenericError"),
        ("", "GenericError"),
    ],
)
def test_canonical_of_other_spellings(text: str, code: ErrorCode) -> None:
    assert canonical(text) == code


def test_error_of_a_peer_keeps_its_spelling() -> None:
    error = received("VendorTrouble", "no", {"a": 1})
    assert (error.code, error.spelling) == ("GenericError", "VendorTrouble")
    assert (error.description, error.details) == ("no", {"a": 1})
    assert str(error) == "VendorTrouble: no"


def test_error_of_ours() -> None:
    error = OcppError("NotSupported")
    assert isinstance(error, ChargeplaneError)
    assert (error.spelling, error.description, error.details) == ("NotSupported", "", {})
    assert str(error) == "NotSupported"


class Sample(Wire, rename={"sampled_value": "sampledValue"}):
    sampled_value: Annotated[str, msgspec.Meta(max_length=3)]
    phase: Literal["L1", "L2"] | None = None


class Report(Wire, rename={"connector_id": "connectorId"}):
    connector_id: Annotated[int, msgspec.Meta(ge=0, le=9)]
    samples: Annotated[list[Sample], msgspec.Meta(min_length=1, max_length=2)]
    when: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    factor: float | None = None
    name: Annotated[str, msgspec.Meta(pattern="^a")] | None = None


def payload(**members: Any) -> bytes:
    usual = {"connectorId": 1, "samples": [{"sampledValue": "1"}]}
    return msgspec.json.encode({**usual, **members})


VIOLATIONS: list[tuple[bytes, ErrorCode, str]] = [
    (payload(samples=[]), "OccurrenceConstraintViolation", "samples: "),
    (payload(samples=[{"sampledValue": "1"}] * 3), "OccurrenceConstraintViolation", "samples: "),
    (payload(connectorId="1"), "TypeConstraintViolation", "connectorId: "),
    (payload(connectorId=1.5), "TypeConstraintViolation", "connectorId: "),
    (payload(connectorId=None), "TypeConstraintViolation", "connectorId: "),
    (payload(when=5), "TypeConstraintViolation", "when: expected datetime, got int"),
    (payload(when="today"), "TypeConstraintViolation", "when: "),
    (payload(when="2026-01-01T00:00:00"), "TypeConstraintViolation", "when: "),
    (payload(samples=[5]), "TypeConstraintViolation", "samples[0]: "),
    (payload(samples=[{"sampledValue": "long"}]), "PropertyConstraintViolation", "samples[0].samp"),
    (
        payload(samples=[{"sampledValue": "1", "phase": "L9"}]),
        "PropertyConstraintViolation",
        "samples[0].phase: ",
    ),
    (payload(connectorId=-1), "PropertyConstraintViolation", "connectorId: expected int >= 0"),
    (payload(connectorId=10), "PropertyConstraintViolation", "connectorId: expected int <= 9"),
    (payload(name="b"), "PropertyConstraintViolation", "name: "),
    (payload()[:-1] + b',"factor":1e999}', "PropertyConstraintViolation", "factor: "),
    (payload(vendor=1), "FormatViolation", "vendor: "),
    (payload(samples=[{"sampledValue": "1", "x": 1}]), "FormatViolation", "samples[0].x: "),
    (b"[]", "FormatViolation", "payload: expected object, got array"),
    (b"5", "FormatViolation", "payload: "),
    (b"{", "FormatViolation", "payload is not valid JSON"),
    (b"", "FormatViolation", "payload is not valid JSON"),
]


@pytest.mark.parametrize("family", get_args(Family))
@pytest.mark.parametrize(("wrong", "code", "start"), VIOLATIONS)
def test_violation(wrong: bytes, code: ErrorCode, start: str, family: Family) -> None:
    error = refusal(wrong, family)
    assert error.code == code
    assert error.description.startswith(start)


@pytest.mark.parametrize(
    ("family", "code"), [("1.x", "ProtocolError"), ("2.x", "OccurrenceConstraintViolation")]
)
@pytest.mark.parametrize(
    ("wrong", "description"),
    [
        (b'{"samples":[{"sampledValue":"1"}]}', "connectorId: missing"),
        (b'{"connectorId":1,"samples":[{}]}', "samples[0].sampledValue: missing"),
    ],
)
def test_missing_field(wrong: bytes, description: str, family: Family, code: ErrorCode) -> None:
    error = refusal(wrong, family)
    assert (error.code, error.description) == (code, description)


def test_description_is_bounded_and_begins_with_the_field() -> None:
    error = refusal(payload(samples=[{"sampledValue": "1", "phase": "L" * 999}]), "2.x")
    assert len(error.description) == DESCRIPTION_LENGTH
    assert error.description.startswith("samples[0].phase: ")


def test_key_of_a_map_is_named_by_the_map() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b'{"a":{"b":1}}', type=dict[str, dict[int, int]])
    assert from_decode_error(caught.value, "2.x").code == "TypeConstraintViolation"


def refusal(wrong: bytes, family: Family) -> OcppError:
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(wrong, type=Report)
    return from_decode_error(caught.value, family)
