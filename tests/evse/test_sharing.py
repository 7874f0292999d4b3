from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chargeplane.energy.states import Error, State
from chargeplane.evse import sharing
from chargeplane.evse.node_master import NodeMaster
from chargeplane.evse.nodes import ROWS, NodeRegisters
from chargeplane.evse.sharing import Registers
from chargeplane.net.modbus import ModbusBus, Serial, Tcp, serve
from tests.evse.worlds import World
from tests.net.lines import hub

HOST = "127.0.0.1"
MASTER, NODE = 1, 2


class Group:
    """A master and a node, whose seconds pass together."""

    def __init__(self, bus: ModbusBus, node: World) -> None:
        self.master = World(load_balancing=MASTER, max_circuit_a=20)
        self.node = node
        self._line = NodeMaster(lambda _position: bus, nodes=1)

    async def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.master.run(1)
            if self.master.controller.status.has_regulated:
                outputs = self.master.controller.outputs
                await sharing.exchange(self.master.controller, self._line, outputs)
            self.node.run(1)

    @property
    def states(self) -> tuple[str, str]:
        return self.master.state, self.node.state

    @property
    def offers_da(self) -> tuple[int, int]:
        return self.master.offered_da, self.node.offered_da


@asynccontextmanager
async def group(kind: str) -> AsyncIterator[Group]:
    node = World(meters={}, load_balancing=NODE)
    registers = NodeRegisters(Registers(node.controller, 1234))
    units = {NODE: registers, 9: registers}
    if kind == "tcp":
        async with serve(Tcp(host=HOST, port=0), units) as port:
            bus = ModbusBus(Tcp(host=HOST, port=port))
            yield Group(bus, node)
            await bus.close()
        return
    with hub() as (ours, theirs):
        async with serve(Serial(port=theirs), units, silent=(9,)):
            bus = ModbusBus(Serial(port=ours), timeout_s=0.5)
            yield Group(bus, node)
            await bus.close()


@pytest.mark.parametrize("kind", ["serial", "tcp"])
async def test_two_cars_share_a_circuit(kind: str) -> None:
    async with group(kind) as both:
        both.master.plug_in()
        await both.run(30)
        assert both.states == ("C", "A")
        assert both.offers_da[0] == 160
        both.node.plug_in()
        await both.run(40)
        assert both.states == ("C", "C")
        assert sum(both.offers_da) <= 200
        assert both.offers_da == (100, 100)
        both.master.virtual.plug_out()
        await both.run(10)
        assert both.offers_da[1] == 160


async def test_a_limit_from_above_counts_at_a_node_too() -> None:
    async with group("tcp") as both:
        both.node.controller.set_ocpp_limit(8.0)
        both.node.plug_in()
        await both.run(40)
        assert both.states[1] == "C"
        assert both.offers_da[1] == 80


async def test_a_node_without_its_master_stops() -> None:
    async with group("tcp") as both:
        both.node.plug_in()
        await both.run(40)
        assert both.node.state == "C"
        both.node.run(20)
        assert both.node.controller.status.errors & Error.CT_NOCOMM
        assert both.node.state == "B1"


async def test_a_master_leads_whenever_it_has_decided() -> None:
    world = World(load_balancing=MASTER, base_da=(11, 22, 33))
    node = World(meters={}, load_balancing=NODE)
    registers = NodeRegisters(Registers(node.controller, 1))
    async with serve(Tcp(host=HOST, port=0), {NODE: registers, 9: registers}) as port:
        bus = ModbusBus(Tcp(host=HOST, port=port))
        leading = asyncio.create_task(
            sharing.lead(world.controller, NodeMaster(lambda _position: bus, nodes=1))
        )
        heard = asyncio.Event()
        hear = node.controller.hear_broadcast

        def noticed(broadcast: Any) -> None:
            hear(broadcast)
            heard.set()

        node.controller.hear_broadcast = noticed  # type: ignore[method-assign]
        while not heard.is_set():
            world.run(2)
            await asyncio.sleep(0)
        leading.cancel()
        await asyncio.gather(leading, return_exceptions=True)
        await bus.close()
    assert node.controller.status.mains_da == world.controller.status.mains_da


# Registers


def registers_of(world: World) -> NodeRegisters:
    return NodeRegisters(Registers(world.controller, 4711))


def test_registers_show_the_device() -> None:
    world = World()
    world.plug_in(60)
    registers = registers_of(world)
    status = registers.read(4, 0x0000, 12)
    assert status[:3] == [2, 0, 160]
    assert status[7:] == [16, 3, 159, 20, 4711]
    assert registers.read(4, 0x0102, 2) == [6, 16]
    assert registers.read(4, 0x0204, 1) == [25]
    assert len(ROWS) == len({row.address for row in ROWS})


def test_registers_change_the_device() -> None:
    world = World()
    registers = registers_of(world)
    registers.write(6, 0x0103, [20])
    registers.write(6, 0x0100, [0])
    registers.write(6, 0x0200, [1])
    settings = world.controller.settings.regulation
    assert (settings.max_current_a, settings.fixed_cable) == (20, False)
    assert world.controller.mode.name == "SMART"
    registers.write(6, 0x0005, [2])
    assert world.controller.mode.name == "PAUSE"


def test_a_mode_that_cannot_be_is_left_alone() -> None:
    world = World(meters={})
    registers_of(world).write(6, 0x0200, [2])
    assert world.controller.mode.name == "NORMAL"


def test_the_master_gets_to_know_that_settings_have_changed() -> None:
    world = World()
    registers = registers_of(world)
    assert registers.read(4, 6, 1) == [1]
    registers.write(6, 6, [0])
    assert registers.read(4, 6, 1) == [0]
    world.controller.change(max_current_a=20)
    assert registers.read(4, 6, 1) == [1]


def test_answers_and_errors_reach_the_regulation() -> None:
    world = World(meters={}, load_balancing=NODE)
    world.plug_in(3)
    registers = registers_of(world)
    assert world.state == "COMM_B"
    registers.write(16, 0x0000, [int(State.COMM_B_OK), 0])
    world.run(1)
    assert world.state == "B"
    registers.write(16, 0x0020, [0, 90, 0, 0, 0, 0, 0, 0])  # without the mains
    world.run(1)
    assert world.offered_da == 90
    registers.write(6, 0x0001, [1])
    world.run(1)
    assert world.state == "B1"
