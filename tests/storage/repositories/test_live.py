"""Stations that are online, with their connectors."""

from __future__ import annotations

from chargeplane.domain.station import Evse, StatusNotification
from chargeplane.storage import Database
from chargeplane.storage.repositories import connectors, live, stations
from chargeplane.storage.repositories.stations import Presence, StationSettings
from tests.storage.repositories.moments import NOW


async def test_online_stations_with_their_connectors(database: Database) -> None:
    presence = Presence(connected_at=NOW, node="local", subprotocol="ocpp1.6", security_profile=0)
    for name in ("CP2", "CP1", "AWAY"):
        await database.write(stations.register, name, StationSettings(name=f"the {name}"), NOW)
        if name != "AWAY":
            await database.write(stations.connect, name, presence)
    for evse in (Evse(2, 1), Evse(1, 2), Evse(0)):
        said = StatusNotification(evse=evse, connector_status="Available")
        await database.write(connectors.set_status, "CP1", said, NOW)
    found = await database.read(live.online)
    assert [(c.station_id, c.station_name, c.evse_id, c.connector_id) for c in found] == [
        ("CP1", "the CP1", 1, 2),
        ("CP1", "the CP1", 2, 1),
        ("CP2", "the CP2", None, None),
    ]
    assert (found[0].status, found[0].status_at) == ("Available", NOW)
