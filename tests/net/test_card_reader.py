from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import Iterator

import pytest

from chargeplane.errors import ConfigurationError, NotConnected
from chargeplane.net.card_reader import SerialCardReader


@pytest.fixture
def port() -> Iterator[tuple[int, str]]:
    """The end of the reader, and the port that it is plugged into."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    for end in (master, slave):
        try:
            os.close(end)
        except OSError:
            continue  # the test took it out


async def test_cards_come_one_after_the_other(port: tuple[int, str]) -> None:
    said, name = port
    reader = SerialCardReader(name)
    os.write(said, b"rubbish\r\n04a1b2c3\r\n\x0204:A1:B2:C3:D4:E5:F6\x03")
    os.write(said, b"04A1\r\nA1B2C3D4E5F60\r\n112233")
    assert await reader.next_uid() == "04A1B2C3"
    assert await reader.next_uid() == "04A1B2C3D4E5F6"
    os.write(said, b"445566\n")
    assert await reader.next_uid() == "112233445566"
    reader.close()
    reader.close()


async def test_a_reader_that_is_taken_out(port: tuple[int, str]) -> None:
    said, name = port
    reader = SerialCardReader(name)
    waiting = asyncio.create_task(reader.next_uid())
    await asyncio.sleep(0)
    os.close(said)
    with pytest.raises(NotConnected):
        await waiting
    with pytest.raises(NotConnected):
        await reader.next_uid()


async def test_a_port_that_is_not_there() -> None:
    with pytest.raises(ConfigurationError, match="not-there"):
        SerialCardReader("/dev/not-there")
