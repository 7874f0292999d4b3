from __future__ import annotations

from typing import Any

import pytest

from chargeplane.domain.messages import Outcome
from chargeplane.domain.transactions import RequestStopTransaction
from chargeplane.payments.provider import ProviderUnavailable
from tests.payments.conftest import Desk


async def test_P16_cancel_before_anybody_paid(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    answer = await desk.payments.cancel(record.id)
    assert (answer.status, answer.applied) == ("Cancelled", True)
    assert desk.bank.open_checkouts == 0
    again = await desk.payments.cancel(record.id)
    assert (again.status, again.applied) == ("Cancelled", False)
    assert desk.bank.calls["expire_checkout"] == 1
    await desk.order()


@pytest.mark.parametrize("plugged", [True, False])
async def test_P16_cancel_after_the_payment_lets_go_of_it(desk: Desk, plugged: Any) -> None:
    await desk.station()
    if plugged:
        await desk.plug_in()
    record = await desk.paid()
    assert desk.bank.held_minor == 3920
    answer = await desk.payments.cancel(record.id)
    assert (answer.status, answer.applied, desk.bank.held_minor) == ("Cancelled", True, 0)
    assert await desk.begin(record.id_token) == "Invalid"  # as 1.6 says it


async def test_P16_what_has_begun_is_not_cancelled(desk: Desk) -> None:
    await desk.station()
    await desk.plug_in()
    record = await desk.paid()
    await desk.begin(record.id_token)
    answer = await desk.payments.cancel(record.id)
    assert (answer.status, answer.applied) == ("Charging", False)
    assert desk.bank.held_minor == 3920


async def test_P16_what_is_not_known(desk: Desk) -> None:
    answer = await desk.payments.cancel("none")
    assert (answer.status, answer.applied) == ("NotFound", False)


async def test_P18_resume(desk: Desk) -> None:
    await desk.station()
    assert (await desk.payments.resume("none")).status == "NotFound"
    record = await desk.order()
    answer = await desk.payments.resume(record.id)
    assert (answer.status, answer.checkout_url) == ("Redirect", record.checkout_url)
    desk.bank.pay(record.checkout_id or "")
    answer = await desk.payments.resume(record.id)
    assert (answer.status, answer.reservation and answer.reservation.state) == (
        "Status",
        "Authorized",
    )
    assert (await desk.payments.resume(record.id)).status == "Status"
    await desk.payments.cancel(record.id)
    assert (await desk.payments.resume(record.id)).status == "Cancelled"


async def test_P18_resume_what_cannot_be(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()

    def trouble(name: str, _when: str) -> None:
        raise ProviderUnavailable(name)

    desk.bank.trouble = trouble
    answer = await desk.payments.resume(record.id)
    assert (answer.status, answer.error) == ("ProviderError", "checkout")
    desk.bank.trouble = lambda _name, _when: None
    desk.bank.lapse(record.checkout_id or "")
    assert (await desk.payments.resume(record.id)).status == "Cancelled"


async def test_P19_stop(desk: Desk) -> None:
    station = await desk.station()
    assert (await desk.payments.stop("none")).status == "NotFound"
    record = await desk.charging()
    station.on(RequestStopTransaction, Outcome(status="Rejected"), Outcome(status="Accepted"))
    for said in ("Rejected", "Accepted"):
        answer = await desk.payments.stop(record.id)
        assert (answer.status, answer.transaction_id) == (said, record.transaction_id)
    assert (await desk.now(record)).stop_reason == "StoppedByDriver"
    await desk.end(5)
    answer = await desk.payments.stop(record.id)
    assert answer.status == "AlreadyStopped"
    await desk.plug_out()
    assert (await desk.look(record)).captured_minor == 245
    assert (await desk.payments.stop(record.id)).status == "AlreadyStopped"


async def test_P19_stop_what_has_not_begun(desk: Desk) -> None:
    await desk.station()
    record = await desk.paid()
    assert (await desk.payments.stop(record.id)).status == "Cancelled"
    assert desk.bank.held_minor == 0


async def test_P19_stop_a_charger_that_is_away(desk: Desk) -> None:
    await desk.station()
    record = await desk.charging()
    await desk.here.leave()
    assert (await desk.payments.stop(record.id)).status == "ChargerOffline"


async def test_P20_how_far_it_is(desk: Desk) -> None:
    await desk.station("2.1")
    assert await desk.payments.status("none") is None
    await desk.plug_in()
    record = await desk.order()
    assert await stage(desk, record.id) == ("waiting", None, None, None)
    desk.bank.pay(record.checkout_id or "")
    await desk.payments.confirm(record.id, record.checkout_id or "")
    await desk.begin(record.id_token)
    await desk.look(record)
    await desk.charge(10, "Charging")
    assert await stage(desk, record.id) == ("charging", 10_000_000, 490, None)
    await desk.end(1)
    await desk.look(record)
    assert await stage(desk, record.id) == ("waitingForDisconnect", 11_000_000, 539, None)
    desk.clock.forward(minutes=1)
    await desk.plug_out()
    await desk.look(record)
    assert await stage(desk, record.id) == ("done", 11_000_000, 539, None)
    progress = await desk.payments.status(record.id)
    assert progress is not None
    assert (progress.online, progress.refunded_minor) == (True, 0)
    assert progress.transaction is not None
    assert progress.transaction.id == progress.reservation.transaction_id
    assert progress.connector is not None
    assert progress.connector.status == "Available"


async def stage(desk: Desk, number: str) -> tuple[str, int | None, int | None, str | None]:
    progress = await desk.payments.status(number)
    assert progress is not None
    amount = progress.bill.amount_minor if progress.bill else None
    return progress.stage, progress.energy_mwh, amount, progress.blocking_reason
