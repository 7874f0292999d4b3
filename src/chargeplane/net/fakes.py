"""A connection without a network: two ends in one process, for tests and simulations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from chargeplane.errors import NotConnected
from chargeplane.net.websocket import Connection


class MemoryConnection(Connection):
    """One end: what it sends, the other end receives."""

    __slots__ = ("_closing", "_incoming", "_other")

    def __init__(self, subprotocol: str) -> None:
        super().__init__(None, subprotocol)
        self._incoming: asyncio.Queue[bytes | None] = asyncio.Queue()  # None: the end
        self._closing = ""
        self._other: MemoryConnection | None = None

    async def send(self, frame: bytes) -> None:
        """Hand a frame over; raises `NotConnected` once the connection is closed."""
        if self._other is None:
            raise NotConnected(self._closing)
        self._other.receive(frame)

    async def frames(self) -> AsyncIterator[bytes]:
        """Every frame that comes, until the connection ends."""
        while (frame := await self._incoming.get()) is not None:
            yield frame

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection on both sides; what was sent before still arrives."""
        if self._other is not None:
            self._other.end(code, reason)
            self.end(code, reason)

    def cut(self) -> None:
        """Lose the connection on both sides."""
        if self._other is not None:
            self._other.end(1006, "cut")
            self.end(1006, "cut")

    def join(self, other: MemoryConnection) -> None:
        """Send to that end from now on."""
        self._other = other

    def receive(self, frame: bytes) -> None:
        """Take a frame from the other end."""
        self._incoming.put_nowait(frame)

    def end(self, code: int, reason: str) -> None:
        """Be open no longer."""
        self._closing = f"{code} {reason}".strip()
        self._other = None
        self._incoming.put_nowait(None)

    async def is_alive(self) -> bool:
        """Whether the connection is open."""
        return self._other is not None

    @property
    def closing(self) -> str:
        """How the connection ended."""
        return self._closing


def wire(subprotocol: str) -> tuple[MemoryConnection, MemoryConnection]:
    """The two ends of an open connection."""
    one, other = MemoryConnection(subprotocol), MemoryConnection(subprotocol)
    one.join(other)
    other.join(one)
    return one, other
