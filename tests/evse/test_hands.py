from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chargeplane.evse.hands import COMMANDS, Hands
from tests.evse.worlds import World

CARD = "04A1B2C3D4E5F6"


class Bench:
    """A device and hands."""

    def __init__(self, **settings: Any) -> None:
        self.world = World(**settings)
        self.hands = Hands(self.world.controller, self.world.virtual)

    def do(self, cmd: str, **members: Any) -> Any:
        return json.loads(self.hands.do(json.dumps({"cmd": cmd, **members}).encode()))


def test_a_car_comes_waits_and_goes() -> None:
    bench = Bench()
    assert bench.do("plug_in", car="zoe", soc_percent=30) == {"ok": True}
    bench.world.run(20)
    state = bench.do("state")
    assert (state["ok"], state["state"], state["mode"]) == (True, "C", "NORMAL")
    assert state["contactors"] == [True, True]
    assert state["soc_percent"] == pytest.approx(30, abs=0.2)
    assert state["time"] == "2026-03-02T12:00:20+01:00"
    bench.do("pause")
    bench.world.run(5)
    assert bench.do("state")["state"] == "B"
    bench.do("pause", on=False)
    bench.do("plug_out")
    bench.world.run(2)
    assert bench.do("state")["state"] == "A"


def test_faults_come_and_go() -> None:
    bench = Bench(residual_current_monitor=True, switch="ACCESS_B")
    bench.do("heat", temperature_c=90)
    bench.world.run(1)
    assert bench.do("state")["errors"] == 4
    bench.do("heat", temperature_c=20)
    bench.do("residual_current")
    bench.world.run(2)
    assert bench.do("state")["errors"] == 16
    bench.do("residual_current", on=False)
    bench.do("button")
    bench.world.run(1)
    assert bench.do("state")["errors"] == 0
    bench.do("plug_in")
    bench.do("short")
    bench.world.run(1)
    assert bench.world.virtual.is_shorted


async def test_a_card_is_shown() -> None:
    bench = Bench()
    bench.do("card", uid=CARD.lower())
    assert await bench.world.virtual.rfid.next_uid() == CARD


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"nonsense", "JSON is malformed"),
        (b'{"cmd": "fly"}', f"unknown command fly: one of {', '.join(COMMANDS)}"),
        (b'{"cmd": "plug_in", "car": "tank"}', "no car 'tank'"),
        (b'{"cmd": "plug_in", "wheels": 4}', "unknown field `wheels`"),
        (b'{"cmd": "card", "uid": "x"}', "uid has 8, 12, 14 or 20 hexadecimal digits"),
    ],
)
def test_what_cannot_be_done_is_told(line: bytes, error: str) -> None:
    said = json.loads(Bench().hands.do(line))
    assert said["ok"] is False
    assert error in said["error"]


def test_one_car_at_a_time() -> None:
    bench = Bench()
    bench.do("plug_in")
    assert bench.do("plug_in") == {"ok": False, "error": "a car is plugged in already"}


async def test_commands_are_followed_in_their_order() -> None:
    async def lines() -> AsyncIterator[bytes]:
        yield b'{"cmd": "plug_in"}\n'
        yield b"\n"
        yield b'{"cmd": "plug_out"}\n'

    said: list[bytes] = []
    await Bench().hands.follow(lines(), said.append)
    assert said == [b'{"ok":true}'] * 2
