"""How many messages over SOAP one central system answers, in a process of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import msgspec
import uvloop

from chargeplane import app, logs
from chargeplane.config import Csms, DatabaseUrl, Log, Server, Settings, Storage
from chargeplane.ocpp.soap.service import CENTRAL, Headers

STATIONS: Final = 50  # each with one connection and one message at a time
ROUNDS: Final = 5  # the best one counts
SECONDS: Final = 2.0  # of a round
WARM_SECONDS: Final = 1.0
PATH: Final = "/steve/services/CentralSystemService"
VERSION: Final = "1.6"
AT: Final = "2026-03-01T12:00:00.000Z"
SAMPLES: Final = (
    ("1234567", "Energy.Active.Import.Register", "Wh"),
    ("11040", "Power.Active.Import", "W"),
    ("16.0", "Current.Import", "A"),
    ("230.1", "Voltage", "V"),
)
METER_VALUES: Final = {
    "connectorId": 1,
    "meterValue": [
        {
            "timestamp": AT,
            "sampledValue": [
                {"value": value, "context": "Sample.Periodic", "measurand": what, "unit": unit}
                for value, what, unit in SAMPLES
            ],
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Rate:
    """How many messages were answered in a second, beside what is promised."""

    name: str
    per_second: float
    target: float
    processor_us: float  # of the central system, for each


def measure() -> Iterator[Rate]:
    """Each with a central system and a database of its own."""
    yield _measured("Heartbeat", "Heartbeat", {}, 1500)
    yield _measured("MeterValues, 4 samples, stored", "MeterValues", METER_VALUES, 1000)


def lines(rates: list[Rate]) -> Iterator[str]:
    """What to print."""
    for each in rates:
        yield (
            f"{each.name}: {each.per_second:,.0f} a second (promised: {each.target:,.0f}), "
            f"{each.processor_us:.0f} µs of a processor each"
        )


def _measured(name: str, action: str, payload: object, target: float) -> Rate:
    with _central_system() as (port, processor_s):
        before = processor_s()
        rate, count = uvloop.run(_load(port, action, msgspec.json.encode(payload)))
        return Rate(name, rate, target, (processor_s() - before) / count * 1e6)


# The central system


@contextmanager
def _central_system() -> Iterator[tuple[int, Callable[[], float]]]:
    """A central system in another process: its port, and how long it has used a processor."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,))
    process.start()

    def processor_s() -> float:
        ours.send("time")
        return float(ours.recv())

    try:
        yield ours.recv(), processor_s
    finally:
        ours.send("end")
        process.join()


def _serve(link: Connection) -> None:
    logs.configure(Log(level="error"))
    with tempfile.TemporaryDirectory() as folder:
        uvloop.run(_run(link, Path(folder)))


async def _run(link: Connection, folder: Path) -> None:
    settings = Settings(
        server=Server(ocpp_port=0, http_port=0),
        storage=Storage(url=DatabaseUrl(f"sqlite:///{folder / 'chargeplane.db'}")),
        csms=Csms(admission="open"),
    )
    async with app.central_system(settings) as running:
        link.send(running.http_port)
        while await asyncio.to_thread(link.recv) == "time":
            link.send(process_time())


# The stations


async def _load(port: int, action: str, payload: bytes) -> tuple[float, int]:
    """Messages of all stations that are answered in a second, and altogether."""
    counts = [0] * STATIONS
    async with asyncio.TaskGroup() as group:
        jobs = [
            group.create_task(_say(port, f"CP-{number}", action, payload, counts, number))
            for number in range(STATIONS)
        ]
        await asyncio.sleep(WARM_SECONDS)
        rates = [await _rate(counts) for _ in range(ROUNDS)]
        for job in jobs:
            job.cancel()
    return max(rates), sum(counts)


async def _rate(counts: list[int]) -> float:
    before, began = sum(counts), perf_counter()
    await asyncio.sleep(SECONDS)
    return (sum(counts) - before) / (perf_counter() - began)


async def _say(
    port: int, station_id: str, action: str, payload: bytes, counts: list[int], place: int
) -> None:
    """Say the same again and again, each time once it is answered."""
    headers = Headers(identity=station_id, sender="http://192.0.2.1:8080/", to=PATH)
    envelope = CENTRAL[VERSION].call(action, payload, headers)
    request = _request(port, action, envelope)
    async with _connected(port) as (reader, writer):
        while True:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head  # noqa: S101
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
            answer = await reader.readexactly(int(length))
            assert b"Response>" in answer, answer  # noqa: S101
            counts[place] += 1


def _request(port: int, action: str, envelope: bytes) -> bytes:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost:{port}\r\n"
        f'Content-Type: application/soap+xml; charset=utf-8; action="/{action}"\r\n'
        f"Content-Length: {len(envelope)}\r\n\r\n"
    )
    return head.encode() + envelope


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


if __name__ == "__main__":
    print(*lines(list(measure())), sep="\n")
