from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import IntegrityError

from chargeplane.errors import StorageError
from chargeplane.storage.database import Database
from chargeplane.storage.deferred import later
from chargeplane.storage.stores import Store, open_store
from chargeplane.storage.writer import Histogram, Writer

numbers = Table("numbers", MetaData(), Column("n", Integer, primary_key=True))
INSERT = insert(numbers)
T = TypeVar("T")


@pytest.fixture
async def database(database: Database) -> Database:
    await database.write(numbers.create)
    return database


def add(connection: Connection, n: int) -> int:
    connection.execute(INSERT, {"n": n})
    return n


def add_later(connection: Connection, n: int) -> None:
    later(connection, INSERT, {"n": n})


def do_nothing(_: Connection) -> None:
    pass


def fail(connection: Connection, n: int) -> None:
    add(connection, n)
    raise LookupError(n)


def stored(connection: Connection) -> list[int]:
    return list(connection.execute(select(numbers).order_by(numbers.c.n)).scalars())


async def test_a_write_returns_the_value_once_it_is_stored(database: Database) -> None:
    assert await database.write(add, 1) == 1
    assert await database.read(stored) == [1]


async def test_a_single_write_does_not_wait_for_others(database: Database) -> None:
    await database.write(add, 1)
    assert database.statistics.group_size.counts[0] == 2  # this one and the making of the table


async def test_writes_at_once_share_commits_and_keep_their_order(database: Database) -> None:
    order: list[int] = []

    async def one(n: int) -> None:
        order.append(await database.write(add, n))

    await asyncio.gather(*(one(n) for n in range(300)))
    assert order == list(range(300)) == await database.read(stored)
    assert sum(database.statistics.group_size.counts) < 50
    assert database.waiting == 0


async def test_only_the_culprit_gets_its_exception(database: Database) -> None:
    works = [database.write(fail if n in {3, 7} else add, n) for n in range(10)]
    results = await asyncio.gather(*works, return_exceptions=True)
    assert [n for n, r in enumerate(results) if isinstance(r, LookupError)] == [3, 7]
    assert await database.read(stored) == [0, 1, 2, 4, 5, 6, 8, 9]
    assert database.statistics.works_failed == 2
    assert database.statistics.works_alone >= 5


async def test_errors_of_the_database_are_the_culprits_too(database: Database) -> None:
    results = await asyncio.gather(
        *(database.write(add, n) for n in (1, 2, 1)), return_exceptions=True
    )
    assert isinstance(results[2], IntegrityError)
    assert await database.read(stored) == [1, 2]


async def test_rows_for_later_are_stored_before_the_answer(database: Database) -> None:
    await asyncio.gather(*(database.write(add_later, n) for n in range(100)))
    assert await database.read(stored) == list(range(100))


async def test_a_row_for_later_that_fails_is_its_writers_own_fault(database: Database) -> None:
    results = await asyncio.gather(
        *(database.write(add_later, n) for n in (1, 1, 2)), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), IntegrityError, type(None)]
    assert await database.read(stored) == [1, 2]


async def test_later_outside_of_a_group_is_now(database: Database, url: str) -> None:
    store = open_store(url)
    await store.transact(lambda c: add_later(c, 5))
    await store.close()
    assert await database.read(stored) == [5]


async def test_reading_cannot_write(database: Database) -> None:
    # SQLite says that the database is read-only and PostgreSQL that the transaction is.
    with pytest.raises(StorageError, match=r"readonly|read-only"):
        await database.read(add, 1)


async def test_a_waiter_that_gives_up_does_not_stop_the_others(database: Database) -> None:
    tasks = [asyncio.create_task(database.write(add, n)) for n in range(10)]
    await asyncio.sleep(0)
    tasks[4].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[4], asyncio.CancelledError)
    assert set(await database.read(stored)) >= set(range(10)) - {4}


async def test_closing_stores_what_waits_and_refuses_the_rest(url: str) -> None:
    database = await Database.open(url)
    await database.write(numbers.create)
    tasks = [asyncio.create_task(database.write(add, n)) for n in range(100)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*tasks) == list(range(100))
    with pytest.raises(StorageError, match="closed"):
        await database.write(add, 100)


async def test_a_group_takes_no_more_works_than_its_time_allows(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargeplane.storage.writer.GROUP_SECONDS", 0)
    async with await Database.open(sqlite_url) as database:
        await database.write(numbers.create)
        await asyncio.gather(*(database.write(add, n) for n in range(20)))
        assert database.statistics.group_size.counts[0] == 21


class Slow:
    """A store whose commits take until they are allowed."""

    def __init__(self, store: Store) -> None:
        self.allowed = asyncio.Event()
        self._store = store

    async def transact(self, function: Callable[[Connection], T], /) -> T:
        await self.allowed.wait()
        return await self._store.transact(function)


def test_a_histogram_counts_up_to_its_bounds() -> None:
    histogram = Histogram((1, 10))
    for value in (0.5, 1, 2, 10, 11):
        histogram.add(value)
    assert histogram.counts == [2, 2, 1]
    assert histogram.total == 24.5


async def test_callers_wait_when_too_many_wait_already(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    slow = Slow(store)
    writer = Writer(slow.transact, capacity=3)
    tasks = [asyncio.create_task(writer.write(do_nothing)) for _ in range(10)]
    await asyncio.sleep(0.01)
    assert writer.waiting == 3
    slow.allowed.set()
    await asyncio.gather(*tasks)
    await writer.close()
    await store.close()


async def test_commits_of_one_process_are_seen_by_another(url: str) -> None:
    async with await Database.open(url) as here, await Database.open(url) as there:
        await here.write(numbers.create)
        await asyncio.gather(here.write(add, 1), there.write(add, 2))
        assert await here.read(stored) == await there.read(stored) == [1, 2]
        assert await here.read(lambda c: c.execute(text("SELECT 1")).scalar_one()) == 1
