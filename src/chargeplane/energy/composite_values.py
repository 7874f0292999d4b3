"""What a composite schedule is made from, and what comes out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

import msgspec

from chargeplane.domain.messages import Value
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedulePeriod,
    CompositeSchedule,
    Purpose,
    RateUnit,
)


class Installed(Value, frozen=True, kw_only=True):
    """A profile and the EVSE it was installed on; 0 is the whole station."""

    evse_id: int
    profile: ChargingProfile
    source: str = "CSO"  # chargingLimitSource: who set it (2.x ReportChargingProfiles)
    installed_at: datetime | None = None


class Running(Value, frozen=True, kw_only=True):
    """A transaction on an EVSE, as far as it matters to charging profiles."""

    id: str | None = None  # None: not known yet (1.6 until StartTransaction.conf)
    start: datetime | None = None  # when energy could flow (K01.FR.42); None: now
    soc_percent: float | None = None  # for limitAtSoC (K01.FR.100); None: not measured
    priority_charging: bool = False  # whether it was activated (K21.FR.04)
    delay_seed: int = 0  # chosen at random for each transaction (K01.FR.93)
    own: Installed | None = None  # what the car has said that it will draw (SC.04)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationFacts:
    """What is always so at a station; the limits without any profile are those of its wires.

    `assumed_phases` is what a period means that names no number of phases
    (K01.FR.49); None leaves it open in the answer, where `default_phases`
    then counts for conversions. `per_phase` stations know values for L2 and L3
    (2.1). `precision` rounds every number, for answers equal to those of
    devices that count with less than double precision.
    """

    evse_ids: tuple[int, ...] = (1,)
    voltage_v: float = 230.0
    default_limit_a: float = 32.0
    default_limit_w: float = 22080.0
    assumed_phases: int | None = 3
    default_phases: int = 3
    per_phase: bool = True
    time_zone: tzinfo = UTC  # what `useLocalTime` refers to (K01.FR.90)
    setpoint_priority: Literal["ExternalSystem", "CSMS"] = "ExternalSystem"  # Q06.FR.20
    ignored_offline: frozenset[Purpose] = frozenset()
    precision: Callable[[float], float] = float


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """The station and what happens at it; `offline_s` is None while it is online."""

    facts: StationFacts = StationFacts()
    transactions: Mapping[int, Running] = field(default_factory=dict)
    offline_s: float | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is asked for; an `end` before `start` leaves only the moment `end`."""

    start: datetime
    end: datetime

    def seconds(self) -> tuple[int, int]:
        """Start and end in whole seconds of the epoch."""
        end = seconds(self.end)
        return min(seconds(self.start), end), end


def seconds(moment: datetime) -> int:
    """The moment in whole seconds of the epoch."""
    return int(moment.timestamp() // 1)


class CompositePeriod(Value, frozen=True, kw_only=True):
    """What holds from `values.start_period` until the next period.

    `stack_level` is the level that the limit comes from, `level_in_unit` the
    level of the limit that was given in the unit asked for; both are 0 where
    there is none, or several EVSEs were added up. A limit is `converted` if it
    was given in the other unit.
    """

    values: ChargingSchedulePeriod
    stack_level: int = 0
    level_in_unit: int = 0
    converted: bool = False
    min_charging_rate: float | None = None

    def at(self, start_s: int) -> CompositePeriod:
        """The same from so many seconds after the start of the schedule on."""
        values = msgspec.structs.replace(self.values, start_period=start_s)
        return msgspec.structs.replace(self, values=values)


class Composite(Value, frozen=True, kw_only=True):
    """What follows from all profiles, with the levels that it comes from."""

    evse_id: int
    start: datetime
    duration_s: int
    unit: RateUnit
    periods: tuple[CompositePeriod, ...]

    def at(self, moment: datetime) -> CompositePeriod:
        """What holds at a moment of the schedule."""
        return self.periods[self._index(moment)]

    def holds_until(self, moment: datetime) -> datetime:
        """When what holds at a moment ends: with the next period, or with the schedule."""
        later = self.periods[self._index(moment) + 1 :]
        elapsed_s = later[0].values.start_period if later else self.duration_s
        return self.start + timedelta(seconds=elapsed_s)

    def _index(self, moment: datetime) -> int:
        elapsed_s = (moment - self.start).total_seconds()
        return max(bisect_right(self.periods, elapsed_s, key=_start) - 1, 0)

    def schedule(self) -> CompositeSchedule:
        """The answer to GetCompositeSchedule."""
        return CompositeSchedule(
            evse_id=self.evse_id,
            duration=self.duration_s,
            schedule_start=self.start,
            charging_rate_unit=self.unit,
            charging_schedule_period=tuple(merged(each.values for each in self.periods)),
        )


def _start(period: CompositePeriod) -> int:
    return period.values.start_period


def merged(periods: Iterable[ChargingSchedulePeriod]) -> Iterator[ChargingSchedulePeriod]:
    """The periods without those that say the same as the one before."""
    last = None
    for period in periods:
        said = msgspec.structs.replace(period, start_period=0)
        if said != last:
            yield period
        last = said
