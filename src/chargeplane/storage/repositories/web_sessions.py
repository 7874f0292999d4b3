"""Browsers that are signed in, by the digests of their tokens."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, or_, select, update

from chargeplane.storage.access_records import UserRecord, WebSessionRecord
from chargeplane.storage.access_tables import users, web_sessions
from chargeplane.storage.statements import insert

_c = web_sessions.c
_SIZE = len(WebSessionRecord.__struct_fields__)


def add(connection: Connection, record: WebSessionRecord) -> None:
    """Store a session."""
    connection.execute(insert(web_sessions).values(msgspec.structs.asdict(record)))


def get(connection: Connection, digest: str) -> tuple[WebSessionRecord, UserRecord] | None:
    """Return a session with its user."""
    query = (
        select(web_sessions, users)
        .join_from(web_sessions, users, users.c.name == _c.user_name)
        .where(_c.digest == digest)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (WebSessionRecord(*row[:_SIZE]), UserRecord(*row[_SIZE:]))


def note_seen(connection: Connection, digest: str, now: datetime) -> None:
    """Store when a session was used last."""
    connection.execute(update(web_sessions).where(_c.digest == digest).values(last_seen_at=now))


def remove(connection: Connection, digest: str) -> None:
    """End a session."""
    connection.execute(delete(web_sessions).where(_c.digest == digest))


def remove_of(connection: Connection, user_name: str) -> None:
    """End all sessions of a user."""
    connection.execute(delete(web_sessions).where(_c.user_name == user_name))


def remove_old(connection: Connection, begun: datetime, seen: datetime) -> int:
    """End the sessions that began, or were used last, before these moments; how many."""
    old = or_(_c.created_at < begun, _c.last_seen_at < seen)
    return connection.execute(delete(web_sessions).where(old)).rowcount
