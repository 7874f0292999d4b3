from __future__ import annotations

from typing import Any

import pytest

from chargeplane.access.passwords import PasswordCheck
from chargeplane.csms import stations as operators
from chargeplane.csms.central import Central
from chargeplane.errors import Exists, Invalid, NotFound
from chargeplane.storage.repositories import refused_stations, stations
from chargeplane.storage.repositories.stations import StationSettings

NONE = StationSettings()
PASSWORD = "0123456789abcdef"


async def test_a_station_is_let_in_with_a_password_and_changed(central: Central) -> None:
    await operators.register(central, "NEW", StationSettings(name="Gate"), PASSWORD)
    with pytest.raises(Exists):
        await operators.register(central, "NEW", NONE)
    found = await central.database.read(stations.get, "NEW")
    assert found is not None
    assert found.password_hash is not None
    assert await PasswordCheck().is_right(PASSWORD.encode(), found.password_hash)
    await operators.change(central, "NEW", StationSettings(name=None), None)
    found = await central.database.read(stations.get, "NEW")
    assert found is not None
    assert (found.name, found.password_hash) == (None, None)


@pytest.mark.parametrize(
    ("name", "settings", "password"),
    [
        ("", NONE, PASSWORD),
        ("a b", NONE, PASSWORD),
        ("a/b", NONE, PASSWORD),
        ("a", NONE, "short"),
        ("a", NONE, "long" * 11),
        ("a", StationSettings(pinned_version="3"), PASSWORD),
    ],
)
async def test_what_cannot_be_used_is_refused(
    central: Central, name: str, settings: StationSettings, password: str
) -> None:
    with pytest.raises(Invalid):
        await operators.register(central, name, settings, password)
    assert await central.database.read(stations.get, name) is None


async def test_a_refused_station_is_adopted_or_forgotten(central: Central) -> None:
    for name in ("A", "B"):
        await central.commit(
            lambda unit, name=name: refused_stations.note(  # type: ignore[misc]
                unit.connection, name, "::1", "not registered", unit.now
            )
        )
    with central.bus.subscribe() as events:
        await operators.adopt(central, "A")
        await operators.forget(central, "B")
        assert [each.kind for each in events.waiting()] == [
            "station.registered",
            "station.forgotten",
        ]
    assert await central.database.read(refused_stations.count) == 0
    assert await central.database.read(stations.get, "B") is None


@pytest.mark.parametrize(
    "work",
    [
        lambda central: operators.change(central, "NOBODY", NONE),
        lambda central: operators.remove(central, "NOBODY"),
        lambda central: operators.adopt(central, "NOBODY"),
        lambda central: operators.forget(central, "NOBODY"),
    ],
)
async def test_what_is_not_there_is_told(central: Central, work: Any) -> None:
    with pytest.raises(NotFound):
        await work(central)
