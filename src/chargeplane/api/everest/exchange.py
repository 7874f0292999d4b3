"""What both of EVerest's MQTT interfaces do with messages: understand them, and await replies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from uuid import uuid4

import msgspec
import structlog

from chargeplane.net.mqtt import Handler

T = TypeVar("T")

logger = structlog.get_logger()


def tolerant(handler: Handler) -> Handler:
    """The handler, for which a message that it cannot understand is a warning and no more."""

    def hear(topic: str, payload: bytes) -> None:
        try:
            handler(topic, payload)
        except (msgspec.MsgspecError, ValueError) as error:
            logger.warning("message not understood", topic=topic, reason=str(error))

    return hear


class Replies(Generic[T]):
    """Replies that are waited for, by the number of their request."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[T]] = {}

    async def to(self, send: Callable[[str], None], timeout_s: float) -> T:
        """Send a request, given its number, and wait for its reply; raises `TimeoutError`."""
        number = str(uuid4())
        self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            send(number)
            async with asyncio.timeout(timeout_s):
                return await self._waiting[number]
        finally:
            del self._waiting[number]

    def take(self, number: str, reply: T) -> None:
        """A reply has come; one that nobody waits for is dropped."""
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)
