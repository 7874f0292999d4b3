"""Wallboxes that are driven over Modbus, each described by a map of its registers."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from chargeplane.errors import (
    DeviceError,
    DeviceRefused,
    NoAnswer,
    NoMeasurement,
)
from chargeplane.evse.drivers.wallbox_map import RegisterMap, Value, Writable, load_map
from chargeplane.evse.hardware import IecState, WallboxStatus
from chargeplane.evse.registers import Bus, Image, Span, encode, fetched, grouped, taken

MINIMUM_A: Final = 6.0  # IEC 61851-1: less cannot be offered
PHASES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WallboxConfig:
    """Which wallbox: the name of one of our maps, or the path of a map; `unit` overrides it."""

    map: str
    unit: int | None = None
    limit_a: float = 16.0  # more is never offered


class ModbusWallbox:
    """A wallbox behind its map: see `hardware.Wallbox`."""

    def __init__(self, config: WallboxConfig, bus: Bus) -> None:
        """Raises `ConfigurationError` if there is no such map, or it cannot be used."""
        self.registers = registers = load_map(config.map)
        self._bus = bus
        self._unit = registers.unit if config.unit is None else config.unit
        self._limit_a = config.limit_a
        self._is_set_up = False

    async def status(self) -> WallboxStatus:
        """Read everything that the map names."""
        async with self._reachable():
            images = {
                function: await fetched(self._bus, self._unit, function, spans)
                for function, spans in _requests(self.registers).items()
            }
        return _status(self.registers, images)

    async def offer(self, limit_a: float, phases: int | None = None) -> None:
        """Write the limit, and whether to charge at all."""
        may_charge = limit_a >= MINIMUM_A
        async with self._reachable():
            if phases is not None:
                await self._switch(phases)
            if may_charge or self.registers.limit.can_stop:
                await self._limit(min(limit_a, self._limit_a) if may_charge else 0.0)
            if self.registers.enable is not None:
                enable = self.registers.enable
                await self._write(enable, enable.on if may_charge else enable.off)

    async def _switch(self, phases: int) -> None:
        switch = self.registers.phases
        if switch is None or str(phases) not in switch.values:
            raise DeviceRefused(f"{self.registers.name} cannot choose {phases} phases")
        await self._write(switch, switch.values[str(phases)])

    async def _limit(self, limit_a: float) -> None:
        limit, data_type = self.registers.limit, self.registers.limit.data_type
        steps = round(limit_a / limit.unit, 6)
        number = steps if limit.type.startswith("float") else math.floor(steps)
        await self._write(limit, *encode(number, data_type, self.registers.endianness))

    @asynccontextmanager
    async def _reachable(self) -> AsyncIterator[None]:
        """Set it up first, and again when it did not answer: it may have been restarted."""
        try:
            if not self._is_set_up:
                for each in self.registers.setup:
                    await self._write(each, each.value)
                self._is_set_up = True
            yield
        except NoAnswer:
            self._is_set_up = False
            raise

    async def _write(self, where: Writable, *words: int) -> None:
        await self._bus.write(self._unit, where.address, words, function=where.function)


def _requests(registers: RegisterMap) -> dict[int, list[Span]]:
    """What to read, by the function that reads it."""
    wanted: dict[int, list[Span]] = {}
    for name, value in _values(registers):
        spans = wanted.setdefault(_function(registers, value), [])
        spans += [Span(each.address, each.size) for each in _parts(name, value)]
    return {function: grouped(spans, most=registers.most) for function, spans in wanted.items()}


def _values(registers: RegisterMap) -> Iterator[tuple[str, Value]]:
    for name in registers.__struct_fields__:
        value = getattr(registers, name)
        if isinstance(value, Value):
            yield name, value


def _parts(name: str, value: Value) -> list[Value]:
    """The value itself, or one for each phase."""
    count = PHASES if name in PER_PHASE else 1
    return [
        msgspec.structs.replace(value, address=value.address + n * value.size) for n in range(count)
    ]


def _status(registers: RegisterMap, images: Mapping[int, Image]) -> WallboxStatus:
    found: dict[str, Any] = {}
    for name, value in _values(registers):
        numbers = [_number(registers, each, images) for each in _parts(name, value)]
        found[name] = tuple(each or 0.0 for each in numbers) if name in PER_PHASE else numbers[0]
    return WallboxStatus(
        state="A" if found.get("plugged") == 0 else _state(registers, images),
        offered_a=found.get("offered"),
        currents_a=found.get("currents"),
        voltages_v=found.get("voltages"),
        power_w=found.get("power"),
        energy_wh=found.get("energy"),
        session_wh=found.get("session_energy"),
        temperature_c=found.get("temperature"),
    )


def _state(registers: RegisterMap, images: Mapping[int, Image]) -> IecState:
    state = registers.state
    if state.type == "string":
        image = images[_function(registers, state)]
        words = [image[state.address + at] for at in range(state.count)]
        data = b"".join(word.to_bytes(2, "big") for word in words)
        said = data.decode("ascii", "replace").strip("\0 ")
    else:
        said = str(int(_number(registers, state, images) or 0))
    try:
        return state.values[said]
    except KeyError:
        raise DeviceError(f"{registers.name} says state {said!r}, which its map lacks") from None


def _number(registers: RegisterMap, value: Value, images: Mapping[int, Image]) -> float | None:
    """A value in its unit; None for text and where the wallbox knows none."""
    if value.type == "string":
        return None
    image = images[_function(registers, value)]
    try:
        number = taken(image, value.address, value.data_type, registers.endianness)
    except NoMeasurement:
        return None
    if value.mask is not None:
        number = (int(number) & value.mask) // (value.mask & -value.mask)
    return round(number * value.unit, 6)


def _function(registers: RegisterMap, value: Value) -> int:
    return value.function or registers.read_function


PER_PHASE: Final = ("currents", "voltages")
