"""The whole network at a glance."""

from __future__ import annotations

import pytest

from chargeplane.domain.station import ConnectorStatus, Evse, StatusNotification
from chargeplane.domain.tokens import Token
from chargeplane.storage.database import Database
from chargeplane.storage.measured import Measured
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import (
    connectors,
    overview,
    refused_stations,
    stations,
    transactions,
)
from chargeplane.storage.repositories.overview import State, TileFilter
from chargeplane.storage.repositories.stations import Presence, StationSettings
from chargeplane.storage.repositories.transactions import TransactionStart
from tests.storage.repositories.moments import NOW, after

HERE = Presence(connected_at=NOW, node="local", subprotocol="ocpp1.6", security_profile=0)
STATES: list[tuple[ConnectorStatus, str | None, State]] = [
    ("Available", None, "Available"),
    ("Occupied", "Charging", "Charging"),
    ("Occupied", "SuspendedEV", "Suspended"),
    ("Occupied", "SuspendedEVSE", "Suspended"),
    ("Occupied", "EVConnected", "Occupied"),
    ("Reserved", None, "Reserved"),
    ("Unavailable", None, "Unavailable"),
    ("Faulted", None, "Faulted"),
]


async def join(database: Database, *names: str) -> None:
    for name in names:
        await database.write(stations.register, name, StationSettings(name=f"the {name}"), NOW)
        await database.write(stations.connect, name, HERE)


async def say(
    database: Database, name: str, evse: int, status: ConnectorStatus, charging: str | None = None
) -> None:
    said = StatusNotification(evse=Evse(evse, 1), connector_status=status)
    await database.write(connectors.set_status, name, said, NOW)
    if charging is not None:
        await database.write(connectors.set_charging_state, name, evse, 1, charging)


async def charge(database: Database, name: str, evse: int, power_w: float, mwh: int) -> int:
    start = TransactionStart(
        station_id=name,
        start_key=f"{name}/{evse}",
        evse_id=evse,
        connector_id=1,
        started_at=NOW,
        token=Token("TAG"),
        start_energy_mwh=1000,
    )
    found, _ = await database.write(transactions.start, start, NOW)
    measured = Measured(measured_at=after(1), import_mwh=1000 + mwh, power_w=power_w)
    await database.write(transactions.set_measured, found.id, measured)
    return found.id


@pytest.mark.parametrize(("status", "charging", "state"), STATES)
async def test_states(
    database: Database, status: ConnectorStatus, charging: str | None, state: State
) -> None:
    await join(database, "CP1")
    await say(database, "CP1", 1, status, charging)
    (tile,) = await database.read(overview.tiles_of, ("CP1",))
    assert tile.state == state
    assert (await database.read(overview.summary)).connectors == {state: 1}
    assert await database.read(overview.count, TileFilter(state=state)) == 1
    await database.write(stations.disconnect, "CP1", NOW, after(1))
    (tile,) = await database.read(overview.tiles_of, ("CP1",))
    assert tile.state == "Offline"


async def test_tiles_have_the_charge_that_is_open(database: Database) -> None:
    await join(database, "CP1", "T-1")
    for name, evse in (("CP1", 1), ("CP1", 2), ("T-1", 1)):
        await say(database, name, evse, "Occupied", "Charging")
    await say(database, "CP1", 0, "Available")  # the station itself is no tile
    number = await charge(database, "CP1", 2, 7000.0, 500)
    page = await database.read(overview.tiles, TileFilter(), Window(2))
    assert [(each.evse_id, each.transaction_id, each.energy_mwh) for each in page.items] == [
        (1, None, None),
        (2, number, 500),
    ]
    assert page.items[1].station_name == "the CP1"
    beyond = await database.read(overview.tiles, TileFilter(), Window(2, offset=2))
    assert [each.station_id for each in beyond.items] == ["T-1"]
    for what, found in (
        (TileFilter(search="the t"), ["T-1"]),
        (TileFilter(among=("T-*",)), ["T-1"]),
        (TileFilter(station_id="CP1"), ["CP1", "CP1"]),
    ):
        page = await database.read(overview.tiles, what, Window())
        assert [each.station_id for each in page.items] == found
        assert await database.read(overview.count, what) == len(found)


async def test_the_figures(database: Database) -> None:
    await join(database, "CP1", "CP2", "T-1")
    await say(database, "CP1", 1, "Occupied", "Charging")
    await charge(database, "CP1", 1, 7000.0, 500)
    await charge(database, "T-1", 1, 4000.0, 300)
    await charge(database, "CP2", 1, 9000.0, 100)
    await database.write(stations.disconnect, "CP2", NOW, after(1))
    found = await database.read(overview.summary)
    assert (found.stations, found.online, found.charges, found.power_w) == (3, 2, 3, 11000.0)
    tenant = await database.read(overview.summary, ("T-*",))
    assert (tenant.stations, tenant.charges, tenant.power_w) == (1, 1, 4000.0)
    energies = await database.read(overview.delivered, NOW)
    assert sorted(energy for _, energy in energies) == [100, 300, 500]
    assert await database.read(overview.delivered, after(1)) == ()
    assert await database.read(overview.delivered, NOW, ("T-1",)) == ((NOW, 300),)


async def test_alarms_the_gravest_first(database: Database) -> None:
    await join(database, "CP1", "CP2")
    await say(database, "CP1", 1, "Faulted")
    await charge(database, "CP2", 1, 9000.0, 100)
    await database.write(stations.disconnect, "CP2", NOW, after(1))
    pending = StationSettings(registration="Pending")
    await database.write(stations.register, "NEW", pending, NOW)
    await database.write(refused_stations.note, "BAD", None, "unknown", NOW)
    found = await database.read(overview.alarms)
    assert [(each.kind, each.station_id) for each in found] == [
        ("offline", "CP2"),
        ("faulted", "CP1"),
        ("pending", "NEW"),
        ("refused", "BAD"),
    ]
    assert [each.kind for each in await database.read(overview.alarms, ("CP1",))] == ["faulted"]
