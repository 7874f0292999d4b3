"""A charging station: its connectors, its settings, and whoever it is connected to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload
from uuid import uuid4

from chargeplane.domain.messages import Request
from chargeplane.domain.station import BootReason, ChargingStation, Evse
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import TransactionAnswer, TransactionEvent
from chargeplane.errors import NotConnected
from chargeplane.evse.hardware import Hardware
from chargeplane.ocpp.action import Wire
from chargeplane.ocpp.peer import Peer
from chargeplane.station.device_model import DeviceModel
from chargeplane.station.machine import State, state_of
from chargeplane.station.queue import EventQueue

if TYPE_CHECKING:
    from chargeplane.station.smart_charging import Installed

R = TypeVar("R")


@dataclass(slots=True)
class Transaction:
    """A charge that runs."""

    token: Token | None
    id: str = field(default_factory=lambda: str(uuid4()))
    remote_start_id: int | None = None
    reservation_id: int | None = None
    seq_no: int = 0
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_stopping: bool = False
    suspended_by: Literal["", "evse"] = ""

    def next_seq_no(self) -> int:
        """The number of the next event."""
        self.seq_no += 1
        return self.seq_no - 1


@dataclass(slots=True)
class Connector:
    """One EVSE with its only connector."""

    evse: Evse
    hardware: Hardware
    transaction: Transaction | None = None
    authorized: Token | None = None  # presented, and waiting for the car
    remote_start_id: int | None = None
    is_operative: bool = True
    becomes_inoperative: bool = False  # once its transaction has ended
    has_ended: bool = False  # a transaction, with the car still there
    fault: str | None = None
    reserved_for: Token | None = None
    reservation_id: int | None = None
    limit_a: float = 0.0
    reported: State | None = None
    waiting: asyncio.Task[None] | None = None  # for the car to come

    def is_kept_from(self, token: Token) -> bool:
        """Whether it is reserved for somebody else."""
        return self.reserved_for is not None and self.reserved_for.key != token.key

    @property
    def state(self) -> State:
        """What the connector is to be said to be."""
        running = self.transaction is not None
        return state_of(
            faulted=self.fault is not None,
            operative=self.is_operative,
            plugged_in=self.hardware.is_plugged_in(),
            authorized=self.authorized is not None,
            transaction="running" if running else "ended" if self.has_ended else "none",
            flow=self._flow(),
            reserved=self.reservation_id is not None,
        )

    def _flow(self) -> Literal["charging", "ev", "evse"]:
        if not self.hardware.wants_energy():
            return "ev"
        return "charging" if self.limit_a > 0 else "evse"


class Station:
    """What the blocks of a charging station work with."""

    def __init__(
        self,
        station_id: str,
        about: ChargingStation,
        hardware: list[Hardware],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.id = station_id
        self.about = about
        self.now = now
        self.connectors = [
            Connector(Evse(number, 1), each) for number, each in enumerate(hardware, start=1)
        ]
        self.model = DeviceModel(about, len(hardware))
        self.queue = EventQueue(self.ask, self._answered)
        self.peer: Peer[Station] | None = None
        self.boot_reason: BootReason = "PowerUp"
        self.accepted = asyncio.Event()
        self.reset_wanted = asyncio.Event()
        self.profiles: list[Installed] = []
        self.local_list_version = 0
        self.on_answer: Callable[[TransactionEvent, TransactionAnswer], None] | None = None
        self.on_limits: Callable[[], None] = lambda: None
        self.on_news: Callable[[str], None] = lambda _text: None
        self._tasks: set[asyncio.Task[None]] = set()

    @overload
    async def ask(self, request: Request[R]) -> R: ...

    @overload
    async def ask(self, request: Wire) -> Any: ...

    async def ask(self, request: Any) -> Any:
        """Put a request to the central system; raises Untranslatable, OcppError, NoAnswer."""
        if self.peer is None:
            raise NotConnected("the station is offline")
        return await self.peer.ask(request)

    def connector(self, evse_id: int) -> Connector | None:
        """The connector of an EVSE, if there is such an EVSE."""
        if 1 <= evse_id <= len(self.connectors):
            return self.connectors[evse_id - 1]
        return None

    def transaction(self, name: str) -> Connector | None:
        """The connector with the transaction that the central system calls so."""
        for connector in self.connectors:
            transaction = connector.transaction
            if transaction and name in (transaction.id, self.queue.name(transaction.id)):
                return connector
        return None

    def spawn(self, work: Any, name: str) -> asyncio.Task[None]:
        """Do something beside what is being done; its failure is logged by asyncio."""
        task = asyncio.create_task(work, name=f"station[{self.id}].{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """End everything that was begun."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _answered(self, event: TransactionEvent, answer: TransactionAnswer) -> None:
        if self.on_answer is not None:
            self.on_answer(event, answer)
