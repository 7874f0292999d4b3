"""Lists that people search, filter and sort."""

from __future__ import annotations

from msgspec.structs import replace

from chargeplane.domain.profiles import ChargingProfile
from chargeplane.domain.tokens import AuthorizationData, Token
from chargeplane.storage.database import Database
from chargeplane.storage.paging import Sorting, Window
from chargeplane.storage.repositories import (
    commands,
    local_lists,
    profile_templates,
    reservations,
    stations,
)
from chargeplane.storage.repositories.commands import Command, CommandFilter
from chargeplane.storage.repositories.local_lists import LocalListFilter
from chargeplane.storage.repositories.reservations import ReservationFilter, Reserve
from chargeplane.storage.repositories.stations import StationSettings
from tests.storage.repositories.moments import NOW, after

PROFILE = ChargingProfile(
    id=1,
    stack_level=0,
    charging_profile_purpose="TxDefaultProfile",
    charging_profile_kind="Relative",
    charging_schedule=(),
)


async def test_commands_are_searched_and_sorted(database: Database) -> None:
    for station, action, task in (
        ("CP2", "Reset", "t1"),
        ("CP1", "Reset", None),
        ("CP1", "X", "t1"),
    ):
        command = Command(station_id=station, action=action, asked_by="ann", request={}, task=task)
        await database.write(commands.add, command, NOW)

    async def found(what: CommandFilter, sorting: Sorting) -> list[int]:
        part = await database.read(commands.part, what, sorting, Window())
        assert part.total == len(part.items)
        return [each.id for each in part.items]

    assert await found(CommandFilter(), Sorting("id", descending=True)) == [3, 2, 1]
    assert await found(CommandFilter(), Sorting("station_id")) == [2, 3, 1]
    assert await found(CommandFilter(search="rese"), Sorting()) == [1, 2]
    assert await found(CommandFilter(search="t1", station_id="CP1"), Sorting()) == [3]
    assert await found(CommandFilter(search="ann", among=("CP2",)), Sorting()) == [1]


async def test_reservations_are_searched_and_sorted(database: Database) -> None:
    for station, tag, seconds in (("CP2", "A1", 60), ("CP1", "B1", 90), ("CP1", "A2", 30)):
        wanted = Reserve(station_id=station, token=Token(tag), expires_at=after(seconds))
        await database.write(reservations.add, wanted, NOW)

    async def found(what: ReservationFilter, sorting: Sorting) -> list[str]:
        part = await database.read(reservations.part, what, sorting, Window())
        return [each.id_token for each in part.items]

    assert await found(ReservationFilter(), Sorting("expires_at")) == ["A2", "A1", "B1"]
    assert await found(ReservationFilter(search="a"), Sorting()) == ["A1", "A2"]
    assert await found(ReservationFilter(search="cp1"), Sorting("id_token")) == ["A2", "B1"]


async def test_templates_are_searched_and_sorted(database: Database) -> None:
    for number, name in ((1, "Night"), (2, "Day"), (3, None)):
        await database.write(profile_templates.save, name, replace(PROFILE, id=number), NOW)

    async def found(search: str | None, sorting: Sorting) -> list[int]:
        part = await database.read(profile_templates.part, search, sorting, Window())
        return [each.id for each in part.items]

    assert await found(None, Sorting("name")) == [2, 1, 3]
    assert await found("ni", Sorting()) == [1]


async def test_stations_are_listed_with_their_local_lists(database: Database) -> None:
    for name in ("CP1", "CP2", "CP3"):
        await database.write(stations.register, name, StationSettings(name=f"at {name}"), NOW)
    entries = (AuthorizationData(id_token=Token("A")), AuthorizationData(id_token=Token("B")))
    await database.write(local_lists.save, "CP2", 7, entries, after(1))
    await database.write(local_lists.save, "CP3", 2, (), after(2))

    async def found(what: LocalListFilter, sorting: Sorting) -> list[str]:
        part = await database.read(local_lists.part, what, sorting, Window())
        return [each.station_id for each in part.items]

    part = await database.read(local_lists.part, LocalListFilter(), Sorting(), Window(1, offset=1))
    line = part.items[0]
    assert (part.total, line.station_id, line.name) == (3, "CP2", "at CP2")
    assert (line.version, line.entries, line.updated_at) == (7, 2, after(1))
    assert await found(LocalListFilter(), Sorting("entries", descending=True)) == [
        "CP2",
        "CP3",
        "CP1",
    ]
    assert await found(LocalListFilter(has_list=True), Sorting()) == ["CP2", "CP3"]
    assert await found(LocalListFilter(has_list=False), Sorting()) == ["CP1"]
    assert await found(LocalListFilter(search="at cp3"), Sorting()) == ["CP3"]
    assert await found(LocalListFilter(among=("CP1",)), Sorting()) == ["CP1"]
