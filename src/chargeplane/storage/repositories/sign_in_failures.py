"""How often names and addresses failed to sign in, kept by their digests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from chargeplane.storage.access_tables import sign_in_failures
from chargeplane.storage.statements import insert

_c = sign_in_failures.c


def locked_until(connection: Connection, digests: tuple[str, ...]) -> datetime | None:
    """Return until when none of them may try again; None: they may."""
    query = select(func.max(_c.locked_until)).where(_c.digest.in_(digests))
    found: datetime | None = connection.execute(query).scalar_one()
    return found


def failures(connection: Connection, digest: str) -> int:
    """Return how often in a row it failed."""
    query = select(_c.failures).where(_c.digest == digest)
    return connection.execute(query).scalar_one_or_none() or 0


def save(
    connection: Connection, digest: str, number: int, now: datetime, until: datetime | None
) -> None:
    """Store that it failed so often, and until when it may not try again."""
    row = {"digest": digest, "failures": number, "last_at": now, "locked_until": until}
    statement = insert(sign_in_failures).values(row)
    changed = {name: statement.excluded[name] for name in row if name != "digest"}
    connection.execute(statement.on_conflict_do_update(index_elements=[_c.digest], set_=changed))


def forget(connection: Connection, digest: str) -> None:
    """Begin to count anew, as after a success."""
    connection.execute(delete(sign_in_failures).where(_c.digest == digest))


def forget_before(connection: Connection, moment: datetime) -> int:
    """Forget what failed last before a moment; how many there were."""
    return connection.execute(delete(sign_in_failures).where(_c.last_at < moment)).rowcount
