"""What an idle station costs: memory of the server's process for each open connection."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

from chargeplane import logs
from chargeplane.config import Csms, DatabaseUrl, Log
from chargeplane.csms.admission import Admission
from chargeplane.csms.central import Central
from chargeplane.csms.message_log import MessageLog
from chargeplane.csms.session import Sessions
from chargeplane.demo import token
from chargeplane.net import websocket
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import tokens

STATIONS = 1000
AT_ONCE = 100  # handshakes
PAGE = resource.getpagesize()


@dataclass(frozen=True, slots=True)
class Idle:
    """How much memory a station costs that says nothing, and how fast they were connected."""

    stations: int
    bytes_each: float
    connected_per_second: float


def measure(stations: int = STATIONS) -> Idle:
    """Connect that many stations to a server in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        server = context.Process(target=run_server, args=(theirs, folder), daemon=True)
        server.start()
        try:
            return asyncio.run(_connect(ours, ours.recv(), stations))
        finally:
            ours.send("end")
            server.join()


async def _connect(server: Connection, port: int, stations: int) -> Idle:
    url = f"ws://127.0.0.1:{port}/ocpp"
    # The first ones pay for what is made once.
    warm = await _links(url, "WARM", AT_ONCE)
    before = await _used(server)
    began = perf_counter()
    links = await _links(url, "CS", stations)
    seconds = perf_counter() - began
    each = (await _used(server) - before) / stations
    for link in (*links, *warm):
        with contextlib.suppress(OSError):
            await link.close()
    return Idle(stations, each, stations / seconds)


async def _links(url: str, name: str, number: int) -> list[websocket.Connection]:
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(which: int) -> websocket.Connection:
        async with turn:
            link = await websocket.connect(f"{url}/{name}-{which}", ["ocpp1.6"], ping_interval=None)
            await link.send(b'[2,"1","Heartbeat",{}]')
            await anext(aiter(link.frames()))
            return link

    return list(await asyncio.gather(*(one(which) for which in range(number))))


async def _used(server: Connection) -> int:
    """The server's resident memory, once it has settled."""
    await asyncio.sleep(2)
    server.send("memory")
    used: int = server.recv()
    return used


def run_server(pipe: Connection, folder: str, *tags: str) -> None:
    """A central system that tells its port, and its memory when asked."""
    logs.configure(Log(level="warning"))
    with contextlib.suppress(EOFError):
        asyncio.run(_serve(pipe, Path(folder), tags))


async def _serve(pipe: Connection, folder: Path, tags: tuple[str, ...]) -> None:
    url = DatabaseUrl(f"sqlite:///{folder / 'chargeplane.db'}").get_secret_value()
    async with await Database.open(url) as database:
        central = Central(settings=Csms(admission="open"), database=database)
        now = central.now()
        await database.write(tokens.save, [token(each, now, limit=-1) for each in tags])
        log = MessageLog(central)
        logging = asyncio.create_task(log.run())
        admit, run = Admission(central).admit, Sessions(central, log).run
        async with websocket.serve("127.0.0.1", 0, admit, run) as server:
            pipe.send(next(iter(server.sockets)).getsockname()[1])
            while await asyncio.to_thread(pipe.recv) == "memory":
                gc.collect()
                pipe.send(resident())
        logging.cancel()
        await asyncio.gather(logging, return_exceptions=True)


def resident() -> int:
    """Bytes of memory in use by this process, as Linux counts them."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE


def lines(idle: Idle) -> Iterator[str]:
    """What to print."""
    yield f"{idle.stations} idle stations: {idle.bytes_each / 1024:.1f} KiB each"
    yield f"connected: {idle.connected_per_second:.0f} a second"


if __name__ == "__main__":
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else STATIONS)
    print(*lines(found), sep="\n")
