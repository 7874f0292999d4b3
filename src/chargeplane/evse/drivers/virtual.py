"""A virtual board with a virtual car at its cable: every part of it, none of the hardware.

What hands do (plug in, show a card, press a button) are methods and values; what a controller sees
and drives are the parts in `board`. Time comes from a clock, so it may run fast or in steps.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from chargeplane.evse.car import VOLTAGE_V, Car
from chargeplane.evse.hardware import Board
from chargeplane.evse.readings import MeterReading, Phases

STEADY: Final = 1024  # the duty that is no square wave but +12 V
REACTION_S: Final = 1.0  # until a car answers what the pilot offers
DIODE_EVERY: Final = 25  # readings: how often the low half is shown instead of the high one
DA_PER_A: Final = 10

# What the ADC of a SmartEVSE shows in mV.
V12_MV, V9_MV, V6_MV = 3100, 2900, 2600
LOW_MV: Final = 200  # -12 V, which the diode of a car leaves alone
NO_DIODE_MV: Final = 900
SHORT_MV: Final = 1800
OFF_MV: Final = 0


def offered_a(duty: int) -> float:
    """What a car reads from a duty in 1/1024: A per phase, 0 for none (IEC 61851-1 table A.8)."""
    percent = duty * 100 / STEADY
    for most, current_a in OFFERS:
        if percent < most:
            return current_a(percent)
    return 0.0


OFFERS: Final[tuple[tuple[float, Callable[[float], float]], ...]] = (
    (8.0, lambda _: 0.0),
    (10.0, lambda _: 6.0),
    (85.0, lambda percent: percent * 0.6),
    (96.0, lambda percent: (percent - 64.0) * 2.5),
    (97.0, lambda _: 80.0),
)


class VirtualBoard:
    """A board, its car, and the EV meter between them."""

    def __init__(self, clock: Callable[[], float] = monotonic, *, import_wh: float = 0.0) -> None:
        self._clock = clock
        self._then = clock()
        self._import_wh = import_wh
        self._car: Car | None = None
        self._asks_at = math.inf  # when the car will ask for energy, or has
        self.is_paused = False  # the car wants to wait
        self.is_shorted = False  # the pilot
        self.pilot = Pilot(self)
        self.contactors = Contactor(self), Contactor(self)
        self.proximity = Proximity()
        self.lock = Lock()
        self.residual_current = Monitor()
        self.button = Input()
        self.thermometer = Thermometer()
        self.rfid = Cards()
        self.led = Led()

    @property
    def board(self) -> Board:
        """What a controller drives."""
        return Board(
            pilot_duty=self.pilot,
            pilot_switch=self.pilot,
            pilot_level=self.pilot,
            contactor_1=self.contactors[0],
            contactor_2=self.contactors[1],
            proximity=self.proximity,
            lock=self.lock,
            residual_current=self.residual_current,
            residual_current_test=self.residual_current,
            thermometer=self.thermometer,
            rfid=self.rfid,
            led=self.led,
            button=self.button,
        )

    @property
    def car(self) -> Car | None:
        """The car that is plugged in."""
        return self._car

    def plug_in(self, car: Car | None = None, cable_ohm: float = 220.0) -> None:
        """Connect a car, by a cable of 32 A unless it says otherwise."""
        self.advance()
        self._car = car or Car()
        self._car.wake()
        self.proximity.ohm = cable_ohm

    def plug_out(self) -> None:
        """Take the cable out."""
        self.advance()
        self._car = None
        self.proximity.ohm = math.inf

    def currents_a(self) -> tuple[float, float, float]:
        """What the car draws per phase, now."""
        self.advance()
        if self._car is None:
            return 0.0, 0.0, 0.0
        drawn, phases = self._car.drawn_a, min(self._car.phases, self._phases)
        return drawn * (phases > 0), drawn * (phases > 1), drawn * (phases > 2)  # noqa: PLR2004

    async def read(self, *, full: bool = True) -> MeterReading:  # noqa: ARG002 as every meter
        """Read the EV meter: see `meters.Meter`."""
        currents = self.currents_a()
        powers_w = [round(each * VOLTAGE_V) for each in currents]
        return MeterReading(
            at=self._clock(),
            currents_da=_three([round(each * DA_PER_A) for each in currents]),
            power_w=sum(powers_w),
            powers_w=_three(powers_w),
            import_wh=round(self._import_wh),
            export_wh=0,
            energy_at=self._clock(),
            voltages_v=(VOLTAGE_V,) * 3,
        )

    def advance(self) -> None:
        """Let the time since the last look pass."""
        now = self._clock()
        seconds, self._then = now - self._then, now
        if self._car is None:
            return
        if self.pilot.is_broken:
            self._car.wake()
        offer_a = self.pilot.offered_a
        if offer_a and self._wants_energy(self._car):
            self._asks_at = min(self._asks_at, now + REACTION_S)
        else:
            self._asks_at = math.inf
        phases = self._phases if self.asks_for_energy else 0
        self._import_wh += self._car.advance(offer_a, seconds, phases)

    @property
    def asks_for_energy(self) -> bool:
        """Whether the car pulls the pilot down to 6 V."""
        return self._then >= self._asks_at

    def _wants_energy(self, car: Car) -> bool:
        return car.is_hungry and not car.is_asleep and not self.is_paused

    @property
    def _phases(self) -> int:
        first, second = (contactor.is_closed for contactor in self.contactors)
        return 0 if not first else 3 if second else 1


class Pilot:
    """The control pilot, out and in."""

    def __init__(self, board: VirtualBoard) -> None:
        self._board = board
        self._readings = 0
        self.duty = STEADY
        self.is_connected = True

    def set_duty(self, duty: int) -> None:
        """See `hardware.PilotDuty`."""
        self._board.advance()
        self.duty = duty
        self._board.advance()

    def connect(self, *, connected: bool) -> None:
        """See `hardware.PilotSwitch`."""
        self._board.advance()
        self.is_connected = connected
        self._board.advance()

    def read_mv(self) -> int:
        """See `hardware.PilotLevel`."""
        self._board.advance()
        self._readings += 1
        if not self.is_connected:
            return OFF_MV
        if self._board.is_shorted:
            return SHORT_MV
        if self.duty == 0:
            return LOW_MV
        return self._low_mv() if self._shows_low else self._high_mv()

    @property
    def is_broken(self) -> bool:
        """Whether the car sees neither +12 V nor a square wave (state E or F)."""
        return not self.is_connected or self.duty == 0

    @property
    def offered_a(self) -> float:
        """What it offers the car."""
        return offered_a(self.duty) if self.is_connected else 0.0

    @property
    def _shows_low(self) -> bool:
        return self.duty < STEADY and self._readings % DIODE_EVERY == 0

    def _high_mv(self) -> int:
        if self._board.car is None:
            return V12_MV
        return V6_MV if self._board.asks_for_energy else V9_MV

    def _low_mv(self) -> int:
        car = self._board.car
        return LOW_MV if car is None or car.has_diode else NO_DIODE_MV


class Contactor:
    """See `hardware.Contactor`."""

    def __init__(self, board: VirtualBoard) -> None:
        self._board = board
        self.is_closed = False

    def switch(self, *, closed: bool) -> None:
        """Close or open it."""
        self._board.advance()
        self.is_closed = closed
        self._board.advance()


@dataclass(slots=True)
class Proximity:
    """See `hardware.Proximity`."""

    ohm: float = math.inf

    def read_ohm(self) -> float:
        """The resistance of the cable."""
        return self.ohm


@dataclass(slots=True)
class Lock:
    """See `hardware.CableLock`; it does not move while it is jammed."""

    is_locked: bool = False
    is_jammed: bool = False

    async def lock(self, *, locked: bool) -> bool:
        """Lock or unlock."""
        if not self.is_jammed:
            self.is_locked = locked
        return self.is_locked is locked


@dataclass(slots=True)
class Monitor:
    """A residual current monitor and what tests it: see `hardware`."""

    is_active: bool = False  # a current flows
    is_tested: bool = False
    is_broken: bool = False  # it sees none

    def is_tripped(self) -> bool:
        """Whether it sees a fault."""
        return (self.is_active or self.is_tested) and not self.is_broken

    def flow(self, *, flows: bool) -> None:
        """Test it."""
        self.is_tested = flows


@dataclass(slots=True)
class Input:
    """See `hardware.Button`."""

    is_active: bool = False

    def is_pressed(self) -> bool:
        """Whether it is pressed."""
        return self.is_active


@dataclass(slots=True)
class Thermometer:
    """See `hardware.Thermometer`."""

    temperature_c: int = 20

    def read_c(self) -> int:
        """The temperature."""
        return self.temperature_c


@dataclass(slots=True)
class Cards:
    """See `hardware.RfidReader`."""

    _shown: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def show(self, uid: str) -> None:
        """Hold a card to it."""
        self._shown.put_nowait(uid)

    async def next_uid(self) -> str:
        """Wait for a card."""
        return await self._shown.get()


@dataclass(slots=True)
class Led:
    """See `hardware.Led`."""

    color: tuple[int, int, int] = (0, 0, 0)

    def show(self, red: int, green: int, blue: int) -> None:
        """Shine in a colour."""
        self.color = red, green, blue


def _three(numbers: list[int]) -> Phases:
    one, two, three = numbers
    return one, two, three
