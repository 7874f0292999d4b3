"""Readers of RFID cards that write the number of each card to a serial line."""

from __future__ import annotations

import asyncio
import re
from typing import Final

import serial

from chargeplane.errors import ConfigurationError, NotConnected

# 4, 7 or 10 bytes (ISO 14443-3), perhaps with separators, alone on a line or between STX and ETX.
UID: Final = re.compile(rb"(?:[0-9A-F]{2}[ :-]?){4,10}", re.IGNORECASE)
LENGTHS: Final = frozenset({8, 12, 14, 20})  # digits; 12: older readers shorten 7 bytes to 6
MOST_WAITING: Final = 16  # cards that nobody asked for yet
LONGEST: Final = 64  # bytes of a line; more is noise


class SerialCardReader:
    """See `hardware.RfidReader`. Raises `ConfigurationError` if the port cannot be opened."""

    def __init__(self, port: str, baudrate: int = 9600) -> None:
        try:
            self._serial = serial.serial_for_url(port, baudrate=baudrate, timeout=0)
        except (serial.SerialException, ValueError) as error:
            raise ConfigurationError(f"rfid.port: {error}") from error
        self._cards: asyncio.Queue[str | None] = asyncio.Queue()  # None: the reader is gone
        self._rest = b""
        asyncio.get_running_loop().add_reader(self._serial.fileno(), self._receive)

    async def next_uid(self) -> str:
        """Wait for a card; its number in upper case. Raises `NotConnected` without a reader."""
        uid = await self._cards.get()
        if uid is None:
            self._cards.put_nowait(None)
            raise NotConnected(f"the card reader at {self._serial.port} is gone")
        return uid

    def close(self) -> None:
        """Close the port."""
        if self._serial.is_open:
            asyncio.get_running_loop().remove_reader(self._serial.fileno())
            self._serial.close()

    def _receive(self) -> None:
        try:
            data = self._serial.read(LONGEST)
        except (serial.SerialException, OSError):
            self.close()
            self._cards.put_nowait(None)
            return
        *lines, rest = re.split(rb"[\r\n\x02\x03\x00]", self._rest + data)
        self._rest = rest[-LONGEST:]
        for line in lines:
            uid = _uid(line.strip())
            if uid and self._cards.qsize() < MOST_WAITING:
                self._cards.put_nowait(uid)


def _uid(line: bytes) -> str:
    if not UID.fullmatch(line):
        return ""
    digits = re.sub(rb"[ :-]", b"", line).decode().upper()
    return digits if len(digits) in LENGTHS else ""
