"""Statements that wait for the end of a group, so that many stations share one execution."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from chargeplane.storage.prepared import Row, Statement, execute_many

_KEY = "chargeplane.deferred"


def later(connection: Connection, statement: Statement, row: Row) -> None:
    """Execute the statement with this row before the commit, together with other rows for it.

    `statement` must be one object that lives as long as the program, and all
    rows for it have the same names. Outside of a group it is executed at once.
    Works of the same group do not see the row, so it is for what only later
    readers need.
    """
    deferred: dict[Statement, list[Row]] | None = connection.info.get(_KEY)
    if deferred is None:
        execute_many(connection, statement, [row])
    else:
        deferred.setdefault(statement, []).append(row)


@contextmanager
def deferring(connection: Connection) -> Iterator[None]:
    """Collect what `later` is given, and execute it at the end, first statement first."""
    info = connection.info  # kept, because a connection that broke has none
    deferred: dict[Statement, list[Row]] = {}
    info[_KEY] = deferred
    try:
        yield
        for statement, rows in deferred.items():
            execute_many(connection, statement, rows)
    finally:
        info.pop(_KEY, None)
