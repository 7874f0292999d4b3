"""Tell the store's failures, which concern everybody, from the mistakes of one query."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from chargeplane.errors import StorageError

_SQLITE_OUTAGES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    }
)
# Classes of SQLSTATE: connection, read-only transaction, resources (disk full), shutdown, I/O.
_POSTGRES_OUTAGES = ("08", "25", "53", "57P", "58")


def is_outage(error: Exception) -> bool:
    """Whether the store itself failed, so that other works would fail as well."""
    if isinstance(error, StorageError | OSError):  # asyncpg leaves errors of connecting as they are
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or _driver_reports_outage(error.orig)


def is_lost_connection(error: Exception) -> bool:
    """Whether the connection broke, so that another one may work."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def outage(error: Exception) -> StorageError:
    """Describe an outage in one line."""
    if isinstance(error, StorageError):
        return StorageError(*error.args)
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return StorageError(f"the data store failed: {' '.join(str(cause).split()) or repr(cause)}")


def _driver_reports_outage(error: BaseException | None) -> bool:
    """Read the driver's own code of an error."""
    if isinstance(error, sqlite3.Error):
        # The low byte is the primary code; errors of Python's binding carry none.
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_OUTAGES
    return str(getattr(error, "sqlstate", None) or "").startswith(_POSTGRES_OUTAGES)
