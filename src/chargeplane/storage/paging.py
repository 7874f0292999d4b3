"""Lists by cursor: each page begins after the keys of the last one, however long the list is."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select, tuple_

from chargeplane.storage.database import Database
from chargeplane.storage.records import Page, Record

F = TypeVar("F")
R = TypeVar("R", bound=Record)

EXPORT_LIMIT = 1000
COUNTED = 100_000  # rows; a longer list is not counted to its end


class Window(msgspec.Struct, frozen=True):
    """How many records are wanted, and after which: those up to a cursor, or so many."""

    limit: int = 100
    cursor: str | None = None
    offset: int = 0


def fetch(
    connection: Connection,
    record: type[R],
    query: Select[Any],
    keys: Sequence[ColumnElement[Any]],
    window: Window,
    *,
    descending: bool = False,
) -> Page[R]:
    """Return a page of the query in the order of the keys, which are unique together.

    ValueError if the cursor is not one of this list.
    """
    if window.cursor is not None:
        query = query.where(_beyond(keys, window.cursor, descending=descending))
    order = [key.desc() if descending else key.asc() for key in keys]
    rows = connection.execute(
        query.add_columns(*keys).order_by(*order).limit(window.limit + 1).offset(window.offset)
    ).all()
    items = tuple(record(*row[: -len(keys)]) for row in rows[: window.limit])
    more = len(rows) > window.limit > 0
    return Page(items, _encode(rows[window.limit - 1][-len(keys) :]) if more else None)


class Sorting(msgspec.Struct, frozen=True):
    """By which of a list's columns it is sorted; one that it has not means its usual order."""

    column: str = ""
    descending: bool = False


class Part(msgspec.Struct, Generic[F], frozen=True):
    """Some records of a list that can be sorted, and how many it has in all (see `COUNTED`)."""

    items: tuple[F, ...]
    total: int


def part(
    connection: Connection,
    record: type[R],
    query: Select[Any],
    columns: Mapping[str, ColumnElement[Any]],
    sorting: Sorting,
    window: Window,
) -> Part[R]:
    """Return records of a query, sorted by one of the columns; the first of them is unique.

    What has no value comes last; the cursor of the window is not used.
    """
    unique = next(iter(columns.values()))
    chosen = columns.get(sorting.column, unique)
    order = [_ordered(key, sorting) for key in dict.fromkeys((chosen, unique))]
    rows = connection.execute(query.order_by(*order).limit(window.limit).offset(window.offset))
    return Part(tuple(record(*row) for row in rows), count(connection, query))


def _ordered(key: ColumnElement[Any], sorting: Sorting) -> ColumnElement[Any]:
    ordered = key.desc() if sorting.descending else key.asc()
    # PostgreSQL uses no index for an order that says where nothing goes, so it is said where it
    # matters only.
    return ordered.nulls_last() if getattr(key, "nullable", True) else ordered


def count(connection: Connection, query: Select[Any], at_most: int = COUNTED) -> int:
    """Count the rows of a query, but no more than so many."""
    some = query.order_by(None).limit(at_most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


async def every(
    database: Database, list_page: Callable[[Connection, F, Window], Page[R]], what: F
) -> AsyncIterator[R]:
    """Yield all records of a list, read page by page, so that a long export holds nothing up."""
    window = Window(EXPORT_LIMIT)
    while True:
        page = await database.read(list_page, what, window)
        for item in page.items:
            yield item
        if page.cursor is None:
            return
        window = Window(EXPORT_LIMIT, page.cursor)


def _beyond(
    keys: Sequence[ColumnElement[Any]], cursor: str, *, descending: bool
) -> ColumnElement[bool]:
    """Compare the keys with those in the cursor."""
    last = [
        bindparam(None, value, type_=key.type)
        for key, value in zip(keys, _decode(keys, cursor), strict=True)
    ]
    return tuple_(*keys) < tuple_(*last) if descending else tuple_(*keys) > tuple_(*last)


def _encode(values: Sequence[Any]) -> str:
    """Write keys as a cursor."""
    return urlsafe_b64encode(msgspec.json.encode(list(values))).decode().rstrip("=")


def _decode(keys: Sequence[ColumnElement[Any]], cursor: str) -> list[Any]:
    """Read the keys from a cursor."""
    try:
        values = msgspec.json.decode(
            urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=list
        )
        return [
            msgspec.convert(value, key.type.python_type)
            for key, value in zip(keys, values, strict=True)
        ]
    except (ValueError, msgspec.MsgspecError) as error:
        raise ValueError("this is not a cursor of this list") from error
