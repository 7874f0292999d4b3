from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chargeplane.domain.station import Evse
from chargeplane.domain.tariff_cost import TransactionLimit
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import TransactionAnswer, TransactionEnded, TransactionStarted
from chargeplane.payments.answering import Answers
from tests.csms.stored import everywhere
from tests.payments.conftest import RULES, Desk


def plug_in_costs(desk: Desk, costs: Any) -> None:
    desk.central.providers = replace(desk.central.providers, costs=costs)


async def begin(desk: Desk, token: str) -> TransactionAnswer:
    event = TransactionStarted(
        timestamp=desk.clock.now,
        transaction_id="TX",
        trigger_reason="RemoteStart",
        seq_no=0,
        evse=Evse(1, 1),
        id_token=Token(token),
        readings=(desk.reading("Transaction.Begin"),),
        charging_state="Charging",
    )
    answer: TransactionAnswer = await desk.here.say(event)
    desk.number = "TX"
    return answer


async def end(desk: Desk, kwh: float) -> TransactionAnswer:
    desk.meter_wh += kwh * 1000
    event = TransactionEnded(
        timestamp=desk.clock.now,
        transaction_id=desk.number,
        trigger_reason="RemoteStop",
        seq_no=5,
        evse=Evse(1, 1),
        readings=(desk.reading("Transaction.End"),),
    )
    answer: TransactionAnswer = await desk.here.say(event)
    return answer


@pytest.mark.parametrize(
    ("version", "limit"), [("2.0.1", None), ("2.1", TransactionLimit(max_energy=80_000))]
)
@pytest.mark.parametrize(("kwh", "cost"), [(10, 4.9), (0.5, 0)])
async def test_a_charge_is_told_its_limit_and_its_cost(
    desk: Desk, version: str, limit: TransactionLimit | None, kwh: float, cost: float
) -> None:
    await desk.station(version)
    plug_in_costs(desk, Answers(RULES))
    await desk.plug_in()
    record = await desk.paid()
    answer = await begin(desk, record.id_token)
    assert (answer.transaction_limit, answer.total_cost) == (limit, None)
    await desk.look(record)
    answer = await end(desk, kwh)
    assert (answer.transaction_limit, answer.total_cost) == (None, cost)


async def test_who_does_not_pay_here_is_told_nothing(desk: Desk) -> None:
    await desk.station("2.1")
    plug_in_costs(desk, Answers(RULES))
    for token in ("CARD", "X" * 20):
        answer = await begin(desk, token)
        assert answer.transaction_limit is None
    assert (await end(desk, 10)).total_cost is None


@everywhere
async def test_the_whole_way_with_answers(desk: Desk, version: str) -> None:
    await desk.station(version)
    plug_in_costs(desk, Answers(RULES))
    record = await desk.charging()
    await desk.end(10)
    await desk.plug_out()
    assert (await desk.look(record)).captured_minor == 490


class Broken:
    def priced(self, *_: object) -> TransactionAnswer:
        raise OSError("no printer")


async def test_costs_that_cannot_be_told_lose_no_transaction(desk: Desk) -> None:
    await desk.station("2.1")
    plug_in_costs(desk, Broken())
    record = await desk.charging()
    assert record.state == "Charging"
