"""Tokens: who may charge, and who tried without being known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, or_, select, update

from chargeplane.domain.tokens import Token
from chargeplane.storage import paging
from chargeplane.storage.paging import Part, Sorting, Window, fetch
from chargeplane.storage.prepared import Prepared, execute
from chargeplane.storage.records import Page, TokenRecord, UnknownTokenRecord
from chargeplane.storage.statements import equal, insert, many, mentions, other_columns, upsert
from chargeplane.storage.tables import IS_OPEN, tokens, transactions, unknown_tokens


class TokenFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tokens; all conditions that are given hold."""

    search: str | None = None
    group_key: str | None = None
    blocked: bool | None = None
    expired_at: datetime | None = None  # not valid any more at that moment

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        given = equal((tokens.c.group_key, self.group_key), (tokens.c.blocked, self.blocked))
        if self.expired_at is not None:
            given.append(tokens.c.expires_at <= self.expired_at)
        return given + mentions(
            self.search, (tokens.c.key, tokens.c.name, tokens.c.group_key, tokens.c.comment)
        )


class Standing(msgspec.Struct, frozen=True):
    """A token with the number of its open transactions, and of its group's."""

    token: TokenRecord
    open_transactions: int
    open_in_group: int


def _standing(*values: Any) -> Standing:
    """Make a standing of a token's columns and the two counts."""
    return Standing(TokenRecord(*values[:-2]), *values[-2:])


SORTED = {name: tokens.c[name] for name in ("key", "name", "group_key", "expires_at", "created_at")}
_GET = Prepared(TokenRecord, select(tokens).where(tokens.c.key == bindparam("token_key")))
_SAVE = upsert(tokens, *other_columns(tokens, "created_at"))
_member = tokens.alias("member")
# A start that was refused is kept, but it takes nobody's place.
_start = transactions.c.start_status
_MAY_RUN = or_(_start.is_(None), _start == "Accepted")
_STANDING = Prepared(
    _standing,
    select(
        tokens,
        select(func.count())
        .where(IS_OPEN, _MAY_RUN, transactions.c.token_key == tokens.c.key)
        .scalar_subquery(),
        select(func.count())
        .select_from(transactions.join(_member, _member.c.key == transactions.c.token_key))
        .where(IS_OPEN, _MAY_RUN, _member.c.group_key == tokens.c.group_key)
        .scalar_subquery(),
    ).where(tokens.c.key == bindparam("token_key")),
)
SORTED_UNKNOWN = {
    name: unknown_tokens.c[name]
    for name in ("key", "station_id", "attempts", "first_at", "last_at")
}
_INSERT_UNKNOWN = insert(unknown_tokens)
_NOTE_UNKNOWN = _INSERT_UNKNOWN.on_conflict_do_update(
    index_elements=[unknown_tokens.c.key],
    set_={
        "id_token": _INSERT_UNKNOWN.excluded.id_token,
        "type": _INSERT_UNKNOWN.excluded.type,
        "station_id": _INSERT_UNKNOWN.excluded.station_id,
        "last_at": _INSERT_UNKNOWN.excluded.last_at,
        "attempts": unknown_tokens.c.attempts + 1,
    },
)


def get(connection: Connection, key: str) -> TokenRecord | None:
    """Return a token by its key (see `Token.key`)."""
    return _GET.one(connection, {"token_key": key})


def standing(connection: Connection, key: str) -> Standing | None:
    """Return a token with its open transactions, in one query."""
    return _STANDING.one(connection, {"token_key": key})


def of_group(connection: Connection, group_key: str) -> tuple[TokenRecord, ...]:
    """Return the members of a group, in order."""
    query = select(tokens).where(tokens.c.group_key == group_key).order_by(tokens.c.key)
    return many(TokenRecord, connection.execute(query))


def page(connection: Connection, what: TokenFilter, window: Window) -> Page[TokenRecord]:
    """Return a page of tokens in the order of their keys."""
    query = select(tokens).where(*what.conditions())
    return fetch(connection, TokenRecord, query, (tokens.c.key,), window)


def part(
    connection: Connection, what: TokenFilter, sorting: Sorting, window: Window
) -> Part[TokenRecord]:
    """Return some tokens, sorted by one of `SORTED`, else by their keys."""
    query = select(tokens).where(*what.conditions())
    return paging.part(connection, TokenRecord, query, SORTED, sorting, window)


def count(connection: Connection, what: TokenFilter) -> int:
    """Count tokens."""
    query = select(func.count()).select_from(tokens).where(*what.conditions())
    return connection.execute(query).scalar_one()


def save(connection: Connection, records: Iterable[TokenRecord]) -> None:
    """Add tokens or replace them whole; of one that is there `created_at` stays."""
    rows = [msgspec.structs.asdict(record) for record in records]
    if rows:
        connection.execute(_SAVE, rows)


def set_blocked(connection: Connection, key: str, *, blocked: bool) -> bool:
    """Block or unblock a token; False if there is none."""
    statement = update(tokens).where(tokens.c.key == key).values(blocked=blocked)
    return connection.execute(statement).rowcount > 0


def remove(connection: Connection, key: str) -> bool:
    """Delete a token; its transactions stay."""
    return connection.execute(delete(tokens).where(tokens.c.key == key)).rowcount > 0


def note_unknown(connection: Connection, token: Token, station_id: str, now: datetime) -> None:
    """Remember a token that is not known."""
    row = {
        "key": token.key,
        "id_token": token.id_token,
        "type": token.type,
        "station_id": station_id,
        "attempts": 1,
        "first_at": now,
        "last_at": now,
    }
    execute(connection, _NOTE_UNKNOWN, row)


def unknown(connection: Connection, window: Window) -> Page[UnknownTokenRecord]:
    """Return a page of unknown tokens, the latest first."""
    keys = (unknown_tokens.c.last_at, unknown_tokens.c.key)
    query = select(unknown_tokens)
    return fetch(connection, UnknownTokenRecord, query, keys, window, descending=True)


def unknown_part(
    connection: Connection, search: str | None, sorting: Sorting, window: Window
) -> Part[UnknownTokenRecord]:
    """Return some unknown tokens, sorted by one of `SORTED_UNKNOWN`, else by their keys."""
    c = unknown_tokens.c
    query = select(unknown_tokens).where(*mentions(search, (c.key, c.station_id)))
    return paging.part(connection, UnknownTokenRecord, query, SORTED_UNKNOWN, sorting, window)


def forget_unknown(connection: Connection, key: str) -> bool:
    """Forget an unknown token, as when it is adopted."""
    statement = delete(unknown_tokens).where(unknown_tokens.c.key == key)
    return connection.execute(statement).rowcount > 0


def keep_latest_unknown(connection: Connection, number: int) -> int:
    """Forget all but the latest, so that strangers cannot fill the disk; how many went."""
    latest = select(unknown_tokens.c.key).order_by(unknown_tokens.c.last_at.desc())
    statement = delete(unknown_tokens).where(unknown_tokens.c.key.not_in(latest.limit(number)))
    return connection.execute(statement).rowcount
