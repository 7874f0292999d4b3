"""Digital lines of a board, by whichever library it has.

The libraries are no dependencies: they exist for boards only, and are imported when they are named.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, Literal, Protocol

from chargeplane.errors import ConfigurationError

Library = Literal["gpiod", "RPi.GPIO", "periphery"]
Set = Callable[[int], None]  # 1: active, 0: inactive
Get = Callable[[], bool]

CONSUMER: Final = "chargeplane"


class Lines(Protocol):
    """What a library does; an output is inactive until it is set."""

    def output(self, line: int, *, active_low: bool) -> Set:
        """Take a line as an output."""
        ...

    def input(self, line: int, *, active_low: bool) -> Get:
        """Take a line as an input."""
        ...

    def close(self) -> None:
        """Give all lines back."""
        ...


def open_lines(library: Library, chip: str) -> Lines:
    """The lines of a chip; raises `ConfigurationError` if the library is not there."""
    name, lines = LIBRARIES[library]
    try:
        return lines(import_module(name), chip)
    except ImportError as error:
        raise ConfigurationError(f"gpio.library: {library} is not installed") from error


class _Gpiod:
    """libgpiod, version 2 of its Python binding."""

    def __init__(self, gpiod: Any, chip: str) -> None:
        self._gpiod = gpiod
        self._chip = chip
        self._requests: list[Any] = []

    def output(self, line: int, *, active_low: bool) -> Set:
        values = self._gpiod.line.Value
        request = self._request(line, direction="OUTPUT", active_low=active_low)
        return lambda on: request.set_value(line, values.ACTIVE if on else values.INACTIVE)

    def input(self, line: int, *, active_low: bool) -> Get:
        active = self._gpiod.line.Value.ACTIVE
        request = self._request(line, direction="INPUT", active_low=active_low)
        return lambda: bool(request.get_value(line) == active)

    def close(self) -> None:
        for request in self._requests:
            request.release()

    def _request(self, line: int, *, direction: str, active_low: bool) -> Any:
        gpiod = self._gpiod
        settings = gpiod.LineSettings(
            direction=getattr(gpiod.line.Direction, direction),
            active_low=active_low,
            output_value=gpiod.line.Value.INACTIVE,
        )
        request = gpiod.request_lines(self._chip, consumer=CONSUMER, config={line: settings})
        self._requests.append(request)
        return request


class _RaspberryPi:
    """RPi.GPIO, which numbers lines as the chip does (BCM)."""

    def __init__(self, gpio: Any, _chip: str) -> None:
        self._gpio = gpio
        self._lines: list[int] = []
        gpio.setmode(gpio.BCM)

    def output(self, line: int, *, active_low: bool) -> Set:
        gpio = self._gpio
        gpio.setup(line, gpio.OUT, initial=gpio.HIGH if active_low else gpio.LOW)
        self._lines.append(line)
        return lambda on: gpio.output(line, gpio.LOW if bool(on) is active_low else gpio.HIGH)

    def input(self, line: int, *, active_low: bool) -> Get:
        gpio = self._gpio
        gpio.setup(line, gpio.IN)
        self._lines.append(line)
        return lambda: bool(gpio.input(line)) is not active_low

    def close(self) -> None:
        self._gpio.cleanup(self._lines)


class _Periphery:
    """python-periphery."""

    def __init__(self, periphery: Any, chip: str) -> None:
        self._open = periphery.GPIO
        self._chip = chip
        self._lines: list[Any] = []

    def output(self, line: int, *, active_low: bool) -> Set:
        opened = self._line(line, "out", active_low=active_low)
        opened.write(bool(0))
        return lambda on: opened.write(bool(on))  # it takes nothing but truth values

    def input(self, line: int, *, active_low: bool) -> Get:
        opened = self._line(line, "in", active_low=active_low)
        return lambda: bool(opened.read())

    def close(self) -> None:
        for line in self._lines:
            line.close()

    def _line(self, line: int, direction: str, *, active_low: bool) -> Any:
        opened = self._open(self._chip, line, direction, inverted=active_low)
        self._lines.append(opened)
        return opened


LIBRARIES: Final[dict[Library, tuple[str, Callable[[Any, str], Lines]]]] = {
    "gpiod": ("gpiod", _Gpiod),
    "RPi.GPIO": ("RPi.GPIO", _RaspberryPi),
    "periphery": ("periphery", _Periphery),
}
