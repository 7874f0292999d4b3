from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.csms.central import Central
from chargeplane.payments.creating import new_token
from chargeplane.payments.reservations import (
    OVER,
    TRANSITIONS,
    StepRefused,
    event_of,
    move,
)
from chargeplane.storage.payment_records import PaymentState
from chargeplane.storage.repositories import payments
from tests.csms.stored import happened
from tests.payments.conftest import Desk

STATES = get_args(PaymentState)


def test_every_state_has_its_row_and_can_be_reached() -> None:
    assert set(TRANSITIONS) == set(STATES)
    reached: set[PaymentState] = {"Pending"}
    new = reached
    while new:
        new = {to for state in new for to in TRANSITIONS[state]} - reached
        reached = reached | new
    assert reached == set(STATES)


def test_what_is_over_stays_over() -> None:
    assert {
        "Completed",
        "Cancelled",
        "Failed",
        "StartRejected",
        "StartTimeout",
        "Abandoned",
    } == OVER


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
async def test_a_step_is_made_once_or_refused(desk: Desk, before: Any, after: Any) -> None:
    await desk.station()
    record = await desk.order()
    await desk.central.database.write(payments.change, record.id, desk.clock.now, {"state": before})

    async def step() -> Any:
        return await desk.central.commit(lambda unit: move(unit, record.id, after, "Because"))

    if before != after and after not in TRANSITIONS[before]:
        with pytest.raises(StepRefused, match=f"is {before} cannot be {after}"):
            await step()
        return
    desk.clock.forward(seconds=1)
    first = await step()
    desk.clock.forward(seconds=1)
    assert await step() == first
    assert first.state == after
    steps = await desk.central.database.read(payments.steps, record.id)
    made = [(each.from_state, each.to_state, each.reason) for each in steps[1:]]
    assert made == ([] if before == after else [(before, after, "Because")])
    if made and after in OVER:
        assert (first.due_minor, first.locks_connector) == (0, False)
        assert first.freed_at == desk.clock.now - timedelta(seconds=1)


async def test_a_step_is_told(desk: Desk) -> None:
    await desk.station()
    record = await desk.order()
    await desk.payments.cancel(record.id, "Changed mind")
    (told,) = await happened(desk.central, "payment.cancelled")
    assert told.data == {"reservation": record.id, "reason": "Changed mind"}
    assert (told.station_id, told.evse_id) == ("CP1", 1)


async def test_a_reservation_that_is_not_there(central: Central) -> None:
    with pytest.raises(LookupError):
        await central.commit(lambda unit: move(unit, "none", "Failed", "x"))


def test_events_are_named_after_states() -> None:
    assert event_of("WaitingForDisconnect") == "payment.waiting_for_disconnect"
    assert event_of("Pending") == "payment.pending"


@given(st.integers(1, 30))
def test_tokens_fit_into_every_version(number: int) -> None:
    made = {new_token() for _ in range(number)}
    assert len(made) == number
    assert all(len(each) == 20 and each[0] == "R" and each.isalnum() for each in made)
