"""People who may sign in to the web pages: what they may do, and how they are told apart.

Passwords are kept as Argon2id hashes. Who fails again and again, a name or an address, waits longer
each time (NIST SP 800-63B §5.2.2); that is kept in the database, so that a restart forgives nobody.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from chargeplane.access.errors import (
    LastAdmin,
    LockedOut,
    PasswordTooWeak,
    SignInRefused,
    UnfitUser,
    UnknownUser,
    UserExists,
)
from chargeplane.domain.patterns import is_among
from chargeplane.storage.access_records import Role, UserRecord
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import sign_in_failures, users, web_sessions

ROLES: Final[tuple[Role, ...]] = get_args(Role)  # each may do what those before may
FIRST: Final = "admin"
NAME: Final = re.compile(r"[\w.@-][\w.@ -]{0,63}")
SHORTEST: Final = 10  # characters of a password
LONGEST: Final = 200  # characters, so that hashing has an end
FREE_FAILURES: Final = 5
LONGEST_LOCK: Final = timedelta(minutes=60)
FORGIVEN_AFTER: Final = timedelta(days=1)

_hasher: Final = PasswordHasher()  # RFC 9106 §4, second recommended option


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person; `stations` are ids or patterns (`north-*`) of what is seen, None: everything."""

    name: str
    role: Role
    stations: tuple[str, ...] | None = None
    must_change_password: bool = False
    enabled: bool = True

    def may(self, role: Role) -> bool:
        """Whether what this role may do is allowed."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def sees(self, station_id: str) -> bool:
        """Whether a station is shown."""
        return self.stations is None or is_among(station_id, self.stations)


class Users:
    """Those who may sign in."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._nobody: str | None = None  # a hash that takes as long to check as somebody's

    async def first(self) -> str | None:
        """Make the first administrator if there is nobody; the one-time password, told only now."""
        if await self._database.read(users.count):
            return None
        return await self.add(FIRST, "admin")

    async def all(self) -> list[User]:
        """Everybody, in the order of their names."""
        return [user_of(each) for each in await self._database.read(users.all_users)]

    async def sign_in(self, name: str, password: str, address: str) -> User:
        """The user of a name and a password; raises `SignInRefused`, `LockedOut`."""
        keys = (_digest("name", name), _digest("address", address))
        # An attempt counts before it is checked, so that many at once do not slip through.
        until = await self._database.write(_attempt, keys, self._now())
        if until is not None:
            raise LockedOut((until - self._now()).total_seconds())
        found = await self._database.read(users.get, name)
        stored = found.password_hash if found else await self._hash_of_nobody()
        is_right = await asyncio.to_thread(_verify, password[:LONGEST], stored)
        if found is None or not is_right or not found.enabled:
            raise SignInRefused
        await self._database.write(_succeeded, keys, self._now())
        return user_of(found)

    async def change_password(self, name: str, old: str, new: str, address: str) -> None:
        """Replace one's own password; raises `SignInRefused`, `LockedOut`, `PasswordTooWeak`."""
        await self.sign_in(name, old, address)
        if old == new:
            raise PasswordTooWeak("the new password is the old one")
        await self._set_password(name, new, must_change=False)

    async def add(
        self,
        name: str,
        role: Role,
        stations: tuple[str, ...] | None = None,
        password: str | None = None,
    ) -> str:
        """Add a user; the password, a one-time one if none is given.

        Raises `UserExists` for a name that is taken or none, `UnfitUser`, `PasswordTooWeak`.
        """
        _require_fit(role, stations)
        if not NAME.fullmatch(name):
            raise UserExists(f"{name!r} cannot be the name of a user")
        given = one_time_password() if password is None else password
        record = UserRecord(
            name=name,
            role=role,
            stations=stations,
            password_hash=await _hashed(given),
            must_change_password=password is None,
            enabled=True,
            created_at=self._now(),
        )
        if not await self._database.write(users.add, record):
            raise UserExists(f"there is a user {name} already")
        return given

    async def set_role(self, name: str, role: Role, stations: tuple[str, ...] | None) -> None:
        """Change what a user may do; raises `UnknownUser`, `UnfitUser`, `LastAdmin`."""
        _require_fit(role, stations)
        await self._change(name, is_loss=role != "admin", role=role, stations=stations)

    async def set_enabled(self, name: str, enabled: bool) -> None:  # noqa: FBT001 one thing to say
        """Let a user in or not; raises `UnknownUser`, `LastAdmin`."""
        await self._change(name, is_loss=not enabled, enabled=enabled)

    async def reset_password(self, name: str) -> str:
        """Replace a password by a one-time one, and forgive failures; raises `UnknownUser`."""
        password = one_time_password()
        await self._set_password(name, password, must_change=True)
        await self._database.write(sign_in_failures.forget, _digest("name", name))
        return password

    async def remove(self, name: str) -> None:
        """Remove a user; raises `UnknownUser`, `LastAdmin`."""

        def work(connection: Connection) -> None:
            _require_admin_beside(connection, name)
            if not users.remove(connection, name):
                raise UnknownUser(f"there is no user {name}")

        await self._database.write(work)

    async def _set_password(self, name: str, password: str, *, must_change: bool) -> None:
        hashed = await _hashed(password)
        await self._change(name, password_hash=hashed, must_change_password=must_change)

    async def _change(self, name: str, *, is_loss: bool = False, **values: Any) -> None:
        """Set columns and end the user's sessions."""

        def work(connection: Connection) -> None:
            if is_loss:
                _require_admin_beside(connection, name)
            if not users.change(connection, name, **values):
                raise UnknownUser(f"there is no user {name}")
            web_sessions.remove_of(connection, name)

        await self._database.write(work)

    async def _hash_of_nobody(self) -> str:
        if self._nobody is None:
            self._nobody = await asyncio.to_thread(_hasher.hash, secrets.token_urlsafe())
        return self._nobody


def user_of(record: UserRecord) -> User:
    """The user of a row."""
    return User(
        name=record.name,
        role=record.role,
        stations=record.stations,
        must_change_password=record.must_change_password,
        enabled=record.enabled,
    )


def one_time_password() -> str:
    """A password that can be read out: 80 random bits."""
    return "-".join(secrets.token_hex(2) for _ in range(5))


def forget_failures(connection: Connection, now: datetime) -> int:
    """Forget failures that are long past; how many there were."""
    return sign_in_failures.forget_before(connection, now - FORGIVEN_AFTER)


async def _hashed(password: str) -> str:
    """The hash to be stored; raises `PasswordTooWeak`."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordTooWeak(f"a password has {SHORTEST} to {LONGEST} characters")
    return await asyncio.to_thread(_hasher.hash, password)


def _verify(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _require_fit(role: Role, stations: tuple[str, ...] | None) -> None:
    """Raise `UnfitUser` for an administrator of some stations, who could make one of all."""
    if role == "admin" and stations is not None:
        raise UnfitUser("an administrator sees all stations")


def _require_admin_beside(connection: Connection, name: str) -> None:
    found = users.get(connection, name)
    is_admin = found is not None and found.role == "admin" and found.enabled
    if is_admin and not users.other_with_role(connection, name, "admin"):
        raise LastAdmin(f"{name} is the last administrator")


def _attempt(connection: Connection, keys: tuple[str, ...], now: datetime) -> datetime | None:
    """Count an attempt as one that failed, unless it has to wait; until when."""
    until = sign_in_failures.locked_until(connection, keys)
    if until is not None and until > now:
        return until
    for key in keys:
        number = sign_in_failures.failures(connection, key) + 1
        over = number - FREE_FAILURES
        lock = min(LONGEST_LOCK, timedelta(minutes=2 ** min(over, 10))) if over >= 0 else None
        sign_in_failures.save(connection, key, number, now, None if lock is None else now + lock)
    return None


def _succeeded(connection: Connection, keys: tuple[str, ...], now: datetime) -> None:
    """Forgive the name; of the address's attempts only this one was none."""
    name, address = keys
    sign_in_failures.forget(connection, name)
    number = sign_in_failures.failures(connection, address) - 1
    sign_in_failures.save(connection, address, number, now, None)


def _digest(kind: str, value: str) -> str:
    """What is kept of a name or an address that failed: somebody may have typed a password."""
    return sha256(f"{kind}:{value}".encode("utf-8", "surrogatepass")).hexdigest()
