"""What a station has to tell of its transactions, in order, until it is answered.

Domain requests wait here, not frames: the number that a 1.x central system
gives to a transaction is put into those that follow its start, and a
connection of another version needs nothing special.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import structlog

from chargeplane.domain.transactions import (
    TransactionAnswer,
    TransactionEvent,
    TransactionStarted,
)
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.errors import OcppError

RETRY_AFTER: Final = 5.0  # s, times the number of attempts (TransactionMessageRetryInterval)
ATTEMPTS: Final = 3  # of an event that the central system refuses (TransactionMessageAttempts)

Ask = Callable[[Any], Awaitable[Any]]
Answered = Callable[[TransactionEvent, TransactionAnswer], None]

logger = structlog.get_logger()


class EventQueue:
    """Delivers events one after the other."""

    def __init__(self, ask: Ask, answered: Answered) -> None:
        self._ask = ask
        self._answered = answered
        self._events: deque[TransactionEvent] = deque()
        self._names: dict[str, str] = {}  # our name of a transaction -> the central system's
        self._wake = asyncio.Event()

    def put(self, event: TransactionEvent) -> None:
        """Add an event; it is named as this station names the transaction."""
        self._events.append(event)
        self._wake.set()

    def name(self, transaction_id: str) -> str:
        """What the central system calls a transaction."""
        return self._names.get(transaction_id, transaction_id)

    def __len__(self) -> int:
        return len(self._events)

    async def deliver(self) -> None:
        """Deliver what waits, for as long as the connection lasts; raises `NoAnswer`."""
        while True:
            while self._events:
                await self._deliver(self._events[0])
                self._events.popleft()
            self._wake.clear()
            await self._wake.wait()

    async def _deliver(self, event: TransactionEvent) -> None:
        """Deliver one event; one that is refused again and again, or cannot be said, is dropped."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = await self._ask(self._renamed(event))
            except Untranslatable as error:
                logger.debug("event not said in this version", reason=str(error))
                return
            except OcppError as error:
                logger.warning("event refused", attempt=attempt, error=str(error))
                await asyncio.sleep(RETRY_AFTER * attempt)
            else:
                self._settle(event, answer)
                return

    def _renamed(self, event: TransactionEvent) -> TransactionEvent:
        if event.transaction_id is None or isinstance(event, TransactionStarted):
            return event
        name = self.name(event.transaction_id)
        return msgspec.structs.replace(event, transaction_id=name)

    def _settle(self, event: TransactionEvent, answer: TransactionAnswer) -> None:
        if answer.transaction_id is not None and event.transaction_id is not None:
            self._names[event.transaction_id] = answer.transaction_id
        self._answered(event, answer)
