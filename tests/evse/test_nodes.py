from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.energy.states import Mode, State
from chargeplane.energy.status import NodeAnswer, NodeReport
from chargeplane.errors import DeviceRefused, NoMeasurement
from chargeplane.evse.nodes import (
    ROWS,
    Broadcast,
    NodeRegisters,
    Row,
    answer_words,
    broadcast_words,
    changes,
    parse_broadcast,
    parse_report,
    report_values,
)

words = st.integers(0, 0xFFFF)
reports = st.builds(
    NodeReport,
    state=st.sampled_from(State),
    errors=st.integers(0, 127),
    mode=st.sampled_from(Mode),
    solar_stop_timer_s=words,
    max_current_a=st.integers(0, 80),
)


@dataclass
class Controller:
    """Remembers what it was told."""

    values: dict[str, int] = field(default_factory=dict)
    told: list[object] = field(default_factory=list)

    def register_values(self) -> Mapping[str, int]:
        return self.values

    def apply(self, changed: Mapping[str, int]) -> None:
        self.told.append(dict(changed))

    def obey(self, answer: NodeAnswer) -> None:
        self.told.append(answer)

    def hear(self, broadcast: Broadcast) -> None:
        self.told.append(broadcast)


# The register numbers of the SmartEVSE, as its clients know them.
PLACES = {
    0x0000: "state",
    0x0001: "errors",
    0x0002: "charge_current_da",
    0x0003: "mode",
    0x0004: "solar_stop_timer_s",
    0x0005: "access",
    0x0006: "config_changed",
    0x0007: "limit_a",
    0x000A: "temperature_c",
    0x000B: "serial",
    0x0100: "fixed_cable",
    0x0103: "max_current_a",
    0x0104: "load_balancing",
    0x0108: "ev_meter",
    0x0109: "ev_meter_unit",
    0x0200: "mode",
    0x0201: "max_circuit_a",
    0x0204: "max_mains_a",
    0x0207: "import_current_a",
    0x0208: "mains_meter",
    0x020B: "circuit_meter",
    0x020E: "custom_endianness",
    0x0211: "custom_voltage_register",
    0x0215: "custom_power_register",
    0x0219: "custom_most",
}


def test_registers_have_the_numbers_that_others_know() -> None:
    found = {row.address: row.name for row in ROWS}
    assert {address: found.get(address) for address in PLACES} == PLACES
    assert len(found) == len(ROWS) == 12 + 10 + 26


@given(reports)
def test_a_report_is_read_as_it_was_said(report: NodeReport) -> None:
    served = NodeRegisters(Controller(report_values(report)))
    assert parse_report(served.read(4, 0, 8)) == report


def test_negative_values_are_two_bytes() -> None:
    served = NodeRegisters(Controller({"temperature_c": -7, "serial": 0x12345}))
    assert served.read(3, 0x0A, 2) == [0xFFF9, 0x2345]


@pytest.mark.parametrize(
    ("address", "count"), [(0x0C, 1), (0x0B, 2), (0x20, 8), (0x21A, 1), (0, 0)]
)
def test_registers_that_do_not_exist(address: int, count: int) -> None:
    with pytest.raises(DeviceRefused) as raised:
        NodeRegisters(Controller()).read(3, address, count)
    assert raised.value.code == 2
    with pytest.raises(DeviceRefused) as raised:
        changes(address, [0] * count)
    assert raised.value.code == 2


@pytest.mark.parametrize(
    ("address", "value"), [(0x07, 16), (0x0A, 20), (0x102, 5), (0x102, 17), (0x200, 3), (0x0, 15)]
)
def test_values_that_are_not_allowed(address: int, value: int) -> None:
    with pytest.raises(DeviceRefused) as raised:
        changes(address, [value])
    assert raised.value.code == 3


@pytest.mark.parametrize("row", [row for row in ROWS if row.bounds], ids=lambda row: row.name)
def test_every_value_within_its_bounds_is_taken(row: Row) -> None:
    for value in row.bounds or ():
        assert changes(row.address, [value]) == {row.name: value}


def test_of_several_values_those_that_cannot_be_are_left_out() -> None:
    assert changes(0x102, [5, 16, 9]) == {"max_current_a": 16}
    controller = Controller()
    NodeRegisters(controller).write(16, 0x200, [1, 25, 0, 0, 300, 4])
    assert controller.told == [
        {"mode": 1, "max_circuit_a": 25, "grid": 0, "sensorbox_wifi": 0, "start_current_a": 4}
    ]


answers = st.builds(
    NodeAnswer,
    state=st.sampled_from(State),
    errors=st.integers(0, 127),
    mode=st.sampled_from(Mode),
    solar_stop_timer_s=words | st.none(),
) | st.builds(NodeAnswer, state=st.sampled_from(State), errors=st.integers(0, 127))


@given(answers)
def test_an_answer_is_obeyed_as_it_was_written(answer: NodeAnswer) -> None:
    controller = Controller()
    NodeRegisters(controller).write(16, 0, answer_words(answer))
    assert controller.told == [answer]


def test_the_answer_that_lets_a_node_charge() -> None:
    answer = NodeAnswer(state=State.COMM_C_OK, errors=0)
    assert answer_words(answer) == [7, 0]
    late = NodeAnswer(state=State.C, errors=0, mode=Mode.SOLAR, solar_stop_timer_s=600)
    assert answer_words(late) == [2, 0, 0, 2, 600]


@given(
    st.lists(st.integers(0, 800), min_size=1, max_size=8),
    st.tuples(*[st.integers(-3276, 3276)] * 3),
)
def test_a_broadcast_is_heard_as_it_was_told(
    balanced_da: list[int], mains_da: tuple[int, int, int]
) -> None:
    told = broadcast_words(balanced_da, mains_da)
    assert len(told) == 11
    controller = Controller()
    NodeRegisters(controller).write(16, 0x20, told)
    (heard,) = controller.told
    padding = (0,) * (8 - len(balanced_da))
    assert heard == Broadcast(balanced_da=(*balanced_da, *padding), mains_da=mains_da)


def test_an_old_master_tells_nothing_of_the_mains() -> None:
    assert parse_broadcast([160, 0, 60, 0, 0, 0, 0, 0]).mains_da is None
    with pytest.raises(DeviceRefused):
        parse_broadcast([160])


@pytest.mark.parametrize("said", [[0] * 7, [99, 0, 0, 0, 0, 0, 0, 16], [0, 0, 0, 9, 0, 0, 0, 16]])
def test_what_is_no_report(said: list[int]) -> None:
    with pytest.raises(NoMeasurement):
        parse_report(said)


def test_what_is_no_answer() -> None:
    with pytest.raises(DeviceRefused) as raised:
        NodeRegisters(Controller()).write(16, 0, [99, 0])
    assert raised.value.code == 3
