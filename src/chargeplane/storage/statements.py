"""Small shapes that the queries share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, CursorResult, Table, func, or_
from sqlalchemy.dialects import postgresql

from chargeplane.domain.patterns import ANY, expression
from chargeplane.storage.records import Record

R = TypeVar("R", bound=Record)

# SQLite's ON CONFLICT was modelled on PostgreSQL's, and its compiler takes this construct too.
insert = postgresql.insert


def one(record: type[R], result: CursorResult[Any]) -> R | None:
    """Return the only row, if there is one."""
    row = result.one_or_none()
    return None if row is None else record(*row)


def many(record: type[R], result: CursorResult[Any]) -> tuple[R, ...]:
    """Return all rows."""
    return tuple(record(*row) for row in result)


def upsert(table: Table, *columns: str) -> postgresql.Insert:
    """Insert a row, or set these columns of the row that has its primary key."""
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={name: statement.excluded[name] for name in columns},
    )


def other_columns(table: Table, *names: str) -> list[str]:
    """Return the columns that are not in the primary key, less those named."""
    return [c.name for c in table.columns if not c.primary_key and c.name not in names]


def changes(struct: msgspec.Struct) -> dict[str, Any]:
    """Return the fields that are set, for structs whose fields may be UNSET."""
    values = ((name, getattr(struct, name)) for name in struct.__struct_fields__)
    return {name: value for name, value in values if value is not msgspec.UNSET}


def equal(*pairs: tuple[ColumnElement[Any], Any]) -> list[ColumnElement[bool]]:
    """Compare each column with its value, less the pairs whose value is None."""
    return [column == value for column, value in pairs if value is not None]


def within(column: ColumnElement[Any], values: tuple[str, ...] | None) -> list[ColumnElement[bool]]:
    """Keep to some values of a column, plain or patterns; None: all of them."""
    if values is None:
        return []
    plain = [value for value in values if ANY not in value]
    patterns = [column.regexp_match(expression(value)) for value in values if ANY in value]
    return [or_(column.in_(plain), *patterns)]


def mentions(
    text: str | None, columns: Sequence[ColumnElement[str | None]]
) -> list[ColumnElement[bool]]:
    """Look for the text in any of the columns; case does not count."""
    if not text:
        return []
    return [or_(*(func.lower(c).contains(text.lower(), autoescape=True) for c in columns))]


def unique_key(at: datetime, *parts: object) -> str:
    """Return a short key that is the same for the same parts only.

    It begins with the time, so that new rows lie side by side in the index and
    a group of them touches few pages of it.
    """
    digest = blake2b(msgspec.json.encode((at, *parts)), digest_size=16)
    return f"{int(at.timestamp()):010x}{digest.hexdigest()}"
