"""Stations that are online, with their connectors, and how far they have changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chargeplane.domain.station import (
    BootNotification,
    ChargingStation,
    Evse,
    StatusNotification,
)
from chargeplane.domain.variables import Component, Variable
from chargeplane.storage.database import Database
from chargeplane.storage.measured import Measured
from chargeplane.storage.repositories import connectors, live, stations, variables
from chargeplane.storage.repositories.stations import Presence, StationSettings
from chargeplane.storage.repositories.variables import Attribute
from tests.storage.repositories.moments import NOW, after

HERE = Presence(connected_at=NOW, node="local", subprotocol="ocpp1.6", security_profile=0)
AVAILABLE = StatusNotification(evse=Evse(1, 1), connector_status="Available")
BOOT = BootNotification(
    charging_station=ChargingStation(vendor_name="ACME", model="One"), reason="PowerUp"
)
FEATURES = Attribute(
    component=Component("OCPP16LegacyCtrlr"),
    variable=Variable("SupportedFeatureProfiles"),
    value="Core,Reservation",
)


async def join(database: Database, *names: str) -> None:
    for name in names:
        await database.write(stations.register, name, StationSettings(name=f"the {name}"), NOW)
        await database.write(stations.connect, name, HERE)


@pytest.mark.parametrize("few", [0, 100])
async def test_online_stations_with_their_connectors(
    database: Database, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(live, "FEW", few)
    await join(database, "CP2", "CP1", "AWAY")
    await database.write(stations.disconnect, "AWAY", NOW, after(1))
    for evse in (Evse(2, 1), Evse(1, 2), Evse(0)):
        said = StatusNotification(evse=evse, connector_status="Available")
        await database.write(connectors.set_status, "CP1", said, NOW)
    await database.write(variables.save, "CP1", [FEATURES], NOW)
    assert list(await database.read(live.revisions)) == ["CP1", "CP2"]
    found = {s.id: s for s in await database.read(live.those, ("CP1", "CP2", "AWAY", "CP9"))}
    assert {name: (s.name, s.subprotocol) for name, s in found.items()} == {
        "CP1": ("the CP1", "ocpp1.6"),
        "CP2": ("the CP2", "ocpp1.6"),
    }
    assert found["CP1"].feature_profiles == "Core,Reservation"
    assert (found["CP2"].feature_profiles, list(found["CP2"].connectors)) == (None, [])
    one, two = sorted(found["CP1"].connectors, key=lambda each: each.evse_id)
    assert (one.evse_id, one.connector_id, two.evse_id, two.connector_id) == (1, 2, 2, 1)
    assert (one.status, one.status_at) == ("Available", NOW)
    assert await database.read(live.those, ()) == ()


CHANGES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "status": (connectors.set_status, ("CP1", AVAILABLE, NOW)),
    "charging state": (connectors.set_charging_state, ("CP1", 1, 1, "Charging")),
    "reading": (connectors.set_measured, ("CP1", 1, Measured(NOW, power_w=7.0))),
    "name": (stations.change, ("CP1", StationSettings(name="new"))),
    "boot": (stations.boot, ("CP1", BOOT, NOW)),
    "connection": (stations.connect, ("CP1", HERE)),
    "variables": (variables.save, ("CP1", [FEATURES], NOW)),
    "forgotten variables": (variables.remove, ("CP1", NOW)),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_every_change_is_counted(database: Database, change: str) -> None:
    await join(database, "CP1", "CP2")
    before = await database.read(live.revisions)
    work, arguments = CHANGES[change]
    await database.write(work, *arguments)
    after_it = await database.read(live.revisions)
    assert after_it["CP1"] > before["CP1"]
    assert after_it["CP2"] == before["CP2"]


async def test_being_seen_is_no_change(database: Database) -> None:
    await join(database, "CP1")
    before = await database.read(live.revisions)
    await database.write(stations.note_seen, {"CP1": after(5)})
    assert await database.read(live.revisions) == before


async def test_a_station_that_comes_again_does_not_count_from_the_start(
    database: Database,
) -> None:
    await join(database, "CP1")
    before = await database.read(live.revisions)
    await database.write(stations.remove, "CP1")
    await database.write(stations.register, "CP1", StationSettings(), after(1))
    await database.write(stations.connect, "CP1", HERE)
    assert (await database.read(live.revisions))["CP1"] > before["CP1"]
