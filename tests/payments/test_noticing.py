from __future__ import annotations

from typing import Any

import pytest

from chargeplane.payments.provider import NoticeRefused, ProviderUnavailable
from tests.payments.bank import SIGNATURE, notice
from tests.payments.conftest import Desk

DONE = "checkout.session.completed"


async def test_a_notice_of_somebody_else_changes_nothing(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    desk.bank.pay(record.checkout_id or "")
    before = desk.bank.calls.total()
    with pytest.raises(NoticeRefused):
        await desk.payments.notice(notice("evt_1", DONE, reservation_id=record.id), "forged")
    assert ((await desk.now(record)).state, desk.bank.calls.total()) == ("Pending", before)


async def test_a_notice_is_only_a_hint(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    await desk.payments.notice(notice("evt_1", DONE, reservation_id=record.id), SIGNATURE)
    assert (await desk.now(record)).state == "Pending"


@pytest.mark.parametrize("by", ["reservation", "checkout"])
async def test_a_notice_brings_the_payment_and_starts(desk: Desk, by: str) -> None:
    await desk.station()
    await desk.plug_in()
    record = await desk.order()
    desk.bank.pay(number := record.checkout_id or "")
    about = {"reservation_id": record.id} if by == "reservation" else {"checkout_id": number}
    for _ in range(2):
        await desk.payments.notice(notice("evt_1", DONE, **about), SIGNATURE)
    assert (await desk.now(record)).state == "StartRequested"
    assert (len(desk.here.asked), desk.bank.calls["payment"]) == (1, 1)
    answer = await desk.payments.confirm(record.id, number)
    assert (answer.status, answer.refused) == ("Accepted", False)


async def test_a_notice_that_could_not_be_dealt_with_is_to_be_sent_again(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    desk.bank.pay(record.checkout_id or "")
    body = notice("evt_1", DONE, reservation_id=record.id)

    def trouble(_name: str, _when: str) -> None:
        raise ProviderUnavailable("gone")

    desk.bank.trouble = trouble
    with pytest.raises(ProviderUnavailable):
        await desk.payments.notice(body, SIGNATURE)
    desk.bank.trouble = lambda _name, _when: None
    await desk.payments.notice(body, SIGNATURE)
    assert (await desk.now(record)).state == "Authorized"


@pytest.mark.parametrize("order", [("old", "new"), ("new", "old")])
async def test_notices_may_come_in_any_order(desk: Desk, order: Any) -> None:
    await desk.station()
    await desk.plug_in()
    record = await desk.order()
    payment_id = desk.bank.pay(record.checkout_id or "")
    told = {
        "old": notice("evt_1", "payment_intent.created", payment_id=payment_id),
        "new": notice("evt_2", DONE, reservation_id=record.id, payment_id=payment_id),
    }
    for each in order:
        await desk.payments.notice(told[each], SIGNATURE)
    assert (await desk.now(record)).state == "StartRequested"


async def test_a_checkout_that_lapsed(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    desk.bank.lapse(record.checkout_id or "")
    told = notice("evt_1", "checkout.session.expired", reservation_id=record.id)
    await desk.payments.notice(told, SIGNATURE)
    record = await desk.now(record)
    assert (record.state, record.failure_code) == ("Cancelled", "CheckoutExpired")


async def test_a_card_that_is_declined_may_be_followed_by_another(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    told = notice("evt_1", "payment_intent.payment_failed", reservation_id=record.id)
    await desk.payments.notice(told, SIGNATURE)
    assert (await desk.now(record)).state == "Pending"


@pytest.mark.parametrize("begun", [False, True])
async def test_a_hold_that_is_lost(desk: Desk, begun: Any) -> None:
    await desk.station()
    await desk.plug_in()
    record = await desk.charging() if begun else await desk.paid()
    desk.bank.lose((await desk.now(record)).payment_id or "")
    told = notice("evt_1", "payment_intent.canceled", reservation_id=record.id)
    await desk.payments.notice(told, SIGNATURE)
    record = await desk.now(record)
    if not begun:
        assert (record.state, record.failure_code) == ("Failed", "HoldLost")
        return
    # Nobody pays for what flows from now on.
    assert (record.stop_reason, record.stop_result) == ("HoldLost", "Accepted")
    await desk.end(5)
    await desk.plug_out()
    record = await desk.look(record)
    assert (record.state, record.failure_code) == ("Failed", "HoldLost")


async def test_a_notice_about_nothing_of_ours(desk: Desk) -> None:
    await desk.payments.notice(notice("evt_1", "charge.updated", payment_id="pi_x"), SIGNATURE)
    await desk.payments.notice(notice("evt_2", "account.updated"), SIGNATURE)
    assert desk.bank.calls.total() == 0
