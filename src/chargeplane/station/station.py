"""A charging station: its EVSEs, its settings, and whoever it is connected to.

`assembly.build` makes one with all functional blocks; the blocks work with what stands here.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import getrandbits
from time import monotonic
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar, cast, overload
from uuid import uuid4

import msgspec
import structlog

from chargeplane.domain.messages import Request
from chargeplane.domain.profiles import ChargingProfile
from chargeplane.domain.readings import Reading
from chargeplane.domain.station import (
    BootNotification,
    BootReason,
    ChargingState,
    ChargingStation,
    DataTransfer,
    DataTransferAnswer,
    Evse,
)
from chargeplane.domain.tariff_cost import TransactionLimit
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    StoppedReason,
    TransactionAnswer,
    TransactionEvent,
    TransactionStarted,
    TriggerReason,
)
from chargeplane.energy.composite_values import Installed
from chargeplane.errors import ChargeplaneError, NotConnected
from chargeplane.evse.hardware import (
    BatterySlot,
    Display,
    GridMeter,
    Hardware,
    Installer,
    Inverter,
)
from chargeplane.evse.ocmf import Signer
from chargeplane.net.websocket import Connection, connect
from chargeplane.ocpp.action import Wire
from chargeplane.ocpp.conduct import CONDUCT, Conduct
from chargeplane.ocpp.peer import Peer
from chargeplane.station.device_model import DeviceModel, Held
from chargeplane.station.logbook import Logbook
from chargeplane.station.machine import Fact, State, state_of
from chargeplane.station.queue import Outbox
from chargeplane.station.signals import Asked, Signals
from chargeplane.storage.documents import Documents

R = TypeVar("R")

NO_FACTS: Final[frozenset[Fact]] = frozenset()

logger = structlog.get_logger()


class Authorization(msgspec.Struct, frozen=True, kw_only=True):
    """Who may charge at an EVSE now, and how that came to be."""

    token: Token
    group: Token | None = None
    is_remote: bool = False
    remote_start_id: int | None = None
    reservation_id: int | None = None
    charging_profile: ChargingProfile | None = None  # of the transaction that it begins
    reserved_since: datetime | None = None


class Transaction(msgspec.Struct, kw_only=True):
    """A charge that runs; what is changed is put again into `Station.transactions`."""

    id: str = msgspec.field(default_factory=lambda: str(uuid4()))
    evse_id: int
    connector_id: int = 1
    began: datetime
    seen: datetime  # when it was told of last
    token: Token | None = None
    group: Token | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    seq_no: int = 0
    meter_start_wh: float = 0.0
    charging_state: ChargingState | None = None  # as last told
    charging_s: float = 0.0
    is_refused: bool = False  # its token, by the central system
    energy_left_wh: float | None = None  # after which it is suspended (MaxEnergyOnInvalidId)
    limit: TransactionLimit | None = None
    ready_at: datetime | None = None  # when energy could flow (2.x K01.FR.42)
    delay_seed: int = msgspec.field(default_factory=lambda: getrandbits(32))  # 2.1 K01.FR.93
    has_priority: bool = False  # its priority charging was asked for (2.1 K21)
    reached: TriggerReason | None = None  # the limit that suspends it (2.1 E16)
    operation_mode: str | None = None  # as last told (2.1 K01.FR.110)
    readings: tuple[Reading, ...] = ()  # to be told with its end

    def place(self) -> Evse:
        """Where it runs."""
        return Evse(self.evse_id, self.connector_id)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a charge is to end."""

    trigger: TriggerReason
    reason: StoppedReason
    token: Token | None = None


@dataclass(slots=True)
class Connector:
    """One outlet of an EVSE."""

    id: int
    is_operative: bool = True
    reported: str | None = None  # as the central system was told
    state: State | None = None  # as last seen


class Vehicle(msgspec.Struct, frozen=True, kw_only=True):
    """What a car says of itself by ISO 15118 (2.1 component ConnectedEV)."""

    id: str = ""  # EVCCID
    protocol: str = ""  # that was agreed upon, e.g. urn:iso:15118:2:2013:MsgDef,2,0
    protocols: tuple[str, ...] = ()  # that it can, best first
    certificates: dict[str, str] = {}  # PEM: Leaf, SubCA1, SubCA2, Root


@dataclass(slots=True)
class EvseUnit:
    """One EVSE: the hardware that feeds one car at a time, through one of its connectors."""

    id: int
    hardware: Hardware
    connectors: tuple[Connector, ...]
    authorization: Authorization | None = None
    transaction: Transaction | None = None
    ending: Ending | None = None  # of the transaction, once it is known
    facts: frozenset[Fact] = NO_FACTS  # as last settled
    is_operative: bool = True
    becomes_inoperative: bool = False  # once its transaction has ended
    has_ended: bool = False  # a transaction, with the car still there
    faults: dict[str, Any] = field(default_factory=dict)  # by the code of the error
    reservation_id: int | None = None
    limit_a: float = 0.0
    signer: Signer | None = None  # of the meter, where it can sign
    told_rate: float = 0.0  # limit or setpoint (A) that the central system knows of
    negotiation: Any = None  # with its car; see `ev_schedules`
    expected: Installed | None = None  # what the car has said that it will draw
    vehicle: Vehicle | None = None
    steering: Any = None  # of energy both ways; see `bidirectional`
    inverter: Inverter | None = None  # that supports the grid
    slot: BatterySlot | None = None  # for batteries, instead of a car
    phases: tuple[int | None, int | None] = (None, None)  # how many, and which, profiles ask for
    turn: int = 0  # who had less of these is served first where there is not enough for all
    is_paused: bool = False  # by the station, whatever the limit
    is_held: bool = False  # for something that nobody may charge at, as an installation
    in_use: int = 1  # the connector that the car has, or had last

    @property
    def connector(self) -> Connector:
        """The connector in use."""
        return self.connectors[self.in_use - 1]

    @property
    def place(self) -> Evse:
        """The address of the connector in use."""
        return Evse(self.id, self.in_use)

    def power_up(self) -> None:
        """Forget what is not on disk."""
        self.authorization = self.transaction = self.ending = None
        self.facts = NO_FACTS
        self.has_ended = self.becomes_inoperative = self.is_paused = self.is_held = False
        self.limit_a = self.told_rate = 0.0
        self.steering = self.negotiation = self.expected = self.vehicle = None
        self.phases = (None, None)
        for connector in self.connectors:
            connector.reported = connector.state = None

    def state(self, connector: Connector) -> State:
        """What a connector is to be said to be."""
        mine = connector.id == self.in_use
        running = mine and self.transaction is not None
        return state_of(
            faulted=bool(self.faults),
            operative=self.is_operative and connector.is_operative and not self.is_held,
            plugged_in=mine and self.hardware.is_plugged_in(),
            authorized=mine and self.authorization is not None,
            transaction="running" if running else "ended" if self.has_ended and mine else "none",
            flow=self.flow(),
            reserved=self.reservation_id is not None,
        )

    def flow(self) -> Literal["charging", "ev", "evse"]:
        """Whether power flows, and if not who holds it back."""
        if not self.hardware.is_plugged_in():
            return "ev"
        if self.limit_a <= 0:
            return "evse"
        return "charging" if self.hardware.wants_energy() else "ev"

    def charging_state(self) -> ChargingState:
        """What is said of a transaction (2.x ChargingStateEnumType)."""
        if not self.hardware.is_plugged_in():
            return "Idle"
        if self.authorization is None and not (self.transaction and self.transaction.is_refused):
            return "EVConnected"
        return FLOWS[self.flow()]


FLOWS: Final[dict[str, ChargingState]] = {
    "charging": "Charging",
    "ev": "SuspendedEV",
    "evse": "SuspendedEVSE",
}


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


class Station:
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
        self.id = station_id
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
        self._tasks: set[asyncio.Task[Any]] = set()
        self._jobs: dict[str, asyncio.Task[Any]] = {}
        self.streams: dict[int, Any] = {}  # of values that are sent together; see `event_streams`
        self._alarms: dict[str, asyncio.TimerHandle] = {}
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
        self.clear_alarms()
        for name in tuple(self._jobs):
            self.cancel_job(name)
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

    # Work beside other work.

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Do something beside what is being done; a failure is logged."""
        task = asyncio.create_task(work, name=f"station[{self.id}].{name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("work failed", station=self.id, work=task.get_name(), error=repr(error))

    def job(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Do something beside other work in place of the job that has that name."""
        self.cancel_job(name)
        task = self._jobs[name] = self.spawn(work, name)
        task.add_done_callback(lambda done: self._forget_job(name, done))

    def _forget_job(self, name: str, done: asyncio.Task[Any]) -> None:
        if self._jobs.get(name) is done:
            del self._jobs[name]

    def has_job(self, name: str) -> bool:
        """Whether a job of that name goes on."""
        return name in self._jobs

    def cancel_job(self, name: str) -> None:
        """End a job, unless it is the one that asks."""
        task = self._jobs.pop(name, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def alarm(self, name: str, seconds: float, work: Callable[[Station], None]) -> None:
        """Do something after so many seconds; the same name again takes its place."""
        self.silence(name)
        loop = asyncio.get_running_loop()
        self._alarms[name] = loop.call_later(max(0.0, seconds), self._ring, name, work)

    def silence(self, name: str) -> None:
        """Do not do it."""
        if (waiting := self._alarms.pop(name, None)) is not None:
            waiting.cancel()

    def has_alarm(self, name: str) -> bool:
        """Whether something of that name is to be done later."""
        return name in self._alarms

    def _ring(self, name: str, work: Callable[[Station], None]) -> None:
        self._alarms.pop(name, None)
        try:
            work(self)
        except Exception:
            logger.exception("work failed", station=self.id, work=name)

    def clear_alarms(self) -> None:
        """Do none of what was to be done later."""
        for name in tuple(self._alarms):
            self.silence(name)

    async def stop(self) -> None:
        """End everything that was begun."""
        self.clear_alarms()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
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
