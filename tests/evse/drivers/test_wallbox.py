from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chargeplane.errors import (
    AnswerTimeout,
    ConfigurationError,
    DeviceError,
    DeviceRefused,
    NoAnswer,
)
from chargeplane.evse.drivers.wallbox import ModbusWallbox, WallboxConfig
from chargeplane.evse.drivers.wallbox_map import known_maps, load_map
from chargeplane.evse.hardware import WallboxStatus
from chargeplane.net.modbus import ModbusBus, Serial, Tcp, serve
from tests.net.images import RegisterImage
from tests.net.lines import hub

HOST = "127.0.0.1"


def words(letter: str, *numbers: float) -> list[int]:
    data = b"".join(struct.pack(f">{letter}", number) for number in numbers)
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def text(said: str, count: int) -> list[int]:
    return words("H", *[int.from_bytes(each, "big") for each in _pairs(said, count)])


def _pairs(said: str, count: int) -> list[bytes]:
    data = said.encode().ljust(2 * count, b"\0")
    return [data[at : at + 2] for at in range(0, 2 * count, 2)]


def image(**at: Sequence[int]) -> dict[int, int]:
    """Registers by `r` and their address."""
    return {
        address: word
        for name, found in at.items()
        for address, word in enumerate(found, int(name[1:]))
    }


@dataclass(frozen=True)
class Box:
    map: str
    unit: int
    image: dict[int, int]
    status: WallboxStatus
    start: list[tuple[int, int, list[int]]]  # what offering 10.04 A writes
    stop: list[tuple[int, int, list[int]]]  # what offering 0 A writes
    other_states: dict[str, dict[int, int]]


BOXES = [
    Box(
        "heidelberg-energy-control",
        1,
        image(
            r5=[7, 161, 160, 159, 325, 230, 231, 229],
            r14=[11_040],
            r17=[1, 500],
            r258=[0],
            r261=[160],
        ),
        WallboxStatus(
            state="C",
            offered_a=16.0,
            currents_a=(16.1, 16.0, 15.9),
            voltages_v=(230.0, 231.0, 229.0),
            power_w=11_040,
            energy_wh=66_036,
            temperature_c=32.5,
        ),
        [(16, 258, [4]), (16, 261, [100])],
        [(16, 261, [0])],
        {"A": {5: 2}, "B": {5: 4}, "F": {5: 10}},
    ),
    Box(
        "keba-p30",
        255,
        image(
            r1000=words("I", 3),
            r1004=words("I", 7),
            r1008=words("I", 16_100, 16_000, 15_900),
            r1020=words("I", 11_040_000),
            r1036=words("I", 660_360),
            r1040=words("I", 230, 231, 229),
            r1100=words("I", 16_000),
            r1502=words("I", 15_000),
            r5004=[0],
            r5014=[0],
        ),
        WallboxStatus(
            state="C",
            offered_a=16.0,
            currents_a=(16.1, 16.0, 15.9),
            voltages_v=(230.0, 231.0, 229.0),
            power_w=11_040,
            energy_wh=66_036,
            session_wh=1500,
        ),
        [(6, 5004, [10_040]), (6, 5014, [1])],
        [(6, 5014, [0])],
        {"A": {1001: 1, 1005: 3}, "B": {1001: 2}, "F": {1001: 4}},
    ),
    Box(
        "alfen-eve",
        1,
        image(
            r306=words("f", 230, 231, float("nan")),
            r320=words("f", 16, 15.5, float("nan")),
            r344=words("f", 7_300.5),
            r374=words("d", 66_036.25),
            r1201=text("C2", 5),
            r1206=words("f", 16),
            r1210=[0, 0],
            r1215=[3],
        ),
        WallboxStatus(
            state="C",
            offered_a=16.0,
            currents_a=(16.0, 15.5, 0.0),
            voltages_v=(230.0, 231.0, 0.0),
            power_w=7_300.5,
            energy_wh=66_036.25,
        ),
        [(16, 1210, words("f", 10.04))],
        [(16, 1210, [0, 0])],
        {"A": image(r1201=text("A", 5)), "B": image(r1201=text("B2", 5))},
    ),
    Box(
        "abb-terra-ac",
        1,
        image(
            r16394=words("I", 0x0111),  # 0x400A
            r16396=words("I", 0x0400),
            r16398=words("I", 16_000),
            r16400=words("I", 16_100, 16_000, 15_900),
            r16406=words("I", 2300, 2310, 2290),
            r16412=words("I", 11_040),
            r16414=words("I", 1500),
            r16640=[0, 0],
        ),
        WallboxStatus(
            state="C",
            offered_a=16.0,
            currents_a=(16.1, 16.0, 15.9),
            voltages_v=(230.0, 231.0, 229.0),
            power_w=11_040,
            session_wh=1500,
        ),
        [(16, 0x4100, words("I", 10_040))],
        [(16, 0x4100, [0, 0])],
        {"A": {16395: 0x0011, 16397: 0x0500}, "B": {16397: 0x8300}},
    ),
]


class Anything(RegisterImage):
    def write(self, function: int, address: int, values: Sequence[int]) -> None:
        self.written.append((function, address, list(values)))


@asynccontextmanager
async def driven(
    registers: RegisterImage, unit: int, config: WallboxConfig
) -> AsyncIterator[ModbusWallbox]:
    async with serve(Tcp(host=HOST, port=0), {unit: registers}) as port:
        bus = ModbusBus(Tcp(host=HOST, port=port))
        yield ModbusWallbox(config, bus)
        await bus.close()


@pytest.mark.parametrize("box", BOXES, ids=lambda box: box.map)
async def test_a_wallbox_is_driven_by_its_map(box: Box) -> None:
    registers = Anything(dict(box.image))
    config = WallboxConfig(map=box.map)
    async with driven(registers, box.unit, config) as wallbox:
        await wallbox.offer(10.04)
        assert registers.written == box.start
        registers.written.clear()
        assert await wallbox.status() == box.status
        await wallbox.offer(5.9)
        assert registers.written == box.stop
        for state, change in box.other_states.items():
            registers.values = box.image | change
            assert (await wallbox.status()).state == state


def test_every_map_has_a_test_and_names_its_manual() -> None:
    assert known_maps() == sorted(box.map for box in BOXES)
    assert all(load_map(name).source for name in known_maps())


async def test_more_than_the_limit_is_never_offered() -> None:
    registers = Anything(dict(BOXES[3].image))
    config = WallboxConfig(map="abb-terra-ac", limit_a=13)
    async with driven(registers, 1, config) as wallbox:
        await wallbox.offer(32)
    assert registers.written == [(16, 0x4100, words("I", 13_000))]


async def test_phases_are_chosen_where_the_map_says_how() -> None:
    registers = Anything(dict(BOXES[2].image))
    async with driven(registers, 1, WallboxConfig(map="alfen-eve")) as wallbox:
        await wallbox.offer(10, phases=1)
        assert registers.written[0] == (6, 1215, [1])
        with pytest.raises(DeviceRefused):
            await wallbox.offer(10, phases=2)
    async with driven(registers, 1, WallboxConfig(map="abb-terra-ac")) as wallbox:
        with pytest.raises(DeviceRefused):
            await wallbox.offer(10, phases=1)


async def test_a_state_that_the_map_lacks_is_an_error() -> None:
    registers = Anything(BOXES[0].image | {5: 99})
    config = WallboxConfig(map="heidelberg-energy-control")
    async with driven(registers, 1, config) as wallbox:
        with pytest.raises(DeviceError, match="'99'"):
            await wallbox.status()


async def test_it_is_set_up_again_after_it_was_silent() -> None:
    registers, config = Anything(dict(BOXES[0].image)), WallboxConfig(map=BOXES[0].map)
    with hub() as (ours, theirs):
        bus = ModbusBus(Serial(port=ours), timeout_s=0.2)
        wallbox = ModbusWallbox(config, bus)
        async with serve(Serial(port=theirs), {1: registers}):
            await wallbox.status()
            await wallbox.status()
        with pytest.raises(AnswerTimeout):
            await wallbox.status()
        async with serve(Serial(port=theirs), {1: registers}):
            await wallbox.status()
        await bus.close()
    assert registers.written == [(16, 258, [4])] * 2


MAP = """
name = "Mine"
source = "my manual"
unit = 7
first_word = "low"
[state]
address = 1
values = { 0 = "A" }
[power]
address = 2
type = "int32"
[limit]
address = 3
"""


async def test_a_map_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MAP)
    registers = Anything({1: 0, 2: 5, 3: 1})
    async with driven(registers, 7, WallboxConfig(map=str(path))) as wallbox:
        assert (await wallbox.status()).power_w == 65_541
        await wallbox.offer(16)
    assert registers.written == [(16, 3, [16])]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"[limit]": "[limits]"}, "limits"),
        ({"address = 3": ""}, "address"),
        ({'"A"': '"X"'}, "X"),
        ({"int32": "int24"}, "int24"),
        ({"[state]": "[state"}, "mine.toml"),
    ],
)
def test_a_map_that_cannot_be_used(tmp_path: Path, change: dict[str, str], message: str) -> None:
    ((old, new),) = change.items()
    path = tmp_path / "mine.toml"
    path.write_text(MAP.replace(old, new))
    with pytest.raises(ConfigurationError, match=message):
        load_map(str(path))


def test_a_map_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(ConfigurationError, match="keba-p30"):
        load_map("tesla")


async def test_a_wallbox_that_is_not_there() -> None:
    bus: Any = ModbusBus(Tcp(host=HOST, port=1))
    with pytest.raises(NoAnswer):
        await ModbusWallbox(WallboxConfig(map="keba-p30"), bus).offer(10)
