"""A board of one's own: digital lines by a library, the pilot by PWM and ADC of the kernel.

The pilot's square wave comes from a hardware PWM (`/sys/class/pwm`), its level from an analogue
input (`/sys/bus/iio`) behind a circuit that brings -12 to +12 V into its range. IEC 61851-1 annex
A says what the circuit must look like; nothing here replaces its protective devices.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from chargeplane.errors import ConfigurationError, DeviceError
from chargeplane.evse.drivers.gpio_lines import Get, Library, Lines, Set, open_lines
from chargeplane.evse.hardware import Board, RfidReader

STEADY: Final = 1024
PERIOD_NS: Final = 1_000_000  # 1 kHz (IEC 61851-1 table A.3)
SAMPLES: Final = 24  # of the pilot, over more than one period, so that both halves are seen
DIODE_EVERY: Final = 25  # readings: how often the low half is shown instead of the high one
LOCK_PULSE_S: Final = 0.6
BRIGHT: Final = 128  # from which on a part of a colour shines
MILLI: Final = 1000

Value = TypeVar("Value")
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adc:
    """An analogue input of the kernel; it shows `scale` * number + `offset`."""

    path: Path
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GpioConfig:
    """Where everything is connected; numbers are lines of `chip`, None is not there."""

    library: Library = "gpiod"
    chip: str = "/dev/gpiochip0"
    active_low: frozenset[int] = frozenset()
    pilot_pwm: Path = Path("/sys/class/pwm/pwmchip0/pwm0")
    pilot_adc: Adc  # in mV as a SmartEVSE sees them: 3100 at +12 V, 200 at -12 V
    contactor_1: int
    contactor_2: int | None = None
    pilot_switch: int | None = None  # active: the pilot is connected
    lock: tuple[int, int] | None = None  # to lock, to unlock
    lock_feedback: int | None = None  # active: locked
    residual_current: int | None = None  # active: tripped
    residual_current_test: int | None = None  # active: lets a current flow that must trip it
    led: tuple[int, int, int] | None = None  # red, green, blue
    button: int | None = None
    proximity_adc: Adc | None = None  # in V
    proximity_supply_v: float = 3.3
    proximity_pull_up_ohm: float = 330.0
    thermometer: Path | None = Path("/sys/class/thermal/thermal_zone0/temp")


class GpioBoard:
    """A board and its lines."""

    def __init__(self, config: GpioConfig, rfid: RfidReader | None = None) -> None:
        """Raises `ConfigurationError` if something that is named is not there."""
        with ExitStack() as opened:
            lines = open_lines(config.library, config.chip)
            opened.callback(lines.close)
            try:
                self.board = _board(config, lines, opened, rfid)
            except (OSError, DeviceError) as error:
                raise ConfigurationError(f"gpio: {error}") from error
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Stop charging and give everything back."""
        self.board.pilot_duty.set_duty(STEADY)
        for contactor in (self.board.contactor_1, self.board.contactor_2):
            if contactor is not None:
                contactor.switch(closed=False)
        self._opened.close()


def _board(config: GpioConfig, lines: Lines, opened: ExitStack, rfid: RfidReader | None) -> Board:
    def output(line: int) -> Set:
        return lines.output(line, active_low=line in config.active_low)

    def get(line: int) -> Get:
        return lines.input(line, active_low=line in config.active_low)

    def analogue(adc: Adc) -> _Input:
        return _Input(adc, opened)

    pilot = _Pilot(_Pwm(config.pilot_pwm, opened), analogue(config.pilot_adc))
    feedback = _made(get, config.lock_feedback)
    return Board(
        pilot_duty=pilot,
        pilot_level=pilot,
        contactor_1=_Contactor(output(config.contactor_1)),
        contactor_2=_made(lambda line: _Contactor(output(line)), config.contactor_2),
        pilot_switch=_made(lambda line: _PilotSwitch(output(line)), config.pilot_switch),
        proximity=_made(lambda adc: _Proximity(analogue(adc), config), config.proximity_adc),
        lock=_made(lambda pair: _Lock(output(pair[0]), output(pair[1]), feedback), config.lock),
        residual_current=_made(lambda line: _Monitor(get(line)), config.residual_current),
        residual_current_test=_made(
            lambda line: _Source(output(line)), config.residual_current_test
        ),
        thermometer=_made(
            lambda path: _Thermometer(analogue(Adc(path=path, scale=1 / MILLI))),
            config.thermometer,
        ),
        rfid=rfid,
        led=_made(lambda led: _Led([output(line) for line in led]), config.led),
        button=_made(lambda line: _Button(get(line)), config.button),
    )


def _made(make: Callable[[Value], Part], value: Value | None) -> Part | None:
    return None if value is None else make(value)


def _opened(file: Path, flags: int, opened: ExitStack) -> int:
    descriptor = os.open(file, flags)
    opened.callback(os.close, descriptor)
    return descriptor


class _Pwm:
    """A hardware PWM of the kernel."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        if not folder.exists():  # the kernel shows pwmN when it is asked for N
            (folder.parent / "export").write_text(folder.name.removeprefix("pwm"))
        self._duty = _opened(folder / "duty_cycle", os.O_WRONLY, opened)
        self.set_duty(0)  # no period may be shorter than its duty
        (folder / "period").write_text(str(PERIOD_NS))
        self.set_duty(STEADY)
        (folder / "enable").write_text("1")

    def set_duty(self, duty: int) -> None:
        """Let so many 1024ths of a period be high."""
        os.pwrite(self._duty, f"{duty * PERIOD_NS // STEADY}\n".encode(), 0)


class _Input:
    """An analogue input of the kernel."""

    def __init__(self, adc: Adc, opened: ExitStack) -> None:
        self._adc = adc
        self._file = _opened(adc.path, os.O_RDONLY, opened)
        self.read()

    def read(self) -> float:
        """What it shows; raises `DeviceError` if that is no number."""
        shown = os.pread(self._file, 32, 0)
        try:
            return float(shown) * self._adc.scale + self._adc.offset
        except ValueError as error:
            raise DeviceError(f"{self._adc.path}: {shown!r}") from error


class _Pilot:
    """The control pilot, out and in."""

    def __init__(self, pwm: _Pwm, level: _Input) -> None:
        self._pwm = pwm
        self._level = level
        self._is_square = False
        self._readings = 0

    def set_duty(self, duty: int) -> None:
        """See `hardware.PilotDuty`."""
        self._is_square = 0 < duty < STEADY
        self._pwm.set_duty(duty)

    def read_mv(self) -> int:
        """See `hardware.PilotLevel`."""
        self._readings += 1
        shows_low = self._is_square and self._readings % DIODE_EVERY == 0
        samples = (self._level.read() for _ in range(SAMPLES))
        return round(min(samples) if shows_low else max(samples))


class _Contactor:
    def __init__(self, output: Set) -> None:
        self._output = output

    def switch(self, *, closed: bool) -> None:
        """See `hardware.Contactor`."""
        self._output(closed)


class _PilotSwitch:
    def __init__(self, output: Set) -> None:
        self._output = output
        output(1)

    def connect(self, *, connected: bool) -> None:
        """See `hardware.PilotSwitch`."""
        self._output(connected)


class _Lock:
    """A motor or solenoid that one pulse moves either way."""

    def __init__(self, closing: Set, opening: Set, feedback: Get | None) -> None:
        self._outputs = {True: closing, False: opening}
        self._feedback = feedback

    async def lock(self, *, locked: bool) -> bool:
        """See `hardware.CableLock`; without a feedback line it is believed."""
        output = self._outputs[locked]
        output(1)
        try:
            await asyncio.sleep(LOCK_PULSE_S)
        finally:
            output(0)
        return True if self._feedback is None else self._feedback() is locked


class _Monitor:
    def __init__(self, tripped: Get) -> None:
        self._tripped = tripped

    def is_tripped(self) -> bool:
        """See `hardware.ResidualCurrentMonitor`."""
        return self._tripped()


class _Source:
    def __init__(self, output: Set) -> None:
        self._output = output

    def flow(self, *, flows: bool) -> None:
        """See `hardware.ResidualCurrentSource`."""
        self._output(flows)


class _Button:
    def __init__(self, pressed: Get) -> None:
        self._pressed = pressed

    def is_pressed(self) -> bool:
        """See `hardware.Button`."""
        return self._pressed()


class _Led:
    def __init__(self, outputs: list[Set]) -> None:
        self._outputs = outputs

    def show(self, red: int, green: int, blue: int) -> None:
        """See `hardware.Led`; each part is on or off."""
        for output, part in zip(self._outputs, (red, green, blue), strict=True):
            output(part >= BRIGHT)


class _Thermometer:
    def __init__(self, level: _Input) -> None:
        self._level = level

    def read_c(self) -> int:
        """See `hardware.Thermometer`."""
        return round(self._level.read())


class _Proximity:
    """The resistor of the cable, between ground and a resistor to the supply."""

    def __init__(self, level: _Input, config: GpioConfig) -> None:
        self._level = level
        self._supply_v = config.proximity_supply_v
        self._pull_up_ohm = config.proximity_pull_up_ohm

    def read_ohm(self) -> float:
        """See `hardware.Proximity`."""
        level_v = max(0.0, self._level.read())
        if level_v >= self._supply_v:
            return math.inf
        return self._pull_up_ohm * level_v / (self._supply_v - level_v)
