from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from chargeplane.errors import StorageError
from chargeplane.storage import stores
from chargeplane.storage.database import Database
from chargeplane.storage.failures import is_outage, outage
from chargeplane.storage.prepared import execute
from chargeplane.storage.repositories import transactions

pages = Table("pages", MetaData(), Column("body", Text))
BIG = "x" * 50_000


def add(connection: Connection, body: str = "small") -> None:
    connection.execute(insert(pages), {"body": body})


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(pages)).scalar_one()


def set_size_limit(connection: Connection, more_pages: int) -> None:
    used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {used + more_pages}")


def set_read_only(database: Database, switch: str) -> None:
    connection = database._store._writing.raw_connection()  # type: ignore[attr-defined]
    connection.execute(f"PRAGMA query_only = {switch}")
    connection.close()


@pytest.fixture
async def lite(sqlite_url: str) -> AsyncIterator[Database]:
    async with await Database.open(sqlite_url) as database:
        await database.write(pages.create)
        yield database


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Database]:
    async with await Database.open(postgres_url) as database:
        await database.write(pages.create)
        yield database


async def test_a_full_disk_fails_the_group_and_is_survived(lite: Database) -> None:
    await lite.write(set_size_limit, 5)
    results = await asyncio.gather(
        *(lite.write(add, body) for body in ("small", BIG, "small")), return_exceptions=True
    )
    assert [type(result) for result in results] == [StorageError] * 3
    assert "full" in str(results[0])
    assert await lite.read(count) == 0
    assert lite.statistics.outages == 1
    await lite.write(set_size_limit, 10_000)
    await lite.write(add, BIG)
    assert await lite.read(count) == 1


async def test_a_read_only_disk_fails_writes_only_until_it_is_writable(lite: Database) -> None:
    set_read_only(lite, "ON")
    with pytest.raises(StorageError, match="readonly"):
        await lite.write(add)
    assert await lite.read(count) == 0
    set_read_only(lite, "OFF")
    await lite.write(add)
    assert await lite.read(count) == 1


@pytest.mark.parametrize("step", ["execute", "commit"])
async def test_an_input_output_error_is_survived(
    lite: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    broken = sqlite3.OperationalError("disk I/O error")
    broken.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE

    def refuse(*_: object) -> None:
        raise broken

    dialect = lite._store._writing.dialect  # type: ignore[attr-defined]
    name = "do_execute" if step == "execute" else "do_commit"
    with monkeypatch.context() as patch:
        patch.setattr(dialect, name, refuse)
        results = await asyncio.gather(lite.write(add), lite.write(add), return_exceptions=True)
    assert [str(r) for r in results] == ["the data store failed: disk I/O error"] * 2
    assert await lite.read(count) == 0
    await lite.write(add)
    assert await lite.read(count) == 1


async def test_another_process_that_holds_the_file_too_long(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "BUSY_SECONDS", 0.05)
    async with await Database.open(sqlite_url) as database:
        await database.write(pages.create)
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked"):
            await database.write(add)
        other.close()
        await database.write(add)


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear reader, " * 1000)
    with pytest.raises(StorageError, match="not a database"):
        await Database.open(f"sqlite:///{tmp_path}/letter")


async def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no folder"):
        await Database.open(f"sqlite:///{tmp_path}/missing/chargeplane.db")


async def test_a_server_that_is_not_there() -> None:
    with pytest.raises(StorageError, match="data store failed"):
        await Database.open("postgresql://chargeplane@127.0.0.1:1/chargeplane")


def end_own_backend(connection: Connection) -> None:
    connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def end_other_backends(connection: Connection) -> None:
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))


async def test_a_lost_connection_fails_the_group_and_is_survived(postgres: Database) -> None:
    results = await asyncio.gather(
        postgres.write(add),
        postgres.write(end_own_backend),
        postgres.write(add),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [StorageError] * 3
    assert await postgres.read(count) == 0
    await postgres.write(add)
    assert await postgres.read(count) == 1


def end_own_backend_then_read(connection: Connection) -> object:
    with suppress(Exception):  # whatever the driver says of it
        connection.connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return transactions.get(connection, 1)


async def test_a_connection_that_is_lost_in_a_prepared_statement(postgres: Database) -> None:
    lost = postgres._store._writing.pool  # type: ignore[attr-defined]
    with pytest.raises(StorageError):
        await postgres.write(end_own_backend_then_read)
    assert lost.checkedout() == 0
    assert await postgres.write(transactions.get, 1) is None


async def test_mistakes_in_a_prepared_statement_are_the_culprits(database: Database) -> None:
    statement = insert(pages)
    with pytest.raises(DBAPIError, match="pages"):
        await database.write(execute, statement, {"body": "there is no such table"})
    with pytest.raises(KeyError):
        await database.write(execute, select(pages).where(pages.c.body == bindparam("x")), {"y": 1})


async def test_connections_lost_while_idle_are_replaced_unnoticed(postgres: Database) -> None:
    await postgres.read(count)
    await postgres.write(end_other_backends)
    await postgres.write(end_other_backends)
    assert await postgres.read(count) == 0
    await postgres.write(add)
    assert await postgres.read(count) == 1


async def test_nul_characters_are_stored_alike(database: Database) -> None:
    from datetime import UTC, datetime

    from chargeplane.storage.paging import Window
    from chargeplane.storage.repositories import refused_stations

    await database.write(refused_stations.note, "CP\x001", None, "why", datetime.now(UTC))
    found = await database.read(refused_stations.page, Window())
    assert found.items[0].station_id == "CP\ufffd1"


def test_a_mistake_is_not_an_outage() -> None:
    assert not is_outage(LookupError())
    assert is_outage(OSError("no route"))
    assert str(outage(TimeoutError())) == "the data store failed: TimeoutError()"


async def test_a_backup_is_whole_while_others_write(lite: Database, tmp_path: Path) -> None:
    await asyncio.gather(*(lite.write(add) for _ in range(100)))
    target = tmp_path / "backup.db"
    target.write_text("an older one")
    more = asyncio.gather(*(lite.write(add) for _ in range(200)))
    await lite.backup(target)
    await more
    async with await Database.open(f"sqlite:///{target}") as copy:
        assert 100 <= await copy.read(count) <= 300
    assert not target.with_name("backup.db.unfinished").exists()


async def test_a_backup_that_cannot_be_written(lite: Database, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="the backup to"):
        await lite.backup(tmp_path / "missing" / "backup.db")


async def test_postgres_names_its_own_tool(postgres: Database, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="pg_dump"):
        await postgres.backup(tmp_path / "backup.sql")
