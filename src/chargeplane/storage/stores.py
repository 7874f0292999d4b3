"""SQLite and PostgreSQL behind one shape, so that every query is a plain function.

A query is `function(connection) -> value` on a synchronous connection. SQLite
runs it in a thread of its own; PostgreSQL runs it through asyncpg, where each
statement gives way to the event loop.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chargeplane.errors import ConfigurationError, StorageError
from chargeplane.storage.failures import is_lost_connection, outage

T = TypeVar("T")

READERS = 4
BUSY_SECONDS = 5  # how long another process, such as the command line, may hold the database
CONNECT_SECONDS = 10


class Store(Protocol):
    """A database that can be read by several at once and written by one at a time."""

    async def read(self, function: Callable[[Connection], T], /) -> T:
        """Run the function in a transaction that cannot write."""
        ...

    async def transact(self, function: Callable[[Connection], T], /) -> T:
        """Run the function and commit; StorageError if the commit fails."""
        ...

    async def backup(self, path: Path) -> None:
        """Copy the database as it is now into a file."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


def open_store(url: str) -> Store:
    """Choose the store for a database URL; ConfigurationError if there is none."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("the database URL cannot be read") from error
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return SqliteStore(parsed.set(drivername="sqlite+pysqlite"))
        case "sqlite":
            raise ConfigurationError("the database URL names no file (sqlite:///FILE)")
        case "postgresql":
            return PostgresStore(parsed.set(drivername="postgresql+asyncpg"))
        case other:
            raise ConfigurationError(f"databases of kind {other!r} are not supported")


def transact(connection: Connection, function: Callable[[Connection], T]) -> T:
    """Run the function in a transaction of the connection; StorageError if the commit fails."""
    transaction = connection.begin()
    try:
        value = function(connection)
    except BaseException:
        transaction.rollback()
        raise
    try:
        transaction.commit()
    # Whether a commit that failed is in force is not known, so the work must not be tried again,
    # and what state the connection is in is not known either.
    except Exception as error:
        connection.invalidate()
        raise outage(error) from error
    return value


class SqliteStore:
    """A SQLite file in WAL mode whose commits are on the disk when they return."""

    def __init__(self, url: URL) -> None:
        self._path = Path(url.database or "")
        if not self._path.parent.is_dir():
            raise StorageError(f"there is no folder {self._path.parent} for the database")
        self._writing = _sqlite_engine(url, 1, "BEGIN IMMEDIATE")
        self._reading = _sqlite_engine(url, READERS, "BEGIN", "query_only = ON")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="storage-write")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="storage-read")

    async def read(self, function: Callable[[Connection], T], /) -> T:
        """Run the function in a thread on a connection that cannot write."""
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, _connected, self._reading, lambda c: transact(c, function)
        )

    async def transact(self, function: Callable[[Connection], T], /) -> T:
        """Run the function in the writing thread and commit."""
        return await asyncio.get_running_loop().run_in_executor(
            self._writer, _connected, self._writing, lambda c: transact(c, function)
        )

    async def backup(self, path: Path) -> None:
        """Copy the database; the file appears under its name when it is whole."""
        await asyncio.get_running_loop().run_in_executor(
            self._readers, _copy_sqlite, self._path, path
        )

    async def close(self) -> None:
        """Let the threads end, then close the file."""
        for executor in (self._readers, self._writer):
            await asyncio.to_thread(executor.shutdown)
        for engine in (self._reading, self._writing):
            engine.dispose()


class PostgresStore:
    """A PostgreSQL database, reached by asyncpg."""

    def __init__(self, url: URL) -> None:
        self._writing = _postgres_engine(url, 1)
        self._reading = _postgres_engine(url, READERS).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    async def read(self, function: Callable[[Connection], T], /) -> T:
        """Run the function in a read-only transaction that sees one moment."""
        return await _run_twice(self._reading, lambda c: transact(c, function))

    async def transact(self, function: Callable[[Connection], T], /) -> T:
        """Run the function and commit."""
        return await _run_twice(self._writing, lambda c: transact(c, function))

    async def backup(self, path: Path) -> None:
        """Refuse: PostgreSQL has better means."""
        raise StorageError(f"PostgreSQL is backed up by its own tool: pg_dump --file={path} ...")

    async def close(self) -> None:
        """Close all connections."""
        await self._reading.dispose()
        await self._writing.dispose()


def _sqlite_engine(url: URL, connections: int, begin: str, *pragmas: str) -> Engine:
    """Make an engine that begins its transactions itself, as Python's binding does not."""
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        connect_args={
            "timeout": BUSY_SECONDS,
            "isolation_level": None,
            "check_same_thread": False,
        },
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _connected(engine: Engine, function: Callable[[Connection], T]) -> T:
    """Run the function on a connection of the engine."""
    with engine.connect() as connection:
        return function(connection)


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database in one step, which sees one moment of it, while others write."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(source)) as reading,
            closing(sqlite3.connect(unfinished)) as to,
        ):
            reading.backup(to)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise StorageError(f"the backup to {target} failed: {error}") from error


def _postgres_engine(url: URL, connections: int) -> AsyncEngine:
    """Make an engine with that many connections."""
    options: dict[str, Any] = {"timeout": CONNECT_SECONDS}
    # The column types write and read JSON themselves (see `types.Json`).
    text: dict[str, Any] = {"json_serializer": str, "json_deserializer": str}
    return create_async_engine(
        url, pool_size=connections, max_overflow=0, connect_args=options, **text
    )


async def _run_twice(engine: AsyncEngine, function: Callable[[Connection], T]) -> T:
    """Run the function; once more if its connection broke, as after a restart of the server."""
    try:
        return await _run(engine, function)
    except Exception as error:
        if not is_lost_connection(error):
            raise
    return await _run(engine, function)


async def _run(engine: AsyncEngine, function: Callable[[Connection], T]) -> T:
    """Run the function on a connection of the engine."""
    async with engine.connect() as connection:
        return await connection.run_sync(function)
