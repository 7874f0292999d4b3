"""What is written reads back as the same value, and what is written is valid by its schema."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from chargeplane.ocpp.dialects import DIALECTS
from tests.ocpp import schemas
from tests.ocpp.schemas import SOME
from tests.ocpp.strategies import pairs_1, pairs_2

CASES = [
    pytest.param(version, action, pair, id=f"{version}-{action}-{number}")
    for version, table in (("1.6", pairs_1()), ("2.1", pairs_2()))
    for action, pairs in table.items()
    for number, pair in enumerate(pairs)
]


def said(version: str, name: str, wire: Any, *, answer: bool) -> Any:
    """A wire value, sent and received."""
    dialect = DIALECTS[version]
    action = dialect.by_name[name]
    payload = dialect.encode(action, wire, answer=answer)
    schemas.validate(version, name, payload, answer=answer)
    received, oddities = dialect.decode(action, payload, answer=answer, strict=True)
    assert oddities == ()
    return received


@pytest.mark.parametrize(("version", "name", "pair"), CASES)
def test_what_is_written_reads_as_the_same(version: str, name: str, pair: Any) -> None:
    action = DIALECTS[version].by_name[name]

    @SOME
    @given(pair)
    def check(exchange: tuple[Any, Any]) -> None:
        request, answer = exchange
        assert action.read(said(version, name, action.write(request), answer=False)) == request
        reply = said(version, name, action.write_answer(answer), answer=True)
        assert action.read_answer(reply, request) == answer

    check()
