"""Killing the process around every call of the provider and every write, and starting it anew."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from chargeplane.config import Csms
from chargeplane.csms.central import Central, Unit
from chargeplane.domain.transactions import RequestStartTransaction
from chargeplane.payments.provider import ProviderUnavailable
from chargeplane.payments.service import Payments
from chargeplane.storage.database import Database
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories.payments import PaymentFilter
from chargeplane.storage.repositories.transactions import TransactionFilter, page
from chargeplane.storage.stores import open_store
from tests.csms.conftest import connecting
from tests.payments.bank import Bank
from tests.payments.conftest import RULES, WANTED, Clock, Desk

T = TypeVar("T")

KWH, AMOUNT = 10.5, 515


class Killed(BaseException):
    """The process is gone: nothing may catch this."""


class Fate:
    """Counts the points at which something may happen to a process, and lets it at one.

    It is killed, or in an outage the provider does not answer.
    """

    def __init__(self, at: int | None = None, *, outage: bool = False) -> None:
        self.at = at
        self.outage = outage
        self.passed = 0

    def __call__(self, name: str = "", _when: str = "") -> None:
        if self.outage and not name:
            return
        self.passed += 1
        if self.passed - 1 == self.at:
            raise ProviderUnavailable("no answer") if self.outage else Killed


class Mortal(Central):
    """A central system in whose writes the process may die, before and after the commit."""

    fate: Callable[[], None]

    async def commit(self, work: Callable[[Unit], T]) -> T:
        self.fate()
        value = await super().commit(work)
        self.fate()
        return value


@asynccontextmanager
async def process(desk: Desk, url: str, fate: Fate) -> AsyncIterator[None]:
    """A process of its own for payments, with the database opened anew."""
    async with Database(open_store(url)) as database:
        known = {each.name: getattr(desk.central, each.name) for each in fields(Central)}
        central = Mortal(**known | {"database": database})
        central.fate = fate
        desk.bank.trouble = fate
        desk.payments = Payments(central, desk.bank, RULES)
        yield
        desk.bank.trouble = lambda _name, _when: None


@asynccontextmanager
async def charger(path: Path, version: str) -> AsyncIterator[Desk]:
    """A station with a car at it, at a central system of its own."""
    async with Database(open_store(f"sqlite:///{path}")) as database:
        central = Central(settings=Csms(), database=database)
        central.now = clock = Clock()
        bank = Bank()
        async with connecting(central) as connect:
            desk = Desk(central, Payments(central, bank, RULES), bank, clock, connect)
            await desk.station(version)
            await desk.plug_in()
            yield desk


class Story:
    """A driver pays and charges; what has happened for sure is remembered."""

    def __init__(self, desk: Desk, ends: str = "charge") -> None:
        self.desk = desk
        self.ends = ends
        self.checkout_id = ""
        self.number = ""
        self.begun = self.ended = False
        self.answer = ""

    async def tell(self) -> None:
        """From the order to the end."""
        await self.order()
        if self.ends == "lapse" or not self.checkout_id:
            return
        self.desk.bank.pay(self.checkout_id)
        await self.confirm()
        if self.ends == "cancel":
            await self.desk.payments.cancel(self.number)
        await self.station()
        if self.ends == "refund":
            await self.desk.payments.refund(self.number, None, "duplicate", "operator")

    async def order(self) -> None:
        created = await self.desk.payments.create(WANTED)
        if created.reservation is not None:
            self.number = created.reservation.id
            self.checkout_id = created.reservation.checkout_id or ""

    async def confirm(self) -> None:
        if self.checkout_id:
            await self.desk.payments.confirm(self.number, self.checkout_id)

    async def station(self) -> None:
        """What the station does by itself, as far as it was asked to."""
        asked = [each for each in self.desk.here.asked if isinstance(each, RequestStartTransaction)]
        if asked and not self.begun:
            self.begun = True
            self.answer = await self.desk.begin(asked[0].id_token.id_token)
            await self.look()
        if self.begun and not self.ended and self.answer == "Accepted":
            self.ended = True
            await self.desk.charge(KWH - 0.5)
            self.desk.clock.forward(minutes=10)
            await self.desk.end(0.5)
            await self.look()
        await self.desk.plug_out()
        await self.look()

    async def resume(self, *, comes_back: bool) -> None:
        """Go on in a new process, with or without the driver."""
        await self.look()
        if comes_back:
            await self.confirm()
        await self.station()
        for minutes in (1, 2, 5, 10, 30, 60):
            self.desk.clock.forward(minutes=minutes)
            await self.look()

    async def look(self) -> None:
        await self.desk.payments.reconcile()


async def settled(desk: Desk) -> None:
    """Assert that the money is right: what was charged is paid once, and nothing is held."""
    bank = desk.bank
    charges = (await desk.central.database.read(page, TransactionFilter(), Window())).items
    paid = sum(each.start_status == "Accepted" for each in charges)
    assert bank.captured_minor == AMOUNT * paid
    assert (bank.held_minor, bank.open_checkouts) == (0, 0)
    for record in (await desk.payments.page(PaymentFilter(), Window())).items:
        assert record.settled_at is not None
        assert not record.locks_connector
        assert not record.needs_review
        assert record.captured_minor == (AMOUNT if record.state == "Completed" else 0)
        details = await desk.payments.details(record.id)
        assert details is not None
        given = sum(each.amount_minor for each in details.refunds)
        assert given in {0, record.captured_minor}
        assert given == sum(each.refunded_minor for each in bank.payments.values())


async def live(
    path: Path, version: str, story: str, fates: list[Fate], *, comes_back: bool = True
) -> None:
    """Tell a story whose processes have these fates, then one that nothing happens to."""
    url = f"sqlite:///{path}"
    async with charger(path, version) as desk:
        told = Story(desk, story)
        async with process(desk, url, fates[0]):
            with suppress(Killed, ProviderUnavailable):
                await told.tell()
        for fate in [*fates[1:], Fate()]:
            async with process(desk, url, fate):
                with suppress(Killed):
                    await told.resume(comes_back=comes_back)
        async with process(desk, url, Fate()):
            await settled(desk)


@pytest.fixture
def fresh(tmp_path: Path, fresh_database: Path) -> Callable[[], Path]:
    """Make databases that hold nothing."""
    return lambda: Path(shutil.copy(fresh_database, tmp_path / f"{uuid4()}.db"))


async def points_of(path: Path, version: str, story: str, fate: Fate) -> int:
    """How many points a story has that nothing disturbs."""
    await live(path, version, story, [fate])
    return fate.passed


CASES = [
    ("1.6", "charge", True, 0),
    ("2.1", "charge", False, 5),
    ("2.0.1", "cancel", False, 8),
    ("1.6", "lapse", False, 0),
    ("2.1", "refund", True, 28),
]


@pytest.mark.parametrize(("version", "story", "comes_back", "first"), CASES)
async def test_a_death_at_any_point_costs_nobody_anything(
    fresh: Callable[[], Path], version: str, story: str, comes_back: Any, first: int
) -> None:
    points = await points_of(fresh(), version, story, Fate())
    assert points > first
    for point in range(first, points):
        await live(fresh(), version, story, [Fate(point)], comes_back=comes_back)


async def test_deaths_while_it_recovers_change_nothing(fresh: Callable[[], Path]) -> None:
    for number in range(14):
        fates = [Fate(4 + 7 * number % 26), Fate(5 * number % 11), Fate(3 * number % 7)]
        await live(fresh(), "1.6", "charge", fates, comes_back=bool(number % 2))


@pytest.mark.parametrize("story", ["charge", "cancel", "lapse"])
async def test_an_outage_of_the_provider_at_any_call_is_made_good(
    fresh: Callable[[], Path], story: str
) -> None:
    calls = await points_of(fresh(), "1.6", story, Fate(outage=True))
    assert calls > 1
    for point in range(calls):
        await live(fresh(), "1.6", story, [Fate(point, outage=True)])
