"""What a fleet of virtual stations costs: processor and memory of their process, all charging."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter, process_time

from benchmarks.idle import resident, run_server
from chargeplane import logs
from chargeplane.config import Log
from chargeplane.domain.station import ChargingStation
from chargeplane.domain.tokens import Token
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.station import authorization, handlers
from chargeplane.station.connection import Link, run
from chargeplane.station.station import Station

STATIONS = 2000
INTERVAL_S = 60  # between the meter values of a charge
SECONDS = 60.0  # that are measured
AT_ONCE = 50  # handshakes
PROMISED_CORE = 0.5
PROMISED_KIB = 150


@dataclass(frozen=True, slots=True)
class Fleet:
    """The cost of stations that charge."""

    stations: int
    core: float  # of one, on average
    bytes_each: float


def measure(stations: int = STATIONS) -> Fleet:
    """Let that many stations charge at a central system in a process of its own."""
    logs.configure(Log(level="error"))
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        server = context.Process(target=run_server, args=(theirs, folder, "TAG"), daemon=True)
        server.start()
        try:
            return asyncio.run(_charge(ours.recv(), stations))
        finally:
            ours.send("end")
            server.join()


async def _charge(port: int, number: int) -> Fleet:
    link = Link(url=f"ws://127.0.0.1:{port}/ocpp", versions=("1.6",))
    jobs: list[asyncio.Task[None]] = []
    await _begin("WARM", AT_ONCE, link, jobs)
    gc.collect()
    before = resident()
    await _begin("CS", number, link, jobs)
    gc.collect()
    each = (resident() - before) / number
    used, began = process_time(), perf_counter()
    await asyncio.sleep(SECONDS)
    core = (process_time() - used) / (perf_counter() - began)
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    return Fleet(number, core, each)


async def _begin(name: str, number: int, link: Link, jobs: list[asyncio.Task[None]]) -> None:
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(which: int) -> None:
        async with turn:
            station = _station(f"{name}-{which}")
            jobs.append(asyncio.create_task(run(station, link)))
            await station.accepted.wait()
            await authorization.swipe(station, Token("TAG"))
            while station.outbox.has_events():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(station.outbox.drained(), 1)

    await asyncio.gather(*(one(which) for which in range(number)))


def _station(station_id: str) -> Station:
    hardware = VirtualEvse()
    hardware.plug_in(Car(capacity_wh=1e9))
    about = ChargingStation(vendor_name="Chargeplane", model="Simulated")
    station = handlers.build(station_id, about, [hardware])
    station.model.put("SampledDataCtrlr/TxUpdatedInterval", str(INTERVAL_S))
    return station


def lines(fleet: Fleet) -> Iterator[str]:
    """What to print."""
    yield (
        f"{fleet.stations} stations in one process, meter values every {INTERVAL_S} s: "
        f"{fleet.core:.0%} of one core (promised: {PROMISED_CORE:.0%})"
    )
    kib = fleet.bytes_each / 1024
    yield f"memory of each, charging: {kib:.1f} KiB (promised: {PROMISED_KIB} KiB)"


if __name__ == "__main__":
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else STATIONS)
    print(*lines(found), sep="\n")
