from __future__ import annotations

import pytest

from chargeplane.domain.station import Evse
from chargeplane.domain.transactions import (
    RequestStartAnswer,
    RequestStartTransaction,
    TransactionStarted,
)
from chargeplane.errors import AnswerTimeout
from chargeplane.ocpp.errors import OcppError
from chargeplane.payments.outcomes import Confirmed
from tests.csms.stored import everywhere, in_2x
from tests.payments.conftest import Desk


async def confirm(desk: Desk) -> Confirmed:
    """Pay and come back."""
    record = await desk.order()
    desk.bank.pay(record.checkout_id or "")
    return await desk.payments.confirm(record.id, record.checkout_id or "")


@everywhere
async def test_P15_the_station_is_asked_to_start(desk: Desk, version: str) -> None:
    await desk.station(version)
    await desk.plug_in()
    answer = await confirm(desk)
    record = answer.reservation
    assert record is not None
    assert (answer.status, answer.reason) == ("Accepted", "Accepted")
    assert record.state == "StartRequested"
    (asked,) = desk.here.asked
    assert (asked.id_token.id_token, asked.evse_id) == (record.id_token, 1)
    assert record.start_sent_at == record.start_accepted_at == desk.clock.now


@everywhere
async def test_P13_a_car_that_is_not_plugged_in_is_waited_for(desk: Desk, version: str) -> None:
    await desk.station(version)
    answer = await confirm(desk)
    assert (answer.status, answer.reason) == ("Authorized", "AwaitingPlug")
    assert answer.reservation is not None
    assert answer.reservation.awaiting_plug
    assert (await desk.look(answer.reservation)).state == "Authorized"
    await desk.plug_in()
    record = await desk.look(answer.reservation)
    assert (record.state, record.awaiting_plug) == ("StartRequested", False)


async def test_some_start_before_the_plug(desk: Desk) -> None:
    await desk.station()
    desk.follow(require_plug=False)
    assert (await confirm(desk)).status == "Accepted"


async def test_P13_a_station_that_is_away_has_the_start_window_to_come_back(desk: Desk) -> None:
    await desk.station()
    await desk.plug_in()
    record = await desk.order()
    desk.bank.pay(record.checkout_id or "")
    await desk.here.leave()
    answer = await desk.payments.confirm(record.id, record.checkout_id or "")
    assert (answer.status, answer.reason) == ("Authorized", "NotReady")
    await desk.station()
    await desk.plug_in()
    assert (await desk.look(record)).state == "StartRequested"


async def test_P14_a_connector_that_somebody_took_meanwhile(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    desk.bank.pay(record.checkout_id or "")
    await desk.begin("STRANGER")
    answer = await desk.payments.confirm(record.id, record.checkout_id or "")
    assert (answer.status, answer.reason) == ("ConnectorBusy", "OpenTransaction")
    desk.clock.forward(minutes=5)
    assert (await desk.look(record)).state == "StartTimeout"
    assert desk.bank.held_minor == 0


@pytest.mark.parametrize(
    "refusal", [RequestStartAnswer(status="Rejected"), OcppError("NotSupported", "")]
)
async def test_P15_a_start_that_is_refused(desk: Desk, refusal: object) -> None:
    station = await desk.station()
    station.on(RequestStartTransaction, refusal)
    await desk.plug_in()
    answer = await confirm(desk)
    record = answer.reservation
    assert record is not None
    assert (answer.status, record.state) == ("Rejected", "StartRejected")
    assert (record.failure_code, desk.bank.held_minor) == ("RemoteStartRejected", 0)


async def test_P15_a_start_that_is_not_answered_is_asked_for_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = await desk.station()
    await desk.plug_in()

    async def never(*_: object) -> None:
        raise AnswerTimeout("nothing")

    with monkeypatch.context() as patch:
        patch.setattr(type(station.here), "ask", never)
        answer = await confirm(desk)
    record = answer.reservation
    assert record is not None
    assert (answer.status, answer.reason, record.state) == ("Timeout", "Timeout", "Authorized")
    assert (await desk.look(record)).state == "Authorized"
    desk.clock.forward(minutes=1)
    # It refuses as it has begun by itself, which it will tell.
    station.on(RequestStartTransaction, RequestStartAnswer(status="Rejected"))
    assert (await desk.look(record)).state == "Authorized"
    assert await desk.begin(record.id_token) == "Accepted"
    assert (await desk.look(record)).state == "Charging"


async def test_nobody_begins(desk: Desk) -> None:
    await desk.station()
    await desk.plug_in()
    record = (await confirm(desk)).reservation
    assert record is not None
    desk.clock.forward(minutes=5)
    record = await desk.look(record)
    assert (record.state, record.failure_code) == ("StartTimeout", "StartTimeout")
    assert (record.captured_minor, desk.bank.held_minor) == (0, 0)


@in_2x
async def test_a_transaction_that_began_with_the_car_is_paid_for(desk: Desk, version: str) -> None:
    station = await desk.station(version)
    await desk.plug_in()
    event = TransactionStarted(
        timestamp=desk.clock.now,
        transaction_id="TX-CAR",
        trigger_reason="CablePluggedIn",
        seq_no=0,
        evse=Evse(1, 1),
        charging_state="EVConnected",
        readings=(desk.reading("Transaction.Begin"),),
    )
    await station.say(event)
    answer = RequestStartAnswer(status="Accepted", transaction_id="TX-CAR")
    station.on(RequestStartTransaction, answer)
    record = (await confirm(desk)).reservation
    assert record is not None
    assert (await desk.look(record)).state == "StartRequested"
    desk.number = "TX-CAR"
    await desk.charge(0, "Charging")
    record = await desk.look(record)
    assert record.state == "Charging"
    await desk.charge(10, "Charging")
    await desk.end()
    await desk.plug_out()
    assert (await desk.look(record)).captured_minor == 490
