from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chargeplane.csms import der
from chargeplane.csms.central import Central
from chargeplane.csms.der import Controls, GetDERControl
from chargeplane.ocpp.v2 import wire
from tests.csms.conftest import ConnectStation
from tests.csms.stored import ID, happened, noted

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)

OPERATIONS = {
    "set_der_control": (
        wire.SetDERControl(is_default=True, control_id="C1", control_type="FixedVar"),
        wire.SetDERControlResponse(status="Accepted"),
    ),
    "clear_der_control": (
        wire.ClearDERControl(is_default=True),
        wire.ClearDERControlResponse(status="NotFound"),
    ),
    "afrr_signal": (
        wire.AFRRSignal(timestamp=AT, signal=3),
        wire.AFRRSignalResponse(status="Accepted"),
    ),
    "notify_allowed_energy_transfer": (
        wire.NotifyAllowedEnergyTransfer(
            transaction_id="TX1", allowed_energy_transfer=["AC_three_phase"]
        ),
        wire.NotifyAllowedEnergyTransferResponse(status="Accepted"),
    ),
}
NOTIFICATIONS: dict[str, tuple[Any, Any]] = {
    "der.alarm": (
        wire.NotifyDERAlarm(control_type="FixedVar", timestamp=AT, grid_event_fault="OverVoltage"),
        wire.NotifyDERAlarmResponse(),
    ),
    "der.start_stop": (
        wire.NotifyDERStartStop(control_id="C1", started=True, timestamp=AT),
        wire.NotifyDERStartStopResponse(),
    ),
    "der.report": (wire.ReportDERControl(request_id=99), wire.ReportDERControlResponse()),
}


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_station_is_asked(
    central: Central, connect_station: ConnectStation, name: str
) -> None:
    request, answer = OPERATIONS[name]
    station = await connect_station("2.1")
    station.on(type(request), answer)
    assert await der.OPERATIONS[name][1](central, ID, request) == answer
    assert station.asked == [request]


@pytest.mark.parametrize("kind", NOTIFICATIONS)
async def test_what_a_station_tells_is_kept(
    central: Central, connect_station: ConnectStation, kind: str
) -> None:
    said, answer = NOTIFICATIONS[kind]
    station = await connect_station("2.1")
    assert await station.say(said) == answer
    assert len(await noted(central, type(said).__name__)) == 1
    assert len(await happened(central, kind)) == 1


async def test_controls_come_in_parts(central: Central, connect_station: ConnectStation) -> None:
    station = await connect_station("2.1")

    async def answer(asked: wire.GetDERControl) -> wire.GetDERControlResponse:
        for more in (True, False):
            await station.say(wire.ReportDERControl(request_id=asked.request_id, tbc=more))
        return wire.GetDERControlResponse(status="Accepted")

    station.on(wire.GetDERControl, answer)
    found = await der.get_der_control(central, ID, GetDERControl(control_type="FixedVar"))
    assert (found.status, len(found.parts)) == ("Accepted", 2)
    assert station.asked[0].control_type == "FixedVar"


async def test_there_may_be_none(central: Central, connect_station: ConnectStation) -> None:
    station = await connect_station("2.1")
    station.on(wire.GetDERControl, wire.GetDERControlResponse(status="NotFound"))
    assert await der.get_der_control(central, ID, GetDERControl()) == Controls(status="NotFound")
