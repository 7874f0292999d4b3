"""The database: reads side by side, writes by group commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection

from chargeplane.storage import schema
from chargeplane.storage.failures import is_outage, outage
from chargeplane.storage.stores import Store, open_store
from chargeplane.storage.writer import Writer, WriterStatistics

P = ParamSpec("P")
T = TypeVar("T")
Query = Callable[Concatenate[Connection, P], T]


class Database:
    """An open database. Queries are functions whose first argument is the connection."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writer = Writer(store.transact)

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open a `sqlite:///FILE` or `postgresql://...` URL; an empty database gets its tables.

        StorageError if it cannot be reached or its schema is not this version's,
        ConfigurationError if the URL cannot be used.
        """
        return cls(await _open_with(url, schema.prepare))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def read(self, function: Query[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function reads; writing is refused."""
        try:
            return await self._store.read(lambda c: function(c, *args, **kwargs))
        except Exception as error:
            if is_outage(error):
                raise outage(error) from error
            raise

    async def write(self, function: Query[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the function's value once it is durable; see `Writer.write` for its duties."""
        return await self._writer.write(lambda c: function(c, *args, **kwargs))

    async def backup(self, path: Path) -> None:
        """Copy a SQLite database to a file while it is in use; StorageError if that fails."""
        await self._store.backup(path)

    async def close(self) -> None:
        """Commit what waits, then close."""
        await self._writer.close()
        await self._store.close()

    @property
    def statistics(self) -> WriterStatistics:
        """What the writer has done so far."""
        return self._writer.statistics

    @property
    def waiting(self) -> int:
        """How many writes wait for their commit."""
        return self._writer.waiting


async def migrate(url: str) -> None:
    """Bring a database to this version's schema; StorageError if a newer version made it."""
    await (await _open_with(url, schema.migrate)).close()


async def _open_with(url: str, ready: Callable[[Connection], None]) -> Store:
    """Open the store and make it ready; it is closed again if that fails."""
    store = open_store(url)
    try:
        await store.transact(ready)
    except Exception as error:
        await store.close()
        if is_outage(error):
            raise outage(error) from error
        raise
    return store
