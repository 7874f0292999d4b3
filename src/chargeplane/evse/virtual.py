"""A virtual car at a virtual EVSE: enough physics to look real, none of the hardware."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from chargeplane.evse.hardware import Measurement

VOLTAGE_V: Final = 230.0
MINIMUM_A: Final = 6.0  # IEC 61851-1: below it a car does not charge
TAPER_FROM: Final = 80.0  # percent of charge from which the battery takes less and less


@dataclass(slots=True, kw_only=True)
class Car:
    """A car with an on-board charger."""

    capacity_wh: float = 60_000.0
    soc_percent: float = 40.0
    target_percent: float = 100.0
    phases: int = 3
    maximum_a: float = 16.0

    def current_a(self, offered_a: float) -> float:
        """What it takes per phase of what it is offered; less and less towards the end."""
        if offered_a < MINIMUM_A or not self.is_hungry:
            return 0.0
        left = (100.0 - self.soc_percent) / (100.0 - TAPER_FROM)
        return min(offered_a, self.maximum_a) * min(1.0, max(0.1, left))

    @property
    def is_hungry(self) -> bool:
        """Whether it still wants energy."""
        return self.soc_percent < self.target_percent


class VirtualEvse:
    """An EVSE of which a program is the hands; time may run `speed` times as fast as real."""

    def __init__(
        self, *, speed: float = 1.0, clock: Callable[[], float] = monotonic, energy_wh: float = 0.0
    ) -> None:
        self._speed = speed
        self._clock = clock
        self._energy_wh = energy_wh
        self._limit_a = 0.0
        self._car: Car | None = None
        self._connector = 1
        self._is_paused = False
        self._then = clock()
        self._notify: Callable[[], None] = lambda: None

    @property
    def energy_wh(self) -> float:
        """What the meter shows."""
        self._advance()
        return self._energy_wh

    @energy_wh.setter
    def energy_wh(self, value: float) -> None:
        self._energy_wh = value

    # The driver's hands.

    def plug_in(self, car: Car | None = None, connector: int = 1) -> None:
        """Connect a car, to one of the connectors of the EVSE."""
        self._advance()
        self._connector = connector
        self._car = car or Car()
        self._is_paused = False
        self._notify()

    def plug_out(self) -> None:
        """Take the cable out."""
        self._advance()
        self._car = None
        self._limit_a = 0.0
        self._notify()

    def pause(self, *, paused: bool = True) -> None:
        """Let the car stop or go on by itself."""
        self._advance()
        self._is_paused = paused
        self._notify()

    # The station's side: see `Hardware`.

    def is_plugged_in(self) -> bool:
        """Whether a car is connected."""
        return self._car is not None

    def connector_in_use(self) -> int:
        """The connector that the car has."""
        return self._connector

    def wants_energy(self) -> bool:
        """Whether the car asks for energy."""
        self._advance()
        return self._car is not None and self._car.is_hungry and not self._is_paused

    def allow(self, limit_a: float) -> None:
        """Offer so many A per phase."""
        self._advance()
        self._limit_a = limit_a

    def unlock(self) -> bool:
        """Open the lock."""
        return True

    def measure(self) -> Measurement:
        """Read the meter."""
        self._advance()
        current = self._current_a()
        phases = self._car.phases if self._car else 0
        currents = tuple(current if phase < phases else 0.0 for phase in range(3))
        return Measurement(
            energy_wh=round(self._energy_wh, 1),
            power_w=round(sum(currents) * VOLTAGE_V, 1),
            currents_a=tuple(round(each, 2) for each in currents),
            voltages_v=(VOLTAGE_V,) * 3,
            soc_percent=round(self._car.soc_percent, 1) if self._car else None,
        )

    def on_change(self, notify: Callable[[], None]) -> None:
        """Tell the station of changes."""
        self._notify = notify

    # Physics.

    def _current_a(self) -> float:
        if self._car is None or self._is_paused:
            return 0.0
        return self._car.current_a(self._limit_a)

    def _advance(self) -> None:
        """Let the time since the last look pass."""
        now = self._clock()
        seconds, self._then = (now - self._then) * self._speed, now
        if self._car is None or not self._car.is_hungry:
            return
        power_w = self._current_a() * self._car.phases * VOLTAGE_V
        delivered_wh = power_w * seconds / 3600
        self._energy_wh += delivered_wh
        gained = delivered_wh / self._car.capacity_wh * 100
        self._car.soc_percent = min(self._car.target_percent, self._car.soc_percent + gained)
