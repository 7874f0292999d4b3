from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest

from chargeplane.errors import DeviceError, DeviceRefused, NotConnected
from chargeplane.net.device_http import DeviceHttp
from chargeplane.net.smartevse import SmartEvse
from tests.net.stand_in_smartevse import StandIn


@asynccontextmanager
async def connected(device: StandIn) -> AsyncIterator[SmartEvse]:
    async with device.serve() as url:
        client = SmartEvse(DeviceHttp(url))
        yield client
        await client.close()


@pytest.mark.parametrize("firmware", ["new", "old"])
async def test_both_generations_tell_the_same(firmware: Literal["new", "old"]) -> None:
    async with connected(StandIn(firmware=firmware, mode=3, override_da=100)) as client:
        found = await client.status()
    assert (found.mode, found.override_da, found.charge_current_da) == ("SMART", 100, 160)
    assert (found.ev_energy_wh, found.session_wh, found.ev_power_w) == (52_000, 1500, 3680)
    assert found.ev_currents_da == (160, 159, 161)
    assert found.mains_currents_da == (10, 20, 0)
    assert (found.temperature_c, found.rfid) == (31, "04A1B2C3D4E5F6")


async def test_without_an_ev_meter_nothing_is_said_of_it() -> None:
    async with connected(StandIn(has_ev_meter=False)) as client:
        found = await client.status()
    assert (found.ev_currents_da, found.ev_energy_wh, found.session_wh) == (None, None, None)


async def test_what_is_written_is_asked_in_the_query_with_an_empty_body() -> None:
    device = StandIn()
    async with connected(device) as client:
        await client.set_mode("SMART")
        await client.set_override(83)
        await client.set_phases(1)
        await client.push_mains((1, -2, 3))
        await client.push_card("04A1B2C3D4E5F6")
    assert device.posted == [
        ("/settings", {"mode": "3"}, b""),
        ("/settings", {"override_current": "83"}, b""),
        ("/settings", {"enable_C2": "1"}, b""),
        ("/currents", {"L1": "1", "L2": "-2", "L3": "3"}, b""),
        ("/rfid", {"rfid": "04A1B2C3D4E5F6"}, b""),
    ]
    assert (device.mode, device.override_da, device.contactor) == (3, 83, 1)


async def test_an_old_device_is_switched_off_instead_of_paused() -> None:
    device = StandIn(firmware="old", mode=1)
    async with connected(device) as client:
        await client.set_mode("PAUSE")
    assert device.mode == 0


async def test_what_a_device_does_not_do_is_refused() -> None:
    async with connected(StandIn(mode=2)) as client:
        with pytest.raises(DeviceRefused, match="override_current"):
            await client.set_override(100)  # it ignores that in SOLAR
        await client.set_mode("NORMAL")
        with pytest.raises(DeviceRefused, match="override_current"):
            await client.set_override(30)
        with pytest.raises(DeviceRefused, match="length"):
            await client.push_card("04")


async def test_what_is_no_smartevse_is_an_error() -> None:
    async with connected(StandIn(missing=("evse",))) as client:
        with pytest.raises(DeviceError, match="evse"):
            await client.status()
    async with connected(StandIn(status=503)) as client:
        with pytest.raises(DeviceRefused) as raised:
            await client.status()
        assert raised.value.code == 503


async def test_nobody_there() -> None:
    client = SmartEvse(DeviceHttp("127.0.0.1:1"))
    with pytest.raises(NotConnected):
        await client.status()
    await client.close()
