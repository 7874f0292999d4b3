"""Serial lines without hardware: what one end of a hub says, all others hear."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hub(ends: int = 2) -> Iterator[list[str]]:
    """Yield the names of serial ports that are wired together."""
    pairs = [pty.openpty() for _ in range(ends)]
    loop = asyncio.get_running_loop()
    masters = [master for master, _ in pairs]
    for master, slave in pairs:
        tty.setraw(slave)
        loop.add_reader(master, _pass_on, master, masters)
    try:
        yield [os.ttyname(slave) for _, slave in pairs]
    finally:
        for master, slave in pairs:
            loop.remove_reader(master)
            os.close(master)
            os.close(slave)


def _pass_on(speaker: int, masters: list[int]) -> None:
    data = os.read(speaker, 1024)
    for master in masters:
        if master != speaker:
            os.write(master, data)
