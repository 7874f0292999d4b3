from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chargeplane.payments.provider import ProviderError, ProviderUnavailable
from chargeplane.storage.repositories import tokens
from tests.payments.conftest import Desk

OTHER_STATUSES = ["requires_payment_method", "canceled", "succeeded"]
UNDECIDED = ["processing", "requires_action", "requires_confirmation"]


async def test_P12_what_is_not_known(desk: Desk) -> None:
    answer = await desk.payments.confirm("none", "cs_1")
    assert (answer.refused, answer.status) == (True, "NotFound")


async def test_P12_another_checkout(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    answer = await desk.payments.confirm(record.id, "cs_other")
    assert (answer.refused, answer.status) == (True, "SessionMismatch")
    assert (await desk.now(record)).state == "Pending"


async def test_P12_nobody_has_paid_yet(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    answer = await desk.payments.confirm(record.id, record.checkout_id or "")
    assert (answer.refused, answer.status) == (True, "open")
    assert (await desk.now(record)).state == "Pending"


async def test_P12_the_checkout_expired(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    desk.bank.lapse(record.checkout_id or "")
    answer = await desk.payments.confirm(record.id, record.checkout_id or "")
    assert (answer.refused, answer.status) == (True, "expired")
    record = await desk.now(record)
    assert (record.state, record.failure_code) == ("Cancelled", "CheckoutExpired")
    again = await desk.payments.confirm(record.id, record.checkout_id or "")
    assert (again.refused, again.status) == (True, "Cancelled")


async def test_P12_a_checkout_without_a_payment(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    desk.bank.pay(number := record.checkout_id or "")
    desk.bank.checkouts[number] = replace(desk.bank.checkouts[number], payment_id=None)
    answer = await desk.payments.confirm(record.id, number)
    assert (answer.refused, answer.status) == (True, "MissingPaymentIntent")


@pytest.mark.parametrize("status", OTHER_STATUSES)
async def test_P12_a_payment_that_holds_nothing(desk: Desk, status: Any) -> None:
    await desk.station()
    record = await desk.order()
    desk.bank.pay(record.checkout_id or "", status)
    answer = await desk.payments.confirm(record.id, record.checkout_id or "")
    assert (answer.refused, answer.status) == (True, status)
    record = await desk.now(record)
    assert (record.state, record.failure_code) == ("Failed", "PaymentFailed")
    assert await desk.central.database.read(tokens.get, record.id_token.lower()) is None


@pytest.mark.parametrize("status", UNDECIDED)
async def test_P12_a_payment_that_is_not_decided_may_still_come(desk: Desk, status: Any) -> None:
    await desk.station()
    await desk.plug_in()
    record = await desk.order()
    payment_id = desk.bank.pay(record.checkout_id or "", status)
    answer = await desk.payments.confirm(record.id, record.checkout_id or "")
    assert (answer.refused, answer.status) == (True, status)
    paid = replace(desk.bank.payments[payment_id], status="requires_capture")
    desk.bank.payments[payment_id] = paid
    answer = await desk.payments.confirm(record.id, record.checkout_id or "")
    assert (answer.refused, answer.status) == (False, "Accepted")


@pytest.mark.parametrize(
    "changed",
    [{"amount_minor": 3919}, {"currency": "usd"}, {"metadata": {"reservation_id": "other"}}],
)
async def test_a_payment_for_something_else_is_let_go(desk: Desk, changed: Any) -> None:
    await desk.station()
    record = await desk.order()
    payment_id = desk.bank.pay(record.checkout_id or "")
    desk.bank.payments[payment_id] = replace(desk.bank.payments[payment_id], **changed)
    answer = await desk.payments.confirm(record.id, record.checkout_id or "")
    assert (answer.refused, answer.status) == (True, "SessionMismatch")
    record = await desk.now(record)
    assert (record.state, record.failure_code) == ("Failed", "PaymentMismatch")
    assert (desk.bank.held_minor, desk.bank.captured_minor) == (0, 0)


@pytest.mark.parametrize(
    ("error", "state"), [(ProviderUnavailable("gone"), "Pending"), (ProviderError("no"), "Failed")]
)
async def test_P12_a_provider_that_does_not_tell(desk: Desk, error: Exception, state: str) -> None:
    await desk.station()
    record = await desk.order()
    desk.bank.pay(record.checkout_id or "")

    def trouble(name: str, _when: str) -> None:
        if name == "checkout":
            raise error

    desk.bank.trouble = trouble
    answer = await desk.payments.confirm(record.id, record.checkout_id or "")
    assert (answer.refused, answer.status, answer.error) == (True, "ProviderError", str(error))
    assert (await desk.now(record)).state == state
    assert desk.bank.held_minor == (3920 if state == "Pending" else 0)


async def test_a_token_is_good_until_the_start_window_ends(desk: Desk) -> None:
    await desk.station()
    record = await desk.paid()
    assert record.authorized_at == desk.clock.now
    assert record.start_deadline_at == desk.clock.now + timedelta(minutes=5)
    assert record.email == "driver@example.com"
    token = await desk.central.database.read(tokens.get, record.id_token.lower())
    assert token is not None
    assert (token.expires_at, token.stations) == (record.start_deadline_at, ("CP1",))
    desk.clock.forward(minutes=5)
    assert await desk.begin(record.id_token) == "Expired"
    record = await desk.look(record)
    assert (record.state, desk.bank.held_minor) == ("StartTimeout", 0)
    assert await desk.central.database.read(tokens.get, record.id_token.lower()) is None


async def test_a_token_is_good_for_one_charge_there(desk: Desk) -> None:
    await desk.station("2.1")
    record = await desk.charging()
    await desk.end(2)
    await desk.look(record)
    assert await desk.begin(record.id_token) == "Unknown"


async def test_to_confirm_twice_changes_nothing(desk: Desk) -> None:
    await desk.station()
    await desk.plug_in()
    record = await desk.paid()
    for _ in range(2):
        answer = await desk.payments.confirm(record.id, record.checkout_id or "")
        assert (answer.refused, answer.status) == (False, "Accepted")
    assert len(desk.here.asked) == 1
