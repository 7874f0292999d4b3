"""A virtual car at a virtual EVSE: enough physics to look real, none of the hardware."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from chargeplane.evse.car import MINIMUM_A, VOLTAGE_V, Car
from chargeplane.evse.hardware import Measurement, PowerOrder

__all__ = ["MINIMUM_A", "VOLTAGE_V", "Car", "VirtualEvse"]


class VirtualEvse:
    """An EVSE of which a program is the hands; time may run `speed` times as fast as real."""

    def __init__(
        self,
        *,
        speed: float = 1.0,
        clock: Callable[[], float] = monotonic,
        energy_wh: float = 0.0,
        is_bidirectional: bool = False,
    ) -> None:
        self._speed = speed
        self._clock = clock
        self._energy_wh = energy_wh
        self._limit_a = 0.0
        self._car: Car | None = None
        self._connector = 1
        self._is_paused = self.is_parked = False
        self._fed = (3, 1)  # how many phases, from which on
        self._is_bidirectional = is_bidirectional
        self._order = PowerOrder()
        self.exported_wh = 0.0
        self.frequency_hz = 50.0
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

    @property
    def discharge_maximum_w(self) -> float:
        """What the car that is plugged in can give."""
        return self._car.discharge_maximum_w if self._car else 0.0

    # The driver's hands.

    def park(self, *, parked: bool = True) -> None:
        """Let a car drive into the parking bay, or out of it."""
        self.is_parked = parked
        self._notify()

    def plug_in(self, car: Car | None = None, connector: int = 1) -> None:
        """Connect a car, to one of the connectors of the EVSE."""
        self._advance()
        self._connector = connector
        self._car = car or Car()
        self._car.wake()
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
        self._advance()
        self._notify()

    # The station's side: see `Hardware`.

    def is_plugged_in(self) -> bool:
        """Whether a car is connected."""
        return self._car is not None

    def is_bay_occupied(self) -> bool:
        """Whether a car is there (`BayDetector`)."""
        return self.is_parked or self._car is not None

    def connector_in_use(self) -> int:
        """The connector that the car has."""
        return self._connector

    def wants_energy(self) -> bool:
        """Whether the car asks for energy."""
        self._advance()
        if self._car is None or self._is_paused:
            return False
        gives = (self._order.setpoint_w or 0.0) < 0 and self._car.can_discharge
        return gives or self._car.is_hungry

    def allow(self, limit_a: float) -> None:
        """Offer so many A per phase."""
        self._advance()
        self._limit_a = limit_a
        self._advance()

    def use_phases(self, count: int) -> None:
        """Feed so many phases (`PhaseControl`)."""
        self._advance()
        self._fed = (count, self._fed[1])

    def choose_phase(self, phase: int | None) -> None:
        """Feed that phase where it is only one (`PhaseChoice`)."""
        self._fed = (self._fed[0], phase or 1)

    def energy_transfers(self) -> tuple[str, ...]:
        """What it can do (`PowerControl`)."""
        return ("AC_three_phase", "AC_BPT") if self._is_bidirectional else ()

    def follow(self, order: PowerOrder) -> None:
        """Do this from now on."""
        self._advance()
        self._order = order
        self._advance()

    def unlock(self) -> bool:
        """Open the lock."""
        return True

    def measure(self) -> Measurement:
        """Read the meter."""
        self._advance()
        current = self._car.drawn_a if self._car else 0.0
        count, first = self._fed
        first = first if count == 1 else 1
        in_use = range(first, first + self._phases())
        currents = tuple(current if phase in in_use else 0.0 for phase in (1, 2, 3))
        return Measurement(
            energy_wh=round(self._energy_wh, 1),
            power_w=round(sum(currents) * VOLTAGE_V, 1),
            currents_a=tuple(round(each, 2) for each in currents),
            voltages_v=(VOLTAGE_V,) * 3,
            soc_percent=round(self._car.soc_percent, 1) if self._car else None,
            exported_wh=round(self.exported_wh, 1),
            frequency_hz=self.frequency_hz if self._is_bidirectional else None,
        )

    def on_change(self, notify: Callable[[], None]) -> None:
        """Tell the station of changes."""
        self._notify = notify

    # Physics.

    def _phases(self) -> int:
        """How many phases the car is fed by and takes."""
        return min(self._fed[0], self._car.phases) if self._car else 0

    def _advance(self) -> None:
        """Let the time since the last look pass."""
        now = self._clock()
        seconds, self._then = (now - self._then) * self._speed, now
        if self._car is not None:
            wh = self._transferred_wh(self._car, seconds)
            self._energy_wh += max(0.0, wh)
            self.exported_wh += max(0.0, -wh)

    def _transferred_wh(self, car: Car, seconds: float) -> float:
        offered_a = 0.0 if self._is_paused else self._limit_a
        order = self._order
        setpoint_w = 0.0 if order.is_idle else order.setpoint_w
        if setpoint_w is None or offered_a <= 0:
            return car.advance(offered_a, seconds, self._fed[0])
        most_w = offered_a * self._phases() * VOLTAGE_V
        return car.transfer(max(order.discharge_limit_w, min(most_w, setpoint_w)), seconds)


class VirtualGrid:
    """What a building draws besides its cars, and its meter (`GridMeter`)."""

    def __init__(self, evses: Sequence[VirtualEvse]) -> None:
        self.load_w = 0.0
        self._evses = evses

    def power_w(self) -> float:
        """What it draws now, cars included."""
        return self.load_w + sum(evse.measure().power_w for evse in self._evses)
