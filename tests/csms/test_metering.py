from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import VERSIONS, World, at, published, token, world
from tests.e2e.words import words


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as here:
        await here.add_tokens(token("TAG"))
        yield here


def meter_values(version: str, *samples: dict[str, Any], evse: int = 1) -> dict[str, Any]:
    """A MeterValues request; values are text in 1.6, and the unit is an object in 2.x."""
    place = "connectorId" if version == "1.6" else "evseId"
    taken = [_sample(version, sample) for sample in samples]
    return {place: evse, "meterValue": [{"timestamp": at(0), "sampledValue": taken}]}


def _sample(version: str, sample: dict[str, Any]) -> dict[str, Any]:
    said = dict(sample)
    if version == "1.6":
        return said | {"value": str(said["value"])}
    unit = said.pop("unit", None)
    return said | ({"unitOfMeasure": {"unit": unit}} if unit else {})


@pytest.mark.parametrize("version", VERSIONS)
async def test_readings_outside_of_transactions(here: World, version: str) -> None:
    said = words(version, talker := await here.wire(version))
    await said.available()
    request = meter_values(
        version,
        {"value": 12.5, "unit": "kWh"},
        {"value": 11, "unit": "kW", "measurand": "Power.Active.Import"},
        {"value": 16, "unit": "A", "measurand": "Current.Import", "phase": "L1"},
        {"value": 15, "unit": "A", "measurand": "Current.Import", "phase": "L2"},
        {"value": 47, "unit": "Percent", "measurand": "SoC", "location": "EV"},
    )
    assert await talker.call("MeterValues", request) == {}
    (reading,) = await here.meter_values(station_id="CS-1", evse_id=1)
    assert (reading.import_mwh, reading.power_w, reading.soc_percent) == (12_500_000, 11_000, 47)
    assert (reading.current_l1_a, reading.current_l2_a) == (16, 15)
    assert len(reading.samples) == 5
    (connector,) = await here.connectors()
    assert (connector.energy_mwh, connector.power_w, connector.soc_percent) == (
        12_500_000,
        11_000,
        47,
    )


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_main_meter_is_evse_0(here: World, version: str) -> None:
    talker = await here.wire(version)
    await talker.call("MeterValues", meter_values(version, {"value": 7, "unit": "Wh"}, evse=0))
    (reading,) = await here.meter_values(station_id="CS-1", evse_id=0)
    assert reading.import_mwh == 7_000


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_same_reading_is_stored_once(here: World, version: str) -> None:
    talker = await here.wire(version)
    for _ in range(3):
        await talker.call("MeterValues", meter_values(version, {"value": 7, "unit": "Wh"}))
    assert len(await here.meter_values(station_id="CS-1", evse_id=1)) == 1


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_multipliers_count(here: World, version: str) -> None:
    talker = await here.wire(version)
    sample = {"value": 1.5, "unitOfMeasure": {"unit": "Wh", "multiplier": 3}}
    request = {"evseId": 1, "meterValue": [{"timestamp": at(0), "sampledValue": [sample]}]}
    await talker.call("MeterValues", request)
    (reading,) = await here.meter_values(station_id="CS-1", evse_id=1)
    assert reading.import_mwh == 1_500_000


@pytest.mark.parametrize("value", ["", "unknown", "1,5", "NaN", "-1", "1e400", "12.5 "])
async def test_whatever_1x_says_of_a_value_is_stored(here: World, value: str) -> None:
    talker = await here.wire("1.6")
    request = meter_values("1.6", {"value": value})
    assert await talker.call("MeterValues", request) == {}
    (reading,) = await here.meter_values(station_id="CS-1", evse_id=1)
    assert len(reading.samples) == 1


async def test_phases_are_summed(here: World) -> None:
    talker = await here.wire("1.6")
    power = [
        {"value": 1000 * n, "unit": "W", "measurand": "Power.Active.Import", "phase": f"L{n}"}
        for n in (1, 2, 3)
    ]
    await talker.call("MeterValues", meter_values("1.6", *power))
    (reading,) = await here.meter_values(station_id="CS-1", evse_id=1)
    assert reading.power_w == 6000


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_running_transaction_shows_its_last_reading(here: World, version: str) -> None:
    said = words(version, await here.wire(version))
    started = await said.start("TAG", wh=100)
    for seconds, wh in ((30, 300), (10, 150), (20, 200)):
        await said.update(started.name, seconds=seconds, wh=wh)
    running = await here.transaction()
    assert running.energy_mwh == 200_000  # the one taken last, whatever came last


async def test_readings_are_published(here: World) -> None:
    talker = await here.wire("1.6")
    with here.central.bus.subscribe() as listener:
        await talker.call("MeterValues", meter_values("1.6", {"value": 7, "unit": "Wh"}))
        event = await published(listener, "meter.values")
    assert (event.kind, event.id, event.data["energy_mwh"]) == ("meter.values", None, 7_000)
