"""The raw message log: every frame of every station, written behind the traffic.

Nobody waits for it, so it may lose the last moment when the process dies; what
must not be lost is stored by the handlers before they answer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Literal

import structlog
from sqlalchemy import Connection

from chargeplane.csms.central import Central
from chargeplane.errors import StorageError
from chargeplane.storage.records import Message
from chargeplane.storage.repositories import messages

PERIOD: Final = 0.5  # s between writes
CAPACITY: Final = 50_000  # frames that may wait; beyond it the oldest are lost

logger = structlog.get_logger()


class MessageLog:
    """Collects frames and writes them in groups."""

    def __init__(self, central: Central) -> None:
        self._central = central
        self._waiting: deque[Message] = deque(maxlen=CAPACITY)
        self._is_on = central.settings.message_log_retention_days > 0

    def add(self, station_id: str, direction: Literal["received", "sent"], frame: bytes) -> None:
        """Note a frame; never waits."""
        if self._is_on:
            at = self._central.now()
            self._waiting.append(messages.of_frame(station_id, at, direction, frame))

    async def run(self) -> None:
        """Write what was noted, again and again, until cancelled; then once more."""
        try:
            while True:
                await asyncio.sleep(PERIOD)
                await self._write()
        finally:
            await self._write()

    async def _write(self) -> None:
        waiting = list(self._waiting)
        self._waiting.clear()
        if not waiting:
            return

        def work(connection: Connection) -> None:
            for message in waiting:
                messages.append(connection, message)

        try:
            await self._central.database.write(work)
        except StorageError as error:
            logger.error("message log not written", frames=len(waiting), error=str(error))
