"""What a station has to tell, in order, until it is answered.

Domain requests wait here, not frames: the number that a 1.x central system gives to a transaction
is put into those that follow its start when they are sent, and a connection of another version
needs nothing special. What must not be lost is on disk before `put` returns, and leaves it with
the answer: transaction events and security events. The rest waits in memory while there is a
connection and is dropped without one, unless QueueAllMessages says otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import structlog

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.domain.tariff_cost import ConnectorUnplugged
from chargeplane.domain.transactions import (
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.errors import AnswerTimeout, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2.wire import (
    BatterySwap,
    NotifyDERAlarm,
    NotifyDERStartStop,
    NotifyPriorityCharging,
)
from chargeplane.station.device_model import DeviceModel
from chargeplane.storage.documents import Documents

Ask = Callable[[Any], Awaitable[Any]]
Answered = Callable[[Any, Any], None]
Name = Callable[[str], str]

logger = structlog.get_logger()


class Waiting(msgspec.Struct):
    """A request that waits; `number` orders all of them."""

    number: int
    kind: str
    body: msgspec.Raw
    attempts: int = 0
    due: datetime | None = None  # not before


class _Entry:
    """A request in memory, beside what is kept of it."""

    __slots__ = ("request", "waiting")

    def __init__(self, waiting: Waiting, request: Any) -> None:
        self.waiting = waiting
        self.request = request


class Outbox:
    """Delivers requests one after the other."""

    def __init__(
        self,
        documents: Documents,
        model: DeviceModel,
        ask: Ask,
        *,
        now: Callable[[], datetime],
        name: Name = lambda transaction_id: transaction_id,
        answered: Answered = lambda _request, _answer: None,
    ) -> None:
        self._kept = documents.collection("outbox", Waiting)
        self._documents = documents
        self._model = model
        self._ask = ask
        self._now = now
        self._name = name
        self._answered = answered
        self._durable: dict[int, _Entry] = dict(self._load())
        self._passing: dict[int, _Entry] = {}
        self._last = max(self._durable, default=0)
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()
        self.is_online = False
        self.is_open = True  # closed: what is put is forgotten (EVerest's `stop`)

    def _load(self) -> Iterator[tuple[int, _Entry]]:
        for waiting in sorted(self._kept.values(), key=lambda each: each.number):
            waiting.due = None
            request = msgspec.json.decode(waiting.body, type=DURABLE[waiting.kind])
            yield waiting.number, _Entry(waiting, request)

    def put(self, request: Any) -> None:
        """Add a request; raises `StorageError` if one that must not be lost cannot be kept."""
        if not self.is_open:
            return
        kind = type(request).__name__
        if kind not in DURABLE and not self._may_wait(kind):
            return
        number = self._last + 1
        if kind in DURABLE:
            waiting = Waiting(number, kind, msgspec.Raw(msgspec.json.encode(request)))
            self._kept[_key(number)] = waiting
            self._durable[number] = _Entry(waiting, request)
        else:
            entry = _Entry(Waiting(number, kind, msgspec.Raw(b"{}")), request)
            self._passing[number] = entry
        self._last = number
        self._bound()
        self._wake.set()

    def _may_wait(self, kind: str) -> bool:
        if self.is_online:
            return True
        if not self._model.flag("OCPPCommCtrlr/QueueAllMessages"):
            return False
        return kind not in self._model.words("OCPPCommCtrlr/MessageTypesDiscardForQueueing")

    def __len__(self) -> int:
        return len(self._durable) + len(self._passing)

    def events(self, transaction_id: str) -> list[TransactionEvent]:
        """The events of a transaction that wait (2.x E14)."""
        found = (entry.request for entry in self._durable.values())
        return [
            each
            for each in found
            if isinstance(each, TransactionEvent) and each.transaction_id == transaction_id
        ]

    def named(self) -> set[str | None]:
        """The transactions that something waits to be told of."""
        requests = (entry.request for entry in (*self._durable.values(), *self._passing.values()))
        return {each.transaction_id for each in requests if isinstance(each, NAMED)}

    def has_events(self) -> bool:
        """Whether events of any transaction wait."""
        return any(isinstance(each.request, TransactionEvent) for each in self._durable.values())

    async def drained(self) -> None:
        """Wait until nothing waits."""
        while len(self):
            self._empty.clear()
            await self._empty.wait()

    def drop_passing(self) -> list[Any]:
        """Drop what does not wait for a connection, and return it."""
        if self._model.flag("OCPPCommCtrlr/QueueAllMessages"):
            return []
        dropped = [entry.request for entry in self._passing.values()]
        self._passing.clear()
        return dropped

    # Delivery.

    async def deliver(self) -> None:
        """Deliver what waits, for as long as the connection lasts; raises `NoAnswer`."""
        while True:
            self._wake.clear()
            seconds = await self.deliver_ready()
            try:
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def deliver_ready(self) -> float | None:
        """Deliver what can be sent now; raises `NoAnswer`.

        Returns after how many seconds there is more to send; None: when more is put.
        """
        entry, seconds = self._next()
        while entry is not None:
            await self._deliver(entry)
            entry, seconds = self._next()
        return seconds

    def _next(self) -> tuple[_Entry | None, float | None]:
        """What is to be sent now, or else how long there is nothing (s; None: until woken).

        Only the first of those that must not be lost may be sent: their order counts. While it
        waits to be tried again, the others go on.
        """
        now = self._now()
        heads = [
            entry
            for queue in (self._durable, self._passing)
            if (entry := next(iter(queue.values()), None)) is not None
        ]
        ready = [each for each in heads if (each.waiting.due or now) <= now]
        if ready:
            return min(ready, key=lambda each: each.waiting.number), None
        waits = [(each.waiting.due - now).total_seconds() for each in heads if each.waiting.due]
        return None, max(0.0, min(waits)) if waits else None

    async def _deliver(self, entry: _Entry) -> None:
        try:
            answer = await self._ask(self._renamed(entry.request))
        except Untranslatable as error:
            logger.debug("message not said in this version", reason=str(error))
            self._remove(entry)
        except (OcppError, AnswerTimeout) as error:
            self._refused(entry, error)
        else:
            with self._documents.together():
                self._remove(entry)
                self._answered(entry.request, answer)

    def _renamed(self, request: Any) -> Any:
        if not isinstance(request, NAMED) or isinstance(request, TransactionStarted):
            return request
        name = self._name(request.transaction_id or "")
        if name == request.transaction_id:
            return request
        return msgspec.structs.replace(request, transaction_id=name)

    def _refused(self, entry: _Entry, error: Exception) -> None:
        """Try again later, or give up (2.x E13; 1.6 §9.1.27, §9.1.28)."""
        waiting = entry.waiting
        waiting.attempts += 1
        allowed = self._model.number("OCPPCommCtrlr/MessageAttempts[TransactionEvent]")
        if waiting.number not in self._durable or waiting.attempts >= allowed:
            logger.warning("message given up", kind=waiting.kind, error=str(error))
            self._remove(entry)
            return
        interval = self._model.number("OCPPCommCtrlr/MessageAttemptInterval[TransactionEvent]")
        waiting.due = self._now() + timedelta(seconds=interval * waiting.attempts)
        self._kept[_key(waiting.number)] = waiting
        logger.info(
            "message refused", kind=waiting.kind, attempt=waiting.attempts, error=str(error)
        )

    def _remove(self, entry: _Entry) -> None:
        number = entry.waiting.number
        self._passing.pop(number, None)
        if self._durable.pop(number, None) is not None:
            del self._kept[_key(number)]
        if not len(self):
            self._empty.set()

    # Bounds.

    def _bound(self) -> None:
        """Keep to MessageQueueSizeThreshold by dropping what is worth least."""
        if len(self) <= self._model.number("InternalCtrlr/MessageQueueSizeThreshold"):
            return
        oldest = list(self._passing.values())
        thinned = [
            entry
            for entry in self._durable.values()
            if isinstance(entry.request, TransactionUpdated)
        ]
        victims = oldest[: max(1, len(oldest) // 10)] or thinned[1::2]
        logger.warning("queue is full", dropped=len(victims))
        with self._documents.together():
            for entry in victims:
                self._remove(entry)


def _key(number: int) -> str:
    return f"{number:012}"


DURABLE: Final[dict[str, Any]] = {
    kind.__name__: kind
    for kind in (
        TransactionStarted,
        TransactionUpdated,
        TransactionEnded,
        SecurityEventNotification,
        NotifyPriorityCharging,
        NotifyDERAlarm,
        NotifyDERStartStop,
        BatterySwap,
        ConnectorUnplugged,
    )
}
"""What must not be lost, by the name under which it is kept."""

NAMED: Final = (TransactionEvent, ConnectorUnplugged)
"""What names a transaction."""
