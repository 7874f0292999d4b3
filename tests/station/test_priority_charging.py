"""Charging as fast as may be, because the driver asked for it (2.1 K21, K22)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.transactions import TransactionEnded
from chargeplane.evse.virtual import VirtualEvse
from chargeplane.ocpp.v2 import wire
from chargeplane.station import authorization, priority_charging
from chargeplane.storage.documents import Documents
from tests.station.charging import TAG, charge, clear, profile, refused, set_
from tests.station.desk import Desk, Place, place

FAST = profile(20, id=2, charging_profile_purpose="PriorityCharging")


async def ask(there: Place, name: str, *, activate: bool = True) -> tuple[str, str]:
    request = wire.UsePriorityCharging(transaction_id=name, activate=activate)
    answer = await there.desk.ask(request)
    return answer.status, answer.status_info.reason_code if answer.status_info else ""


async def hears(there: Place, name: str, *, activated: bool, count: int = 1) -> None:
    told = await there.desk.hears(wire.NotifyPriorityCharging, count=count)
    assert (told.transaction_id, told.activated) == (name, activated)


@pytest.mark.parametrize("evse_id", [0, 1])
async def test_the_central_system_asks_for_it(evse_id: int) -> None:
    async with place("2.1") as there:
        assert await set_(there, 1, profile(8)) == ["Accepted"]
        name = await charge(there)
        assert await ask(there, "unknown") == ("Rejected", "TxNotFound")
        assert await ask(there, name) == ("NoProfile", "NotFound")
        assert await set_(there, evse_id, FAST) == ["Accepted"]
        assert there.evse().limit_a == 8
        assert await ask(there, name) == ("Accepted", "")
        await hears(there, name, activated=True)
        await there.until(lambda: there.evse().limit_a == 20)
        assert await ask(there, name, activate=False) == ("Accepted", "")
        await hears(there, name, activated=False, count=2)
        await there.until(lambda: there.evse().limit_a == 8)
        assert await ask(there, name, activate=False) == ("Accepted", "")
        assert len(there.desk.all(wire.NotifyPriorityCharging)) == 2


async def test_the_limit_of_the_station_counts_nevertheless() -> None:
    async with place("2.1") as there:
        most = profile(16, charging_profile_purpose="ChargingStationMaxProfile")
        assert await set_(there, 0, most, FAST) == ["Accepted"] * 2
        name = await charge(there)
        assert await ask(there, name) == ("Accepted", "")
        await hears(there, name, activated=True)
        await there.until(lambda: there.evse().limit_a == 16)


async def test_it_lasts_as_long_as_the_transaction_or_its_profile() -> None:
    async with place("2.1") as there:
        assert await set_(there, 1, profile(8), FAST) == ["Accepted"] * 2
        assert await ask(there, await charge(there)) == ("Accepted", "")
        await there.until(lambda: there.evse().limit_a == 20)
        await authorization.swipe(there.station, TAG)
        await there.desk.hears(TransactionEnded)
        there.hardware().plug_out()
        name = await charge(there)
        assert there.evse().limit_a == 8
        assert await ask(there, name) == ("Accepted", "")
        await there.until(lambda: there.evse().limit_a == 20)
        assert await clear(there, 2) == "Accepted"
        await there.until(lambda: there.evse().limit_a == 8)
        told = await there.desk.hears(wire.NotifyPriorityCharging, count=3)
        assert (told.transaction_id, told.activated) == (name, False)


async def test_the_driver_asks_for_it_without_a_connection(tmp_path: Path) -> None:
    desk, hardware = Desk("2.1"), [VirtualEvse()]
    values = {"TxCtrlr/ResumptionTimeout": "3600"}
    file = tmp_path / "station.db"
    async with place(
        "2.1", desk=desk, hardware=hardware, values=values, documents=Documents(file)
    ) as there:
        name = await charge(there)
        assert not priority_charging.use(there.station, there.evse(), activate=True)
        assert await set_(there, 1, profile(8), FAST) == ["Accepted"] * 2
        await desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        assert priority_charging.use(there.station, there.evse(), activate=True)
        await there.until(lambda: there.evse().limit_a == 20)
    desk.is_reachable = True
    async with place(
        "2.1", desk=desk, hardware=hardware, values=values, documents=Documents(file)
    ) as there:
        await hears(there, name, activated=True)
        await there.until(lambda: there.evse().limit_a == 20)


@pytest.mark.parametrize(
    ("period", "changes", "reason"),
    [
        ({"limit": 10}, {"duration": 60}, "InvalidSchedule"),  # K01.FR.70
        ({"setpoint": 10, "operation_mode": "CentralSetpoint"}, {}, "InvalidOperationMode"),
    ],
)
async def test_profiles_that_are_wrong(
    period: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    sent = profile(
        period | {"start_period": 0}, charging_profile_purpose="PriorityCharging", **changes
    )
    async with place("2.1") as there:
        assert await refused(there, 1, sent) == reason


async def test_it_may_not_be_supported() -> None:
    async with place("2.1", values={"SmartChargingCtrlr/SupportedAdditionalPurposes": ""}) as there:
        assert await refused(there, 1, FAST) == "UnsupportedPurpose"
