from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from chargeplane.payments.pricing import Split
from tests.csms.stored import everywhere, happened
from tests.payments.conftest import PRICES, Desk


@everywhere
async def test_a_charge_from_the_order_to_the_capture(desk: Desk, version: str) -> None:
    await desk.station(version)
    desk.follow(prices=replace(PRICES, commission_percent=Decimal(10)))
    record = await desk.charging()
    assert record.state == "Charging"
    await desk.charge(10)
    desk.clock.forward(minutes=30)
    await desk.end(0.5)
    record = await desk.look(record)
    assert (record.state, desk.bank.captured_minor) == ("WaitingForDisconnect", 0)
    desk.clock.forward(minutes=3)
    await desk.plug_out()
    record = await desk.look(record)
    assert (record.state, record.captured_minor, record.energy_mwh) == (
        "Completed",
        515,
        10_500_000,
    )
    assert (record.captured_minor, desk.bank.captured_minor, desk.bank.held_minor) == (515, 515, 0)
    desk_split = Split(gross_minor=515, commission_minor=52, owner_minor=463)
    details = await desk.payments.details(record.id)
    assert details is not None
    assert details.split == desk_split
    assert [step.to_state for step in details.steps] == [
        "Pending",
        "Authorized",
        "StartRequested",
        "Charging",
        "WaitingForDisconnect",
        "Completed",
    ]
    assert len(await happened(desk.central, "payment.waiting_for_disconnect")) == 1
