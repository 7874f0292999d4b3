"""A virtual car: its battery, its on-board charger, and the oddities that are seen in the field."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

VOLTAGE_V: Final = 230.0
MINIMUM_A: Final = 6.0  # IEC 61851-1: below it a car does not charge
TAPER_FROM: Final = 80.0  # percent of charge from which the battery takes less and less
SECONDS_PER_HOUR: Final = 3600.0


@dataclass(slots=True, kw_only=True)
class Car:
    """A car with an on-board charger; it never draws more than it is offered."""

    capacity_wh: float = 60_000.0
    soc_percent: float = 40.0
    target_percent: float = 100.0
    phases: int = 3
    maximum_a: float = 16.0
    minimum_a: float = MINIMUM_A  # offered less, it asks for energy and draws none
    ramp_a_per_s: float = math.inf  # how quickly it draws more; less is drawn at once
    delay_s: float = 0.0  # from an offer until it draws
    sleeps_after_s: float = math.inf  # of no offer; only a break of the pilot wakes it
    has_diode: bool = True
    discharge_maximum_w: float = 0.0  # none: it charges only
    reserve_percent: float = 20.0  # of charge, which it keeps for the driver
    drawn_a: float = field(default=0.0, init=False)  # per phase, now
    _offered_s: float = field(default=0.0, init=False)
    _idle_s: float = field(default=0.0, init=False)

    def current_a(self, offered_a: float) -> float:
        """What it takes per phase of what it is offered; less and less towards the end."""
        if offered_a < max(self.minimum_a, MINIMUM_A) or not self.is_hungry:
            return 0.0
        left = (100.0 - self.soc_percent) / (100.0 - TAPER_FROM)
        return min(offered_a, self.maximum_a) * min(1.0, max(0.1, left))

    @property
    def is_hungry(self) -> bool:
        """Whether it still wants energy."""
        return self.soc_percent < self.target_percent

    @property
    def can_discharge(self) -> bool:
        """Whether it could give some of its charge."""
        return self.discharge_maximum_w > 0 and self.soc_percent > self.reserve_percent

    def transfer(self, power_w: float, seconds: float) -> float:
        """Let time pass with a setpoint; the energy drawn in Wh, negative where it gives some."""
        most_w = self.maximum_a * self.phases * VOLTAGE_V if self.is_hungry else 0.0
        least_w = -self.discharge_maximum_w if self.can_discharge else 0.0
        power_w = max(least_w, min(most_w, power_w))
        room_wh = (self.target_percent - self.soc_percent) * self.capacity_wh / 100
        spare_wh = (self.soc_percent - self.reserve_percent) * self.capacity_wh / 100
        wh = power_w * seconds / SECONDS_PER_HOUR
        wh = min(wh, max(0.0, room_wh)) if wh > 0 else max(wh, min(0.0, -spare_wh))
        self.soc_percent += wh / self.capacity_wh * 100
        self.drawn_a = power_w / (self.phases * VOLTAGE_V)
        return wh

    @property
    def is_asleep(self) -> bool:
        """Whether it has given up waiting for an offer."""
        return self._idle_s > self.sleeps_after_s

    def wake(self) -> None:
        """See the pilot break off and come back."""
        self._idle_s = 0.0

    def advance(self, offered_a: float, seconds: float, phases: int = 3) -> float:
        """Let time pass with an offer; the energy drawn in Wh, on the phases that have mains."""
        drawing_s = self._wait(offered_a, seconds)
        is_drawing = phases and not self._waits and not self.is_asleep
        wanted_a = self.current_a(offered_a) if is_drawing else 0.0
        ampere_s = self._draw(wanted_a, drawing_s)
        wh = ampere_s * min(phases, self.phases) * VOLTAGE_V / SECONDS_PER_HOUR
        wh = min(wh, max(0.0, self.target_percent - self.soc_percent) * self.capacity_wh / 100)
        gained = wh / self.capacity_wh * 100
        self.soc_percent = min(
            max(self.target_percent, self.soc_percent), self.soc_percent + gained
        )
        self.drawn_a = min(self.drawn_a, self.current_a(offered_a))
        return wh

    @property
    def _waits(self) -> bool:
        return self._offered_s < self.delay_s

    def _wait(self, offered_a: float, seconds: float) -> float:
        """How much of the time that passes it may draw."""
        if offered_a < MINIMUM_A:
            self._offered_s = 0.0
            self._idle_s += seconds
            return seconds
        if not self.is_asleep:
            self._idle_s = 0.0
        self._offered_s += seconds
        return min(seconds, max(0.0, self._offered_s - self.delay_s))

    def _draw(self, wanted_a: float, seconds: float) -> float:
        """Draw what is wanted, or on the way to it; what flows in A s."""
        before, rising_s = self.drawn_a, 0.0
        if wanted_a > before:
            rising_s = (wanted_a - before) / self.ramp_a_per_s
        if seconds < rising_s:
            self.drawn_a = before + self.ramp_a_per_s * seconds
            return (before + self.drawn_a) / 2 * seconds
        self.drawn_a = wanted_a
        return (before + wanted_a) / 2 * rising_s + wanted_a * (seconds - rising_s)


# Cars as they behave; `CARS["zoe"](soc_percent=30)` is one of them.
CARS: Final[Mapping[str, Callable[..., Car]]] = {
    "plain": Car,
    "ramp": partial(Car, ramp_a_per_s=1.5),
    "one-phase": partial(Car, phases=1, maximum_a=32.0, capacity_wh=40_000.0),
    "two-phase": partial(Car, phases=2),
    "zoe": partial(Car, minimum_a=8.0, maximum_a=32.0, capacity_wh=52_000.0, ramp_a_per_s=1.0),
    "sleeper": partial(Car, sleeps_after_s=600.0),
    "late": partial(Car, delay_s=45.0),
    "plug-in hybrid": partial(Car, phases=1, maximum_a=16.0, capacity_wh=10_000.0),
    "no diode": partial(Car, has_diode=False),
}
