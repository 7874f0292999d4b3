"""A fleet of virtual stations that load a central system, and what it took to answer them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from chargeplane.domain.station import ChargingStation
from chargeplane.domain.tokens import Token
from chargeplane.errors import ConfigurationError
from chargeplane.evse.installers import VirtualInstaller
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.station import authorization
from chargeplane.station.connection import Link, run
from chargeplane.station.handlers import build
from chargeplane.station.signals import Asked
from chargeplane.station.station import Station

CHARGE: Final = 6  # sample intervals that a charge lasts
PERCENTILES: Final = (50, 95, 99, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How many stations do what: each charges, tells its meter values, and begins again."""

    url: str
    stations: int
    version: str = "1.6"
    seconds: float = 60.0
    interval: int = 10  # s between the meter values of a charge
    per_second: float = 100.0  # stations that connect in a second
    tag: str = "DEMO0001"
    prefix: str = "sim-"


@dataclass(slots=True)
class Tally:
    """What was asked, how long the answers took (s), what failed."""

    calls: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def count(self, asked: Asked) -> None:
        """Count one request."""
        self.calls[asked.name] += 1
        if asked.error:
            self.errors[asked.error] += 1
        else:
            self.latencies.append(asked.seconds)

    @property
    def answered(self) -> int:
        """How many calls were answered."""
        return len(self.latencies)


async def simulate(load: Load, console: Console) -> Tally:
    """Run the fleet, with a progress bar; returns what was counted.

    Raises `ConfigurationError` for an unknown version.
    """
    if DIALECTS.get(load.version) is None:
        raise ConfigurationError(f"version {load.version}: one of {', '.join(DIALECTS)}")
    tally = Tally()
    began = perf_counter()
    jobs: list[asyncio.Task[None]] = []
    with Progress(console=console) as progress:
        shown = progress.add_task(f"{load.stations} stations", total=load.seconds)
        connect = asyncio.create_task(_connect_all(load, tally, jobs))
        while (elapsed := perf_counter() - began) < load.seconds:
            await asyncio.sleep(min(0.5, load.seconds - elapsed))
            said = f"{len(jobs) // 2} stations, {tally.answered} calls"
            progress.update(shown, completed=elapsed, description=said)
    tally.seconds = perf_counter() - began
    for job in (connect, *jobs):
        job.cancel()
    await asyncio.gather(connect, *jobs, return_exceptions=True)
    return tally


async def _connect_all(load: Load, tally: Tally, jobs: list[asyncio.Task[None]]) -> None:
    for number in range(1, load.stations + 1):
        station = _station(f"{load.prefix}{number:05}", load, tally)
        link = Link(url=load.url.rstrip("/"), versions=(load.version,))
        jobs.append(asyncio.create_task(run(station, link)))
        jobs.append(asyncio.create_task(_drive(station, load)))
        await asyncio.sleep(1 / load.per_second)


def _station(station_id: str, load: Load, tally: Tally) -> Station:
    about = ChargingStation(vendor_name="Chargeplane", model="Simulated", serial_number=station_id)
    station = build(station_id, about, [VirtualEvse()])
    station.installer = VirtualInstaller()
    station.signals.asked.listen(tally.count)
    station.model.put("SampledDataCtrlr/TxUpdatedInterval", str(load.interval))
    return station


async def _drive(station: Station, load: Load) -> None:
    hardware = station.evses[0].hardware
    assert isinstance(hardware, VirtualEvse)  # noqa: S101 as `_station` made it
    token = Token(load.tag)
    await station.accepted.wait()
    while True:
        await asyncio.sleep(random.uniform(0, load.interval))  # noqa: S311 spreads the load
        hardware.plug_in(Car())
        await authorization.swipe(station, token, (1,))
        await asyncio.sleep(load.interval * CHARGE)
        await authorization.swipe(station, token, (1,))
        hardware.plug_out()


def summary(load: Load, tally: Tally) -> Table:
    """What was counted, for people."""
    table = Table("Figure", "Value", title=f"{load.stations} stations, OCPP {load.version}")
    table.add_row("calls answered", str(tally.answered))
    table.add_row("calls a second", f"{tally.answered / tally.seconds:.1f}")
    for percent, seconds in zip(PERCENTILES, percentiles(tally.latencies), strict=True):
        table.add_row(f"latency p{percent}", f"{seconds * 1000:.1f} ms")
    for name, count in tally.errors.most_common():
        table.add_row(f"errors: {name}", str(count))
    return table


def percentiles(latencies: Sequence[float]) -> list[float]:
    """The latencies below which so many percent lie; 0 where nothing was measured."""
    ordered = sorted(latencies)
    if not ordered:
        return [0.0] * len(PERCENTILES)
    last = len(ordered) - 1
    return [ordered[round(last * percent / 100)] for percent in PERCENTILES]
