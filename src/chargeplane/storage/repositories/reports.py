"""What was charged: numbers, energy and cost of transactions, summed up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any, Literal

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, func, null, select

from chargeplane.storage.repositories.transactions import DELIVERED, TransactionFilter
from chargeplane.storage.tables import tokens, transactions

_c = transactions.c
Subject = Literal["station", "token", "group"]
KEYS: dict[str, ColumnElement[Any]] = {
    "station": _c.station_id,
    "token": _c.token_key,
    "group": tokens.c.group_key,
}
NAMES: dict[str, ColumnElement[Any]] = {
    "station": func.min(_c.station_id),
    "token": func.min(func.coalesce(tokens.c.name, _c.id_token)),
    "group": func.min(tokens.c.group_id),
}


class Sum(msgspec.Struct, frozen=True):
    """Sums over transactions; `costs` are in minor units by currency.

    Those without registers count no energy. A `key` of None stands for what has none, as charges
    without a token.
    """

    key: str | None
    name: str | None
    transactions: int
    energy_mwh: int
    costs: tuple[tuple[str, int], ...] = ()


def by_subject(
    connection: Connection, what: TransactionFilter, subject: Subject
) -> tuple[Sum, ...]:
    """Sum up by whose the transactions are, the most energy first."""
    sums = _sums(connection, what, KEYS[subject], NAMES[subject])
    return tuple(sorted(sums, key=lambda each: (-each.energy_mwh, each.key or "")))


def by_span(
    connection: Connection, what: TransactionFilter, starts: Sequence[datetime]
) -> tuple[Sum, ...]:
    """Sum up by the moment of the start: a sum for each span, from one moment to the next.

    Spans are told by moments and not counted in UTC, as days and months are those of a place.
    """
    spans = pairwise(starts)
    return tuple(_span(connection, what, since, until) for since, until in spans)


def _span(connection: Connection, what: TransactionFilter, since: datetime, until: datetime) -> Sum:
    within = replace(what, since=since, until=until)
    found = _sums(connection, within, null(), null())
    key = since.isoformat()
    return replace(found[0], key=key) if found else Sum(key, None, 0, 0)


def _sums(
    connection: Connection,
    what: TransactionFilter,
    key: ColumnElement[Any],
    name: ColumnElement[Any],
) -> list[Sum]:
    """Sum up by a key; the rows of a key's currencies become one sum."""
    query = (
        select(
            key.label("whose"),
            name.label("name"),
            func.count(),
            func.coalesce(func.sum(DELIVERED), 0),
            _c.currency,
            func.sum(_c.cost_minor),
        )
        .select_from(transactions.outerjoin(tokens, tokens.c.key == _c.token_key))
        .where(*what.conditions())
        .group_by("whose", _c.currency)
        .order_by("whose", _c.currency)
    )
    rows = connection.execute(query).all()
    return [_joined(key, list(group)) for key, group in groupby(rows, lambda row: row[0])]


def _joined(key: str | None, rows: Iterable[Any]) -> Sum:
    rows = list(rows)
    costs = tuple((row[4], int(row[5])) for row in rows if row[4] and row[5] is not None)
    count, energy = sum(row[2] for row in rows), sum(int(row[3]) for row in rows)
    return Sum(key, rows[0][1], count, energy, costs)
