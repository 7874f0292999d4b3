"""The hands of a driver, one line of JSON after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from chargeplane.domain.station import StatusNotification
from chargeplane.domain.transactions import TransactionEnded, TransactionStarted
from chargeplane.evse.virtual import VirtualEvse, VirtualGrid
from chargeplane.evse.virtual_display import VirtualDisplay
from chargeplane.evse.virtual_inverter import VirtualInverter
from chargeplane.evse.virtual_slot import VirtualSlot
from chargeplane.ocpp.v2 import wire
from chargeplane.station import virtual, virtual_world
from chargeplane.station.station import Station
from chargeplane.storage.documents import Documents
from tests.station import charging
from tests.station.desk import VERSIONS, Place, place


async def do(there: Place, **command: Any) -> dict[str, Any]:
    answer = await virtual.Hands(there.station).do(msgspec.json.encode(command))
    return msgspec.json.decode(answer, type=dict[str, Any])


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_whole_charge(version: str) -> None:
    async with place(version) as there:
        assert await do(there, cmd="plug_in", connector_id=1) == {"ok": True}
        assert await do(there, cmd="swipe", token="TAG") == {"ok": True, "status": "Accepted"}
        await there.desk.hears(TransactionStarted)
        await there.until(lambda: there.evse().charging_state() == "Charging")
        seen = (await do(there, cmd="state"))["state"]
        assert (seen["connected"], seen["accepted"], seen["version"]) == (True, True, version)
        assert seen["evses"][0]["connectors"] == ["Charging"]
        assert seen["evses"][0]["transaction"]["charging_state"] == "Charging"
        await do(there, cmd="pause")
        await there.until(lambda: there.evse().charging_state() == "SuspendedEV")
        await do(there, cmd="resume")
        await there.until(lambda: there.evse().charging_state() == "Charging")
        assert await do(there, cmd="plug_out") == {"ok": True}
        assert (await there.desk.hears(TransactionEnded)).stopped_reason == "EVDisconnected"


async def test_a_driver_without_a_token() -> None:
    displays = {0: VirtualDisplay()}
    values = {"TariffCostCtrlr/TariffFallbackMessage": "Free today"}
    async with place("2.1", displays=displays, values=values) as there:
        nobody = {"ok": False, "error": "nobody charges at EVSE 1"}
        assert await do(there, cmd="limit_charge", transaction_limit={"max_energy": 0}) == nobody
        assert not (await do(there, cmd="limit_charge"))["ok"]
        await do(there, cmd="plug_in")
        assert await do(there, cmd="press") == {"ok": True, "status": "Accepted"}
        await there.desk.hears(TransactionStarted)
        assert (await do(there, cmd="state"))["state"]["displays"] == {"0": ["Free today"]}
        assert await do(there, cmd="limit_charge", transaction_limit={"max_energy": 0}) == {
            "ok": True
        }
        assert there.evse().flow() == "evse"
        assert await do(there, cmd="reject_tariff") == {"ok": True}
        ended = await there.desk.hears(TransactionEnded)
        assert ended.trigger_reason == "TariffNotAccepted"


async def test_a_battery_is_swapped(tmp_path: Path) -> None:
    board = VirtualEvse()

    def prepare(station: Station) -> None:
        station.evses[0].slot = VirtualSlot(board)
        virtual_world.awaken(station)

    battery = {"serial_number": "B1", "soc_percent": 95.0}
    documents = Documents(tmp_path / "station.db")
    async with place("2.1", hardware=[board], prepare=prepare, documents=documents) as there:
        assert not (await do(there, cmd="insert", battery=battery))["ok"]
        cast(VirtualSlot, there.evse().slot).open()
        assert await do(there, cmd="insert", battery=battery) == {"ok": True}
        assert (await do(there, cmd="swipe", token="TAG"))["status"] == "Invalid"  # no empty slot
    documents.close()
    board = VirtualEvse()
    documents = Documents(tmp_path / "station.db")
    async with place("2.1", hardware=[board], prepare=prepare, documents=documents) as there:
        assert (await do(there, cmd="state"))["state"]["evses"][0]["battery"]["soc_percent"] == 95
        cast(VirtualSlot, there.evse().slot).open()
        assert (await do(there, cmd="take"))["battery"]["serial_number"] == "B1"
    documents.close()


async def test_the_grid_makes_an_inverter_deviate() -> None:
    def prepare(station: Station) -> None:
        station.evses[0].inverter = VirtualInverter()

    async with place("2.1", evses=2, prepare=prepare) as there:
        said = {"control": "VoltWatt", "fault": "OverVoltage"}
        assert await do(there, cmd="deviate", deviation=said) == {"ok": True}
        assert (await there.desk.hears(wire.NotifyDERAlarm)).control_type == "VoltWatt"
        assert not (await do(there, cmd="deviate", evse_id=2))["ok"]


async def test_a_car_shows_its_contract() -> None:
    async with place("2.1") as there:
        assert not (await do(there, cmd="show_contract", token="DEABC"))["ok"]
        said = await do(there, cmd="show_contract", token="DEABC", chain="none")
        assert said == {"ok": True, "status": "Invalid", "certificate_status": None}


async def test_the_network_cable() -> None:
    async with place("2.0.1") as there:
        await do(there, cmd="disconnect")
        await there.until(lambda: there.station.peer is None)
        assert not (await do(there, cmd="state"))["state"]["connected"]
        dialled = len(there.desk.dialled)
        await do(there, cmd="connect")
        await there.until(lambda: there.station.is_online)
        assert len(there.desk.dialled) == dialled + 1


@pytest.mark.parametrize("version", VERSIONS)
async def test_errors_come_and_go(version: str) -> None:
    async with place(version) as there:
        faulted: Any = lambda each: each.connector_status == "Faulted"  # noqa: E731
        available: Any = lambda each: each.connector_status == "Available"  # noqa: E731
        await do(there, cmd="raise_error", error="GroundFailure", connector_id=1)
        told = await there.desk.hears(StatusNotification, faulted)
        if version == "1.6":
            assert told.error is not None
            assert told.error.code == "GroundFailure"
        await do(there, cmd="clear_error", error="GroundFailure")
        await there.desk.hears(StatusNotification, available, count=2)
        await do(there, cmd="plug_in")
        await do(there, cmd="diode_fail")
        await there.desk.hears(StatusNotification, faulted, count=2)
        await do(there, cmd="plug_out")
        await there.desk.hears(StatusNotification, available, count=3)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"nonsense", "malformed"),
        (b"{}", "cmd"),
        (b'{"cmd":"fly"}', "unknown command fly"),
        (b'{"cmd":"plug_in","connector_id":9}', "there is no EVSE 9"),
        (b'{"cmd":"plug_in","evse_id":1,"connector_id":9}', "no connector 9"),
        (b'{"cmd":"swipe"}', "needs a token"),
        (b'{"cmd":"raise_error"}', "needs an error"),
    ],
)
async def test_a_wrong_command_says_why(line: bytes, error: str) -> None:
    async with place("2.0.1") as there:
        answer = msgspec.json.decode(await virtual.Hands(there.station).do(line))
        assert answer["ok"] is False
        assert error in answer["error"]


async def test_lines_are_answered_in_their_order() -> None:
    async def lines() -> AsyncIterator[bytes]:
        for line in (b'{"cmd":"plug_in"}\n', b"\n", b'{"cmd":"plug_in"}\n'):
            yield line

    async with place("2.0.1") as there:
        said: list[bytes] = []
        await virtual.Hands(there.station).follow(lines(), said.append)
        assert said[0] == b'{"ok":true}'
        assert b"already" in said[1]
        assert len(said) == 2


async def test_the_world_outlives_the_station(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "station.db")
    async with place("2.0.1", documents=documents) as there:
        virtual_world.awaken(there.station)
        await do(there, cmd="plug_in", soc_percent=20)
        await do(there, cmd="swipe", token="TAG")
        await there.until(lambda: there.hardware().energy_wh > 10)
        await do(there, cmd="swipe", token="TAG")
        ended = await there.desk.hears(TransactionEnded)
    assert ended.meter_wh is not None
    fresh = VirtualEvse(speed=1)
    async with place("2.0.1", documents=documents, hardware=[fresh], run=False) as there:
        virtual_world.awaken(there.station)
        assert fresh.is_plugged_in()
        assert fresh.energy_wh >= ended.meter_wh > 10


async def test_a_car_comes_says_goodbye_and_leaves(tmp_path: Path) -> None:
    points = {"TxCtrlr/TxStartPoint": "ParkingBayOccupancy", "TxCtrlr/TxStopPoint": "EVConnected"}
    documents = Documents(tmp_path / "station.db")
    async with place("2.0.1", documents=documents, values=points) as there:
        assert await do(there, cmd="park") == {"ok": True}
        await there.desk.hears(TransactionStarted)
        assert "error" in await do(there, cmd="terminate")
        await do(there, cmd="plug_in")
        assert "plugged in" in (await do(there, cmd="leave"))["error"]
        await do(there, cmd="swipe", token="TAG")
        assert await do(there, cmd="terminate") == {"ok": True}
        await do(there, cmd="plug_out")
        assert (await there.desk.hears(TransactionEnded)).stopped_reason == "StoppedByEV"
    fresh = VirtualEvse()
    async with place("2.0.1", documents=documents, hardware=[fresh], run=False) as there:
        virtual_world.awaken(there.station)
        assert fresh.is_bay_occupied()
        assert await do(there, cmd="leave") == {"ok": True}
        assert not fresh.is_bay_occupied()


@pytest.mark.parametrize("version", VERSIONS)
async def test_limits_of_a_house(version: str) -> None:
    async with place(version) as there:
        await do(there, cmd="plug_in")
        await do(there, cmd="swipe", token="TAG")
        await there.until(lambda: there.evse().limit_a == 32)
        assert await do(there, cmd="limit", limit=10, source="SO") == {"ok": True}
        await there.until(lambda: there.evse().limit_a == 10)
        assert await do(there, cmd="limit", limit=5520, unit="W", evse_id=1) == {"ok": True}
        await there.until(lambda: there.evse().limit_a == 8)
        assert await do(there, cmd="clear_limit", evse_id=1) == {"ok": True}
        assert await do(there, cmd="clear_limit", source="SO") == {"ok": True}
        await there.until(lambda: there.evse().limit_a == 32)
        for wrong in (
            {"cmd": "limit"},
            {"cmd": "limit", "limit": 10, "source": "CSO"},
            {"cmd": "clear_limit"},
            {"cmd": "priority"},
            {"cmd": "grid", "load_w": 1},
        ):
            assert not (await do(there, **wrong))["ok"]


async def test_priority_charging() -> None:
    async with place("2.1") as there:
        fast = charging.profile(20, id=2, charging_profile_purpose="PriorityCharging")
        assert await charging.set_(there, 1, charging.profile(8), fast) == ["Accepted"] * 2
        await do(there, cmd="plug_in")
        await do(there, cmd="swipe", token="TAG")
        await there.until(lambda: there.evse().limit_a == 8)
        assert await do(there, cmd="priority") == {"ok": True}
        await there.until(lambda: there.evse().limit_a == 20)
        assert await do(there, cmd="priority", activate=False) == {"ok": True}
        await there.until(lambda: there.evse().limit_a == 8)


async def test_a_car_that_negotiates() -> None:
    async with place("2.1") as there:
        virtual_world.awaken(there.station)
        answer = wire.NotifyEVChargingNeedsResponse(status="NoChargingProfile")
        there.desk.answers[wire.NotifyEVChargingNeeds] = answer
        accepted = wire.NotifyEVChargingScheduleResponse(status="Accepted")
        there.desk.answers[wire.NotifyEVChargingSchedule] = accepted
        assert not (await do(there, cmd="negotiate"))["ok"]
        await do(there, cmd="plug_in")
        await do(there, cmd="swipe", token="TAG")
        await there.until(lambda: there.evse().limit_a == 32)
        found = await do(there, cmd="negotiate", energy_wh=10_000, departure_s=3600)
        assert found == {"ok": True, "schedule": [{"start_s": 0, "limit_w": 22080}]}
        needs = await there.desk.hears(wire.NotifyEVChargingNeeds)
        assert needs.charging_needs.departure_time is not None
        assert await charging.set_(there, 1, charging.profile(10)) == ["Accepted"]
        chosen = await there.desk.hears(wire.NotifyEVChargingSchedule, count=2)
        assert chosen.charging_schedule.charging_schedule_period[0].limit == 6900


async def test_a_car_that_discharges(tmp_path: Path) -> None:
    hardware = VirtualEvse(speed=600.0, is_bidirectional=True)
    file = tmp_path / "station.db"
    async with place("2.1", hardware=[hardware], documents=Documents(file)) as there:
        virtual_world.awaken(there.station)
        there.station.grid = VirtualGrid([hardware])
        sent = charging.profile(
            {"start_period": 0, "operation_mode": "CentralSetpoint", "setpoint": -5000},
            charging_rate_unit="W",
        )
        assert await charging.set_(there, 1, sent) == ["Accepted"]
        await do(there, cmd="plug_in", discharge_maximum_w=11_000)
        await do(there, cmd="swipe", token="TAG")
        await there.until(lambda: hardware.measure().power_w == -5000)
        assert await do(there, cmd="grid", load_w=2000, frequency_hz=49.9) == {"ok": True}
        assert there.station.grid.power_w() == -3000
        assert hardware.measure().frequency_hz == 49.9
        await there.until(lambda: hardware.exported_wh > 0)
        await do(there, cmd="swipe", token="TAG")
        await there.desk.hears(TransactionEnded)
    again = VirtualEvse(is_bidirectional=True)
    async with place("2.1", hardware=[again], documents=Documents(file)) as there:
        virtual_world.awaken(there.station)
        assert again.exported_wh > 0
        assert again.discharge_maximum_w == 11_000
