"""The raw message log: every frame of every station, written behind the traffic.

Nobody waits for it, so it may lose the last moment when the process dies; what
must not be lost is stored by the handlers before they answer.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import Final, Literal

import structlog

from chargeplane import logs
from chargeplane.csms.central import Central
from chargeplane.errors import StorageError
from chargeplane.storage.records import Direction
from chargeplane.storage.repositories import messages
from chargeplane.storage.repositories.messages import Frame

PERIOD: Final = 0.5  # s between writes
CAPACITY: Final = 50_000  # frames that may wait; beyond it the oldest are lost

WAYS: Final[dict[str, Direction]] = {"received": "in", "sent": "out"}

# The head of a frame; answers have no action.
_HEAD = re.compile(r'\s*\[\s*\d+\s*,\s*"(?P<id>[^"\\]*)"\s*,(?:\s*"(?P<action>\w+)"\s*,)?')

logger = structlog.get_logger()


class MessageLog:
    """Collects frames and writes them in groups."""

    def __init__(self, central: Central) -> None:
        self._central = central
        self._waiting: deque[Frame] = deque(maxlen=CAPACITY)
        self._is_on = central.settings.message_log_retention_days > 0
        self._lost = 0  # frames since the data store began to fail

    def add(self, station_id: str, direction: Literal["received", "sent"], frame: bytes) -> None:
        """Note a frame; never waits."""
        if self._is_on:
            text = logs.mask_frame(frame.decode("utf-8", "replace"))
            head = _HEAD.match(text)
            call_id, action = (head["id"], head["action"]) if head else (None, None)
            at, way = self._central.now(), WAYS[direction]
            self._waiting.append(Frame(station_id, at, way, text, action, call_id))

    async def run(self) -> None:
        """Write what was noted, again and again, until cancelled; then once more."""
        try:
            while True:
                await asyncio.sleep(PERIOD)
                await self._write()
        finally:
            await self._write()

    async def _write(self) -> None:
        waiting = tuple(self._waiting)
        self._waiting.clear()
        if not waiting:
            return
        try:
            await self._central.database.write(messages.append, waiting)
        except StorageError as error:
            if not self._lost:
                logger.error("message log not written", error=str(error))
            self._lost += len(waiting)
        else:
            if self._lost:
                logger.warning("message log written again", frames_lost=self._lost)
            self._lost = 0
