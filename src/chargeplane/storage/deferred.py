"""Statements that wait for the end of a group, so that many stations share one execution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Executable

_KEY = "chargeplane.deferred"


def later(connection: Connection, statement: Executable, row: Mapping[str, Any]) -> None:
    """Execute the statement with this row before the commit, together with other rows for it.

    `statement` must be one object that lives as long as the program, and all
    rows for it have the same names. Outside of a group it is executed at once.
    Works of the same group do not see the row, so it is for what only later
    readers need.
    """
    deferred: dict[Executable, list[Mapping[str, Any]]] | None = connection.info.get(_KEY)
    if deferred is None:
        connection.execute(statement, row)
    else:
        deferred.setdefault(statement, []).append(row)


@contextmanager
def deferring(connection: Connection) -> Iterator[None]:
    """Collect what `later` is given, and execute it at the end, first statement first."""
    info = connection.info  # kept, because a connection that broke has none
    deferred: dict[Executable, list[Mapping[str, Any]]] = {}
    info[_KEY] = deferred
    try:
        yield
        for statement, rows in deferred.items():
            connection.execute(statement, rows)
    finally:
        info.pop(_KEY, None)
