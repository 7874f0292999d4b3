"""People who may sign in."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, true, update

from chargeplane.storage.access_records import Role, UserRecord
from chargeplane.storage.access_tables import users
from chargeplane.storage.statements import insert, many, one

_c = users.c


def get(connection: Connection, name: str) -> UserRecord | None:
    """Return a user."""
    return one(UserRecord, connection.execute(select(users).where(_c.name == name)))


def all_users(connection: Connection) -> tuple[UserRecord, ...]:
    """Return all users, in order."""
    return many(UserRecord, connection.execute(select(users).order_by(_c.name)))


def count(connection: Connection) -> int:
    """Count users."""
    return connection.execute(select(func.count()).select_from(users)).scalar_one()


def add(connection: Connection, record: UserRecord) -> bool:
    """Add a user; False if the name is taken."""
    row = msgspec.structs.asdict(record)
    statement = insert(users).values(row).on_conflict_do_nothing()
    return connection.execute(statement).rowcount > 0


def change(connection: Connection, name: str, **values: Any) -> bool:
    """Set columns of a user; False if there is none."""
    return connection.execute(update(users).where(_c.name == name).values(**values)).rowcount > 0


def remove(connection: Connection, name: str) -> bool:
    """Delete a user with the sessions; what the user did stays."""
    return connection.execute(delete(users).where(_c.name == name)).rowcount > 0


def other_with_role(connection: Connection, name: str, role: Role) -> bool:
    """Return whether somebody else has this role and may sign in."""
    query = select(_c.name).where(_c.name != name, _c.role == role, _c.enabled == true())
    return connection.execute(query.limit(1)).first() is not None
