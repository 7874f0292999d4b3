"""A charging station: its EVSEs, its settings, and whoever it is connected to.

`handlers.build` makes one with all functional blocks; the blocks work with what stands here.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar, cast, overload

import msgspec
import structlog

from chargeplane.domain.messages import Request
from chargeplane.domain.station import (
    BootNotification,
    BootReason,
    ChargingStation,
    DataTransfer,
    DataTransferAnswer,
)
from chargeplane.domain.transactions import TransactionAnswer, TransactionEvent, TransactionStarted
from chargeplane.errors import ChargeplaneError, NotConnected
from chargeplane.evse.hardware import Display, GridMeter, Hardware, Installer
from chargeplane.net.websocket import Connection, connect
from chargeplane.ocpp.action import Wire
from chargeplane.ocpp.conduct import CONDUCT, Conduct
from chargeplane.ocpp.peer import Peer
from chargeplane.station.device_model import DeviceModel, Held
from chargeplane.station.logbook import Logbook
from chargeplane.station.queue import Outbox
from chargeplane.station.signals import Asked, Signals
from chargeplane.station.unit import Connector, EvseUnit, Transaction
from chargeplane.station.work import Work
from chargeplane.storage.documents import Documents

R = TypeVar("R")

logger = structlog.get_logger()


AnswerVendor = Callable[[DataTransfer], Awaitable[DataTransferAnswer]]
Live = Callable[["Station", Any, Any, Any], str | None]
Check = Callable[["Station", str], str | None]
Effect = Callable[["Station", str], None]


@dataclass(slots=True)
class Tables:
    """What the blocks bring along; see `handlers`."""

    live: dict[str, Live] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    triggers: dict[str, Any] = field(default_factory=dict)
    refusals: dict[str, Callable[[Station], bool]] = field(default_factory=dict)
    on_accepted: tuple[Callable[[Station], None], ...] = ()
    in_event: tuple[Callable[[Station, EvseUnit, type], dict[str, Any]], ...] = ()


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    """A monitor that a station has when it leaves the factory (2.x N03); see `monitors`."""

    name: str
    type: Any
    severity: int
    value: float = 1.0
    kind: Literal["HardWiredMonitor", "PreconfiguredMonitor"] = "PreconfiguredMonitor"


SHIPPED: Final = (
    # Which way leads to the central system.
    Shipped(
        name="OCPPCommCtrlr/ActiveNetworkProfile", type="Delta", severity=5, kind="HardWiredMonitor"
    ),
)


class Station(Work):
    """What the blocks of a charging station work with."""

    boot_reason: BootReason = "PowerUp"
    clock_offset = timedelta()  # what the central system's clock is ahead
    peer: Peer[Station] | None = None
    conduct: Conduct = CONDUCT["2.x"]
    tls: Callable[[Station, Any], ssl.SSLContext]  # to connect with by a network profile
    dial: Callable[..., Awaitable[Connection]] = staticmethod(connect)  # as `net.websocket` does
    active_slot = 1
    offline_since: datetime | None = None
    shipped_monitors: tuple[Shipped, ...] = SHIPPED
    samples: Logbook | None = None  # of the data collectors
    process_log: Callable[[], Iterable[str]] = staticmethod(lambda: ())  # for the diagnostics
    installer: Installer | None = None  # without one, firmware cannot be updated
    faults: frozenset[str] = frozenset()  # that kept it from connecting, since it last did
    limits_epoch = 0  # counts what may change limits
    grid: GridMeter | None = None  # of the building
    afrr_signal: int | None = None  # of the grid operator (2.1 Q08)
    has_started = False
    has_network = True
    cut: Callable[[], None] = staticmethod(lambda: None)  # the connection, without a word
    may_reset = True
    displays: Mapping[int, Display] = MappingProxyType({})  # by EVSE; 0 is that of all
    is_wanted = True  # connected, unless EVerest's `stop` says otherwise
    vendors: Mapping[str, Mapping[str | None, AnswerVendor]] = MappingProxyType({})  # by message
    answer_vendor: AnswerVendor | None = None  # for all others than `vendors`
    _is_permitted = False  # to send before it is accepted

    def __init__(
        self,
        station_id: str,
        about: ChargingStation,
        hardware: Sequence[Hardware],
        *,
        connectors: Sequence[int] = (),
        documents: Documents | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(station_id)
        self.about = about
        self.documents = documents or Documents()
        self.logbook = Logbook(self.documents.beside(".log"))
        self._now = now
        counts = tuple(connectors) or (1,) * len(hardware)
        self.evses = [
            EvseUnit(number, each, tuple(Connector(n) for n in range(1, count + 1)))
            for number, (each, count) in enumerate(zip(hardware, counts, strict=True), start=1)
        ]
        self.tables = Tables()
        self.model = DeviceModel(
            counts,
            self.documents.collection("variables", Held),
            live=self._read_live,
            check=self._check,
        )
        self.transactions = self.documents.collection("transactions", Transaction)
        self.names = self.documents.collection("names", str)  # our name of a transaction -> theirs
        self.signals = Signals()
        self.outbox = self._make_outbox()
        self.boot_wanted = asyncio.Event()
        self.accepted = asyncio.Event()
        self.reset_wanted = asyncio.Event()
        self.reconnect_wanted = asyncio.Event()
        self.pending_resets: set[int] = set()  # EVSEs to be reset when idle; 0 is the station
        self.plans: dict[tuple[int, str], Any] = {}  # by EVSE and unit; see `smart_charging`
        self.shares_a: dict[int, float] = {}  # of what binds all, as shared last
        self.streams: dict[int, Any] = {}  # of values that are sent together; see `event_streams`
        self._recall()

    def _make_outbox(self) -> Outbox:
        return Outbox(
            self.documents,
            self.model,
            self.ask,
            now=self.now,
            name=lambda transaction_id: self.names.get(transaction_id, transaction_id),
            answered=self._answered,
        )

    def _recall(self) -> None:
        """Read the notes that were left before the last restart."""
        self._notes = self.documents.collection("notes", str)
        self.boot_reason = cast(BootReason, self._notes.pop("boot_reason", "PowerUp"))
        self.active_slot = int(self._notes.get("active_slot", "1"))

    def now(self) -> datetime:
        """The time, as the central system has set it."""
        return self._now() + self.clock_offset

    def use_slot(self, slot: int) -> None:
        """Note which network profile leads to the central system."""
        if slot != self.active_slot:
            self.active_slot = slot
            self._notes["active_slot"] = str(slot)

    def power_up(self) -> None:
        """Know nothing but what is on disk, as after a power cut."""
        if self.has_started:
            self._recall()
        self.has_started = True
        self.drop()
        self.accepted.clear()
        self.pending_resets.clear()
        self.plans.clear()
        self.streams.clear()
        self.shares_a.clear()
        self.outbox.drop_passing()
        for evse in self.evses:
            evse.power_up()

    def next_boot_reason(self, reason: BootReason) -> None:
        """Why the station starts the next time, be it in this process or another."""
        self._notes["boot_reason"] = reason

    # To the central system.

    @property
    def is_online(self) -> bool:
        """Whether the central system can be asked: it is there and has accepted the station."""
        return self.peer is not None and (self.accepted.is_set() or self._is_permitted)

    @property
    def can_tell(self) -> bool:
        """Whether what it tells now is sent in its turn, and not dropped."""
        return self.is_online and self.outbox.is_online

    @overload
    async def ask(self, request: Request[R]) -> R: ...

    @overload
    async def ask(self, request: Wire) -> Any: ...

    async def ask(self, request: Any) -> Any:
        """Put a request to the central system; raises Untranslatable, OcppError, NoAnswer.

        Before it is accepted a station sends its BootNotification only (2.x B01.FR.08, B02.FR.02;
        1.6 §4.2), and what it is asked for by TriggerMessage.
        """
        if self.peer is None:
            raise NotConnected("the station is offline")
        if not self.is_online and not isinstance(request, BootNotification):
            raise NotConnected("the station is not accepted yet")
        return await self._ask(request)

    async def _ask(self, request: Any) -> Any:
        if self.peer is None:
            raise NotConnected("the station is offline")
        timeout = self.model.number("OCPPCommCtrlr/MessageTimeout[Default]")
        began, error = monotonic(), ""
        try:
            return await self.peer.ask(request, timeout)
        except ChargeplaneError as failure:
            error = type(failure).__name__
            raise
        finally:
            took = monotonic() - began
            self.signals.asked.emit(Asked(name=type(request).__name__, seconds=took, error=error))

    def tell(self, request: Any) -> None:
        """Send a request when its turn comes; see `queue` for what outlives a lost connection."""
        if self._is_permitted:
            self.spawn(self._ask(request), "triggered")
        else:
            self.outbox.put(request)

    @contextmanager
    def as_accepted(self) -> Iterator[None]:
        """Send what was triggered although the station is not accepted yet (2.x B02.FR.02)."""
        self._is_permitted = not self.accepted.is_set()
        try:
            yield
        finally:
            self._is_permitted = False

    def _answered(self, request: Any, answer: Any) -> None:
        if not isinstance(request, TransactionEvent):
            return
        if isinstance(request, TransactionStarted) and request.transaction_id:
            name = cast(TransactionAnswer, answer).transaction_id
            if name is not None:
                self.names[request.transaction_id] = name
        self.signals.answered.emit((request, answer))

    # What it is made of.

    def evse(self, evse_id: int) -> EvseUnit | None:
        """An EVSE by its number, if there is such a one."""
        return self.evses[evse_id - 1] if 1 <= evse_id <= len(self.evses) else None

    def running(self, name: str) -> EvseUnit | None:
        """The EVSE with the transaction that we or the central system call so."""
        for evse in self.evses:
            transaction = evse.transaction
            if transaction and name in (transaction.id, self.names.get(transaction.id)):
                return evse
        return None

    def is_idle(self) -> bool:
        """Whether no transaction runs."""
        return all(evse.transaction is None for evse in self.evses)

    async def stop(self) -> None:
        """End everything that was begun, and close what was written."""
        await self.end()
        for book in (self.logbook, self.samples):
            if book is not None:
                book.close()

    # For the device model.

    def _read_live(self, component: Any, variable: Any, attribute: Any) -> str | None:
        live = self.tables.live.get(f"{component.name}/{variable.name}")
        return None if live is None else live(self, component, variable, attribute)

    def _check(self, name: str, value: str) -> str | None:
        check = self.tables.checks.get(name)
        return None if check is None else check(self, value)
