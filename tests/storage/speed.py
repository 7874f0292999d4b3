"""How many readings a second are stored: python -m tests.storage.speed [URL]."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time

from chargeplane.domain.readings import Reading, Sample
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import meter_values

STATIONS, READINGS = 200, 250
START = datetime(2026, 1, 1, tzinfo=UTC)


def reading(n: int) -> Reading:
    """Return a reading of seven samples."""
    samples = (
        Sample(1000.0 + n),
        Sample(11000.0, "Power.Active.Import", "W"),
        Sample(16.0, "Current.Import", "A", phase="L1"),
        Sample(16.0, "Current.Import", "A", phase="L2"),
        Sample(16.0, "Current.Import", "A", phase="L3"),
        Sample(230.0, "Voltage", "V", phase="L1-N"),
        Sample(55.0, "SoC", "Percent"),
    )
    return Reading(START + timedelta(seconds=n), samples)


async def send(database: Database, station: str) -> None:
    """Store one reading after the other, each when the last one is acknowledged."""
    for n in range(READINGS):
        await database.write(meter_values.append, station, 1, (reading(n),), 1)


async def measure(url: str) -> str:
    """Let all stations send at once."""
    async with await Database.open(url) as database:
        began, cpu = perf_counter(), process_time()
        await asyncio.gather(*(send(database, f"CP{n}") for n in range(STATIONS)))
        seconds, cpu = perf_counter() - began, process_time() - cpu
        sizes = database.statistics.group_size
        count = STATIONS * READINGS
        return (
            f"{count / seconds:,.0f} MeterValues/s, {cpu / count * 1e6:.0f} us of CPU each, "
            f"{sizes.total / sum(sizes.counts):.0f} a commit\n"
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=".") as folder:
        given = sys.argv[1:] or [f"sqlite:///{folder}/speed.db"]
        sys.stdout.write(asyncio.run(measure(given[0])))
