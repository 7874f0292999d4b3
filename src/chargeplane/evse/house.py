"""A virtual house: what it uses, what the sun gives, what its battery does with the rest.

Household and sun are pure functions of a time in s since 1970: the same seed gives the same days.
Nothing jumps: appliances take seconds to start, clouds come by degrees.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from chargeplane.evse.readings import MeterReading, Phases

Currents = tuple[float, float, float]
NOTHING: Final[Currents] = (0.0, 0.0, 0.0)

DAY_S: Final = 86_400.0
HOUR_S: Final = 3600.0
YEAR_DAYS: Final = 365.2425
EDGE_S: Final = 5.0  # that an appliance takes to start and to stop
DA_PER_A: Final = 10
PHASES: Final = 3


class Appliance(NamedTuple):
    """Something that is on once a day, at a time that differs from day to day."""

    watts: float
    phase: int
    from_h: float  # of the local day, at the earliest
    to_h: float  # at the latest
    lasts_s: float


class Habit(NamedTuple):
    """A time of day around which more is used."""

    watts: float
    hour: float
    width_h: float


APPLIANCES: Final = (
    Appliance(2000, 0, 6.5, 8.0, 200),  # kettle
    Appliance(900, 2, 6.75, 8.25, 240),  # toaster
    Appliance(2100, 1, 9.0, 12.0, 1500),  # washing machine
    Appliance(2200, 0, 12.0, 13.0, 1200),  # cooker
    Appliance(2400, 2, 17.5, 18.75, 2700),  # oven
    Appliance(2000, 1, 18.0, 19.5, 1500),  # cooker
    Appliance(1900, 0, 20.0, 22.0, 1800),  # dishwasher
    Appliance(2000, 0, 21.0, 22.5, 180),  # kettle
)
HABITS: Final = (Habit(250, 7.5, 1.0), Habit(150, 13.0, 1.5), Habit(450, 20.0, 2.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A house at the mains; positive currents are taken from the grid."""

    seed: int = 1
    base_w: float = 240.0
    habits: Sequence[Habit] = HABITS
    appliances: Sequence[Appliance] = APPLIANCES
    shares: Currents = (0.4, 0.35, 0.25)  # of the phases in what is always on
    pv_w: float = 6000.0  # peak; 0: none
    pv_phases: tuple[int, ...] = (0, 1, 2)
    cloudiness: float = 0.5  # from 0 to 1
    latitude_deg: float = 52.0
    utc_offset_s: float = HOUR_S  # of the local day, whose noon is when the sun is highest
    voltage_v: float = 230.0

    def loads_w(self, at: float) -> Currents:
        """What the household uses per phase."""
        always = self._always_w(at)
        loads = [always * share for share in self.shares]
        for number, appliance in enumerate(self.appliances):
            loads[appliance.phase] += self._appliance_w(number, appliance, at)
        return _three(loads)

    def sun_w(self, at: float) -> float:
        """What the panels give."""
        if not self.pv_w:
            return 0.0
        height = max(0.0, self._sun_height(at))
        return self.pv_w * math.pow(height, 1.2) * (1.0 - 0.9 * self.cloudiness * self._clouds(at))

    def mains(self, at: float, ev_a: Currents = NOTHING, battery_w: float = 0.0) -> Currents:
        """The currents at the mains, with a car and with what the home battery takes."""
        sun_w = self.sun_w(at) / len(self.pv_phases) if self.pv_phases else 0.0
        found = []
        for phase, (load_w, car_a) in enumerate(zip(self.loads_w(at), ev_a, strict=True)):
            own_w = sun_w if phase in self.pv_phases else 0.0
            found.append((load_w + battery_w / PHASES - own_w) / self.voltage_v + car_a)
        return _three(found)

    def _always_w(self, at: float) -> float:
        hour = self._local(at) / HOUR_S
        habits_w = sum(each.watts * _bell(hour - each.hour, each.width_h) for each in self.habits)
        wobble = 0.3 * _noise(self.seed, at, 900) + 0.3 * _noise(self.seed + 1, at, 60)
        return (self.base_w + habits_w) * (0.7 + wobble)

    def _appliance_w(self, number: int, appliance: Appliance, at: float) -> float:
        """What it uses now, whether it began today or yesterday."""
        today, second = divmod(self._local(at), DAY_S)
        part = 0.0
        for day in (int(today), int(today) - 1):
            chance = _chance(self.seed * 1000 + number, day)
            begins_s = (appliance.from_h + chance * (appliance.to_h - appliance.from_h)) * HOUR_S
            since_s = second + (today - day) * DAY_S - begins_s
            if 0 < since_s < appliance.lasts_s + EDGE_S:
                part += _step(since_s / EDGE_S) - _step((since_s - appliance.lasts_s) / EDGE_S)
        return appliance.watts * part

    def _sun_height(self, at: float) -> float:
        """The sine of how high the sun stands."""
        days = self._local(at) / DAY_S
        season = math.cos(2 * math.pi * (days + 10) / YEAR_DAYS)
        tilt, latitude = math.radians(-23.44) * season, math.radians(self.latitude_deg)
        turned = -math.cos(2 * math.pi * days)  # -1 at midnight, 1 at noon
        return math.sin(latitude) * math.sin(tilt) + math.cos(latitude) * math.cos(tilt) * turned

    def _clouds(self, at: float) -> float:
        """How much of the sun they take, from 0 to 1."""
        slow, quick = _noise(self.seed + 2, at, 3 * HOUR_S), _noise(self.seed + 3, at, 240)
        return _step((0.7 * slow + 0.6 * quick - 0.25) / 0.8)

    def _local(self, at: float) -> float:
        return at + self.utc_offset_s


@dataclass(slots=True, kw_only=True)
class HomeBattery:
    """A battery that takes what is left over and gives it back when it is missed."""

    capacity_wh: float = 10_000.0
    charge_wh: float = 4_000.0
    most_w: float = 3_000.0
    efficiency: float = 0.95  # each way
    power_w: float = 0.0  # now; positive: it charges

    def advance(self, surplus_w: float, seconds: float) -> float:
        """Let time pass with so much left over, or missing; its mean power in W."""
        power_w = max(-self.most_w, min(self.most_w, surplus_w))
        hours = seconds / HOUR_S
        if hours > 0:
            room_w = (self.capacity_wh - self.charge_wh) / self.efficiency / hours
            left_w = self.charge_wh * self.efficiency / hours
            power_w = max(-left_w, min(room_w, power_w))
        factor = self.efficiency if power_w > 0 else 1 / self.efficiency
        charge_wh = self.charge_wh + power_w * factor * hours
        self.charge_wh = max(0.0, min(self.capacity_wh, charge_wh))
        self.power_w = power_w
        return power_w


class VirtualHouse:
    """A house whose time passes, as a mains meter: see `meters.Meter`."""

    def __init__(
        self,
        house: House,
        clock: Callable[[], float],
        *,
        battery: HomeBattery | None = None,
        car_a: Callable[[], Currents] = lambda: NOTHING,
    ) -> None:
        self.house = house
        self.battery = battery
        self._clock = clock
        self._car_a = car_a
        self._then = clock()
        self._power_w = 0.0
        self._import_wh = self._export_wh = 0.0

    async def read(self, *, full: bool = True) -> MeterReading:  # noqa: ARG002 as every meter
        """Measure at the mains."""
        now, currents = self._advance()
        volts = self.house.voltage_v
        powers_w = _rounded(each * volts for each in currents)
        return MeterReading(
            at=now,
            currents_da=_rounded(each * DA_PER_A for each in currents),
            power_w=sum(powers_w),
            powers_w=powers_w,
            import_wh=round(self._import_wh),
            export_wh=round(self._export_wh),
            energy_at=now,
            voltages_v=(volts,) * PHASES,
        )

    @property
    def battery_da(self) -> int:
        """The current of the home battery in 0.1 A, all phases together; positive: it charges."""
        if self.battery is None:
            return 0
        return round(self.battery.power_w / self.house.voltage_v * DA_PER_A)

    def _advance(self) -> tuple[float, Currents]:
        """Let the time since the last look pass; what time it is, and the currents."""
        now, car_a = self._clock(), self._car_a()
        seconds, self._then = now - self._then, now
        currents = self.house.mains(now, car_a)
        if self.battery is not None:
            self.battery.advance(-sum(currents) * self.house.voltage_v, seconds)
            currents = self.house.mains(now, car_a, self.battery.power_w)
        before_w, self._power_w = self._power_w, sum(currents) * self.house.voltage_v
        mean_wh = (before_w + self._power_w) / 2 * seconds / HOUR_S
        self._import_wh += max(0.0, mean_wh)
        self._export_wh += max(0.0, -mean_wh)
        return now, currents


def _bell(hours: float, width_h: float) -> float:
    """1 at the hour, less before and after, whatever the day."""
    away = (hours + 12) % 24 - 12
    return math.exp(-((away / width_h) ** 2) / 2)


def _step(x: float) -> float:
    """From 0 to 1 without a corner, at most 1.5 times as steep as a line."""
    x = max(0.0, min(1.0, x))
    return x * x * (3 - 2 * x)


def _noise(seed: int, at: float, period_s: float) -> float:
    """A smooth random function of time, from 0 to 1."""
    place, part = divmod(at / period_s, 1.0)
    before, after = _chance(seed, int(place)), _chance(seed, int(place) + 1)
    return before + (after - before) * _step(part)


@lru_cache(maxsize=4096)
def _chance(seed: int, number: int) -> float:
    """A random number from 0 to 1 that is always the same for the same two (SplitMix64)."""
    mixed = (seed * 0x9E3779B97F4A7C15 + number * 0xD1B54A32D192ED03) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return (mixed ^ (mixed >> 31)) / 2**64


_MASK: Final = 2**64 - 1


def _three(numbers: Iterable[float]) -> Currents:
    one, two, three = numbers
    return one, two, three


def _rounded(numbers: Iterable[float]) -> Phases:
    one, two, three = (round(number) for number in numbers)
    return one, two, three
