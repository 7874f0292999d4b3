from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chargeplane.errors import DeviceRefused
from chargeplane.evse.drivers.smartevse import SmartEvseConfig, SmartEvseWallbox
from tests.net.stand_in_smartevse import StandIn


@asynccontextmanager
async def driven(device: StandIn) -> AsyncIterator[SmartEvseWallbox]:
    async with device.serve() as url:
        wallbox = SmartEvseWallbox(SmartEvseConfig(url=url))
        yield wallbox
        await wallbox.close()


def written(device: StandIn) -> list[dict[str, str]]:
    found = [query for _, query, _ in device.posted]
    device.posted.clear()
    return found


async def test_a_charge_is_offered_changed_and_stopped() -> None:
    device = StandIn(mode=4)
    async with driven(device) as wallbox:
        await wallbox.offer(10)
        assert written(device) == [{"mode": "1"}, {"override_current": "100"}]
        await wallbox.offer(10)
        assert written(device) == []
        await wallbox.offer(12.36)
        assert written(device) == [{"override_current": "123"}]
        await wallbox.offer(40)
        assert written(device) == [{"override_current": "160"}]
        await wallbox.offer(5.9)
        assert written(device) == [{"mode": "4"}]
        await wallbox.offer(0)
        assert written(device) == []


async def test_phases_are_chosen_where_there_are_two_contactors() -> None:
    device = StandIn(mode=1)
    async with driven(device) as wallbox:
        await wallbox.offer(8, phases=1)
        assert written(device) == [{"enable_C2": "1"}, {"override_current": "80"}]
        await wallbox.offer(8, phases=1)
        assert written(device) == []
        await wallbox.offer(8, phases=3)
        assert written(device) == [{"enable_C2": "3"}]
        device.contactor = 0
        with pytest.raises(DeviceRefused):
            await wallbox.offer(8, phases=1)


@pytest.mark.parametrize(
    ("device", "state"),
    [
        (StandIn(plugged_in=False, state_id=0), "A"),
        (StandIn(state_id=1), "B"),
        (StandIn(state_id=2), "C"),
        (StandIn(state_id=9), "B"),
        (StandIn(state_id=10), "C"),
        (StandIn(state_id=9, error_id=5), "F"),
        (StandIn(state_id=9, error_id=1), "B"),
    ],
)
async def test_how_it_goes(device: StandIn, state: str) -> None:
    async with driven(device) as wallbox:
        found = await wallbox.status()
    assert found.state == state
    assert (found.offered_a, found.currents_a) == (16.0, (16.0, 15.9, 16.1))
    assert (found.power_w, found.energy_wh, found.session_wh) == (3680, 52_000, 1500)
