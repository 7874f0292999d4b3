from __future__ import annotations

import pytest

from chargeplane.domain.station import (
    BootNotification,
    ChargingStation,
    ConnectorStatus,
    ErrorInfo,
    Evse,
    Modem,
    StatusNotification,
)
from chargeplane.storage.database import Database
from chargeplane.storage.measured import Measured
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import (
    connectors,
    refused_stations,
    station_lines,
    stations,
)
from chargeplane.storage.repositories.refused_stations import RefusedFilter
from chargeplane.storage.repositories.stations import Presence, StationFilter, StationSettings
from tests.storage.repositories.moments import NOW, after

BOOT = BootNotification(
    charging_station=ChargingStation(
        vendor_name="ACME",
        model="One",
        serial_number="S1",
        firmware_version="1.0",
        modem=Modem(iccid="89", imsi="26"),
        meter_type="M",
    ),
    reason="PowerUp",
)


async def register(database: Database, *ids: str) -> None:
    for station_id in ids:
        await database.write(stations.register, station_id, StationSettings(), NOW)


async def test_boot_adds_a_station_and_keeps_what_operators_set(database: Database) -> None:
    added = await database.write(stations.boot, "CP1", BOOT, NOW, "Pending")
    assert (added.registration, added.vendor, added.imsi) == ("Pending", "ACME", "26")
    assert (added.boot_reason, added.boot_at, added.created_at) == ("PowerUp", NOW, NOW)
    assert added.enabled
    assert not added.online
    settings = StationSettings(registration="Accepted", name="Gate", password_hash="x")
    await database.write(stations.change, "CP1", settings)
    again = await database.write(stations.boot, "CP1", BOOT, after(9), "Pending")
    assert (again.registration, again.name, again.password_hash) == ("Accepted", "Gate", "x")
    assert (again.created_at, again.boot_at) == (NOW, after(9))


async def test_register_leaves_a_known_station_alone(database: Database) -> None:
    assert await database.write(stations.register, "CP1", StationSettings(name="A"), NOW)
    assert not await database.write(stations.register, "CP1", StationSettings(name="B"), NOW)
    found = await database.read(stations.get, "CP1")
    assert found is not None
    assert found.name == "A"
    assert await database.read(stations.get, "CP2") is None


async def test_change_sets_only_what_is_given(database: Database) -> None:
    await database.write(stations.register, "CP1", StationSettings(name="A", comment="c"), NOW)
    changed = await database.write(stations.change, "CP1", StationSettings(comment=None))
    assert changed is not None
    assert (changed.name, changed.comment) == ("A", None)
    assert await database.write(stations.change, "CP1", StationSettings()) == changed
    assert await database.write(stations.change, "CP9", StationSettings(name="x")) is None


async def test_a_replaced_connection_does_not_end_the_new_presence(database: Database) -> None:
    await register(database, "CP1")
    old = Presence(connected_at=NOW, node="n1", subprotocol="ocpp1.6", security_profile=1)
    new = Presence(
        connected_at=after(5),
        node="n2",
        subprotocol="ocpp2.1",
        security_profile=2,
        remote_address="10.0.0.1",
    )
    await database.write(stations.connect, "CP1", old)
    connected = await database.write(stations.connect, "CP1", new)
    assert connected is not None
    assert connected.online
    assert (connected.node, connected.subprotocol) == ("n2", "ocpp2.1")
    assert not await database.write(stations.disconnect, "CP1", NOW, after(6))
    assert await database.write(stations.disconnect, "CP1", after(5), after(7))
    gone = await database.read(stations.get, "CP1")
    assert gone is not None
    assert (gone.online, gone.node, gone.disconnected_at) == (False, None, after(7))
    assert await database.write(stations.connect, "CP9", new) is None


async def test_a_process_that_starts_again_holds_no_connection(database: Database) -> None:
    await register(database, "CP1", "CP2")
    for station_id, node in (("CP1", "n1"), ("CP2", "n2")):
        presence = Presence(connected_at=NOW, node=node, subprotocol="x", security_profile=0)
        await database.write(stations.connect, station_id, presence)
    assert await database.write(stations.disconnect_all, "n1", after(1)) == ("CP1",)
    assert await database.read(stations.count, StationFilter(online=True)) == 1


async def test_when_stations_were_seen(database: Database) -> None:
    await register(database, "CP1", "CP2")
    await database.write(stations.note_seen, {"CP1": after(1), "CP2": after(2), "CP9": after(3)})
    await database.write(stations.note_seen, {})
    page = await database.read(
        stations.page, StationFilter(sort="last_seen", descending=True), Window()
    )
    assert [(s.id, s.last_seen_at) for s in page.items] == [("CP2", after(2)), ("CP1", after(1))]


@pytest.mark.parametrize(
    ("what", "ids"),
    [
        (StationFilter(), ["A", "B", "C"]),
        (StationFilter(descending=True), ["C", "B", "A"]),
        (StationFilter(sort="name"), ["B", "C", "A"]),
        (StationFilter(sort="model", descending=True), ["C", "B", "A"]),
        (StationFilter(search="GAT"), ["A", "C"]),
        (StationFilter(search="%"), []),
        (StationFilter(registration="Pending"), ["B"]),
        (StationFilter(online=True), []),
    ],
)
async def test_lists(database: Database, what: StationFilter, ids: list[str]) -> None:
    await database.write(stations.register, "A", StationSettings(name="Gate 2"), NOW)
    await database.write(stations.register, "B", StationSettings(registration="Pending"), NOW)
    await database.write(stations.register, "C", StationSettings(name="Gate 1"), NOW)
    found: list[str] = []
    window = Window(limit=2)
    while True:
        page = await database.read(stations.page, what, window)
        found += [station.id for station in page.items]
        if page.cursor is None:
            break
        window = Window(2, page.cursor)
    assert found == ids
    assert await database.read(stations.count, what) == len(ids)


def status(evse: Evse, word: str = "Available") -> StatusNotification:
    return StatusNotification(
        evse=evse,
        connector_status=word,  # type: ignore[arg-type]
        error=ErrorInfo(code="GroundFailure", info="wet", vendor_id="v", vendor_error_code="7"),
    )


async def test_connectors_follow_their_statuses(database: Database) -> None:
    await register(database, "CP1")
    assert await database.read(connectors.get, "CP1", 1, 1) is None
    await database.write(connectors.set_status, "CP1", status(Evse(1)), NOW)
    await database.write(connectors.set_status, "CP1", status(Evse(0)), NOW)
    await database.write(connectors.set_status, "CP1", status(Evse(1, 2), "Faulted"), NOW)
    await database.write(connectors.set_charging_state, "CP1", 1, None, "Charging")
    await database.write(connectors.set_measured, "CP1", 1, Measured(NOW, power_w=7.0))
    reading = Measured(after(1), import_mwh=5, current_l2_a=3.0)
    await database.write(connectors.set_measured, "CP1", 1, reading)
    found = await database.read(connectors.of_station, "CP1")
    assert [(c.evse_id, c.connector_id) for c in found] == [(0, 0), (1, 1), (1, 2)]
    assert (found[1].charging_state, found[2].charging_state) == ("Charging", None)
    assert (found[1].power_w, found[1].energy_mwh, found[1].current_a) == (7.0, 5, 3.0)
    assert found[1].measured_at == after(1)
    assert (found[2].error_code, found[2].error_vendor_code) == ("GroundFailure", "7")
    assert await database.read(connectors.count_by_status) == {"Available": 1, "Faulted": 1}


async def test_a_deleted_station_takes_its_connectors_along(database: Database) -> None:
    await register(database, "CP1")
    await database.write(connectors.set_status, "CP1", status(Evse(1)), NOW)
    assert await database.write(stations.remove, "CP1")
    assert not await database.write(stations.remove, "CP1")
    assert await database.read(connectors.of_station, "CP1") == ()


async def test_refused_stations_are_remembered(database: Database) -> None:
    await database.write(refused_stations.note, "CP1", "10.0.0.1", "unknown", NOW)
    await database.write(refused_stations.note, "CP1", "10.0.0.2", "password", after(2))
    await database.write(refused_stations.note, "CP2", None, "unknown", after(1))
    page = await database.read(refused_stations.page, Window())
    assert [(r.station_id, r.attempts) for r in page.items] == [("CP1", 2), ("CP2", 1)]
    first = page.items[0]
    assert (first.address, first.reason, first.first_at) == ("10.0.0.2", "password", NOW)
    assert await database.write(refused_stations.keep_latest, 1) == 1
    assert await database.write(refused_stations.forget, "CP1")
    assert not await database.write(refused_stations.forget, "CP1")


async def test_stations_are_listed_with_their_connectors(database: Database) -> None:
    await register(database, "CP1", "CP2", "cp3", "XCP4")
    online = Presence(
        connected_at=NOW, node="n", subprotocol="ocpp1.6", security_profile=0, remote_address=None
    )
    await database.write(stations.connect, "CP1", online)
    states: tuple[ConnectorStatus, ...] = ("Available", "Faulted")
    for evse, status in enumerate(states, 1):
        said = StatusNotification(evse=Evse(evse, 1), connector_status=status, timestamp=NOW)
        await database.write(connectors.set_status, "CP1", said, NOW)
    lines, total = await database.read(station_lines.page, StationFilter(), Window(2))
    assert (total, [each.station.id for each in lines]) == (4, ["CP1", "CP2"])
    assert [each.state for each in lines[0].tiles] == ["Available", "Faulted"]
    assert lines[1].tiles == ()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (StationFilter(state="Faulted"), ["CP1"]),
        (StationFilter(state="Reserved"), []),
        (StationFilter(enabled=False), ["CP2"]),
        (StationFilter(enabled=True), ["CP1", "XCP4", "cp3"]),
        (StationFilter(among=("CP*",)), ["CP1", "CP2"]),
        (StationFilter(among=("*CP*", "cp3")), ["CP1", "CP2", "XCP4", "cp3"]),
        (StationFilter(among=("*",)), ["CP1", "CP2", "XCP4", "cp3"]),
        (StationFilter(among=("C.*",)), []),
        (StationFilter(among=()), []),
    ],
)
async def test_stations_are_chosen(
    database: Database, wanted: StationFilter, found: list[str]
) -> None:
    await register(database, "CP1", "CP2", "cp3", "XCP4")
    await database.write(stations.change, "CP2", StationSettings(enabled=False))
    presence = Presence(connected_at=NOW, node="n", subprotocol="ocpp1.6", security_profile=0)
    await database.write(stations.connect, "CP1", presence)
    said = StatusNotification(evse=Evse(1, 1), connector_status="Faulted", timestamp=NOW)
    await database.write(connectors.set_status, "CP1", said, NOW)
    lines, total = await database.read(station_lines.page, wanted, Window())
    assert sorted(each.station.id for each in lines) == found
    assert total == len(found)


async def test_refused_stations_are_searched_and_counted(database: Database) -> None:
    for name in ("CP1", "CP2", "other"):
        await database.write(refused_stations.note, name, "::1", "not registered", NOW)
    for what, number in (
        (RefusedFilter(), 3),
        (RefusedFilter(search="cp"), 2),
        (RefusedFilter(among=("CP*",), search="2"), 1),
    ):
        page = await database.read(refused_stations.page, Window(), what)
        assert len(page.items) == number
        assert await database.read(refused_stations.count, what) == number
