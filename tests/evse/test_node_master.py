from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from chargeplane.energy import nodes, regulation
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, Error, Mode, State
from chargeplane.energy.status import Inputs, NodeAnswer, NodeReport, Status
from chargeplane.errors import NotConnected
from chargeplane.evse.meter_types import find
from chargeplane.evse.meters import OverheardMeter
from chargeplane.evse.node_master import NodeMaster
from chargeplane.evse.nodes import Broadcast, NodeRegisters, report_values
from chargeplane.net.modbus import ModbusBus, Serial, Tcp, serve
from chargeplane.net.modbus_line import Heard
from tests.evse.meter_images import CASES, Case
from tests.net.images import RegisterImage
from tests.net.lines import hub

HOST = "127.0.0.1"


@dataclass
class Node:
    """A node of which the test says what it reports."""

    report: NodeReport = field(default_factory=lambda: NodeReport(state=State.A, max_current_a=16))
    values: dict[str, int] = field(default_factory=dict)
    told: list[object] = field(default_factory=list)

    def register_values(self) -> Mapping[str, int]:
        return report_values(self.report) | self.values

    def apply(self, changed: Mapping[str, int]) -> None:
        self.values |= changed
        self.told.append(dict(changed))

    def obey(self, answer: NodeAnswer) -> None:
        self.told.append(answer)

    def hear(self, broadcast: Broadcast) -> None:
        self.told.append(broadcast)


@asynccontextmanager
async def on_a_line(
    units: Mapping[int, Node], meter: Case | None = None
) -> AsyncIterator[NodeMaster]:
    """A master on a serial line with nodes, and an EV meter at unit 12."""
    with hub(len(units) + 2) as (ours, theirs, *ports):
        async with AsyncExitStack() as stack:
            for port, (unit, node) in zip(ports, units.items(), strict=True):
                registers = NodeRegisters(node)
                line = serve(Serial(port=port), {unit: registers, 9: registers}, silent=(9,))
                await stack.enter_async_context(line)
            if meter is not None:
                image = {12: RegisterImage(meter.image)}
                await stack.enter_async_context(serve(Serial(port=theirs), image))
            bus = ModbusBus(Serial(port=ours), timeout_s=0.1)
            yield NodeMaster(lambda _position: bus, clock=lambda: 7.0)
            await bus.close()


async def test_nodes_are_found_asked_and_told() -> None:
    two, four = Node(), Node(NodeReport(state=State.COMM_B, mode=Mode.SOLAR, max_current_a=32))
    async with on_a_line({2: two, 4: four}) as master:
        polls = [await master.poll() for _ in range(7)]
        assert polls[0] == (two.report, None, None, None, None, None, None)
        assert polls[-1] == (two.report, None, four.report, None, None, None, None)
        answer = NodeAnswer(state=State.COMM_B_OK, errors=0, mode=Mode.SMART)
        two.told.clear()
        four.told.clear()
        await master.answer((None, None, answer, None))
        await master.broadcast((160, 0, 0, 60), (123, -45, 6))
        await master.broadcast_errors(Error.LESS_6A)
        await master.poll()
    balanced = Broadcast(balanced_da=(160, 0, 0, 60, 0, 0, 0, 0), mains_da=(123, -45, 6))
    assert four.told == [answer, balanced, {"errors": 1}]
    assert two.told == [balanced, {"errors": 1}]


async def test_a_node_that_falls_silent_is_asked_less_and_found_again() -> None:
    node = Node()
    with hub() as (ours, theirs):
        bus = ModbusBus(Serial(port=ours), timeout_s=0.05)
        master = NodeMaster(lambda _position: bus, nodes=2)
        registers = {2: NodeRegisters(node)}
        async with serve(Serial(port=theirs), registers):
            assert (await master.poll())[0] == node.report
        for _ in range(6):
            assert await master.poll() == (None, None)
        async with serve(Serial(port=theirs), registers):
            polls = [await master.poll() for _ in range(2)]
        await bus.close()
    assert node.report in [poll[0] for poll in polls]


async def test_the_meter_of_a_node_is_read_for_it_to_hear() -> None:
    (case,) = (case for case in CASES if case.name == "Eastron3P")
    node = Node(values={"ev_meter": 4, "ev_meter_unit": 12, "config_changed": 1})
    heard = OverheardMeter(find("Eastron3P"), 12, clock=lambda: 9.0)

    def listen(said: Heard) -> None:
        heard.hear(*said)

    with hub(3) as (ours, theirs, other):
        registers = NodeRegisters(node)
        async with (
            serve(Serial(port=theirs), {2: registers, 9: registers}, silent=(9,), overhear=listen),
            serve(Serial(port=other), {12: RegisterImage(case.image)}),
        ):
            bus = ModbusBus(Serial(port=ours), timeout_s=0.2)
            master = NodeMaster(lambda _position: bus, nodes=1, clock=lambda: 7.0)
            assert await master.read_meter() is None
            await master.poll()
            assert node.told == [{"config_changed": 0}]
            found = await master.read_meter()
            (report,) = await master.poll()
            await bus.close()
    assert found is not None
    position, reading = found
    assert report is not None
    assert report.drawn_da == max(case.currents_da)
    assert (position, reading.at, reading.currents_da) == (1, 7.0, case.currents_da)
    listened = await heard.read()
    assert (listened.currents_da, listened.power_w) == (case.currents_da, case.power_w)
    assert (listened.import_wh, listened.export_wh) == (case.import_wh, case.export_wh)
    assert (listened.at, listened.energy_at) == (9.0, 9.0)


async def test_what_is_overheard_comes_in_parts() -> None:
    (case,) = (case for case in CASES if case.name == "Phoenix C")
    now = [1.0]
    meter = OverheardMeter(find("Phoenix C"), 12, clock=lambda: now[0])
    image = case.image
    meter.hear(12, 4, 0x28, [image[0x28], image[0x29]])
    assert (await meter.read()).age_s(now[0]) == float("inf")
    meter.hear(11, 4, 0x0C, [1] * 6)
    meter.hear(12, 3, 0x0C, [1] * 6)
    assert (await meter.read()).age_s(now[0]) == float("inf")
    meter.hear(12, 4, 0x0C, [image[0x0C + at] for at in range(6)])
    now[0] = 5.0
    meter.hear(12, 4, 0x3E, [image[0x3E], image[0x3F]])
    reading = await meter.read()
    assert (reading.currents_da, reading.power_w) == (case.currents_da, case.power_w)
    assert (reading.import_wh, reading.at, reading.energy_at) == (case.import_wh, 1.0, 5.0)


async def test_nodes_may_be_behind_addresses_of_their_own() -> None:
    two, three = Node(), Node()
    async with AsyncExitStack() as stack:
        buses = []
        for unit, node in ((2, two), (3, three)):
            units = dict.fromkeys((unit, 9), NodeRegisters(node))
            port = await stack.enter_async_context(serve(Tcp(host=HOST, port=0), units))
            buses.append(ModbusBus(Tcp(host=HOST, port=port)))
        master = NodeMaster(lambda position: buses[position - 1], nodes=2)
        polls = [await master.poll() for _ in range(2)]
        assert polls[-1] == (two.report, three.report)
        for turn in range(3):
            await master.broadcast((60 + turn, 60, 60), (1, 2, 3))
            assert await master.poll() == (two.report, three.report)
        for bus in buses:
            await bus.close()
    for node in (two, three):
        heard = [told.balanced_da[0] for told in node.told if isinstance(told, Broadcast)]
        assert heard == [60, 61, 62]


async def test_a_line_that_is_not_there() -> None:
    bus = ModbusBus(Serial(port="/dev/not-there"))
    master = NodeMaster(lambda _position: bus, nodes=2)
    assert await master.poll() == (None, None)
    await master.answer((NodeAnswer(state=State.A, errors=0),))
    with pytest.raises(NotConnected):
        await master.broadcast((60,), (0, 0, 0))


# The whole of it: a master and two nodes that regulate, over one line.


@dataclass
class Regulated:
    """A node that regulates itself as it is told."""

    settings: Settings
    status: Status

    @classmethod
    def at(cls, unit: int) -> Regulated:
        settings = Settings(load_balancing=unit, max_current_a=16)
        status = regulation.set_access(regulation.start(settings), settings, Access.ON)
        return cls(settings, status)

    def register_values(self) -> Mapping[str, int]:
        return report_values(nodes.report_of(self.status, self.settings))

    def apply(self, changed: Mapping[str, int]) -> None:
        if "errors" in changed:
            self.status = regulation.receive_errors(self.status, self.settings, changed["errors"])

    def obey(self, answer: NodeAnswer) -> None:
        self.status = regulation.receive_answer(self.status, self.settings, answer)

    def hear(self, broadcast: Broadcast) -> None:
        self.status = regulation.receive_broadcast(
            self.status, self.settings, broadcast.balanced_da, broadcast.mains_da or (0, 0, 0)
        )

    def second(self, pilot_mv: int) -> None:
        inputs = Inputs(pilot_mv=pilot_mv, diode_pulse=pilot_mv == 2600)
        self.status, _ = regulation.step(inputs, self.status, self.settings)


async def test_a_master_shares_its_mains_between_two_nodes() -> None:
    units = {2: Regulated.at(2), 3: Regulated.at(3)}
    settings = Settings(load_balancing=1, max_circuit_a=20, max_mains_a=25)
    status = regulation.set_access(regulation.start(settings), settings, Access.ON)
    with hub(3) as (ours, *ports):
        async with AsyncExitStack() as stack:
            for port, (unit, node) in zip(ports, units.items(), strict=True):
                registers = NodeRegisters(node)
                await stack.enter_async_context(
                    serve(Serial(port=port), {unit: registers, 9: registers}, silent=(9,))
                )
            bus = ModbusBus(Serial(port=ours), timeout_s=0.1)
            master = NodeMaster(lambda _position: bus, nodes=2)
            for second in range(26):
                for node in units.values():
                    node.second(2900 if second < 6 else 2600)
                inputs = Inputs(pilot_mv=3100, mains_da=(0, 0, 0), nodes=await master.poll())
                status, outputs = regulation.step(inputs, status, settings)
                await master.answer(outputs.answers)
                if outputs.broadcast_da is not None:
                    await master.broadcast(outputs.broadcast_da, status.mains_da)
                await master.poll()  # until then a broadcast may be under way
            await bus.close()
    assert [node.status.state for node in units.values()] == [State.C, State.C]
    assert status.states[1:] == (State.C, State.C)
    shares = [node.status.balanced_da[0] for node in units.values()]
    assert shares == [100, 100]
    assert [node.status.pwm for node in units.values()] == [169, 169]
