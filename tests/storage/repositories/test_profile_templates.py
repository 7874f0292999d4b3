from __future__ import annotations

from msgspec.structs import replace

from chargeplane.domain.profiles import ChargingProfile
from chargeplane.storage.database import Database
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import profile_templates
from tests.storage.repositories.moments import NOW, after

PROFILE = ChargingProfile(
    id=7,
    stack_level=1,
    charging_profile_purpose="TxDefaultProfile",
    charging_profile_kind="Relative",
    charging_schedule=(),
)


async def test_a_profile_is_kept_under_its_number(database: Database) -> None:
    assert await database.read(profile_templates.next_number) == 1
    kept = await database.write(profile_templates.save, "a", PROFILE, NOW)
    assert (kept.id, kept.name, kept.profile) == (7, "a", PROFILE)
    assert await database.read(profile_templates.get, 7) == kept
    assert await database.read(profile_templates.get, 1) is None
    assert await database.read(profile_templates.next_number) == 8


async def test_a_profile_takes_the_place_of_another(database: Database) -> None:
    await database.write(profile_templates.save, "a", PROFILE, NOW)
    other = replace(PROFILE, stack_level=2)
    changed = await database.write(profile_templates.save, None, other, after(1))
    assert (changed.name, changed.profile) == (None, other)
    assert (changed.created_at, changed.updated_at) == (NOW, after(1))


async def test_profiles_are_listed_by_number_and_removed(database: Database) -> None:
    for number in (9, 3, 5):
        await database.write(profile_templates.save, None, replace(PROFILE, id=number), NOW)
    first = await database.read(profile_templates.page, Window(2))
    rest = await database.read(profile_templates.page, Window(2, first.cursor))
    assert [each.id for each in (*first.items, *rest.items)] == [3, 5, 9]
    assert await database.write(profile_templates.remove, 5)
    assert not await database.write(profile_templates.remove, 5)
