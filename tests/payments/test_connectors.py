from __future__ import annotations

from chargeplane.domain.station import Evse
from chargeplane.domain.transactions import TransactionStarted
from tests.payments.conftest import WANTED, Desk


async def test_who_charges_without_a_token_has_the_connector_too(desk: Desk) -> None:
    station = await desk.station("2.1")
    event = TransactionStarted(
        timestamp=desk.clock.now,
        transaction_id="TX",
        trigger_reason="ChargingStateChanged",
        seq_no=0,
        evse=Evse(1),
        charging_state="Charging",
    )
    await station.say(event)
    created = await desk.payments.create(WANTED)
    assert (created.status, created.reason) == ("ConnectorBusy", "OpenTransaction")


async def test_who_waits_for_a_payment_does_not(desk: Desk) -> None:
    station = await desk.station("2.1")
    event = TransactionStarted(
        timestamp=desk.clock.now,
        transaction_id="TX",
        trigger_reason="CablePluggedIn",
        seq_no=0,
        evse=Evse(1),
        charging_state="EVConnected",
    )
    await station.say(event)
    assert (await desk.payments.create(WANTED)).status == "Redirect"
