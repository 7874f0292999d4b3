"""The wire types: what the official schemas allow is decoded, what they forbid is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given

from chargeplane.ocpp.action import Wire
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.ocpp.errors import ErrorCode, from_decode_error
from chargeplane.ocpp.v2.wire import ChargingSchedule
from tests.ocpp import schemas
from tests.ocpp.examples import V1, V2, Json
from tests.ocpp.schemas import FEW

MESSAGES = [
    (version, action, answer)
    for version in schemas.FOLDERS
    for action, answer in schemas.messages(version)
]


# `data` may be null; of transactionData the schema of 1.6 asks no sample, the specification one.
EXPECTED = {"null data", *(f"empty list transactionData[{n}].sampledValue" for n in range(2))}


def decode(
    version: str, action: str, payload: bytes, *, answer: bool = False, strict: bool = False
) -> tuple[Any, tuple[str, ...]]:
    dialect = DIALECTS[version]
    return dialect.decode(dialect.by_name[action], payload, answer=answer, strict=strict)


def encode(version: str, action: str, wire: Wire, *, answer: bool = False) -> bytes:
    dialect = DIALECTS[version]
    return dialect.encode(dialect.by_name[action], wire, answer=answer)


def custom_data(value: Any) -> list[Any]:
    """Every customData in a message, in order."""
    if isinstance(value, dict):
        inner = [found for name in sorted(value) for found in custom_data(value[name])]
        return [value["customData"], *inner] if "customData" in value else inner
    return (
        [found for item in value for found in custom_data(item)] if isinstance(value, list) else []
    )


@pytest.mark.parametrize(("version", "action", "answer"), MESSAGES)
def test_every_schema_valid_message_decodes_and_is_valid_again(
    version: str,
    action: str,
    answer: bool,  # noqa: FBT001 a column of the table
) -> None:
    @FEW
    @given(schemas.instances(version, action, answer=answer))
    def check(message: Json) -> None:
        payload = msgspec.json.encode(message)
        wire, oddities = decode(version, action, payload, answer=answer)
        assert set(oddities) <= EXPECTED
        said = encode(version, action, wire, answer=answer)
        schemas.validate(version, action, said, answer=answer)
        assert custom_data(msgspec.json.decode(said)) == custom_data(message)
        again, _ = decode(version, action, said, answer=answer)
        assert encode(version, action, again, answer=answer) == said

    check()


# Refusals, and what they are called.


class Refusal(NamedTuple):
    version: str
    action: str
    path: str  # of the member that is spoiled, in the example of the action
    value: Any  # ...: the member is left out
    code: ErrorCode


TABLES = {"1.6": V1, "2.0.1": V2, "2.1": V2}
REFUSALS = [
    Refusal("1.6", "Authorize", "idTag", "x" * 21, "PropertyConstraintViolation"),
    Refusal("1.6", "Authorize", "idTag", 5, "TypeConstraintViolation"),
    Refusal("1.6", "Authorize", "idTag", ..., "ProtocolError"),
    Refusal("1.6", "Reset", "type", "Warm", "PropertyConstraintViolation"),
    Refusal("1.6", "StatusNotification", "connectorId", "1", "TypeConstraintViolation"),
    Refusal("1.6", "StatusNotification", "connectorId", 1.5, "TypeConstraintViolation"),
    Refusal("1.6", "StatusNotification", "timestamp", "yesterday", "TypeConstraintViolation"),
    Refusal("1.6", "MeterValues", "meterValue", {}, "TypeConstraintViolation"),
    Refusal("1.6", "MeterValues", "meterValue.0.sampledValue.0.value", 7,
            "TypeConstraintViolation"),
    Refusal("1.6", "MeterValues", "meterValue.0.sampledValue.1.unit", "Amp",
            "PropertyConstraintViolation"),
    Refusal("2.0.1", "BootNotification", "chargingStation.model", "x" * 21,
            "PropertyConstraintViolation"),
    Refusal("2.0.1", "BootNotification", "reason", ..., "OccurrenceConstraintViolation"),
    Refusal("2.1", "BootNotification", "reason", "Boredom", "PropertyConstraintViolation"),
    Refusal("2.1", "MeterValues", "evseId", -1, "PropertyConstraintViolation"),
    Refusal("2.1", "MeterValues", "meterValue.0.timestamp", 0, "TypeConstraintViolation"),
    Refusal("2.1", "SetChargingProfile",
            "chargingProfile.chargingSchedule.0.chargingSchedulePeriod.0.phaseToUse", 4,
            "PropertyConstraintViolation"),
    Refusal("2.1", "Authorize", "iso15118CertificateHashData", [{}] * 5,
            "OccurrenceConstraintViolation"),
]  # fmt: skip


def spoiled(message: Any, path: list[str], value: Any) -> Any:
    """The message with another value at a path."""
    if not path:
        return value
    if isinstance(message, list):
        place = int(path[0])
        return [*message[:place], spoiled(message[place], path[1:], value), *message[place + 1 :]]
    rest = {name: member for name, member in message.items() if name != path[0]}
    changed = spoiled(message.get(path[0]), path[1:], value)
    return rest if changed is ... else {**rest, path[0]: changed}


@pytest.mark.parametrize(
    "case", REFUSALS, ids=lambda case: f"{case.version}-{case.path}-{case.code}"
)
def test_what_breaks_the_specification_is_refused_by_its_code(case: Refusal) -> None:
    example = TABLES[case.version][case.action].request
    message = spoiled(example, case.path.split("."), case.value)
    with pytest.raises(msgspec.DecodeError) as caught:
        decode(case.version, case.action, msgspec.json.encode(message))
    error = from_decode_error(caught.value, DIALECTS[case.version].family)
    assert error.code == case.code
    assert case.path.split(".")[-1] in error.description


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"{", "FormatViolation"),
        (b'{"idTag": "\xff"}', "FormatViolation"),
        (b'["idTag"]', "FormatViolation"),
        (b"null", "FormatViolation"),
    ],
)
@pytest.mark.parametrize("version", ["1.2", "1.5", "1.6"])
def test_what_is_no_object_is_refused(version: str, payload: bytes, code: str) -> None:
    with pytest.raises(msgspec.DecodeError) as caught:
        decode(version, "Authorize", payload)
    assert from_decode_error(caught.value, "1.x").code == code


def test_unknown_members_are_oddities_or_refused() -> None:
    payload = msgspec.json.encode({"idTag": "A", "vendorFoo": 1})
    wire, oddities = decode("1.6", "Authorize", payload)
    assert (wire.id_tag, oddities) == ("A", ("unknown member vendorFoo",))
    with pytest.raises(msgspec.ValidationError, match="unknown field `vendorFoo`"):
        decode("1.6", "Authorize", payload, strict=True)


# Bounds that only 2.1 brought.

WIDER = [
    ("MeterValues", {**V2["MeterValues"].request, "evseId": -1}),
    ("GetDisplayMessages", {"requestId": -5, "id": [-1, -2]}),
    ("TransactionEvent", {**V2["TransactionEvent"].request, "seqNo": -1}),
]


@pytest.mark.parametrize(("action", "message"), WIDER)
@pytest.mark.parametrize("strict", [False, True])
def test_bounds_that_2_1_brought_do_not_bind_2_0_1(
    action: str,
    message: Json,
    strict: bool,  # noqa: FBT001 a column of the table
) -> None:
    payload = msgspec.json.encode(message)
    wire, oddities = decode("2.0.1", action, payload, strict=strict)
    assert oddities == ()
    kept = msgspec.json.decode(encode("2.0.1", action, wire))
    assert kept == message
    with pytest.raises(msgspec.ValidationError, match=">= 0"):
        decode("2.1", action, payload, strict=strict)


def test_bounds_narrower_in_2_0_1_bind_only_the_sender() -> None:
    token = {"idToken": "x" * 40, "type": "Central"}
    for more in ({}, {"vendorFoo": 1}):
        payload = msgspec.json.encode({"idToken": token, **more})
        wire, _ = decode("2.0.1", "Authorize", payload)
        assert wire.id_token.id_token == "x" * 40


def test_limits_of_1_6_may_have_more_decimals_than_the_schema_asks_for() -> None:
    message = spoiled(
        V1["SetChargingProfile"].request,
        "csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit".split("."),
        16.125,
    )
    wire, oddities = decode("1.6", "SetChargingProfile", msgspec.json.encode(message))
    period = wire.cs_charging_profiles.charging_schedule.charging_schedule_period[0]
    assert (period.limit, oddities) == (16.125, ())


# Times


MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
TIMES = [
    ("2026-03-01T12:30:00Z", MOMENT),
    ("2026-03-01T12:30:00", MOMENT),
    ("2026-03-01T13:30:00+01:00", MOMENT),
    ("2026-03-01T07:00:00-05:30", MOMENT),
    ("2026-03-01T12:30:00.5Z", MOMENT.replace(microsecond=500_000)),
    ("2026-03-01T12:30:00.123456789Z", MOMENT.replace(microsecond=123_457)),
    ("2026-03-01 12:30:00Z", MOMENT),
]


@pytest.mark.parametrize("version", ["1.5", "1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize(("text", "moment"), TIMES)
def test_times_are_read_as_utc(version: str, text: str, moment: datetime) -> None:
    payload = msgspec.json.encode({"currentTime": text})
    wire, _ = decode(version, "Heartbeat", payload, answer=True)
    assert wire.current_time == moment
    assert wire.current_time.tzinfo is UTC


@pytest.mark.parametrize(("is_local", "hour"), [(True, 13), (False, 12)])
def test_a_local_time_is_read_without_its_offset(*, is_local: bool, hour: int) -> None:
    """2.1 K01.FR.90."""
    schedule = {
        "id": 1,
        "chargingRateUnit": "A",
        "startSchedule": "2026-03-01T13:30:00+01:00",
        "useLocalTime": is_local,
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}],
    }
    read = msgspec.json.decode(msgspec.json.encode(schedule), type=ChargingSchedule)
    assert read.start_schedule == MOMENT.replace(hour=hour)


@pytest.mark.parametrize("version", list(DIALECTS))
@pytest.mark.parametrize(
    ("microsecond", "shown"),
    [(0, "00Z"), (250_000, "00.250Z"), (123_456, "00.123Z"), (999_999, "00.999Z")],
)
def test_times_are_sent_with_milliseconds_at_most(
    version: str, microsecond: int, shown: str
) -> None:
    row = DIALECTS[version].by_name["Heartbeat"]
    assert row.wire_answer is not None
    wire = row.wire_answer(current_time=MOMENT.replace(microsecond=microsecond))
    payload = msgspec.json.decode(encode(version, "Heartbeat", wire, answer=True))
    assert payload == {"currentTime": f"2026-03-01T12:30:{shown}"}
