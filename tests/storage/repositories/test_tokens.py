from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chargeplane.domain.tokens import Token
from chargeplane.storage.database import Database
from chargeplane.storage.paging import Sorting, Window
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import tokens, transactions
from chargeplane.storage.repositories.tokens import TokenFilter
from chargeplane.storage.repositories.transactions import TransactionStart, TransactionStop
from tests.storage.repositories.moments import NOW, after


def record(id_token: str, **fields: Any) -> TokenRecord:
    values: dict[str, Any] = dict.fromkeys(TokenRecord.__struct_fields__) | {
        "key": id_token.lower(),
        "id_token": id_token,
        "type": "ISO14443",
        "blocked": False,
        "max_active_transactions": 1,
        "created_at": NOW,
    }
    return TokenRecord(**values | fields)


async def test_tokens_are_kept_as_written_and_found_by_key(database: Database) -> None:
    token = record("AbC", stations=("CP1", "CP2"), expires_at=after(60), group_key="fleet")
    await database.write(tokens.save, [token, record("x")])
    await database.write(tokens.save, [])
    assert await database.read(tokens.get, Token("aBc").key) == token
    assert await database.read(tokens.get, "AbC") is None
    changed = msgspec.structs.replace(token, name="Anna", created_at=after(9))
    await database.write(tokens.save, [changed])
    assert await database.read(tokens.get, "abc") == msgspec.structs.replace(token, name="Anna")


async def test_open_transactions_of_a_token_and_its_group(database: Database) -> None:
    await database.write(
        tokens.save, [record("A", group_key="g"), record("B", group_key="g"), record("C")]
    )
    for n, tag in enumerate(("a", "A", "b", "c")):
        start = TransactionStart(
            station_id=f"CP{n}", evse_id=1, started_at=NOW, uid="t", token=Token(tag)
        )
        await database.write(transactions.start, start, NOW)
    standing = await database.read(tokens.standing, "a")
    assert standing is not None
    assert (standing.open_transactions, standing.open_in_group) == (2, 3)
    alone = await database.read(tokens.standing, "c")
    assert alone is not None
    assert (alone.open_transactions, alone.open_in_group) == (1, 0)
    assert await database.read(tokens.standing, "d") is None
    assert await database.read(transactions.count_open, "a") == 2
    assert await database.read(transactions.count_open_in_group, "g") == 3
    await database.write(
        transactions.stop, 1, TransactionStop(stopped_at=after(1), closed_by="station")
    )
    assert await database.read(transactions.count_open, "a") == 1


@pytest.mark.parametrize(
    ("what", "keys"),
    [
        (TokenFilter(), ["a", "b", "c"]),
        (TokenFilter(group_key="g"), ["a", "b"]),
        (TokenFilter(blocked=True), ["b"]),
        (TokenFilter(search="ANN"), ["c"]),
    ],
)
async def test_lists(database: Database, what: TokenFilter, keys: list[str]) -> None:
    await database.write(
        tokens.save,
        [record("A", group_key="g"), record("B", group_key="g"), record("C", name="Anna")],
    )
    assert await database.write(tokens.set_blocked, "b", blocked=True)
    assert not await database.write(tokens.set_blocked, "z", blocked=True)
    page = await database.read(tokens.page, what, Window())
    assert [token.key for token in page.items] == keys
    assert await database.read(tokens.count, what) == len(keys)
    assert [t.key for t in await database.read(tokens.of_group, "g")] == ["a", "b"]


async def test_a_token_can_be_deleted(database: Database) -> None:
    await database.write(tokens.save, [record("A")])
    assert await database.write(tokens.remove, "a")
    assert not await database.write(tokens.remove, "a")


async def test_unknown_tokens_are_remembered(database: Database) -> None:
    await database.write(tokens.note_unknown, Token("Ab"), "CP1", NOW)
    await database.write(tokens.note_unknown, Token("aB", "eMAID"), "CP2", after(2))
    await database.write(tokens.note_unknown, Token("x"), "CP2", after(1))
    page = await database.read(tokens.unknown, Window())
    assert [(t.id_token, t.station_id, t.attempts) for t in page.items] == [
        ("aB", "CP2", 2),
        ("x", "CP2", 1),
    ]
    assert await database.write(tokens.keep_latest_unknown, 1) == 1
    assert await database.write(tokens.forget_unknown, "ab")
    assert not await database.write(tokens.forget_unknown, "ab")


async def test_tokens_are_sorted_and_those_without_a_value_come_last(database: Database) -> None:
    made = [
        record("A", name="Zoe", expires_at=after(5)),
        record("b", name="Anna"),
        record("C", group_key="x_y", expires_at=after(1)),
    ]
    await database.write(tokens.save, made)

    async def listed(sorting: Sorting, **what: Any) -> tuple[str, int]:
        found = await database.read(tokens.part, TokenFilter(**what), sorting, Window())
        return "".join(each.key for each in found.items), found.total

    assert await listed(Sorting()) == ("abc", 3)
    assert await listed(Sorting("name")) == ("bac", 3)
    assert await listed(Sorting("expires_at", descending=True)) == ("acb", 3)
    assert await listed(Sorting(), expired_at=after(2)) == ("c", 1)
    assert await listed(Sorting(), search="X_") == ("c", 1)
    assert await listed(Sorting(), search="%") == ("", 0)


async def test_unknown_tokens_are_searched_and_sorted(database: Database) -> None:
    for station, tag, times in (("CP1", "B", 1), ("CP2", "A", 2)):
        for n in range(times):
            await database.write(tokens.note_unknown, Token(tag), station, after(n))

    async def listed(search: str | None, sorting: Sorting) -> list[str]:
        found = await database.read(tokens.unknown_part, search, sorting, Window())
        return [each.id_token for each in found.items]

    assert await listed(None, Sorting()) == ["A", "B"]
    assert await listed(None, Sorting("attempts")) == ["B", "A"]
    assert await listed("cp2", Sorting()) == ["A"]
