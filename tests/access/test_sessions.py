"""How long somebody stays signed in, and what ends that."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from chargeplane.access.sessions import Sessions, keep_house
from chargeplane.access.users import Users
from chargeplane.storage.access_tables import web_sessions
from chargeplane.storage.database import Database
from tests.access.conftest import Clock

HERE = "192.0.2.1"
GOOD = "a good password"


@pytest.fixture
def sessions(database: Database, clock: Clock) -> Sessions:
    return Sessions(database, clock, timedelta(minutes=60), timedelta(hours=12))


async def begun(people: Users, sessions: Sessions) -> str:
    await people.add("ann", "viewer", password=GOOD)
    return await sessions.begin(await people.sign_in("ann", GOOD, HERE), HERE)


async def test_a_session_is_found_by_its_token_alone(
    people: Users, sessions: Sessions, database: Database
) -> None:
    token = await begun(people, sessions)
    user = await sessions.find(token)
    assert user is not None
    assert user.name == "ann"
    for wrong in ("", token[:-1], token + "x", "\ud800"):
        assert await sessions.find(wrong) is None
    kept = await database.read(lambda c: str(c.execute(select(web_sessions)).all()))
    assert token not in kept
    await sessions.end(token)
    assert await sessions.find(token) is None


async def test_it_ends_when_it_is_not_used_and_in_any_case(
    people: Users, sessions: Sessions, clock: Clock
) -> None:
    token = await begun(people, sessions)
    for _ in range(13):
        clock.pass_time(minutes=55)
        assert await sessions.find(token) is not None
    clock.pass_time(minutes=6)
    assert await sessions.find(token) is None  # after 12 hours
    token = await sessions.begin(await people.sign_in("ann", GOOD, HERE), HERE)
    clock.pass_time(minutes=61)
    assert await sessions.find(token) is None


@pytest.mark.parametrize("what", ["role", "password", "disable", "remove", "all"])
async def test_a_change_of_the_user_ends_it(people: Users, sessions: Sessions, what: str) -> None:
    token = await begun(people, sessions)
    await {
        "role": lambda: people.set_role("ann", "operator", None),
        "password": lambda: people.change_password("ann", GOOD, "another password", HERE),
        "disable": lambda: people.set_enabled("ann", False),
        "remove": lambda: people.remove("ann"),
        "all": lambda: sessions.end_all("ann"),
    }[what]()
    assert await sessions.find(token) is None


async def test_what_is_over_is_swept(
    people: Users, sessions: Sessions, database: Database, clock: Clock
) -> None:
    await begun(people, sessions)
    clock.pass_time(minutes=61)
    with suppress(TimeoutError):
        await asyncio.wait_for(keep_house(sessions, database, clock), 0.5)
    assert await database.read(lambda c: c.execute(select(web_sessions)).all()) == []
