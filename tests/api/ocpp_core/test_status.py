"""What `/API/Status` keeps in memory is never older than the database."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection

from chargeplane.api.ocpp_core.status import Board, _reserves
from chargeplane.domain.station import ConnectorStatus, Evse, StatusNotification
from chargeplane.domain.variables import Component, Variable
from chargeplane.storage.database import Database
from chargeplane.storage.measured import Measured
from chargeplane.storage.repositories import connectors, live, stations, variables
from chargeplane.storage.repositories.live import LiveStation
from chargeplane.storage.repositories.stations import Presence, StationSettings
from chargeplane.storage.repositories.variables import Attribute
from tests.storage.repositories.moments import NOW, after

NAMES = ("CP1", "CP2", "CP3")
HERE = Presence(connected_at=NOW, node="local", subprotocol="ocpp1.6", security_profile=0)

Step = tuple[Callable[..., Any], tuple[Any, ...]]


async def join(database: Database, *names: str) -> None:
    for name in names:
        await database.write(stations.register, name, StationSettings(), NOW)
        await database.write(stations.connect, name, HERE)


async def seen(database: Database, board: Board) -> dict[str, Any]:
    return {name: json.loads(said) for name, said in await database.read(board.read)}


STATUSES: tuple[ConnectorStatus, ...] = ("Available", "Occupied", "Faulted")


def a_step(chance: Random, number: int) -> Step:
    """Something that changes what is shown, or does not."""
    name, evse = chance.choice(NAMES), chance.randrange(3)
    said = StatusNotification(evse=Evse(evse, 1), connector_status=chance.choice(STATUSES))
    features = Attribute(
        component=Component("OCPP16LegacyCtrlr"),
        variable=Variable("SupportedFeatureProfiles"),
        value=chance.choice(("Core", "Core,Reservation")),
    )
    steps: tuple[Step, ...] = (
        (connectors.set_status, (name, said, after(number))),
        (connectors.set_measured, (name, evse, Measured(after(number), power_w=number))),
        (connectors.set_charging_state, (name, evse, 1, "Charging")),
        (stations.change, (name, StationSettings(name=f"name {number}"))),
        (stations.connect, (name, HERE)),
        (stations.disconnect, (name, NOW, after(number))),
        (stations.remove, (name,)),
        (stations.note_seen, ({name: after(number)},)),
        (variables.save, (name, [features], NOW)),
        (variables.remove, (name, after(number))),
    )
    return chance.choice(steps)


@pytest.mark.parametrize("few", [0, 100])
@pytest.mark.parametrize("seed", range(3))
async def test_every_change_shows_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int, few: int
) -> None:
    monkeypatch.setattr(live, "FEW", few)
    most = 0
    chance, board = Random(seed), Board()  # noqa: S311 nobody is to be surprised
    for number in range(100):
        for name in NAMES:  # whoever was removed is back, but not online
            await database.write(stations.register, name, StationSettings(), after(number))
        work, arguments = a_step(chance, number)
        await database.write(work, *arguments)
        shown = await seen(database, board)
        assert shown == await seen(database, Board())
        most = max(most, len(shown))
    assert most > 1


OTHER = """
import asyncio, sys
from datetime import UTC, datetime
from chargeplane.domain.station import Evse, StatusNotification
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import connectors, stations
from chargeplane.storage.repositories.stations import StationSettings

async def change():
    said = StatusNotification(evse=Evse(1, 1), connector_status="Faulted")
    async with await Database.open(sys.argv[1]) as database:
        await database.write(connectors.set_status, "CP1", said, datetime.now(UTC))
        await database.write(stations.change, "CP1", StationSettings(name="renamed"))

asyncio.run(change())
"""


async def test_the_changes_of_another_process_show_at_once(url: str) -> None:
    board = Board()
    async with await Database.open(url) as database:
        await join(database, "CP1", "CP2")
        before = await seen(database, board)
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", OTHER, url)
        assert await other.wait() == 0
        now = await seen(database, board)
    assert (now["CP1"]["name"], now["CP1"]["OnlineConnectors"]["1"]["Status"]) == ("renamed", 4)
    assert now["CP2"] == before["CP2"]


async def test_what_has_not_changed_is_not_read_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[tuple[str, ...]] = []
    those = live.those

    def noted(connection: Connection, names: tuple[str, ...]) -> tuple[LiveStation, ...]:
        wanted.append(tuple(names))
        return those(connection, names)

    monkeypatch.setattr(live, "those", noted)
    board = Board()
    await join(database, "CP1", "CP2")
    await seen(database, board)
    await database.write(stations.change, "CP2", StationSettings(name="two"))
    await seen(database, board)
    await seen(database, board)
    assert wanted == [("CP1", "CP2"), ("CP2",), ()]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((None, None, None), None),
        (("Core,Reservation", None, None), True),
        (("Core, reservation ,SmartCharging", None, None), True),
        (("Core,RemoteTrigger", None, None), False),
        (("", None, None), False),
        ((None, "true", None), True),
        ((None, None, "true"), True),
        ((None, "true", "True"), True),
        ((None, "true", "false"), False),
        ((None, "false", None), False),
    ],
)
def test_whether_a_station_can_be_reserved(
    told: tuple[str | None, str | None, str | None], expected: object
) -> None:
    assert _reserves(LiveStation("CP1", None, "ocpp1.6", *told)) is expected
