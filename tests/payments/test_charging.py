from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from chargeplane.domain.messages import Outcome
from chargeplane.domain.transactions import RequestStopTransaction
from chargeplane.payments.pricing import Prices, Terms
from chargeplane.payments.reservations import bill_of
from chargeplane.storage.repositories import tokens, transactions
from tests.csms.stored import everywhere
from tests.payments.conftest import PRICES, Desk

IDLE = Prices(
    per_kwh=Decimal("0.5"),
    max_energy_kwh=Decimal(40),
    per_minute=Decimal("0.10"),
    free_minutes=5,
    max_minutes=60,
    counts_from="idle",
)


def stops(desk: Desk) -> int:
    """How often the station was asked to stop."""
    return sum(isinstance(each, RequestStopTransaction) for each in desk.here.asked)


@everywhere
async def test_the_energy_limit_stops_the_charge_once(desk: Desk, version: str) -> None:
    await desk.station(version)
    desk.follow(prices=replace(PRICES, max_energy_kwh=Decimal(10)))
    record = await desk.charging()
    await desk.charge(9.9)
    await desk.look(record)
    assert stops(desk) == 0
    await desk.charge(0.1)
    for _ in range(3):
        desk.clock.forward(minutes=2)
        record = await desk.look(record)
    assert (stops(desk), record.stop_reason, record.stop_result) == (1, "MaxEnergy", "Accepted")
    await desk.end(0.2)
    await desk.plug_out()
    record = await desk.look(record)
    assert (record.state, record.captured_minor) == ("Completed", record.hold_minor)


async def test_the_amount_that_is_held_stops_the_charge(desk: Desk) -> None:
    await desk.station()
    desk.follow(prices=Prices(per_kwh=Decimal(1), session_fee=Decimal(3)))
    record = await desk.charging()
    await desk.charge(0.01)
    assert (await desk.look(record)).stop_reason == "MaxAmount"


async def test_a_stop_that_is_refused_is_asked_for_again(desk: Desk) -> None:
    station = await desk.station()
    desk.follow(prices=replace(PRICES, max_energy_kwh=Decimal(1)))
    accepted, rejected = Outcome(status="Accepted"), Outcome(status="Rejected")
    station.on(RequestStopTransaction, rejected, accepted)
    record = await desk.charging()
    await desk.charge(1)
    record = await desk.look(record)
    assert (stops(desk), record.stop_result) == (1, "Rejected")
    await desk.look(record)
    assert stops(desk) == 1
    desk.clock.forward(minutes=1)
    record = await desk.look(record)
    assert (stops(desk), record.stop_result) == (2, "Accepted")


@everywhere
async def test_an_ev_that_has_had_enough_is_stopped_and_pays_for_the_place(
    desk: Desk, version: str
) -> None:
    await desk.station(version)
    desk.follow(prices=IDLE, idle_auto_stop=timedelta(minutes=20))
    record = await desk.charging()
    desk.clock.forward(minutes=30)
    await suspend(desk, version)
    desk.clock.forward(minutes=19)
    assert (await desk.look(record)).stop_reason is None
    desk.clock.forward(minutes=1)
    record = await desk.look(record)
    assert record.stop_reason == "Idle"
    await desk.end()
    desk.clock.forward(minutes=10)
    await desk.plug_out()
    record = await desk.look(record)
    bill = bill_of(record)
    assert bill is not None
    assert (bill.minutes, bill.time_minor, bill.energy_minor) == (25, 250, 500)
    assert record.captured_minor == 750


async def suspend(desk: Desk, version: str) -> None:
    """The EV draws nothing of its own accord."""
    await desk.charge(10, "SuspendedEV")
    if version == "1.6":
        await desk.says("Occupied", "SuspendedEV")


@pytest.mark.parametrize(
    ("kwh", "reason"), [(0.9, "BelowMinimumEnergy"), (0, "BelowMinimumEnergy")]
)
async def test_too_little_costs_nothing(desk: Desk, kwh: float, reason: str) -> None:
    await desk.station()
    record = await desk.charging()
    await desk.end(kwh)
    await desk.plug_out()
    record = await desk.look(record)
    assert (record.state, record.due_minor, record.captured_minor) == ("Cancelled", 0, 0)
    assert (desk.bank.captured_minor, desk.bank.held_minor) == (0, 0)
    details = await desk.payments.details(record.id)
    assert details is not None
    assert details.steps[-1].reason == reason


async def test_the_least_amount_is_taken(desk: Desk) -> None:
    await desk.station()
    terms = Terms(min_energy_kwh=Decimal(0), min_amount_minor=49)
    desk.follow(terms=terms)
    record = await desk.charging()
    await desk.end(1)
    await desk.plug_out()
    assert (await desk.look(record)).captured_minor == 49


async def test_the_prices_are_those_that_were_agreed(desk: Desk) -> None:
    await desk.station()
    record = await desk.charging()
    await desk.payments.set_prices("CP1", 1, Prices(session_fee=Decimal(50)))
    await desk.end(10)
    await desk.plug_out()
    assert (await desk.look(record)).captured_minor == 490


async def test_the_transaction_says_what_it_cost(desk: Desk) -> None:
    await desk.station()
    record = await desk.charging()
    await desk.end(10)
    await desk.plug_out()
    record = await desk.look(record)
    assert record.transaction_id is not None
    paid = await desk.central.database.read(transactions.get, record.transaction_id)
    assert paid is not None
    assert (paid.cost_minor, paid.currency) == (490, "eur")


async def test_a_free_connector_ends_a_charge_whose_end_was_not_told(desk: Desk) -> None:
    await desk.station()
    record = await desk.charging()
    await desk.charge(10)
    await desk.plug_out()
    record = await desk.look(record)
    assert (record.state, record.due_minor) == ("WaitingForDisconnect", None)
    desk.clock.forward(minutes=5)
    record = await desk.look(record)
    assert (record.state, record.captured_minor) == ("Completed", 490)


async def test_an_end_that_comes_late_counts(desk: Desk) -> None:
    await desk.station()
    record = await desk.charging()
    await desk.charge(10)
    await desk.plug_out()
    await desk.look(record)
    desk.clock.forward(minutes=2)
    await desk.end(2)
    assert (await desk.look(record)).captured_minor == 588


async def test_a_charge_that_goes_on_after_all_goes_on(desk: Desk) -> None:
    await desk.station()
    record = await desk.charging()
    await desk.charge(10)
    await desk.plug_out()
    assert (await desk.look(record)).state == "WaitingForDisconnect"
    desk.clock.forward(minutes=1)
    await desk.says("Occupied", "Charging")
    await desk.charge(1)
    record = await desk.look(record)
    assert (record.state, record.stopped_at) == ("Charging", None)
    await desk.end(1)
    await desk.plug_out()
    assert (await desk.look(record)).captured_minor == 588


@pytest.mark.parametrize(("there", "minutes"), [(True, 60), (False, 0)])
async def test_a_car_that_stays_is_not_waited_for_for_ever(
    desk: Desk, there: Any, minutes: int
) -> None:
    await desk.station()
    desk.follow(prices=IDLE)
    record = await desk.charging()
    await desk.end(10)
    await desk.says("Occupied", "Idle")
    record = await desk.look(record)
    desk.clock.forward(hours=3, minutes=59)
    assert (await desk.look(record)).state == "WaitingForDisconnect"
    if not there:
        await desk.here.leave()
    desk.clock.forward(minutes=1)
    record = await desk.look(record)
    bill = bill_of(record)
    assert bill is not None
    assert (record.state, bill.minutes) == ("Completed", minutes)


async def test_a_token_ends_with_its_charge(desk: Desk) -> None:
    await desk.station()
    record = await desk.charging()
    token = await desk.central.database.read(tokens.get, record.id_token.lower())
    assert token is not None
    assert token.expires_at is None
    await desk.end(2)
    await desk.look(record)
    assert await desk.central.database.read(tokens.get, record.id_token.lower()) is None
