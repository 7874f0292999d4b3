"""2.1 values cut down to 2.0.1: one case for each kind of mark, and all actions at random."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given

from chargeplane.errors import Untranslatable
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.narrow import WORDS, narrowed, to_milliseconds
from chargeplane.ocpp.v2 import wire
from tests.ocpp import schemas
from tests.ocpp.examples import Json
from tests.ocpp.schemas import FEW

AT = datetime(2026, 3, 1, tzinfo=UTC)
TOKEN = wire.IdToken(id_token="A", type="Central")


def period(**members: Any) -> wire.ChargingSchedulePeriod:
    return wire.ChargingSchedulePeriod(start_period=0, **members)


def car(**members: Any) -> wire.ACChargingParameters:
    usual: Json = {"ev_min_current": 6, "ev_max_current": 16, "ev_max_voltage": 230}
    return wire.ACChargingParameters(**usual, **members)


def signed(**members: Any) -> wire.SignedMeterValue:
    return wire.SignedMeterValue(signed_meter_data="x", encoding_method="OCMF", **members)


CUT = [
    # A member that 2.1 brought.
    (period(limit=1, limit_l2=2), period(limit=1)),
    # One in a list.
    (
        wire.CompositeSchedule(
            evse_id=1,
            duration=1,
            schedule_start=AT,
            charging_rate_unit="A",
            charging_schedule_period=[period(limit=1, setpoint=3)],
        ),
        wire.CompositeSchedule(
            evse_id=1,
            duration=1,
            schedule_start=AT,
            charging_rate_unit="A",
            charging_schedule_period=[period(limit=1)],
        ),
    ),
    # A fraction where 2.0.1 has integers.
    (car(energy_amount=1.6), car(energy_amount=2)),
    # A value that 2.0.1 has another word for.
    (
        wire.SetDisplayMessageResponse(status="LanguageNotSupported"),
        wire.SetDisplayMessageResponse(status="Rejected"),
    ),
]


@pytest.mark.parametrize(("newer", "older"), CUT)
def test_what_2_1_brought_is_cut(newer: Any, older: Any) -> None:
    assert narrowed(newer, "2.0.1") == older
    assert narrowed(newer, "2.1") is newer


REFUSED = [
    # An enum value that 2.1 brought, in a member and in a list.
    (wire.Reset(type="ImmediateAndResume"), "no such value"),
    (
        wire.GetInstalledCertificateIds(certificate_type=["OEMRootCertificate"]),
        "no such value",
    ),
    # An enum of 2.0.1 that 2.1 opened to any text.
    (wire.IdToken(id_token="A", type="VIN"), "no such value"),
    # A text longer than 2.0.1 allows.
    (wire.IdToken(id_token="x" * 37, type="Central"), "at most 36"),
    (wire.Authorize(id_token=wire.IdToken(id_token="x" * 37, type="Central")), "at most 36"),
    # A member that 2.0.1 asks for.
    (period(), "limit is required"),
    (signed(signing_method="RSA"), "publicKey is required|public_key is required"),
]


@pytest.mark.parametrize(("newer", "reason"), REFUSED)
def test_what_2_0_1_cannot_say_is_refused(newer: Any, reason: str) -> None:
    with pytest.raises(Untranslatable, match=reason):
        narrowed(newer, "2.0.1")
    assert narrowed(newer, "2.1") is newer


@pytest.mark.parametrize(
    ("kind", "member", "value"),
    [
        (kind, member, value)
        for (kind, member), words in WORDS.items()
        for pair in words.items()
        for value in pair
    ],
)
def test_other_words_are_words_of_2_0_1(kind: str, member: str, value: str) -> None:
    """What is replaced is unknown there, and what replaces it is known."""
    name = kind if kind.endswith("Response") else f"{kind}Request"
    of_2_0_1 = msgspec.json.encode(schemas.schema("2.0.1", name)).decode()
    replaced = value in WORDS[kind, member]
    assert (f'"{value}"' in of_2_0_1) != replaced


def test_a_value_without_news_stays_the_same_object() -> None:
    value = wire.Authorize(id_token=TOKEN)
    assert narrowed(value, "2.0.1") is value


@pytest.mark.parametrize(
    ("sent", "cut"),
    [
        (b'{"t":"2026-03-01T00:00:00.123456Z"}', b'{"t":"2026-03-01T00:00:00.123Z"}'),
        (b'{"t":"2026-03-01T00:00:00Z"}', b'{"t":"2026-03-01T00:00:00Z"}'),
        (b'{"t":"T00:00:00.123456"}', b'{"t":"T00:00:00.123456"}'),
    ],
)
def test_to_milliseconds(sent: bytes, cut: bytes) -> None:
    assert to_milliseconds(sent) == cut


@pytest.mark.parametrize(("action", "answer"), schemas.messages("2.0.1"))
def test_what_2_0_1_is_told_is_valid_there(action: str, answer: bool) -> None:  # noqa: FBT001 a column
    newer, older = DIALECTS["2.1"], DIALECTS["2.0.1"]
    row = newer.by_name[action]

    @FEW
    @given(schemas.instances("2.1", action, answer=answer))
    def check(message: Json) -> None:
        value, _ = newer.decode(row, msgspec.json.encode(message), answer=answer, strict=False)
        try:
            payload = older.encode(row, value, answer=answer)
        except Untranslatable as refusal:
            assert str(refusal).startswith("OCPP 2.0.1 ")  # noqa: PT017 either is right
            return
        schemas.validate("2.0.1", action, payload, answer=answer)
        again, oddities = older.decode(row, payload, answer=answer, strict=False)
        assert set(oddities) <= {"null data"}
        assert older.encode(row, again, answer=answer) == payload

    check()
