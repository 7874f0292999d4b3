from __future__ import annotations

from typing import Any

import pytest

from chargeplane.csms.battery_swap import RequestBatterySwap, request_battery_swap
from chargeplane.csms.central import Central
from chargeplane.domain.tokens import Token
from chargeplane.ocpp.v2 import wire
from tests.csms.conftest import ConnectStation
from tests.csms.stored import ID, happened, noted

WHO = wire.IdToken(id_token="TAG1", type="ISO14443")
BATTERY = wire.BatteryData(evse_id=1, serial_number="B1", soc=20.0, soh=90.0)


@pytest.mark.parametrize("kind", ["BatteryIn", "BatteryOut", "BatteryOutTimeout"])
async def test_a_swap_is_kept(central: Central, connect_station: ConnectStation, kind: Any) -> None:
    station = await connect_station("2.1")
    said = wire.BatterySwap(battery_data=[BATTERY], event_type=kind, id_token=WHO, request_id=5)
    assert await station.say(said) == wire.BatterySwapResponse()
    (kept,) = await noted(central, "BatterySwap")
    assert kept.payload["eventType"] == kind
    assert len(await happened(central, "battery.swap")) == 1


async def test_a_swap_is_asked_for(central: Central, connect_station: ConnectStation) -> None:
    station = await connect_station("2.1")
    info = wire.StatusInfo(reason_code="NoBatteryAvailable")
    refusal = wire.RequestBatterySwapResponse(status="Rejected", status_info=info)
    station.on(wire.RequestBatterySwap, refusal)
    answer = await request_battery_swap(central, ID, RequestBatterySwap(id_token=Token("TAG1")))
    (asked,) = station.asked
    assert asked.id_token == WHO
    assert (answer.status, answer.request_id) == ("Rejected", asked.request_id)
    assert answer.status_info is not None
    assert answer.status_info.reason_code == "NoBatteryAvailable"
