from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.harness import VERSIONS, Refusal, World, world
from tests.e2e.words import words


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, heartbeat_interval=120) as here:
        yield here


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_B_01_CSMS_a_boot_is_accepted_and_stored(here: World, version: str) -> None:
    said = words(version, await here.wire(version))
    answer = await said.boot()
    assert (answer["status"], answer["interval"]) == ("Accepted", 120)
    clock = datetime.fromisoformat(answer["currentTime"])
    assert abs(clock - here.central.now()) < timedelta(minutes=1)
    record = await here.station()
    assert (record.vendor, record.model) == ("Vendor", "Model")
    assert record.boot_at is not None
    (event,) = await here.events("station.booted")
    assert event.data["registration"] == "Accepted"


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_interval_of_its_own(here: World, version: str) -> None:
    await here.register("CS-1", heartbeat_interval_s=7)
    assert (await words(version, await here.wire(version)).boot())["interval"] == 7


async def test_everything_that_a_1x_boot_says(here: World) -> None:
    talker = await here.wire("1.6")
    said = {
        "chargePointVendor": "Vendor",
        "chargePointModel": "Model",
        "chargePointSerialNumber": "CP1",
        "chargeBoxSerialNumber": "CB1",
        "firmwareVersion": "1.2.3",
        "iccid": "8949",
        "imsi": "262",
        "meterType": "MID",
        "meterSerialNumber": "M1",
    }
    await talker.call("BootNotification", said)
    record = await here.station()
    assert (record.serial_number, record.charge_box_serial_number) == ("CP1", "CB1")
    assert (record.firmware_version, record.iccid, record.imsi) == ("1.2.3", "8949", "262")
    assert (record.meter_type, record.meter_serial_number) == ("MID", "M1")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("registration", ["Pending", "Rejected"])
async def test_TC_B_02_CSMS_who_is_not_accepted_may_only_boot(
    here: World, version: str, registration: str
) -> None:
    await here.register("CS-1", registration=registration)
    said = words(version, talker := await here.wire(version))
    assert (await said.boot())["status"] == registration
    with pytest.raises(Refusal) as refused:
        await talker.call("Heartbeat", {})
    assert refused.value.code == "SecurityError"
    with pytest.raises(Refusal, match="SecurityError"):
        await said.start("TAG")
    assert await here.transactions() == ()
    await here.register("CS-1", registration="Accepted")
    assert (await said.boot())["status"] == "Accepted"
    assert "currentTime" in await talker.call("Heartbeat", {})


async def test_TC_B_31_CSMS_an_invited_message_of_a_pending_station_is_taken(here: World) -> None:
    await here.register("CS-1", registration="Pending")
    said = words("2.0.1", talker := await here.wire("2.0.1"))
    await said.boot()
    station = here.central.stations.require("CS-1")
    station.invited.add("Heartbeat")
    assert "currentTime" in await talker.call("Heartbeat", {})
    with pytest.raises(Refusal, match="SecurityError"):
        await said.available()


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_G_20_CSMS_a_heartbeat_tells_the_time(here: World, version: str) -> None:
    answer = await (await here.wire(version)).call("Heartbeat", {})
    assert answer["currentTime"].endswith("Z")


async def test_a_boot_without_a_registered_station_is_kept(here: World) -> None:
    said = words("1.6", await here.wire("1.6", "CS-9"))
    await said.boot()
    assert (await here.station("CS-9")).vendor == "Vendor"
