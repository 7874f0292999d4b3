"""What stations hold: reservations, profiles, variables and lists."""

from __future__ import annotations

from typing import Any

import pytest

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    ProfileCriteria,
)
from chargeplane.domain.station import Evse
from chargeplane.domain.tokens import AuthorizationData, Token, TokenInfo
from chargeplane.domain.variables import Component, Variable
from chargeplane.storage.database import Database
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import (
    charging_profiles,
    local_lists,
    reservations,
    stations,
    variables,
)
from chargeplane.storage.repositories.reservations import ReservationFilter, Reserve
from chargeplane.storage.repositories.variables import Attribute, VariableFilter
from tests.storage.repositories.moments import NOW, after


@pytest.fixture
async def database(database: Database) -> Database:
    await database.write(stations.register, "CP1", stations.StationSettings(), NOW)
    return database


async def test_reservations(database: Database) -> None:
    wanted = Reserve(station_id="CP1", token=Token("Ab"), expires_at=after(60), evse_id=2)
    anywhere = Reserve(station_id="CP1", token=Token("x"), expires_at=after(30))
    first = await database.write(reservations.add, wanted, NOW)
    second = await database.write(reservations.add, anywhere, NOW)
    assert (first.status, first.token_key) == ("Requested", "ab")
    assert await database.read(reservations.active, "CP1", NOW) == ()
    for reservation in (first, second):
        await database.write(reservations.set_status, reservation.id, reservations.ACTIVE, NOW)
    held = await database.read(reservations.active, "CP1", NOW)
    assert [r.id for r in held] == [second.id, first.id]
    assert len(await database.read(reservations.active, "CP1", NOW, 2)) == 2
    assert len(await database.read(reservations.active, "CP1", NOW, 1)) == 1
    assert [r.id for r in await database.write(reservations.expire, after(30))] == [second.id]
    used = await database.write(reservations.set_status, first.id, "Used", after(1), 7)
    assert used is not None
    assert (used.status, used.transaction_id, used.updated_at) == ("Used", 7, after(1))
    assert await database.read(reservations.get, first.id) == used
    page = await database.read(reservations.page, ReservationFilter(token_key="ab"), Window())
    assert page.items == (used,)


def profile(number: int, stack_level: int = 0) -> ChargingProfile:
    period = ChargingSchedulePeriod(start_period=0, limit=16.0)
    schedule = ChargingSchedule(charging_rate_unit="A", charging_schedule_period=(period,))
    return ChargingProfile(
        id=number,
        stack_level=stack_level,
        charging_profile_purpose="TxDefaultProfile",
        charging_profile_kind="Absolute",
        charging_schedule=(schedule,),
        valid_from=NOW,
    )


async def test_charging_profiles(database: Database) -> None:
    await database.write(charging_profiles.save, "CP1", 1, profile(5), "csms", NOW)
    await database.write(charging_profiles.save, "CP1", 2, profile(5, 3), "csms", after(1))
    await database.write(charging_profiles.save, "CP1", 0, profile(6), "csms", NOW)
    found = await database.read(charging_profiles.of_station, "CP1")
    assert [(p.evse_id, p.profile_id, p.stack_level) for p in found] == [(0, 6, 0), (2, 5, 3)]
    assert found[1].profile == profile(5, 3)
    criteria = ProfileCriteria(evse_id=2, stack_level=0)
    assert await database.write(charging_profiles.clear, "CP1", None, criteria) == 0
    assert await database.write(charging_profiles.clear, "CP1", 5) == 1
    await database.write(charging_profiles.replace_reported, "CP1", [(1, profile(9))], NOW)
    reported = await database.read(charging_profiles.of_station, "CP1", 1)
    assert [(p.profile_id, p.source) for p in reported] == [(9, "station")]


async def test_variables_keep_their_nature_when_only_values_are_told(database: Database) -> None:
    evse = Component("EVSE", "a", Evse(1, 2))
    power = Variable("Power")
    full = Attribute(
        component=evse,
        variable=power,
        value="1",
        mutability="ReadOnly",
        persistent=True,
        characteristics={"unit": "W"},
        reboot_required=True,
    )
    key = Attribute(component=Component(""), variable=Variable("HeartbeatInterval"), value="60")
    await database.write(variables.save, "CP1", [full, key], NOW)
    await database.write(variables.save, "CP1", [], NOW)
    value = Attribute(component=evse, variable=power, value="2")
    await database.write(variables.save, "CP1", [value], after(1))
    _, found = await database.read(variables.of_station, VariableFilter(station_id="CP1"))
    assert (found.component, found.component_instance) == ("EVSE", "a")
    assert (found.evse_id, found.connector_id, found.variable_instance) == (1, 2, "")
    assert (found.value, found.mutability, found.persistent) == ("2", "ReadOnly", True)
    assert (found.characteristics, found.reboot_required) == ({"unit": "W"}, False)
    for what in (
        VariableFilter(station_id="CP1", component=""),
        VariableFilter(station_id="CP1", variable="HeartbeatInterval", evse_id=0),
        VariableFilter(station_id="CP1", search="heart"),
    ):
        page = await database.read(variables.page, what, Window())
        assert [v.value for v in page.items] == ["60"]
    assert await database.write(variables.remove, "CP1", after(1)) == 1


async def test_variables_are_paged(database: Database) -> None:
    attributes = [
        Attribute(component=Component("C", None, Evse(n) if n else None), variable=Variable("V"))
        for n in range(5)
    ]
    await database.write(variables.save, "CP1", attributes, NOW)
    what = VariableFilter(station_id="CP1")
    first = await database.read(variables.page, what, Window(3))
    rest = await database.read(variables.page, what, Window(3, first.cursor))
    assert [v.evse_id for v in first.items + rest.items] == [0, 1, 2, 3, 4]


async def test_local_lists(database: Database) -> None:
    assert await database.read(local_lists.get, "CP1") is None
    entries = (AuthorizationData(id_token=Token("A"), id_token_info=TokenInfo(status="Accepted")),)
    await database.write(local_lists.save, "CP1", 1, (), NOW)
    await database.write(local_lists.save, "CP1", 2, entries, after(1))
    found = await database.read(local_lists.get, "CP1")
    assert found is not None
    assert (found.version, found.entries, found.updated_at) == (2, entries, after(1))
    assert await database.write(local_lists.remove, "CP1")
    assert not await database.write(local_lists.remove, "CP1")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["A", "B", "C"]),
        ({"is_changeable": True}, ["A", "C"]),
        ({"is_changeable": False}, ["B"]),
        ({"reboot_required": True}, ["C"]),
        ({"search": "b"}, ["B"]),
    ],
)
async def test_variables_are_chosen_and_counted(
    database: Database, wanted: dict[str, Any], found: list[str]
) -> None:
    told = (
        Attribute(component=Component("X"), variable=Variable("A"), mutability="ReadWrite"),
        Attribute(component=Component("X"), variable=Variable("B"), mutability="ReadOnly"),
        Attribute(component=Component("X"), variable=Variable("C"), reboot_required=True),
    )
    await database.write(variables.save, "CP1", told, NOW)
    what = VariableFilter(station_id="CP1", **wanted)
    page = await database.read(variables.page, what, Window())
    assert [each.variable for each in page.items] == found
    assert await database.read(variables.count, what) == len(found)
