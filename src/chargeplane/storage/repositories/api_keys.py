"""Keys of the HTTP faces: only their digests are kept."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from chargeplane.storage.prepared import Prepared
from chargeplane.storage.records import ApiKeyRecord, Scope
from chargeplane.storage.statements import insert, many, one
from chargeplane.storage.tables import api_keys

_c = api_keys.c
_BY_DIGEST = Prepared(
    ApiKeyRecord,
    select(api_keys).where(_c.digest == bindparam("wanted"), _c.revoked_at.is_(None)),
)


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that is to be kept by its digest."""

    name: str
    digest: str
    scope: Scope
    stations: tuple[str, ...] | None = None


def add(connection: Connection, key: NewKey, now: datetime) -> ApiKeyRecord | None:
    """Keep a key; None if the name has been given before."""
    row = msgspec.structs.asdict(key) | {"created_at": now}
    statement = insert(api_keys).values(row).on_conflict_do_nothing().returning(api_keys)
    return one(ApiKeyRecord, connection.execute(statement))


def by_digest(connection: Connection, digest: str) -> ApiKeyRecord | None:
    """Return the key with that digest, unless it is revoked."""
    return _BY_DIGEST.one(connection, {"wanted": digest})


def all_keys(connection: Connection) -> tuple[ApiKeyRecord, ...]:
    """Return all keys, revoked ones too, in the order of their names."""
    return many(ApiKeyRecord, connection.execute(select(api_keys).order_by(_c.name)))


def revoke(connection: Connection, name: str, now: datetime) -> bool:
    """Revoke a key for good; False if none of that name is in force."""
    statement = update(api_keys).where(_c.name == name, _c.revoked_at.is_(None))
    return connection.execute(statement.values(revoked_at=now)).rowcount > 0
