"""A central system with a virtual station in a thread, so that what blocks can talk to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TypeVar

from chargeplane import app
from chargeplane.config import Api, Csms, DatabaseUrl, Server, Settings, Storage
from chargeplane.domain.station import ChargingStation
from chargeplane.evse.virtual import Car, VirtualEvse
from chargeplane.station import handlers
from chargeplane.station.connection import Link, run
from chargeplane.station.station import Station

T = TypeVar("T")

KEY = "the key of the settings"
PATIENCE = 20.0  # s; how long anything may take on a busy machine


@dataclass(frozen=True, slots=True)
class Live:
    """What runs, where it listens, and how to reach into its thread."""

    port: int
    station: Station
    hardware: VirtualEvse
    loop: asyncio.AbstractEventLoop
    ended: asyncio.Event

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def flags(self) -> list[str]:
        """What a command needs to find it."""
        return ["--set", f"server.http_port={self.port}", "--set", f"api.key={KEY}"]

    def plug_in(self) -> None:
        self.loop.call_soon_threadsafe(self.hardware.plug_in, Car())


@contextmanager
def live(folder: Path, station_id: str = "CP1", port: int = 0) -> Iterator[Live]:
    """A central system that keeps its database in the folder, and its one connected station."""
    ready: Future[Live] = Future()
    thread = Thread(target=lambda: asyncio.run(_serve(folder, station_id, port, ready)))
    thread.start()
    found = ready.result(PATIENCE)
    try:
        yield found
    finally:
        found.loop.call_soon_threadsafe(found.ended.set)
        thread.join(PATIENCE)
        assert not thread.is_alive()


async def _serve(folder: Path, station_id: str, port: int, ready: Future[Live]) -> None:
    try:
        async with app.central_system(_settings(folder, port)) as running:
            hardware = VirtualEvse()
            about = ChargingStation(vendor_name="Chargeplane", model="Virtual AC")
            station = handlers.build(station_id, about, [hardware])
            link = Link(url=f"ws://127.0.0.1:{running.ocpp_port}/ocpp", versions=("2.0.1",))
            job = asyncio.create_task(run(station, link))
            await station.accepted.wait()
            loop, ended = asyncio.get_running_loop(), asyncio.Event()
            ready.set_result(Live(running.http_port, station, hardware, loop, ended))
            await ended.wait()
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
    except Exception as error:
        if ready.done():
            raise
        ready.set_exception(error)


def _settings(folder: Path, port: int) -> Settings:
    return Settings(
        server=Server(ocpp_port=0, http_port=port),
        storage=Storage(url=DatabaseUrl(f"sqlite:///{folder / 'chargeplane.db'}")),
        csms=Csms(admission="open"),
        api=Api(key=KEY),
    )


def until(condition: Callable[[], T]) -> T:
    """The first value of the condition that is true."""
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)
    return found
