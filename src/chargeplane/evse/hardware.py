"""What a charging station needs of the hardware of an EVSE, and a controller of its parts.

Parts are asked for one thing each, so that a board is made of whatever is there. What is not
`async` is called every 10 ms and returns at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import msgspec

from chargeplane.domain.messages import Json, MessageContent

IecState = Literal["A", "B", "C", "D", "E", "F"]


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """What the meter of an EVSE shows: energy in Wh since ever, W, A and V per phase."""

    energy_wh: float
    power_w: float
    currents_a: tuple[float, ...]
    voltages_v: tuple[float, ...]
    soc_percent: float | None = None  # where the car tells it
    exported_wh: float = 0.0  # by cars since ever; while they do, power and currents are negative
    frequency_hz: float | None = None  # where it is measured
    offered_a: float | None = None  # where that is less than what the station allows


class Hardware(Protocol):
    """The pilot, contactor, lock and meter of one EVSE."""

    def is_plugged_in(self) -> bool:
        """Whether a car is connected (IEC 61851 state B, C or D)."""
        ...

    def connector_in_use(self) -> int:
        """The connector that the car has, or had last; 1 where there is only one."""
        ...

    def wants_energy(self) -> bool:
        """Whether the car asks for energy (IEC 61851 state C or D)."""
        ...

    def allow(self, limit_a: float) -> None:
        """Offer so many A per phase, closing the contactor; 0 opens it."""
        ...

    def unlock(self) -> bool:
        """Open the lock of the connector; whether it is open now."""
        ...

    def measure(self) -> Measurement:
        """Read the meter."""
        ...

    def on_change(self, notify: Callable[[], None]) -> None:
        """Call `notify` whenever the car is plugged in or out, or changes its mind."""
        ...


# What an EVSE can do beyond that.


@runtime_checkable
class BayDetector(Protocol):
    """Sees whether a car stands before the EVSE, plugged in or not."""

    def is_bay_occupied(self) -> bool:
        """Whether one does; `Hardware.on_change` is told when that changes."""
        ...


@runtime_checkable
class SlowUnlock(Protocol):
    """Takes its time to open the lock of the connector, and sees whether it is open then."""

    async def open_lock(self) -> bool:
        """Open it; whether it is open now."""
        ...


@runtime_checkable
class PhaseControl(Protocol):
    """Chooses how many phases feed the car."""

    def use_phases(self, count: int) -> None:
        """Feed so many from now on, as far as it has the choice."""
        ...


@runtime_checkable
class PhaseChoice(Protocol):
    """Chooses which phase feeds the car where it is only one."""

    def choose_phase(self, phase: int | None) -> None:
        """Feed that one (1 to 3), or any."""
        ...


# The whole device


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an installation; `version` is what runs from then on, where it is known.

    `InstallRebooting`: the firmware is there and a restart activates it.
    `InstallVerificationFailed`: it is not for this device, and nothing was changed.
    """

    status: Literal[
        "Installed", "InstallRebooting", "InstallVerificationFailed", "InstallationFailed"
    ]
    version: str | None = None


class Installer(Protocol):
    """Puts firmware into a device."""

    @property
    def works_while_charging(self) -> bool:
        """Whether charges may go on meanwhile."""
        ...

    async def install(self, image: Path) -> Installation:
        """Install what is in a file; it may be cancelled only before it has begun to write."""
        ...


class PowerOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a car is to do within its limit, of all phases together; positive is towards the car."""

    setpoint_w: float | None = None  # to be followed closely; None: up to the limit
    discharge_limit_w: float = 0.0  # 0 or negative; 0: no discharging
    reactive_var: float | None = None
    is_idle: bool = False  # neither charge nor discharge
    preconditions: bool = False  # the battery may be kept warm


@runtime_checkable
class PowerControl(Protocol):
    """Lets energy flow both ways, where the car can (ISO 15118-20, CHAdeMO)."""

    def energy_transfers(self) -> tuple[str, ...]:
        """The services that it has (2.1 EnergyTransferModeEnumType); none: it cannot after all."""
        ...

    def follow(self, order: PowerOrder) -> None:
        """Do this from now on, within what is allowed."""
        ...


class GridMeter(Protocol):
    """Measures what a building draws, cars included."""

    def power_w(self) -> float:
        """What it draws now; negative where it feeds in."""
        ...


# The parts of a board; the scale of the pilot is that of a SmartEVSE (`energy.pilot`).


class PilotDuty(Protocol):
    """Drives the control pilot."""

    def set_duty(self, duty: int) -> None:
        """Send a square wave of that duty in 1/1024; 1024: a steady +12 V, 0: a steady -12 V."""
        ...


class PilotSwitch(Protocol):
    """Connects the control pilot with the socket."""

    def connect(self, *, connected: bool) -> None:
        """Connect it, or let the car see nothing."""
        ...


class PilotLevel(Protocol):
    """Measures the control pilot."""

    def read_mv(self) -> int:
        """What the car makes of its high half, now and then of its low half: the diode."""
        ...


class Proximity(Protocol):
    """Measures the resistor of the cable in the socket."""

    def read_ohm(self) -> float:
        """Its resistance (IEC 61851-1 table B.2); infinite without a cable."""
        ...


class Contactor(Protocol):
    """Switches the mains to the car."""

    def switch(self, *, closed: bool) -> None:
        """Close or open it."""
        ...


class CableLock(Protocol):
    """Holds the cable in the socket."""

    async def lock(self, *, locked: bool) -> bool:
        """Lock or unlock it; whether it is so now."""
        ...


class ResidualCurrentMonitor(Protocol):
    """Watches for direct current that leaks."""

    def is_tripped(self) -> bool:
        """Whether it sees a fault."""
        ...


class ResidualCurrentSource(Protocol):
    """Tests a residual current monitor."""

    def flow(self, *, flows: bool) -> None:
        """Let a current flow that the monitor has to report, or none."""
        ...


class Thermometer(Protocol):
    """Measures how warm the EVSE is."""

    def read_c(self) -> int:
        """The temperature in C."""
        ...


class RfidReader(Protocol):
    """Reads cards."""

    async def next_uid(self) -> str:
        """Wait for a card; its number in hexadecimal digits. Raises `NoAnswer`, `DeviceError`."""
        ...


class Led(Protocol):
    """A light that shows how it goes."""

    def show(self, red: int, green: int, blue: int) -> None:
        """Shine in a colour, each part from 0 to 255."""
        ...


class Button(Protocol):
    """A push button or switch."""

    def is_pressed(self) -> bool:
        """Whether it is pressed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The parts of one EVSE; what is None is not there."""

    pilot_duty: PilotDuty
    pilot_level: PilotLevel
    contactor_1: Contactor
    contactor_2: Contactor | None = None  # of the phases that are switched off for one-phase cars
    pilot_switch: PilotSwitch | None = None
    proximity: Proximity | None = None
    lock: CableLock | None = None
    residual_current: ResidualCurrentMonitor | None = None
    residual_current_test: ResidualCurrentSource | None = None
    thermometer: Thermometer | None = None
    rfid: RfidReader | None = None
    led: Led | None = None
    button: Button | None = None


class WallboxStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How it goes at a wallbox; what it does not tell is None."""

    state: IecState  # C or D only while energy may flow
    offered_a: float | None = None
    currents_a: tuple[float, ...] | None = None
    voltages_v: tuple[float, ...] | None = None
    power_w: float | None = None
    energy_wh: float | None = None  # since ever
    session_wh: float | None = None  # of the car that is plugged in
    temperature_c: float | None = None


class Wallbox(Protocol):
    """An EVSE that drives its pilot itself. Both raise `NoAnswer` or `DeviceError`."""

    async def status(self) -> WallboxStatus:
        """How it goes."""
        ...

    async def offer(self, limit_a: float, phases: int | None = None) -> None:
        """Offer so many A per phase, none below 6; where it can, on one or three phases."""
        ...


class Display(Protocol):
    """A screen for drivers."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of texts that it can show (2.x MessageFormatEnumType)."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it can show, as RFC 5646 tags; its own first."""
        ...

    def show(self, texts: Sequence[MessageContent]) -> None:
        """Show these texts instead of others, one after the other if there are several.

        The same texts again change nothing.
        """
        ...


class Deviation(msgspec.Struct, frozen=True, kw_only=True):
    """Why an inverter does not do what it is asked to."""

    control: str  # the kind of control that makes it so (2.1 DERControlEnumType)
    fault: str | None = None  # of the grid (2.1 GridEventFaultEnumType)
    info: str | None = None  # at most 200 characters


class Inverter(Protocol):
    """What supports the grid while a car charges or discharges (2.1 part 2 §R)."""

    @property
    def modes(self) -> tuple[str, ...]:
        """The kinds of controls that it can follow (2.1 DERControlEnumType)."""
        ...

    @property
    def nameplate(self) -> Mapping[str, str]:
        """Its ratings, by the variables of 2.1 part 2 §2.19.1; none if it is that of the car."""
        ...

    def apply(self, controls: Mapping[str, Json]) -> None:
        """Follow these controls from now on, by kind: each as SetDERControl has it."""
        ...

    def on_deviation(self, notify: Callable[[Deviation | None], None]) -> None:
        """Call `notify` with what makes it deviate, None if nothing; now and when that changes."""
        ...


class Battery(msgspec.Struct, frozen=True, kw_only=True):
    """A battery that can be swapped (2.1 BatteryDataType)."""

    serial_number: str
    soc_percent: float
    soh_percent: float = 100.0
    production_date: datetime | None = None
    vendor_info: str | None = None


class BatterySlot(Protocol):
    """Where a battery is put in and taken out (2.1 part 2 §S); its EVSE charges it there."""

    def battery(self) -> Battery | None:
        """The battery that is in it."""
        ...

    def open(self) -> None:
        """Let a battery be put in or taken out; the driver sees that it is this slot."""
        ...

    def close(self) -> None:
        """Let nobody put in or take out anything."""
        ...

    def is_open(self) -> bool:
        """Whether it is open."""
        ...
