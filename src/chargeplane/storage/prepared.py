"""Statements that run for every message, compiled once and handed straight to the driver.

SQLAlchemy's own execution of a small statement costs several times what the
database needs for it. It still writes the SQL, converts the values, and says
which connections are lost; only its bookkeeping per execution is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError

R = TypeVar("R")

Row = Mapping[str, Any]
Statement = Select[Any] | Insert | Update | Delete
Convert = Callable[[Any], Any]


class Prepared(Generic[R]):
    """A statement with `bindparam`s, each row of whose result is given to `make`."""

    def __init__(self, make: Callable[..., R], statement: Statement) -> None:
        self._make = make
        self._statement = statement

    def all(self, connection: Connection, row: Row) -> tuple[R, ...]:
        """Execute the statement with these parameters; all that it returns."""
        found = execute(connection, self._statement, row)
        return tuple([self._make(*values) for values in found])

    def one(self, connection: Connection, row: Row) -> R | None:
        """Execute the statement with these parameters; the first that it returns."""
        for values in execute(connection, self._statement, row):
            return self._make(*values)
        return None


def execute(connection: Connection, statement: Statement, row: Row) -> list[list[Any]]:
    """Execute the statement in the transaction of the connection; the rows that it returns."""
    compiled = _compile(statement, connection.dialect, tuple(row))
    cursor = connection.connection.cursor()
    try:
        cursor.execute(compiled.sql, compiled.parameters(row))
        return compiled.read(cursor)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _explained(connection, compiled.sql, error) from error
    finally:
        cursor.close()


def execute_many(connection: Connection, statement: Statement, rows: Sequence[Row]) -> None:
    """Execute the statement with each row; all rows have the same names."""
    compiled = _compile(statement, connection.dialect, tuple(rows[0]))
    connection.exec_driver_sql(compiled.sql, [compiled.parameters(row) for row in rows])


class _Compiled:
    """A statement in the words of one dialect, for rows of the same names."""

    def __init__(self, statement: Statement, dialect: Dialect, names: tuple[str, ...]) -> None:
        columns = names if isinstance(statement, Insert) else None  # a row names what to insert
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        self.sql = str(compiled)
        self._order = tuple(compiled.positiontup or ())
        binds = compiled.binds
        self._fixed = {n: v for n, v in compiled.params.items() if not binds[n].required}
        self._binders = [
            (place, convert)
            for place, name in enumerate(self._order)
            if (convert := _dialect_type(binds[name].type, dialect).bind_processor(dialect))
        ]
        self._returned = [column.type for column in statement.exported_columns]
        self._dialect = dialect
        self._readers: list[tuple[int, Convert]] | None = None

    def parameters(self, row: Row) -> tuple[Any, ...]:
        """Put the values of a row in order, as the driver wants them."""
        row = {**self._fixed, **row} if self._fixed else row
        values = [row[name] for name in self._order]
        for place, convert in self._binders:
            values[place] = convert(values[place])
        return tuple(values)

    def read(self, cursor: DBAPICursor) -> list[list[Any]]:
        """Fetch and convert all that the statement returns."""
        if not self._returned:
            return []
        if self._readers is None:
            self._readers = self._choose_readers(cursor.description)
        found = [list(values) for values in cursor.fetchall()]
        for values in found:
            for place, convert in self._readers:
                values[place] = convert(values[place])
        return found

    def _choose_readers(self, description: Sequence[Any]) -> list[tuple[int, Convert]]:
        """Ask the types how to read what the driver says it returns, always the same."""
        return [
            (place, convert)
            for place, (type_, told) in enumerate(zip(self._returned, description, strict=True))
            if (convert := self._reader(type_, told[1]))
        ]

    def _reader(self, type_: Any, driver_type: Any) -> Convert | None:
        """Ask a type how to read what the driver returns."""
        reader: Convert | None = _dialect_type(type_, self._dialect).result_processor(
            self._dialect, driver_type
        )
        return reader


_compile = lru_cache(maxsize=1000)(_Compiled)


def _dialect_type(type_: Any, dialect: Dialect) -> Any:
    """Return the type as the dialect implements it."""
    return type_.dialect_impl(dialect)


def _explained(connection: Connection, sql: str, error: Any) -> BaseException:
    """Wrap a driver's error as SQLAlchemy does; a lost connection is thrown away."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if lost:
        connection.invalidate(error)
    wrapped: BaseException = DBAPIError.instance(
        sql,
        None,  # what was written is nobody's business in a log
        error,
        dialect.loaded_dbapi.Error,
        connection_invalidated=lost,
        dialect=dialect,
    )
    return wrapped
