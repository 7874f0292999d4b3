from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.harness import VERSIONS, World, at, world
from tests.e2e.words import Words1


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as here:
        yield here


@pytest.mark.parametrize(
    ("word", "status", "charging"),
    [
        ("Available", "Available", None),
        ("Preparing", "Occupied", "EVConnected"),
        ("Charging", "Occupied", "Charging"),
        ("SuspendedEV", "Occupied", "SuspendedEV"),
        ("SuspendedEVSE", "Occupied", "SuspendedEVSE"),
        ("Finishing", "Occupied", "Idle"),
        ("Reserved", "Reserved", None),
        ("Unavailable", "Unavailable", None),
        ("Faulted", "Faulted", None),
    ],
)
async def test_a_1x_status_is_availability_and_charging_state(
    here: World, word: str, status: str, charging: str | None
) -> None:
    said = Words1(await here.wire("1.6"))
    await said.say_status(word)
    (connector,) = await here.connectors()
    assert (connector.status, connector.charging_state) == (status, charging)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize("status", ["Available", "Occupied", "Reserved", "Unavailable", "Faulted"])
async def test_TC_G_01_CSMS_a_connector_of_an_evse(here: World, version: str, status: str) -> None:
    talker = await here.wire(version)
    said = {"timestamp": at(0), "connectorStatus": status, "evseId": 2, "connectorId": 3}
    assert await talker.call("StatusNotification", said) == {}
    (connector,) = await here.connectors()
    assert (connector.evse_id, connector.connector_id, connector.status) == (2, 3, status)


async def test_connector_0_is_the_station(here: World) -> None:
    said = Words1(await here.wire("1.6"))
    await said.say_status("Available", 0)
    await said.say_status("Available", 1)
    assert [(c.evse_id, c.connector_id) for c in await here.connectors()] == [(0, 0), (1, 1)]


async def test_an_error_is_kept_and_told(here: World) -> None:
    talker = await here.wire("1.6")
    said = {
        "connectorId": 1,
        "errorCode": "GroundFailure",
        "status": "Faulted",
        "info": "relay",
        "vendorId": "com.example",
        "vendorErrorCode": "E42",
    }
    await talker.call("StatusNotification", said)
    (connector,) = await here.connectors()
    assert (connector.error_code, connector.error_info) == ("GroundFailure", "relay")
    assert (connector.error_vendor_id, connector.error_vendor_code) == ("com.example", "E42")
    assert connector.status_at is not None  # 1.6 may leave the time out
    (event,) = await here.events("connector.status")
    assert event.data["error_code"] == "GroundFailure"


@pytest.mark.parametrize(
    ("word", "boots", "state"),
    [
        ("Preparing", True, "closed"),
        ("Finishing", True, "closed"),
        ("Available", True, "closed"),
        ("Charging", True, "open"),
        ("SuspendedEVSE", True, "open"),
        ("Preparing", False, "open"),  # some say it after the start
        ("Finishing", False, "open"),
    ],
)
async def test_what_a_reboot_has_ended_is_reconciled(
    here: World, *, word: str, boots: bool, state: str
) -> None:
    said = Words1(await here.wire("1.6"))
    await said.boot()
    await said.start("TAG")
    if boots:
        said = Words1(await here.wire("1.6"))
        await said.boot()
    await said.say_status(word)
    assert (await here.transaction()).state == state
    await said.start("TAG", seconds=99)  # told after the boot, so it is not what the boot ended
    await said.say_status(word)
    assert (await here.transactions())[-1].state == ("closed" if word == "Available" else "open")


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_same_status_again_is_one_connector(here: World, version: str) -> None:
    talker = await here.wire(version)
    said = (
        {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        if version == "1.6"
        else {"timestamp": at(0), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    )
    for _ in range(2):
        await talker.call("StatusNotification", said)
    assert len(await here.connectors()) == 1
