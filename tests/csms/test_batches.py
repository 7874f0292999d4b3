from __future__ import annotations

import pytest

from chargeplane.csms.batches import Room, batches, can_hear
from chargeplane.csms.central import Central
from chargeplane.domain.station import Reset
from chargeplane.ocpp.v2 import wire
from tests.csms.conftest import ConnectStation


@pytest.mark.parametrize(
    ("items", "room", "expected"),
    [
        ([], Room(), []),
        ([1, 2, 3], Room(), [(1, 2, 3)]),
        ([1, 2, 3], Room(items=2), [(1, 2), (3,)]),
        (["x" * 50] * 3, Room(bytes=310), [("x" * 50,) * 2, ("x" * 50,)]),
        (["x" * 50] * 2, Room(bytes=1), [("x" * 50,), ("x" * 50,)]),  # one always fits
    ],
)
def test_items_are_split_so_that_each_part_fits(
    items: list[object], room: Room, expected: list[tuple[object, ...]]
) -> None:
    assert list(batches(items, room, key=lambda _item: object())) == expected


def test_a_part_holds_no_key_twice() -> None:
    assert list(batches("abca", Room(), key=str)) == [("a", "b", "c"), ("a",)]


@pytest.mark.parametrize(("version", "both"), [("1.6", (True, False)), ("2.0.1", (True, True))])
async def test_what_a_station_can_hear(
    central: Central, connect_station: ConnectStation, version: str, both: tuple[bool, bool]
) -> None:
    del central
    station = (await connect_station(version)).here
    whole, single = Reset(type="OnIdle"), Reset(type="OnIdle", evse_id=1)
    assert (can_hear(station, whole), can_hear(station, single)) == both
    level = wire.SetMonitoringLevel(severity=1)
    assert can_hear(station, level) == (both[1])
