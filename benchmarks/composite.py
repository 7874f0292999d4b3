"""The composite schedule of a day from ten profiles of 24 periods each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Purpose,
)
from chargeplane.energy.composite import composite
from chargeplane.energy.composite_values import Circumstances, Installed, Running, Window

ROUNDS = 200
PERIODS = 24
PROMISED_MS = 1.0
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
DAY = Window(MIDNIGHT, MIDNIGHT + timedelta(days=1))
PURPOSES: tuple[Purpose, ...] = (
    "ChargingStationExternalConstraints",
    "ChargingStationMaxProfile",
    *("TxProfile",) * 4,
    *("TxDefaultProfile",) * 4,
)


@dataclass(frozen=True, slots=True)
class Timed:
    """How long one schedule took at best, and how many periods came out."""

    what: str
    ms: float
    periods: int


def measure() -> Iterator[Timed]:
    """Profiles that fill the day, and those with so many gaps that all of them count."""
    yield _timed("that fill the day", [_profile(n, 3600, 411 * n) for n in range(10)])
    yield _timed("with gaps, all of which count", [_profile(n, 300, 8330 * n) for n in range(10)])


def lines(timings: Iterable[Timed]) -> Iterator[str]:
    """What was measured, as sentences."""
    for each in timings:
        yield (
            f"24 h from ten profiles {each.what}, {each.periods} periods: {each.ms:.2f} ms "
            f"(promised: {PROMISED_MS:g} ms)"
        )


def _profile(number: int, step_s: int, shift_s: int) -> Installed:
    """A daily profile; every other one counts in W."""
    in_w = number % 2
    limits = [float(6 + (index * 7 + number) % 26) for index in range(PERIODS)]
    schedule = ChargingSchedule(
        charging_rate_unit="W" if in_w else "A",
        start_schedule=MIDNIGHT + timedelta(seconds=shift_s),
        duration=PERIODS * step_s,
        charging_schedule_period=tuple(
            ChargingSchedulePeriod(start_period=index * step_s, limit=limit * (690 if in_w else 1))
            for index, limit in enumerate(limits)
        ),
    )
    profile = ChargingProfile(
        id=number,
        stack_level=number,
        charging_profile_purpose=PURPOSES[number],
        charging_profile_kind="Recurring",
        recurrency_kind="Daily",
        charging_schedule=(schedule,),
    )
    return Installed(evse_id=0 if number < 2 else 1, profile=profile)  # noqa: PLR2004 the first two purposes


def _timed(what: str, held: list[Installed]) -> Timed:
    here = Circumstances(transactions={1: Running(id="a", start=MIDNIGHT)})
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        found = composite(held, here, DAY, "A", 1)
        times.append(perf_counter() - began)
    return Timed(what, min(times) * 1e3, len(found.periods))
