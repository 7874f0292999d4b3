"""What a station tells those who run it: values that change, each with its latest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

import structlog

from chargeplane.domain.certificates import SecurityEventNotification
from chargeplane.domain.messages import MessageContent, Value
from chargeplane.domain.station import BootAnswer
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import TransactionAnswer, TransactionEvent
from chargeplane.energy.composite_values import Composite

T = TypeVar("T")

BACKLOG = 1000  # values that wait for a slow listener; the oldest go first

logger = structlog.get_logger()


class Signal(Generic[T]):
    """Values of one kind, as they come."""

    __slots__ = ("_listeners", "latest")

    def __init__(self) -> None:
        self.latest: T | None = None
        self._listeners: list[Callable[[T], None]] = []

    def emit(self, value: T) -> None:
        """Hand a value to all who listen; a listener that fails harms nobody."""
        self.latest = value
        for listener in tuple(self._listeners):
            try:
                listener(value)
            except Exception:
                logger.exception("a listener failed")

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def listen(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """Call `listener` with each value from now on, until what is returned is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def values(self) -> AsyncIterator[T]:
        """The latest value, if there is one, and all that follow."""
        waiting: asyncio.Queue[T] = asyncio.Queue(BACKLOG)

        def keep(value: T) -> None:
            if waiting.full():
                waiting.get_nowait()
            waiting.put_nowait(value)

        if self.latest is not None:
            keep(self.latest)
        stop = self.listen(keep)
        try:
            while True:
                yield await waiting.get()
        finally:
            stop()


class Link(Value, frozen=True, kw_only=True):
    """The connection to the central system; without one, the last that there was."""

    connected: bool
    url: str | None = None
    identity: str | None = None
    security_profile: int | None = None
    slot: int | None = None
    version: str | None = None


class Asked(Value, frozen=True, kw_only=True):
    """A request to the central system: its name, how long it took (s), and how it failed."""

    name: str
    seconds: float
    error: str = ""


TokenUse = Literal["Processing", "Accepted", "Rejected", "UsedToStart", "UsedToStop", "TimedOut"]
"""What becomes of a token that is presented."""


class Cost(Value, frozen=True, kw_only=True):
    """What a charge costs, as far as it is known here; and what is said about it."""

    transaction_id: str
    evse_id: int
    amount: Decimal | None
    currency: str
    is_final: bool = False
    texts: tuple[MessageContent, ...] = ()


@dataclass(slots=True)
class Signals:
    """All that a station tells; each is described by the type of its values."""

    transaction: Signal[TransactionEvent] = field(default_factory=Signal)
    answered: Signal[tuple[TransactionEvent, TransactionAnswer]] = field(default_factory=Signal)
    boot: Signal[BootAnswer] = field(default_factory=Signal)
    link: Signal[Link] = field(default_factory=Signal)
    security: Signal[SecurityEventNotification] = field(default_factory=Signal)
    asked: Signal[Asked] = field(default_factory=Signal)
    limits: Signal[None] = field(default_factory=Signal)  # profiles came or went
    charging_schedules: Signal[tuple[Composite, ...]] = field(
        default_factory=Signal
    )  # EVSE 0 first
    renegotiation: Signal[int] = field(default_factory=Signal)  # EVSE whose car is to be asked anew
    energy_transfers: Signal[tuple[int, tuple[str, ...]]] = field(default_factory=Signal)  # EVSE
    status: Signal[Any] = field(default_factory=Signal)  # (EVSE, connector) of another state
    token: Signal[tuple[Token, TokenUse]] = field(default_factory=Signal)
    cost: Signal[Cost] = field(default_factory=Signal)
    price: Signal[tuple[Token, tuple[MessageContent, ...]]] = field(default_factory=Signal)
    reservation: Signal[tuple[int, str]] = field(default_factory=Signal)  # its id, what became
    frame: Signal[tuple[Literal["received", "sent"], bytes]] = field(default_factory=Signal)
