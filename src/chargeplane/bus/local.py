"""Events within one process: everyone who listens gets everything that is published."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from chargeplane.domain.events import Event

BACKLOG: Final = 1000  # events that a listener may lag behind; older ones are dropped

logger = structlog.get_logger()


class Subscription:
    """The events since it was made, in order; the oldest are dropped if it lags too far."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue(BACKLOG)
        self.dropped = 0

    def put(self, event: Event) -> None:
        """Add an event; never waits."""
        if self._queue.full():
            self._queue.get_nowait()
            self.dropped += 1
        self._queue.put_nowait(event)

    async def get(self) -> Event:
        """The next event."""
        return await self._queue.get()

    def waiting(self) -> list[Event]:
        """All that can be had without waiting."""
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            yield await self._queue.get()


class Bus:
    """Publish and subscribe."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()

    def publish(self, event: Event) -> None:
        """Hand an event to everyone who listens now."""
        for subscription in self._subscriptions:
            subscription.put(event)

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Listen for as long as the context lasts."""
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            if subscription.dropped:
                logger.warning("a listener lagged behind", dropped=subscription.dropped)
