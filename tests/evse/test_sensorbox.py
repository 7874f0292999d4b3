from __future__ import annotations

import pytest

from chargeplane.evse import sensorbox
from chargeplane.evse.meters import MeterConfig, open_meter
from chargeplane.evse.sensorbox import Sensorbox
from chargeplane.net.modbus import ModbusBus, Tcp, serve
from tests.evse.meter_images import SENSORBOX_P1
from tests.net.images import RegisterImage

HOST = "127.0.0.1"


async def test_an_old_sensorbox_has_no_wifi() -> None:
    async with serve(Tcp(host=HOST, port=0), {10: RegisterImage({0: 0x17, 1: 0x3203})}) as port:
        bus = ModbusBus(Tcp(host=HOST, port=port))
        found = await sensorbox.read(bus)
        await bus.close()
    assert found == Sensorbox(
        version=0,
        dsmr_version=50,
        has_p1=False,
        has_clamps=True,
        three_wires=True,
        anticlockwise=True,
    )


NEW = [0x0114, *SENSORBOX_P1[1:], 0x0301, 0x0A1E, 0x0502, 0x1904, 192 << 8 | 168, 2 << 8 | 7]


@pytest.mark.parametrize(
    ("words", "three_wires", "written"),
    [(NEW, True, [(6, 0x800, [2])] * 2), (NEW, False, []), ([0x17, *SENSORBOX_P1[1:]], False, [])],
)
async def test_its_meter_tells_it_how_the_mains_is_wired_where_it_does_not_know(
    *, words: list[int], three_wires: bool, written: list[object]
) -> None:
    registers = RegisterImage(dict(enumerate(words)))
    config = MeterConfig(type="Sensorbox", three_wires=three_wires)
    for _ in range(2):  # it was away meanwhile
        async with serve(Tcp(host=HOST, port=0), {10: registers}) as port:
            bus = ModbusBus(Tcp(host=HOST, port=port))
            meter = open_meter(config, bus)
            assert meter is not None
            for _ in range(2):
                assert (await meter.read()).currents_da == (await meter.read()).currents_da
            await bus.close()
    assert registers.written == written


async def test_a_new_one_says_where_it_is_and_is_told_how_the_mains_is_wired() -> None:
    registers = RegisterImage(dict(enumerate(NEW)))
    async with serve(Tcp(host=HOST, port=0), {10: registers}) as port:
        bus = ModbusBus(Tcp(host=HOST, port=port))
        found = await sensorbox.read(bus)
        await sensorbox.wire(bus, three_wires=True, anticlockwise=False)
        await sensorbox.set_wifi(bus, "portal")
        await bus.close()
    assert (found.version, found.three_wires, found.has_p1) == (1, False, True)
    assert (found.wifi_mode, found.wifi_connected) == ("on", True)
    assert found.address == "192.168.2.7"
    assert registers.written == [(6, 0x800, [2]), (6, 0x801, [2])]
