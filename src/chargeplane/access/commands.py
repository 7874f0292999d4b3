"""What the command line does with users, whether the server runs or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from rich.table import Table

from chargeplane.access import audit
from chargeplane.access.users import Users
from chargeplane.storage.access_records import Role
from chargeplane.storage.database import Database

ACTOR: Final = "command line"


@asynccontextmanager
async def _users(url: str, action: str, name: str) -> AsyncIterator[Users]:
    """The users of a database; what is done with one is noted."""
    async with await Database.open(url) as database:
        yield Users(database, _now)
        entry = audit.Entry(
            at=_now(), actor=ACTOR, action=action, outcome="done", details={"user": name}
        )
        await audit.note(database, entry)


def _now() -> datetime:
    return datetime.now(UTC)


async def listed(url: str) -> list[dict[str, Any]]:
    """All users, without their hashes."""
    async with await Database.open(url) as database:
        return [asdict(each) for each in await Users(database, _now).all()]


def table(rows: list[dict[str, Any]]) -> Table:
    """Users for people."""
    shown = Table("Name", "Role", "Stations", "Enabled", "Password")
    for row in rows:
        stations = "all" if row["stations"] is None else ", ".join(row["stations"])
        password = "one-time" if row["must_change_password"] else "own"
        shown.add_row(
            row["name"], row["role"], stations, "yes" if row["enabled"] else "no", password
        )
    return shown


async def add(url: str, name: str, role: Role, stations: tuple[str, ...] | None) -> str:
    """Add a user; the one-time password. Raises `AccessError`."""
    async with _users(url, "add user", name) as users:
        return await users.add(name, role, stations)


async def reset_password(url: str, name: str) -> str:
    """Give a user a one-time password; raises `AccessError`."""
    async with _users(url, "reset password", name) as users:
        return await users.reset_password(name)


async def set_role(url: str, name: str, role: Role, stations: tuple[str, ...] | None) -> None:
    """Change what a user may do; raises `AccessError`."""
    async with _users(url, "set role", name) as users:
        await users.set_role(name, role, stations)


async def set_enabled(url: str, name: str, *, enabled: bool) -> None:
    """Let a user in or not; raises `AccessError`."""
    async with _users(url, "enable user" if enabled else "disable user", name) as users:
        await users.set_enabled(name, enabled)


async def remove(url: str, name: str) -> None:
    """Remove a user; raises `AccessError`."""
    async with _users(url, "remove user", name) as users:
        await users.remove(name)
