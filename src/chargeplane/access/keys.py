"""API keys: who may use the HTTP faces, for what, and which stations they see.

Keys are random and long, so a plain digest of them is as good as a slow one.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import msgspec
from rich.table import Table
from sqlalchemy import Connection

from chargeplane.config import Api
from chargeplane.domain.patterns import is_among
from chargeplane.errors import ConfigurationError
from chargeplane.storage.database import Database
from chargeplane.storage.records import ApiKeyRecord, Scope
from chargeplane.storage.repositories import api_keys
from chargeplane.storage.repositories.api_keys import NewKey

PREFIX: Final = "cp_"
SETTINGS: Final = "settings"  # the name of the key that the settings hold
SCOPES: Final[tuple[Scope, ...]] = ("read", "operate", "admin")  # each may do what those before may


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name of the key, what it may do, and the stations that it sees.

    `stations` are ids or patterns (`north-*`), as the filters of lists take them; None: all.
    """

    name: str
    scope: Scope
    stations: tuple[str, ...] | None = None

    def may(self, scope: Scope) -> bool:
        """Whether the key is good for that."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)

    def sees(self, station_id: str) -> bool:
        """Whether the key is good for that station."""
        return self.stations is None or is_among(station_id, self.stations)


class Keys:
    """Tells callers by their keys."""

    def __init__(self, database: Database, settings: Api) -> None:
        self._database = database
        key = settings.key
        self._own = digest(key.get_secret_value()) if key else None

    async def identify(self, key: str) -> Caller | None:
        """Whose key this is; None if it is nobody's."""
        shown = digest(key)
        if self._own is not None and hmac.compare_digest(shown, self._own):
            return Caller(SETTINGS, "admin")
        found = await self._database.read(api_keys.by_digest, shown)
        if found is None or not hmac.compare_digest(shown, found.digest):
            return None
        return Caller(found.name, found.scope, found.stations)


def digest(key: str) -> str:
    """What is kept of a key."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def create(
    connection: Connection,
    name: str,
    scope: Scope,
    stations: tuple[str, ...] | None,
    now: datetime,
) -> tuple[ApiKeyRecord, str] | None:
    """Make a key and keep its digest; it is told only now. None: the name was given before."""
    key = PREFIX + secrets.token_urlsafe(32)
    new = NewKey(name=name, digest=digest(key), scope=scope, stations=stations)
    record = None if name == SETTINGS else api_keys.add(connection, new, now)
    return None if record is None else (record, key)


# What the command line does, whether the server runs or not


async def make(url: str, name: str, scope: str, stations: tuple[str, ...] | None) -> str:
    """Make a key in a database; raises `ConfigurationError` for a bad scope or a taken name."""
    good = next((each for each in SCOPES if each == scope), None)
    if good is None:
        raise ConfigurationError(f"{scope}: one of {', '.join(SCOPES)}")
    async with await Database.open(url) as database:
        made = await database.write(create, name, good, stations, datetime.now(UTC))
    if made is None:
        raise ConfigurationError(f"{name}: a key had this name before")
    return made[1]


async def listed(url: str) -> list[dict[str, Any]]:
    """All keys of a database, without their digests."""
    async with await Database.open(url) as database:
        found = await database.read(api_keys.all_keys)
    rows = [msgspec.structs.asdict(each) for each in found]
    return [{name: row[name] for name in row if name != "digest"} for row in rows]


async def revoke(url: str, name: str) -> None:
    """Revoke a key for good; raises `ConfigurationError` if none of that name is in force."""
    async with await Database.open(url) as database:
        if not await database.write(api_keys.revoke, name, datetime.now(UTC)):
            raise ConfigurationError(f"{name}: no key of this name is in force")


def table(rows: list[dict[str, Any]]) -> Table:
    """Keys for people."""
    shown = Table("Name", "Scope", "Stations", "Made", "Revoked")
    for row in rows:
        stations = "all" if row["stations"] is None else ", ".join(row["stations"])
        made, revoked = str(row["created_at"]), str(row["revoked_at"] or "")
        shown.add_row(row["name"], row["scope"], stations, made, revoked)
    return shown
