"""Numbers in Modbus registers: data types, byte orders, and which requests fetch them."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

from chargeplane.errors import NoMeasurement

Number = int | float
Image = Mapping[int, int]  # what registers hold, by address

WORD: Final = 2  # bytes of a register


class DataType(IntEnum):
    """How a number lies in registers; the first three are numbered as the SmartEVSE does."""

    INT32 = 0
    FLOAT32 = 1
    INT16 = 2
    UINT16 = 3
    UINT32 = 4
    INT64 = 5
    UINT64 = 6
    FLOAT64 = 7

    @property
    def size(self) -> int:
        """How many registers it takes."""
        return struct.calcsize(f">{_LETTERS[self]}") // WORD


class Endianness(IntEnum):
    """Which byte of a register, which register of a number comes first; numbered as above."""

    LOW_BYTE_LOW_WORD = 0
    LOW_BYTE_HIGH_WORD = 1
    HIGH_BYTE_LOW_WORD = 2
    HIGH_BYTE_HIGH_WORD = 3


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Registers that lie side by side."""

    address: int
    count: int

    @property
    def end(self) -> int:
        """The address behind it."""
        return self.address + self.count


class Bus(Protocol):
    """Where registers are read and written: a `net.modbus.ModbusBus`.

    Both raise `NoAnswer` or `DeviceError`.
    """

    async def read(self, unit: int, function: int, address: int, count: int) -> tuple[int, ...]:
        """So many registers from an address on."""
        ...

    async def write(
        self, unit: int, address: int, values: Sequence[int], *, function: int = 16
    ) -> None:
        """Write registers from an address on."""
        ...


def decode(registers: Sequence[int], data_type: DataType, endianness: Endianness) -> Number:
    """The number in as many registers as its type takes.

    Raises `NoMeasurement` if there are too few of them, or if it is not a finite number.
    """
    if len(registers) < data_type.size:
        raise NoMeasurement(f"{len(registers)} registers are too few for {data_type.name}")
    words = _in_order(registers[: data_type.size], endianness)
    data = struct.pack(f">{len(words)}H", *words)
    (number,) = struct.unpack(f">{_LETTERS[data_type]}", _in_bytes(data, endianness))
    if not math.isfinite(number):
        raise NoMeasurement(f"{number} is no measurement")
    return number if isinstance(number, int) else float(number)


def encode(number: Number, data_type: DataType, endianness: Endianness) -> tuple[int, ...]:
    """The registers that hold a number; integers are rounded.

    Raises `ValueError` if the number does not fit.
    """
    letter = _LETTERS[data_type]
    try:
        data = struct.pack(f">{letter}", number if letter in "fd" else round(number))
    except (struct.error, OverflowError) as error:
        raise ValueError(f"{number} is no {data_type.name}") from error
    data = _in_bytes(data, endianness)
    words = struct.unpack(f">{data_type.size}H", data)
    return tuple(_in_order(words, endianness))


def taken(image: Image, address: int, data_type: DataType, endianness: Endianness) -> Number:
    """The number at an address of an image.

    Raises `NoMeasurement` if the image does not hold it, or it is no finite number.
    """
    try:
        words = [image[address + offset] for offset in range(data_type.size)]
    except KeyError as error:
        raise NoMeasurement(f"register {error} was not read") from error
    return decode(words, data_type, endianness)


def grouped(spans: Iterable[Span], *, most: int = 125, gap: int = 0) -> list[Span]:
    """The fewest requests that fetch all spans, of at most so many registers each.

    Up to `gap` registers that nobody asked for are read along to save a request.
    """
    groups: list[Span] = []
    for span in sorted(spans):
        last = groups[-1] if groups else Span(0, 0)
        joined = Span(last.address, max(last.end, span.end) - last.address)
        if groups and span.address <= last.end + gap and joined.count <= most:
            groups[-1] = joined
        else:
            groups.append(span)
    return groups


async def fetched(bus: Bus, unit: int, function: int, spans: Iterable[Span]) -> dict[int, int]:
    """What the registers of a unit hold now. Raises `NoAnswer` or `DeviceError`."""
    image: dict[int, int] = {}
    for span in spans:
        words = await bus.read(unit, function, span.address, span.count)
        image |= dict(enumerate(words, span.address))
    return image


def _in_order(words: Sequence[int], endianness: Endianness) -> Sequence[int]:
    low_first = endianness in (Endianness.LOW_BYTE_LOW_WORD, Endianness.HIGH_BYTE_LOW_WORD)
    return words[::-1] if low_first else words


def _in_bytes(data: bytes, endianness: Endianness) -> bytes:
    if endianness in (Endianness.HIGH_BYTE_LOW_WORD, Endianness.HIGH_BYTE_HIGH_WORD):
        return data
    return b"".join(data[at : at + WORD][::-1] for at in range(0, len(data), WORD))


_LETTERS: Final = {
    DataType.INT16: "h",
    DataType.UINT16: "H",
    DataType.INT32: "i",
    DataType.UINT32: "I",
    DataType.FLOAT32: "f",
    DataType.INT64: "q",
    DataType.UINT64: "Q",
    DataType.FLOAT64: "d",
}
