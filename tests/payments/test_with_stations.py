"""Whole flows with virtual stations over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace as replace_rules
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from chargeplane.evse.virtual import Car
from chargeplane.payments.outcomes import Wanted
from chargeplane.payments.pricing import Prices
from chargeplane.payments.service import Payments
from chargeplane.storage.payment_records import PaymentReservationRecord
from tests.e2e.harness import VERSIONS, listening, until
from tests.payments.bank import Bank
from tests.payments.conftest import PRICES, RULES
from tests.station.fleet import Site, site

WANTED = Wanted(station_id="CS-1", evse_id=1, charge_tag="DRIVER")
EV = Car(soc_percent=10, capacity_wh=100_000)


class Counter:
    """Where drivers pay, at a station that is there."""

    def __init__(self, there: Site) -> None:
        self.there = there
        self.bank = Bank()
        self.payments = Payments(there.here.central, self.bank, RULES)

    def sell(self, prices: Prices) -> None:
        """Ask for other prices."""
        rules = replace_rules(RULES, prices=prices, reconcile_interval=timedelta(milliseconds=200))
        self.payments = Payments(self.there.here.central, self.bank, rules)

    async def pay(self) -> PaymentReservationRecord:
        """Agree on the price, pay and come back."""
        created = await self.payments.create(WANTED)
        assert created.reservation is not None, created
        self.bank.pay(number := created.reservation.checkout_id or "")
        confirmed = await self.payments.confirm(created.reservation.id, number)
        assert not confirmed.refused
        assert confirmed.reservation is not None
        return confirmed.reservation

    async def reaches(self, number: str, state: str) -> PaymentReservationRecord:
        """Wait until a reservation is so far."""

        async def is_there() -> bool:
            return (await self._now(number)).state == state

        await until(is_there)
        return await self._now(number)

    async def _now(self, number: str) -> PaymentReservationRecord:
        details = await self.payments.details(number)
        assert details is not None
        return details.reservation

    async def draws(self, wh: float) -> None:
        """Wait until the central system knows of so much energy."""

        async def is_so() -> bool:
            running = await self.there.here.transaction(state="open")
            return (running.energy_mwh or 0) >= wh * 1000

        await until(is_so)


@pytest.fixture(params=VERSIONS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    async with (
        listening(tmp_path) as here,
        site(here, (request.param,), MeterValueSampleInterval=1) as there,
    ):
        yield Counter(there)


@asynccontextmanager
async def following(counter: Counter) -> AsyncIterator[None]:
    """Payments follow what happens."""
    job = asyncio.create_task(counter.payments.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job


async def test_pay_plug_in_charge_stop_and_leave(counter: Counter) -> None:
    async with following(counter):
        record = await counter.pay()
        assert (record.state, record.awaiting_plug) == ("Authorized", True)
        counter.there.hardware().plug_in(EV)
        await counter.reaches(record.id, "Charging")
        await counter.draws(2000)
        assert (await counter.payments.stop(record.id)).status == "Accepted"
        await counter.reaches(record.id, "WaitingForDisconnect")
        counter.there.hardware().plug_out()
        record = await counter.reaches(record.id, "Completed")
    assert record.energy_mwh is not None
    assert record.energy_mwh >= 2_000_000
    cost = round(record.energy_mwh * Decimal("0.49") / 10_000 + Decimal("0.000001"))
    assert record.captured_minor == counter.bank.captured_minor == cost
    assert counter.bank.held_minor == 0


async def test_plug_in_then_pay_and_pull_the_plug(counter: Counter) -> None:
    async with following(counter):
        counter.there.hardware().plug_in(EV)
        await counter.there.says("Occupied")
        record = await counter.pay()
        await counter.reaches(record.id, "Charging")
        await counter.draws(1500)
        counter.there.hardware().plug_out()
        record = await counter.reaches(record.id, "Completed")
    assert record.captured_minor == counter.bank.captured_minor > 0


async def test_the_limit_stops_the_charge(counter: Counter) -> None:
    counter.sell(replace(PRICES, max_energy_kwh=Decimal(3)))
    async with following(counter):
        counter.there.hardware().plug_in(EV)
        await counter.there.says("Occupied")
        record = await counter.pay()
        await counter.reaches(record.id, "WaitingForDisconnect")
        counter.there.hardware().plug_out()
        record = await counter.reaches(record.id, "Completed")
    assert (record.stop_reason, record.captured_minor) == ("MaxEnergy", 147)


async def test_pay_and_go_away(counter: Counter) -> None:
    async with following(counter):
        record = await counter.pay()
        await counter.payments.cancel(record.id)
        counter.there.hardware().plug_in(EV)
        await counter.there.says("Occupied")
    assert await counter.there.here.transactions() == ()
    assert (counter.bank.held_minor, counter.bank.captured_minor) == (0, 0)
