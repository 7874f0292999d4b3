"""Real messages: read as the domain and written again they say the same."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chargeplane.ocpp.dialects import DIALECTS
from tests.ocpp import schemas
from tests.ocpp.examples import METER_VALUES, V1, V2, Exchange, Json, meter_values

TABLES = {"1.6": V1, "2.0.1": V2, "2.1": V2}
EXAMPLES = [
    pytest.param(version, action, exchange, id=f"{version}-{action}")
    for version, table in TABLES.items()
    for action, exchange in table.items()
]


def received(version: str, name: str, message: Json, *, answer: bool) -> Any:
    dialect = DIALECTS[version]
    payload = msgspec.json.encode(message)
    schemas.validate(version, name, payload, answer=answer)
    wire, oddities = dialect.decode(dialect.by_name[name], payload, answer=answer, strict=True)
    assert not oddities
    return wire


def sent(version: str, name: str, wire: Any, *, answer: bool) -> Json:
    dialect = DIALECTS[version]
    payload = dialect.encode(dialect.by_name[name], wire, answer=answer)
    schemas.validate(version, name, payload, answer=answer)
    message: Json = msgspec.json.decode(payload)
    return message


def test_every_shared_action_has_an_example() -> None:
    for version, table in TABLES.items():
        shared = {action.name for action in DIALECTS[version].actions if action.shared}
        assert table.keys() == shared


@pytest.mark.parametrize(("version", "name", "exchange"), EXAMPLES)
def test_written_as_it_was_read(version: str, name: str, exchange: Exchange) -> None:
    action = DIALECTS[version].by_name[name]
    request = action.read(received(version, name, exchange.request, answer=False))
    assert isinstance(request, action.requests)
    written = sent(version, name, action.write(request), answer=False)
    assert written == (exchange.said or exchange.request)
    reply = action.read_answer(received(version, name, exchange.answer, answer=True), request)
    assert sent(version, name, action.write_answer(reply), answer=True) == exchange.answer


@pytest.mark.parametrize(
    ("sample", "said"), [case[1:] for case in METER_VALUES], ids=[case[0] for case in METER_VALUES]
)
def test_samples_of_1_6_are_said_in_their_normal_unit(sample: Json, said: Json) -> None:
    action = DIALECTS["1.6"].by_name["MeterValues"]
    wire = received("1.6", "MeterValues", meter_values(sample), answer=False)
    written = sent("1.6", "MeterValues", action.write(action.read(wire)), answer=False)
    assert written == meter_values(said)


ONLY_2 = [
    (version, action.name, answer)
    for version in ("2.0.1", "2.1")
    for action in DIALECTS[version].actions
    if not action.shared
    for answer in (False, True)
    if not answer or action.wire_answer is not None
]


@pytest.mark.parametrize(("version", "name", "answer"), ONLY_2)
def test_what_only_2_x_has_keeps_every_member(version: str, name: str, answer: bool) -> None:  # noqa: FBT001 a column
    message = schemas.full(version, name, answer=answer)
    written = sent(version, name, received(version, name, message, answer=answer), answer=answer)
    assert written == message
