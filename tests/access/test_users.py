"""Who may sign in, who is kept out and for how long; an administrator always stays."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from chargeplane.access.errors import (
    LastAdmin,
    LockedOut,
    PasswordTooWeak,
    SignInRefused,
    UnfitUser,
    UnknownUser,
    UserExists,
)
from chargeplane.access.users import LONGEST_LOCK, User, Users, forget_failures
from chargeplane.storage.access_tables import sign_in_failures, users
from chargeplane.storage.database import Database
from tests.access.conftest import Clock

HERE = "192.0.2.1"
GOOD = "a good password"


async def test_the_first_administrator_has_a_password_for_once(people: Users) -> None:
    password = await people.first()
    assert password is not None
    user = await people.sign_in("admin", password, HERE)
    assert user == User(name="admin", role="admin", must_change_password=True)
    await people.change_password("admin", password, GOOD, HERE)
    with pytest.raises(SignInRefused):
        await people.sign_in("admin", password, HERE)
    assert not (await people.sign_in("admin", GOOD, HERE)).must_change_password
    assert await people.first() is None


async def test_only_hashes_are_kept(people: Users, database: Database) -> None:
    await people.add("ann", "viewer", password=GOOD)
    (kept,) = await database.read(
        lambda c: c.execute(select(users.c.password_hash)).scalars().all()
    )
    assert kept.startswith("$argon2id$")


@pytest.mark.parametrize(("name", "password"), [("ann", "wrong"), ("nobody", GOOD), ("ann", "")])
async def test_who_is_wrong_is_not_told_how(people: Users, name: str, password: str) -> None:
    await people.add("ann", "viewer", password=GOOD)
    with pytest.raises(SignInRefused, match="the name or the password is wrong"):
        await people.sign_in(name, password, HERE)


async def test_who_fails_again_and_again_waits_longer_each_time(
    people: Users, database: Database, clock: Clock
) -> None:
    await people.add("ann", "viewer", password=GOOD)
    waits = []
    for number in range(14):
        address = f"192.0.2.{number}"  # the name is locked, wherever it is tried
        with pytest.raises(SignInRefused):
            await people.sign_in("ann", "wrong", address)
        try:
            await people.sign_in("ann", GOOD, address) if number >= 4 else None
        except LockedOut as error:
            waits.append(round(error.seconds / 60))
            clock.pass_time(seconds=error.seconds + 1)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert LONGEST_LOCK.total_seconds() == 3600
    again = Users(database, clock)  # as after a restart
    assert (await again.sign_in("ann", GOOD, HERE)).name == "ann"
    with pytest.raises(SignInRefused):
        await people.sign_in("ann", "wrong", HERE)


async def test_an_address_that_tries_many_names_is_locked_too(people: Users) -> None:
    await people.add("ann", "viewer", password=GOOD)
    for number in range(5):
        with pytest.raises(SignInRefused):
            await people.sign_in(f"user{number}", "wrong", HERE)
    with pytest.raises(LockedOut):
        await people.sign_in("ann", GOOD, HERE)
    assert (await people.sign_in("ann", GOOD, "192.0.2.2")).name == "ann"


async def test_many_attempts_at_once_do_not_slip_through(people: Users) -> None:
    await people.add("ann", "viewer", password=GOOD)
    tries = [people.sign_in("ann", f"guess {n}", f"192.0.2.{n}") for n in range(20)]
    refused = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(each) for each in refused].count(SignInRefused) == 5
    assert [type(each) for each in refused].count(LockedOut) == 15


async def test_a_success_forgives_the_name_but_not_the_address(people: Users) -> None:
    await people.add("ann", "viewer", password=GOOD)
    for number in range(4):
        with pytest.raises(SignInRefused):
            await people.sign_in(f"user{number}", "wrong", HERE)
        await people.sign_in("ann", GOOD, HERE)
    with pytest.raises(SignInRefused):
        await people.sign_in("user9", "wrong", HERE)
    with pytest.raises(LockedOut):
        await people.sign_in("ann", GOOD, HERE)


async def test_failures_are_forgiven_after_a_day(
    people: Users, database: Database, clock: Clock
) -> None:
    with pytest.raises(SignInRefused):
        await people.sign_in("typed-a-password", "x", HERE)
    rows = await database.read(lambda c: c.execute(select(sign_in_failures)).all())
    assert "typed-a-password" not in str(rows)
    assert await database.write(forget_failures, clock()) == 0
    clock.pass_time(days=1, seconds=1)
    assert await database.write(forget_failures, clock()) == 2


async def test_the_last_administrator_stays(people: Users) -> None:
    await people.first()
    await people.add("ann", "operator", password=GOOD)
    for work in (
        people.remove("admin"),
        people.set_enabled("admin", False),
        people.set_role("admin", "viewer", None),
    ):
        with pytest.raises(LastAdmin):
            await work
    await people.set_role("ann", "admin", None)
    await people.remove("admin")
    assert [each.name for each in await people.all()] == ["ann"]


async def test_a_disabled_user_is_kept_out(people: Users) -> None:
    await people.add("ann", "viewer", password=GOOD)
    await people.set_enabled("ann", False)
    with pytest.raises(SignInRefused):
        await people.sign_in("ann", GOOD, HERE)
    await people.set_enabled("ann", True)
    assert (await people.sign_in("ann", GOOD, HERE)).enabled


async def test_what_cannot_be_is_refused(people: Users) -> None:
    await people.add("ann", "viewer", password=GOOD)
    for name in ("ann", "", "a\nb", "-" * 80):
        with pytest.raises(UserExists):
            await people.add(name, "viewer")
    with pytest.raises(UnfitUser):
        await people.add("bob", "admin", ("CP1",))
    with pytest.raises(UnfitUser):
        await people.set_role("ann", "admin", ("CP1",))
    with pytest.raises(PasswordTooWeak):
        await people.add("bob", "viewer", password="too short")
    with pytest.raises(PasswordTooWeak):
        await people.change_password("ann", GOOD, GOOD, HERE)
    for work in (
        people.remove("bob"),
        people.reset_password("bob"),
        people.set_enabled("bob", True),
    ):
        with pytest.raises(UnknownUser):
            await work


async def test_a_reset_password_is_for_once_and_forgives(people: Users) -> None:
    await people.add("ann", "viewer", password=GOOD)
    for number in range(5):
        with pytest.raises(SignInRefused):
            await people.sign_in("ann", "wrong", f"192.0.2.{number}")
    password = await people.reset_password("ann")
    assert (await people.sign_in("ann", password, HERE)).must_change_password


@pytest.mark.parametrize(
    ("stations", "station", "is_seen"),
    [
        (None, "CP1", True),
        (("CP1",), "CP1", True),
        (("CP1",), "CP10", False),
        (("north-*", "CP1"), "north-7", True),
        (("north-*",), "south-7", False),
        (("n[o]rth",), "north", False),
        ((), "CP1", False),
    ],
)
def test_stations_that_are_seen(
    stations: tuple[str, ...] | None, station: str, *, is_seen: bool
) -> None:
    assert User(name="ann", role="viewer", stations=stations).sees(station) is is_seen


def test_each_role_may_what_those_before_may() -> None:
    may = {
        role: [User(name="x", role=role).may(other) for other in ("viewer", "operator", "admin")]
        for role in ("viewer", "operator", "admin")
    }
    assert may == {
        "viewer": [True, False, False],
        "operator": [True, True, False],
        "admin": [True, True, True],
    }
