from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chargeplane.payments.outcomes import RefundRefused
from chargeplane.payments.provider import ProviderError, ProviderUnavailable
from chargeplane.storage.payment_records import PaymentReservationRecord
from tests.csms.stored import happened
from tests.payments.conftest import Desk


async def paid_for(desk: Desk) -> PaymentReservationRecord:
    """A charge that cost 490."""
    await desk.station()
    record = await desk.charging()
    await desk.end(10)
    await desk.plug_out()
    record = await desk.look(record)
    assert record.captured_minor == 490
    return record


async def give(desk: Desk, record: PaymentReservationRecord, amount: int | None) -> Any:
    return await desk.payments.refund(record.id, amount, "requested_by_customer", "anna")


async def test_a_part_then_the_rest(desk: Desk) -> None:
    record = await paid_for(desk)
    first = await give(desk, record, 100)
    assert (first.status, first.amount_minor, first.asked_by) == ("succeeded", 100, "anna")
    assert (await give(desk, record, None)).amount_minor == 390
    progress = await desk.payments.status(record.id)
    assert progress is not None
    assert progress.refunded_minor == 490
    with pytest.raises(RefundRefused, match="nothing to give back"):
        await give(desk, record, 1)
    assert len(await happened(desk.central, "payment.refunded")) == 2


@pytest.mark.parametrize("amount", [0, -1, 491])
async def test_amounts_that_cannot_be_given_back(desk: Desk, amount: int) -> None:
    record = await paid_for(desk)
    with pytest.raises(RefundRefused, match="no more than 490"):
        await give(desk, record, amount)


async def test_what_was_not_paid_is_not_given_back(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    with pytest.raises(RefundRefused, match="nothing to give back"):
        await give(desk, record, None)
    with pytest.raises(RefundRefused, match="NotFound"):
        await desk.payments.refund("none", None, "duplicate", "anna")


async def test_a_refund_that_is_refused_gives_nothing(desk: Desk) -> None:
    record = await paid_for(desk)

    def trouble(name: str, when: str) -> None:
        if (name, when) == ("refund", "before"):
            raise ProviderError("disputed")

    desk.bank.trouble = trouble
    with pytest.raises(ProviderError, match="disputed"):
        await give(desk, record, None)
    details = await desk.payments.details(record.id)
    assert details is not None
    assert [(each.status, each.error) for each in details.refunds] == [("failed", "disputed")]
    desk.bank.trouble = lambda _name, _when: None
    assert (await give(desk, record, None)).status == "succeeded"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_refund_that_is_not_answered_is_given_once(desk: Desk, when: str) -> None:
    record = await paid_for(desk)

    def trouble(name: str, now: str) -> None:
        if (name, now) == ("refund", when):
            raise ProviderUnavailable("gone")

    desk.bank.trouble = trouble
    assert (await give(desk, record, 90)).status == "Requested"
    desk.bank.trouble = lambda _name, _when: None
    desk.restart()
    await desk.payments.reconcile()
    details = await desk.payments.details(record.id)
    assert details is not None
    assert [each.status for each in details.refunds] == ["succeeded"]
    assert sum(each.refunded_minor for each in desk.bank.payments.values()) == 90


async def test_totals_by_day(desk: Desk) -> None:
    record = await paid_for(desk)
    await give(desk, record, 90)
    now = desk.clock.now
    (total,) = await desk.payments.daily_totals(now - timedelta(days=1), now + timedelta(days=1))
    assert (total.day, total.station_id, total.currency) == ("2026-03-01", "CP1", "eur")
    assert (total.payments, total.captured_minor, total.refunded_minor) == (1, 490, 90)
    assert total.energy_mwh == 10_000_000
    assert await desk.payments.daily_totals(now, now + timedelta(days=1), ("CP2",)) == ()
    assert await desk.payments.daily_totals(now - timedelta(days=2), now - timedelta(days=1)) == ()
