from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from chargeplane.domain.transactions import RequestStopTransaction
from chargeplane.errors import StorageError
from chargeplane.payments.provider import ProviderError, ProviderUnavailable
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.storage.repositories import payments
from tests.csms.stored import everywhere, happened
from tests.e2e.harness import until
from tests.payments.conftest import WANTED, Desk


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[None]:
    """Payments follow what happens."""
    job = asyncio.create_task(desk.payments.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job


async def reaches(desk: Desk, record: PaymentReservationRecord, state: str) -> None:
    """Wait until a reservation is so far."""

    async def is_there() -> bool:
        return (await desk.now(record)).state == state

    await until(is_there)


@everywhere
async def test_a_charge_goes_its_way_by_what_happens(desk: Desk, version: str) -> None:
    await desk.station(version)
    async with running(desk):
        record = await desk.paid()
        assert record.state == "Authorized"
        await desk.plug_in()
        await reaches(desk, record, "StartRequested")
        assert await desk.begin(record.id_token) == "Accepted"
        await reaches(desk, record, "Charging")
        await desk.end(10)
        await reaches(desk, record, "WaitingForDisconnect")
        await desk.plug_out()
        await reaches(desk, record, "Completed")
    assert desk.bank.captured_minor == 490


async def test_what_happened_while_nobody_looked_is_found(desk: Desk) -> None:
    await desk.station()
    record = await desk.charging()
    await desk.end(10)
    await desk.plug_out()
    async with running(desk):
        await reaches(desk, record, "Completed")


async def test_it_is_looked_at_on_a_schedule(desk: Desk) -> None:
    await desk.station()
    desk.follow(reconcile_interval=timedelta(milliseconds=10))
    record = await desk.paid()
    async with running(desk):
        desk.clock.forward(minutes=5)
        await reaches(desk, record, "StartTimeout")


async def test_a_charge_with_the_token_of_a_reservation_that_is_over_is_stopped(
    desk: Desk,
) -> None:
    await desk.station()
    record = await desk.paid()
    await desk.payments.cancel(record.id)
    async with running(desk):
        await desk.begin(record.id_token)
        await until(
            lambda: any(isinstance(each, RequestStopTransaction) for each in desk.here.asked)
        )


async def test_a_charge_that_begins_too_late_is_stopped(desk: Desk) -> None:
    await desk.station()
    await desk.plug_in()
    record = await desk.paid()
    async with running(desk):
        desk.clock.forward(minutes=5)
        assert await desk.begin(record.id_token) == "Expired"
        await until(
            lambda: any(isinstance(each, RequestStopTransaction) for each in desk.here.asked)
        )
        await reaches(desk, record, "StartTimeout")


async def test_who_does_not_pay_in_time_is_forgotten(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    desk.clock.forward(minutes=14, seconds=59)
    assert (await desk.look(record)).state == "Pending"
    desk.clock.forward(seconds=1)
    record = await desk.look(record)
    assert (record.state, record.failure_code) == ("Abandoned", "CleanupTimeout")
    assert desk.bank.open_checkouts == 0
    await desk.order()


async def test_who_paid_and_did_not_come_back_may_charge(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    desk.bank.pay(record.checkout_id or "")
    desk.clock.forward(minutes=15)
    record = await desk.look(record)
    assert record.state == "Authorized"
    await desk.plug_in()
    assert (await desk.look(record)).state == "StartRequested"


async def test_a_release_is_tried_again_and_then_looked_at_by_somebody(desk: Desk) -> None:
    await desk.station()
    record = await desk.paid()

    def trouble(name: str, when: str) -> None:
        if (name, when) == ("cancel", "before"):
            raise ProviderUnavailable("gone")

    desk.bank.trouble = trouble
    answer = await desk.payments.cancel(record.id)
    assert answer.status == "Cancelled"
    tried = [desk.bank.calls["cancel"]]
    for minutes in (1, 2, 4, 8, 60):
        desk.clock.forward(minutes=minutes, seconds=-1)
        await desk.look(record)
        desk.clock.forward(seconds=1)
        await desk.look(record)
        tried.append(desk.bank.calls["cancel"])
    assert tried == [1, 2, 3, 4, 5, 5]
    record = await desk.now(record)
    assert (record.needs_review, record.last_error) == (True, "gone")
    assert len(await happened(desk.central, "payment.review")) == 1
    # A new process tries once more.
    desk.bank.trouble = lambda _name, _when: None
    desk.restart()
    await desk.payments.reconcile()
    record = await desk.now(record)
    assert (record.needs_review, desk.bank.held_minor) == (False, 0)


async def test_a_capture_that_is_refused_lets_go(desk: Desk) -> None:
    await desk.station()
    record = await desk.charging()

    def trouble(name: str, _when: str) -> None:
        if name == "capture":
            raise ProviderError("refused")

    desk.bank.trouble = trouble
    await desk.end(10)
    await desk.plug_out()
    record = await desk.look(record)
    assert (record.state, record.failure_code) == ("Failed", "CaptureRefused")
    assert (record.captured_minor, desk.bank.held_minor) == (0, 0)


async def test_a_hold_that_was_captured_by_somebody_is_looked_at(desk: Desk) -> None:
    await desk.station()
    record = await desk.paid()
    await desk.bank.capture(record.payment_id or "", 3920, record.id)
    await desk.payments.cancel(record.id)
    record = await desk.now(record)
    assert (record.needs_review, record.captured_minor) == (True, 3920)


@pytest.mark.parametrize("error", [ProviderUnavailable("gone"), RuntimeError("a bug")])
async def test_one_that_fails_disturbs_no_other(desk: Desk, error: Exception) -> None:
    await desk.station()
    await desk.says("Available", evse_id=2)
    first, second = await desk.order(), await _at_the_other(desk)
    desk.clock.forward(minutes=15)

    def trouble(_name: str, _when: str) -> None:
        if desk.bank.calls["checkout"] == 1:
            raise error

    desk.bank.trouble = trouble
    await desk.payments.reconcile(thorough=False)
    states = [(await desk.now(each)).state for each in (first, second)]
    assert "Abandoned" in states
    desk.bank.trouble = lambda _name, _when: None
    desk.clock.forward(minutes=1)
    for each in (first, second):
        assert (await desk.look(each)).state == "Abandoned"
    assert desk.bank.open_checkouts == 0


async def _at_the_other(desk: Desk) -> PaymentReservationRecord:

    created = await desk.payments.create(replace(WANTED, evse_id=2))
    assert created.reservation is not None
    return created.reservation


@pytest.mark.parametrize("error", [StorageError("full"), RuntimeError("a bug")])
async def test_what_goes_wrong_once_ends_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    await desk.station()
    desk.follow(reconcile_interval=timedelta(milliseconds=10))
    record = await desk.paid()
    broken: list[Connection] = []

    def active(connection: Connection) -> Any:
        if len(broken) < 3:
            broken.append(connection)
            raise error
        return found(connection)

    found = payments.active
    monkeypatch.setattr(payments, "active", active)
    async with running(desk):
        await until(lambda: len(broken) >= 3)
        await desk.plug_in()
        await reaches(desk, record, "StartRequested")
