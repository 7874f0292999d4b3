"""Documents of one station: named collections of values that outlive the process.

What a central system keeps is rows of many stations (`storage/tables.py`); what a station keeps
is a few hundred values of its own. Each collection is a mapping in memory, written through to one
SQLite file before the call returns, so that what was put survives a power cut.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import msgspec

from chargeplane.errors import StorageError

T = TypeVar("T")

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS documents (
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (collection, key)
) WITHOUT ROWID
"""
PUT: Final = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?)"
DELETE: Final = "DELETE FROM documents WHERE collection = ? AND key = ?"
READ: Final = "SELECT key, value FROM documents WHERE collection = ? ORDER BY key"

_encode = msgspec.json.Encoder().encode


class Documents:
    """The file of a station; without a path everything is kept in memory only.

    A disk that fails raises `StorageError` at whatever is done then.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._folder = None if path is None else path.parent
        self._database = None if path is None else _open(path)
        self._collections: dict[str, Collection[Any]] = {}
        self._depth = 0

    def collection(self, name: str, kind: type[T]) -> Collection[T]:
        """The values of that name, by key, in the order of their keys when read from disk."""
        if name not in self._collections:
            self._collections[name] = Collection(self, name, kind)
        return self._collections[name]

    @property
    def folder(self) -> Path:
        """Where files may lie beside them; without a path one that goes when they go."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="chargeplane-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def beside(self, suffix: str) -> Path | None:
        """The path of a file of that suffix with their name; None if they are in memory only."""
        return None if self._path is None else self._path.with_suffix(suffix)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Whatever is put and deleted within is kept as a whole or, if it raises, not at all."""
        if self._depth == 0:
            self._run("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._roll_back()
            raise
        self._depth -= 1
        if self._depth == 0:
            self._run("COMMIT")

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def write(self, statement: str, *values: Any) -> None:
        """Run one statement of a collection."""
        self._run(statement, *values)

    def read(self, collection: str) -> list[tuple[str, bytes]]:
        """What a collection holds on disk."""
        database = self._database
        if database is None:
            return []
        found: list[tuple[str, bytes]] = self._guarded(
            lambda: database.execute(READ, (collection,)).fetchall()
        )
        return found

    def _run(self, statement: str, *values: Any) -> None:
        database = self._database
        if database is not None:
            self._guarded(lambda: database.execute(statement, values))

    def _roll_back(self) -> None:
        if self._database is not None and self._database.in_transaction:
            self._run("ROLLBACK")
            for collection in self._collections.values():
                collection.load()

    @staticmethod
    def _guarded(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except sqlite3.Error as error:
            raise StorageError(str(error)) from error


class Collection(MutableMapping[str, T], Generic[T]):
    """Values of one kind by key; a value that was changed in place is put again to be kept."""

    def __init__(self, documents: Documents, name: str, kind: type[T]) -> None:
        self._documents = documents
        self._name = name
        self._decode = _decoder(kind).decode  # type: ignore[arg-type]  # types are
        self._values: dict[str, T] = {}
        self.load()

    def load(self) -> None:
        """Take what is on disk for what is; raises `StorageError` if it cannot be read."""
        try:
            stored = self._documents.read(self._name)
            self._values = {key: self._decode(value) for key, value in stored}
        except msgspec.DecodeError as error:
            raise StorageError(f"{self._name}: {error}") from error

    def __getitem__(self, key: str) -> T:
        return self._values[key]

    def __setitem__(self, key: str, value: T) -> None:
        self._documents.write(PUT, self._name, key, _encode(value))
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        if key not in self._values:
            raise KeyError(key)
        self._documents.write(DELETE, self._name, key)
        del self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def clear(self) -> None:
        """Remove everything, as a whole."""
        with self._documents.together():
            for key in list(self._values):
                del self[key]


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """Shared by the stations of a process."""
    return msgspec.json.Decoder(kind)


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds passwords and private keys
        database = sqlite3.connect(path, isolation_level=None)
        # What was answered or promised must survive a power cut: every commit reaches the disk.
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute(SCHEMA)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(f"{path}: {error}") from error
    return database
