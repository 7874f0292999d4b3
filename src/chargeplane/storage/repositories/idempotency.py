"""Answers to requests that carried a key against repetition."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, select, update

from chargeplane.storage.records import IdempotentAnswerRecord
from chargeplane.storage.statements import insert, one
from chargeplane.storage.tables import idempotent_answers

_c = idempotent_answers.c


class Claim(msgspec.Struct, frozen=True):
    """A key that is claimed for a request, and the process (`node`) that works on it."""

    key: str
    request_digest: str
    node: str


def reserve(
    connection: Connection, claim: Claim, now: datetime, forget_before: datetime
) -> IdempotentAnswerRecord | None:
    """Claim a key; None if it is new, else what is known of the request that has it."""
    connection.execute(delete(idempotent_answers).where(_c.created_at < forget_before))
    row = msgspec.structs.asdict(claim) | {"created_at": now}
    statement = insert(idempotent_answers).values(row).on_conflict_do_nothing().returning(_c.key)
    if connection.execute(statement).one_or_none() is not None:
        return None
    query = select(idempotent_answers).where(_c.key == claim.key)
    return one(IdempotentAnswerRecord, connection.execute(query))


def finish(connection: Connection, key: str, status: int, media_type: str, body: str) -> None:
    """Keep the answer to a request."""
    values = {"status": status, "media_type": media_type, "body": body}
    connection.execute(update(idempotent_answers).where(_c.key == key).values(values))


def release(connection: Connection, key: str) -> None:
    """Give a key back whose request did nothing."""
    connection.execute(delete(idempotent_answers).where(_c.key == key))


def release_unfinished(connection: Connection, node: str) -> int:
    """Give back the keys that an earlier run of a process left unanswered; how many."""
    statement = delete(idempotent_answers).where(_c.node == node, _c.status.is_(None))
    return connection.execute(statement).rowcount
