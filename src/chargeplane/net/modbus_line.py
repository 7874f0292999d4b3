"""A serial Modbus line that others use too: which question is ours, and what others answer.

Questions and answers carry nothing that tells them apart but their size, and a master asks many
devices; so every sound frame is taken apart, also those that are none of our business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import DecodePDU

from chargeplane.errors import DeviceRefused

READ_COILS, READ_INPUTS, READ_HOLDING, READ_REGISTERS = READS = (1, 2, 3, 4)
WRITE_COIL, WRITE_ONE, WRITE_COILS, WRITE_MANY = WRITES = (5, 6, 15, 16)
REFUSAL: Final = 0x80  # the bit of a function that its refusal has

SHORT: Final = 8  # bytes of a question to read, and of an answer to a write
REFUSED: Final = 5  # bytes of a refusal
BYTE_COUNT: Final = 6  # where a question to write says how many bytes follow
SILENCE_S: Final = 0.05  # what is incomplete after it stays so: a frame is sent without a break


class Registers(Protocol):
    """What a server answers with; raises `DeviceRefused` with a code for what cannot be."""

    def read(self, function: int, address: int, count: int) -> Sequence[int]:
        """So many registers from an address on."""
        ...

    def write(self, function: int, address: int, values: Sequence[int]) -> None:
        """Take new values for the registers from an address on."""
        ...


class Heard(NamedTuple):
    """What another device on the line answered to another's question."""

    unit: int
    function: int
    address: int
    registers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """Who we are on a line: `silent` units obey without an answer, as broadcasts want it."""

    units: Mapping[int, Registers]
    silent: Collection[int] = ()
    overhear: Callable[[Heard], None] | None = None


class PartyLine(FramerRTU):
    """Finds the questions to us in what goes over a line."""

    def __init__(self, decoder: DecodePDU, party: Party) -> None:
        super().__init__(decoder)
        self._party = party
        self._asked: tuple[int, int, int, int] | None = None  # unit, function, address, count
        self._left = 0  # bytes that waited for their rest when we last looked
        self._looked_at = 0.0

    def decode(self, data: bytes) -> tuple[int, int, int, bytes]:
        """The next question to us, after everything that others said."""
        at = self._stale(len(data))
        while len(data) - at >= self.MIN_SIZE:
            size = frame_size(data[at:])
            if size is None:
                break
            frame = data[at : at + size]
            at += size or 1
            if frame and self._is_for_us(frame):
                self._left = len(data) - at
                return at, frame[0], 0, frame[1:-2]
        self._left = len(data) - at
        return at, 0, 0, self.EMPTY

    def _stale(self, size: int) -> int:
        """How many bytes wait in vain for their rest."""
        now = asyncio.get_running_loop().time()
        late = now - self._looked_at > SILENCE_S
        self._looked_at = now
        return min(self._left, size) if late else 0

    def _is_for_us(self, frame: bytes) -> bool:
        unit, function = frame[0], frame[1]
        if is_answer(frame):
            self._overhear(frame)
        elif unit in self._party.silent:
            self._obey(frame)
        elif unit in self._party.units:
            return True
        else:
            self._asked = (unit, function, _word(frame, 2), _word(frame, 4))
        return False

    def _obey(self, frame: bytes) -> None:
        unit, function = frame[0], frame[1]
        values = frame[4:6] if function == WRITE_ONE else frame[BYTE_COUNT + 1 : -2]
        if function in (WRITE_ONE, WRITE_MANY):
            try:
                self._party.units[unit].write(function, _word(frame, 2), _words(values))
            except DeviceRefused:
                return  # nobody waits for an answer

    def _overhear(self, frame: bytes) -> None:
        asked, self._asked = self._asked, None
        if self._party.overhear is None or asked is None:
            return
        unit, function, address, count = asked
        is_read = function in (READ_HOLDING, READ_REGISTERS)
        if is_read and frame[:3] == bytes((unit, function, 2 * count & 0xFF)):
            self._party.overhear(Heard(unit, function, address, _words(frame[3:-2])))


def frame_size(data: bytes) -> int | None:
    """The size of the sound frame that begins here; 0: none does; None: it may be incomplete."""
    sizes = _possible_sizes(data)
    for size in sizes:
        if size <= len(data) and _is_sound(data[:size]):
            return size
    return None if any(size > len(data) for size in sizes) else 0


def is_answer(frame: bytes) -> bool:
    """Whether a frame is an answer; that to writing one register looks like its question."""
    function, is_short = frame[1], len(frame) == SHORT
    if function in READS:
        return not is_short
    return bool(function & REFUSAL) or (function in (WRITE_COILS, WRITE_MANY) and is_short)


def _possible_sizes(data: bytes) -> tuple[int, ...]:
    """The sizes that a question or an answer of its function has."""
    function = data[1]
    if function & REFUSAL:
        return (REFUSED,)
    if function in READS:
        return (SHORT, REFUSED + data[2])
    if function in (WRITE_COIL, WRITE_ONE):
        return (SHORT,)
    if function in (WRITE_COILS, WRITE_MANY):
        known = len(data) > BYTE_COUNT
        return (SHORT, BYTE_COUNT + 3 + data[BYTE_COUNT] if known else len(data) + 1)
    return ()


def _is_sound(frame: bytes) -> bool:
    return FramerRTU.check_CRC(frame[:-2], _word(frame, len(frame) - 2))


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def _words(data: bytes) -> tuple[int, ...]:
    return tuple(_word(data, at) for at in range(0, len(data) - 1, 2))
