"""An EVSE of a station: its connectors, and the charge that runs there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import getrandbits
from typing import Any, Final, Literal
from uuid import uuid4

import msgspec

from chargeplane.domain.profiles import ChargingProfile
from chargeplane.domain.readings import Reading
from chargeplane.domain.station import ChargingState, Evse
from chargeplane.domain.tariff_cost import TransactionLimit
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import StoppedReason, TriggerReason
from chargeplane.energy.composite_values import Installed
from chargeplane.evse.hardware import BatterySlot, Hardware, Inverter
from chargeplane.evse.ocmf import Signer
from chargeplane.station.machine import Fact, State, state_of

NO_FACTS: Final[frozenset[Fact]] = frozenset()


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
