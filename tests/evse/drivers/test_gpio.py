from __future__ import annotations

import asyncio
import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from chargeplane.errors import ConfigurationError, DeviceError
from chargeplane.evse.drivers import gpio
from chargeplane.evse.drivers.gpio import Adc, GpioBoard, GpioConfig
from chargeplane.evse.drivers.gpio_lines import Library


@dataclass
class Chip:
    """What is on the wires: levels by line, and which lines were given back."""

    levels: dict[int, bool] = field(default_factory=dict)
    outputs: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)


def fake_gpiod(chip: Chip) -> dict[str, Any]:
    values = SimpleNamespace(ACTIVE="active", INACTIVE="inactive")
    directions = SimpleNamespace(OUTPUT="out", INPUT="in")

    class Request:
        def __init__(self, line: int, settings: Any) -> None:
            self.line, self.low = line, settings.active_low
            if settings.direction == "out":
                chip.outputs.add(line)
                self.set_value(line, settings.output_value)

        def set_value(self, line: int, value: str) -> None:
            chip.levels[line] = (value == values.ACTIVE) is not self.low

        def get_value(self, line: int) -> str:
            is_active = chip.levels.get(line, False) is not self.low
            return str(values.ACTIVE if is_active else values.INACTIVE)

        def release(self) -> None:
            chip.closed.add(self.line)

    def request_lines(path: str, *, consumer: str, config: dict[int, Any]) -> Request:
        assert (path, consumer) == ("/dev/gpiochip0", "chargeplane")
        ((line, settings),) = config.items()
        return Request(line, settings)

    module: Any = ModuleType("gpiod")
    module.line = SimpleNamespace(Value=values, Direction=directions)
    module.LineSettings = SimpleNamespace
    module.request_lines = request_lines
    return {"gpiod": module}


def fake_raspberry_pi(chip: Chip) -> dict[str, Any]:
    gpio: Any = ModuleType("RPi.GPIO")
    gpio.BCM, gpio.OUT, gpio.IN, gpio.HIGH, gpio.LOW = 11, 0, 1, 1, 0
    gpio.setmode = lambda mode: mode

    def setup(line: int, direction: int, initial: int = 0) -> None:
        if direction == gpio.OUT:
            chip.outputs.add(line)
            chip.levels[line] = bool(initial)

    gpio.setup = setup
    gpio.output = lambda line, value: chip.levels.update({line: bool(value)})
    gpio.input = lambda line: int(chip.levels.get(line, False))
    gpio.cleanup = chip.closed.update
    package: Any = ModuleType("RPi")
    package.GPIO = gpio
    return {"RPi": package, "RPi.GPIO": gpio}


def fake_periphery(chip: Chip) -> dict[str, Any]:
    class Gpio:
        def __init__(self, path: str, line: int, direction: str, *, inverted: bool) -> None:
            assert path == "/dev/gpiochip0"
            self.line, self.inverted = line, inverted
            if direction == "out":
                chip.outputs.add(line)

        def write(self, value: object) -> None:
            assert isinstance(value, bool)
            chip.levels[self.line] = value is not self.inverted

        def read(self) -> bool:
            return chip.levels.get(self.line, False) is not self.inverted

        def close(self) -> None:
            chip.closed.add(self.line)

    module: Any = ModuleType("periphery")
    module.GPIO = Gpio
    return {"periphery": module}


FAKES: dict[Library, Callable[[Chip], dict[str, Any]]] = {
    "gpiod": fake_gpiod,
    "RPi.GPIO": fake_raspberry_pi,
    "periphery": fake_periphery,
}
C1, C2, SWITCH, LOCK, UNLOCK, LOCKED, RCM, RED, GREEN, BLUE, BUTTON, RCM_TEST = range(1, 13)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of a kernel."""
    (tmp_path / "pwm0").mkdir()
    for name in ("period", "duty_cycle", "enable"):
        (tmp_path / "pwm0" / name).write_text("0\n")
    for name, shown in (("pilot", "1550"), ("proximity", "1650"), ("temperature", "41700")):
        (tmp_path / name).write_text(f"{shown}\n")
    return tmp_path


def config(folder: Path, library: Library, **change: Any) -> GpioConfig:
    settings: dict[str, Any] = {
        "library": library,
        "pilot_pwm": folder / "pwm0",
        "pilot_adc": Adc(path=folder / "pilot", scale=2),
        "contactor_1": C1,
        "contactor_2": C2,
        "pilot_switch": SWITCH,
        "lock": (LOCK, UNLOCK),
        "lock_feedback": LOCKED,
        "residual_current": RCM,
        "residual_current_test": RCM_TEST,
        "led": (RED, GREEN, BLUE),
        "button": BUTTON,
        "active_low": frozenset({C2, BUTTON}),
        "proximity_adc": Adc(path=folder / "proximity", scale=0.001),
        "thermometer": folder / "temperature",
    }
    return GpioConfig(**settings | change)


@pytest.fixture(params=FAKES)
def driven(
    request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[GpioBoard, Chip]:
    chip = Chip()
    for name, module in FAKES[request.param](chip).items():
        monkeypatch.setitem(sys.modules, name, module)
    return GpioBoard(config(folder, request.param)), chip


def test_nothing_is_switched_on_at_the_start(driven: tuple[GpioBoard, Chip]) -> None:
    _, chip = driven
    active = {line for line in chip.outputs if chip.levels[line] is not (line == C2)}
    assert active == {SWITCH}
    assert chip.outputs == {C1, C2, SWITCH, LOCK, UNLOCK, RCM_TEST, RED, GREEN, BLUE}


async def test_every_part_does_what_it_is_for(
    driven: tuple[GpioBoard, Chip], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, chip = driven
    board: Any = made.board
    board.contactor_1.switch(closed=True)
    board.contactor_2.switch(closed=True)
    assert (chip.levels[C1], chip.levels[C2]) == (True, False)
    board.pilot_switch.connect(connected=False)
    assert chip.levels[SWITCH] is False
    board.led.show(255, 0, 200)
    assert [chip.levels[line] for line in (RED, GREEN, BLUE)] == [True, False, True]
    for flows in (True, False):
        board.residual_current_test.flow(flows=flows)
        assert chip.levels[RCM_TEST] is flows
    chip.levels |= {RCM: True, BUTTON: True}
    assert (board.residual_current.is_tripped(), board.button.is_pressed()) == (True, False)
    assert board.thermometer.read_c() == 42
    assert board.proximity.read_ohm() == pytest.approx(330)

    async def wait(seconds: float) -> None:
        assert seconds == gpio.LOCK_PULSE_S
        assert (chip.levels[LOCK], chip.levels[UNLOCK]) == pulses.pop(0)

    monkeypatch.setattr(asyncio, "sleep", wait)
    pulses = [(True, False), (False, True)]
    chip.levels[LOCKED] = True
    assert await board.lock.lock(locked=True) is True
    assert await board.lock.lock(locked=False) is False  # it still says that it is locked
    assert (chip.levels[LOCK], chip.levels[UNLOCK], pulses) == (False, False, [])


def test_closing_opens_the_contactors(driven: tuple[GpioBoard, Chip], folder: Path) -> None:
    made, chip = driven
    board: Any = made.board
    board.contactor_1.switch(closed=True)
    board.contactor_2.switch(closed=True)
    board.pilot_duty.set_duty(272)
    made.close()
    assert (chip.levels[C1], chip.levels[C2]) == (False, True)
    assert (folder / "pwm0" / "duty_cycle").read_text().split() == ["1000000"]
    assert chip.closed >= chip.outputs


@pytest.fixture
def pilot(folder: Path, monkeypatch: pytest.MonkeyPatch) -> GpioBoard:
    for name, module in fake_gpiod(Chip()).items():
        monkeypatch.setitem(sys.modules, name, module)
    return GpioBoard(config(folder, "gpiod"))


def test_the_duty_is_a_part_of_a_millisecond(pilot: GpioBoard, folder: Path) -> None:
    pwm = folder / "pwm0"
    assert (pwm / "period").read_text().strip() == "1000000"
    assert (pwm / "enable").read_text().strip() == "1"
    for duty, expected in ((1024, 1_000_000), (272, 265_625), (0, 0)):
        (pwm / "duty_cycle").write_text("")
        pilot.board.pilot_duty.set_duty(duty)
        assert int((pwm / "duty_cycle").read_text()) == expected


def test_the_level_is_the_highest_seen_and_now_and_then_the_lowest(
    pilot: GpioBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = iter([b"100", b"1300"] * 10_000)
    monkeypatch.setattr(os, "pread", lambda *_args: next(shown))
    steady = [pilot.board.pilot_level.read_mv() for _ in range(100)]
    assert set(steady) == {2600}
    pilot.board.pilot_duty.set_duty(272)
    square = [pilot.board.pilot_level.read_mv() for _ in range(100)]
    assert (square.count(200), square.count(2600)) == (4, 96)


def test_an_input_that_shows_no_number(pilot: GpioBoard, folder: Path) -> None:
    (folder / "pilot").write_text("busy")
    with pytest.raises(DeviceError, match="busy"):
        pilot.board.pilot_level.read_mv()


def test_without_a_cable_the_resistance_is_infinite(pilot: GpioBoard, folder: Path) -> None:
    (folder / "proximity").write_text("3300")
    proximity: Any = pilot.board.proximity
    assert proximity.read_ohm() == math.inf


def test_a_pwm_that_has_to_be_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, module in fake_gpiod(Chip()).items():
        monkeypatch.setitem(sys.modules, name, module)
    with pytest.raises(ConfigurationError, match="pwm1"):
        GpioBoard(config(folder, "gpiod", pilot_pwm=folder / "pwm1"))
    assert (folder / "export").read_text() == "1"


@pytest.mark.parametrize("library", FAKES)
def test_a_library_that_is_not_there(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (library, library.partition(".")[0]):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError, match=f"{library} is not installed"):
        GpioBoard(config(folder, library))


def test_what_is_not_connected_is_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chip = Chip()
    for name, module in fake_gpiod(chip).items():
        monkeypatch.setitem(sys.modules, name, module)
    least = GpioConfig(
        pilot_pwm=folder / "pwm0",
        pilot_adc=Adc(path=folder / "pilot"),
        contactor_1=C1,
        thermometer=None,
    )
    made = GpioBoard(least)
    board = made.board
    assert (board.contactor_2, board.lock, board.led) == (None, None, None)
    assert (board.thermometer, board.proximity) == (None, None)
    made.close()
    assert chip.closed == {C1}
