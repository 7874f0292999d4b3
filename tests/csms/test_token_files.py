from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.csms import token_files, tokens
from chargeplane.csms.central import Central
from chargeplane.csms.token_files import TokenFileError
from chargeplane.domain.tokens import Token
from chargeplane.storage.paging import Window
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import tokens as stored
from tests.storage.repositories.moments import NOW
from tests.storage.repositories.test_tokens import record

TEXTS = st.text(min_size=1, max_size=20)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TOKENS = st.fixed_dictionaries(
    {"id_token": TEXTS},
    optional={
        "type": TEXTS,
        "name": TEXTS,
        "group_id": TEXTS,
        "blocked": st.booleans(),
        "valid_from": MOMENTS,
        "expires_at": MOMENTS,
        "max_active_transactions": st.integers(-1, 9),
        "comment": TEXTS,
        "charging_priority": st.integers(-9, 9),
        "stations": st.lists(st.sampled_from(["CP1", "DE*A*1"]), min_size=1).map(tuple),
    },
)


@given(st.lists(TOKENS, max_size=3))
def test_what_is_written_is_read_again(made: list[dict[str, Any]]) -> None:
    records = [record(**fields) for fields in made]
    rows = token_files.read(token_files.write(records))
    found = [[getattr(row, name) for name in token_files.COLUMNS] for row in rows]
    assert found == [[getattr(each, name) for name in token_files.COLUMNS] for each in records]


def test_formulas_are_texts_for_spreadsheets() -> None:
    written = token_files.write([record("=1+1", name="@x")]).decode("utf-8-sig").splitlines()[1]
    assert written.startswith("'=1+1,ISO14443,'@x,")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Line 1: a column id_token is needed"),
        ("name\nx", "Line 1: a column id_token is needed"),
        ("id_token,colour\nA,red", "Line 1: unknown column colour"),
        ("id_token,id_token\nA,A", "Line 1: a column is there twice"),
        ("id_token,name\nA", "Line 2: 1 cells for 2 columns"),
        ('id_token,name\n\n\n"",x', r"Line 4: .*id_token"),
        ("id_token;expires_at\nA;soon", r"Line 2: .*expires_at"),
        ("id_token,expires_at\nA,2026-01-01T00:00:00", r"Line 2: .*timezone.*expires_at"),
        ("id_token,blocked\nA,perhaps", r"Line 2: .*blocked"),
        ("id_token,max_active_transactions\nA,-2", r"Line 2: .*max_active"),
        (f"id_token\n{'x' * 256}", r"Line 2: .*id_token"),
        (f"id_token\n{'x' * 200_000}", "field larger than"),
    ],
)
def test_a_bad_file_is_told_by_line(text: str, problem: str) -> None:
    with pytest.raises(TokenFileError, match=problem):
        token_files.read(text.encode())


def test_a_file_that_is_no_text_is_told() -> None:
    with pytest.raises(TokenFileError, match="UTF-8"):
        token_files.read(b"PK\x03\x04\xff\xff")


async def save(central: Central, text: str) -> int:
    rows = token_files.read(text.encode())
    return await central.commit(lambda unit: token_files.save(unit, rows))


async def test_a_file_changes_only_what_it_has_columns_for(central: Central) -> None:
    known = record("Ab", name="Anna", comment="blue", max_active_transactions=5)
    await central.database.write(stored.save, [known])
    await central.database.write(stored.note_unknown, Token("NEW"), "CP1", NOW)
    sent = "ID_Token;Name;Group_ID;expires_at\nAB;;Fleet;2026-12-31\nNew;Bob;;\nnew;Ben;;\n"
    assert await save(central, sent) == 2
    changed = await central.database.read(stored.get, "ab")
    assert changed is not None
    assert (changed.id_token, changed.name, changed.comment) == ("AB", None, "blue")
    assert (changed.group_id, changed.group_key) == ("Fleet", "fleet")
    assert changed.max_active_transactions == 5
    assert changed.expires_at == datetime(2026, 12, 31, tzinfo=UTC)
    added = await central.database.read(stored.get, "new")
    assert added is not None
    assert (added.name, added.type, added.blocked) == ("Ben", "ISO14443", False)
    assert (await central.database.read(stored.unknown, Window())).items == ()


async def test_changes_of_tokens_are_told(central: Central) -> None:
    a, b = record("A"), record("B")
    with central.bus.subscribe() as news:
        await central.commit(lambda unit: tokens.save(unit, [a, b]))
        await central.commit(lambda unit: tokens.set_blocked(unit, ["a", "none"], blocked=True))
        assert await central.commit(lambda unit: tokens.remove(unit, ["b", "none"])) == 1
        told = [(event.kind, event.data) for event in news.waiting()]
    assert told == [
        ("token.changed", {"id_token": "A", "blocked": False}),
        ("token.changed", {"id_token": "B", "blocked": False}),
        ("token.changed", {"id_token": "a", "blocked": True}),
        ("token.removed", {"id_token": "b"}),
    ]
    found: tuple[TokenRecord, ...] = (
        await central.database.read(stored.page, stored.TokenFilter(), Window())
    ).items
    assert [(each.key, each.blocked) for each in found] == [("a", True)]
