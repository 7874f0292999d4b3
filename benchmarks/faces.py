"""How fast the HTTP faces answer, over real loopback connections to this process."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import uvloop

from chargeplane.api import keys, ocpp_core
from chargeplane.api.native import face as native
from chargeplane.config import Api, Csms
from chargeplane.csms.central import Central, Unit
from chargeplane.domain.readings import Reading, Sample
from chargeplane.domain.station import Evse, StatusNotification
from chargeplane.net import http
from chargeplane.storage.database import Database
from chargeplane.storage.measured import measure as measured
from chargeplane.storage.repositories import connectors, stations
from chargeplane.storage.repositories.stations import Presence, StationSettings

STATIONS = 1000
NAMES = tuple(f"CS-{number}" for number in range(STATIONS))
ROWS = 1_000_000
PAGE = 100
LISTENERS = 1000
EVENTS = 9
AT_ONCE = 100  # listeners that connect side by side
TIMES = 100
WARM = 5
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
KEY = "the key of the benchmark"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST = datetime(2026, 1, 1)  # noqa: DTZ001 SQLite holds moments without the zone
POWER = Sample(11_040.0, "Power.Active.Import", "W")


@dataclass(frozen=True, slots=True)
class Answer:
    """How long something took, in ms, beside what is promised."""

    name: str
    took_ms: float
    target_ms: float


def measure() -> Iterator[Answer]:
    """Each in a database of its own."""
    yield Answer(f"`/API/Status`, {STATIONS} stations, p50", _run(_status), 20)
    name = f"`/API/Status` after each of {STATIONS} stations has told its power, p50"
    yield Answer(name, _run(_status_after_changes), 20)
    name = f"`/v1/transactions`, {PAGE} of {ROWS:,} rows in SQLite, p50"
    yield Answer(name, _run(_transactions), 50)
    name = f"an event to the last of {LISTENERS} listeners of `/v1/events`, p50 of {EVENTS}"
    yield Answer(name, _run(_events), 1000)


def lines(answers: list[Answer]) -> Iterator[str]:
    """What to print."""
    for each in answers:
        yield f"{each.name}: {each.took_ms:.1f} ms (promised: {each.target_ms:g} ms)"


def _run(work: Callable[[Path], Coroutine[Any, Any, float]]) -> float:
    """Run on the loop that `chargeplane serve` runs on."""
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(work(Path(folder) / "chargeplane.db"))


@asynccontextmanager
async def _served(path: Path) -> AsyncIterator[tuple[Central, int]]:
    """A central system and the port of its faces."""
    async with await Database.open(f"sqlite:///{path}") as database:
        central = Central(settings=Csms(), database=database)
        app = native.create(central, Api(key=KEY, requests_per_minute=10**9))
        app.router.routes.append(ocpp_core.route(central, keys.authenticate))
        async with http.serve(app, "127.0.0.1", 0) as port:
            yield central, port


async def _nothing() -> None:
    """Change nothing."""


async def p50(
    port: int,
    path: str,
    check: Callable[[Any], object],
    before_each: Callable[[], Awaitable[None]] = _nothing,
) -> float:
    """Milliseconds of the middle one of many requests, one after the other.

    The client does no more than HTTP asks for, as its time counts too.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    took = []
    for _ in range(WARM + TIMES):
        await before_each()
        began = perf_counter()
        writer.write(_request(path))
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(LENGTH.findall(head)[0]))
        took.append(perf_counter() - began)
        assert b" 200 OK\r\n" in head, head  # noqa: S101
        assert check(json.loads(body)), body[:200]  # noqa: S101
    writer.close()
    return median(took[WARM:]) * 1000


def _request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\n\r\n".encode()


async def _status(path: Path) -> float:
    async with _served(path) as (central, port):
        await central.commit(_connect)
        return await p50(port, "/API/Status", _is_whole)


async def _status_after_changes(path: Path) -> float:
    async with _served(path) as (central, port):
        await central.commit(_connect)

        async def change() -> None:
            await central.commit(_tell_power)

        return await p50(port, "/API/Status", _is_whole, change)


def _is_whole(said: Any) -> bool:
    return len(said) == STATIONS


def _connect(unit: Unit) -> None:
    """Stations that are online, charge and have told their power."""
    link = unit.connection
    here = Presence(connected_at=NOW, node="local", subprotocol="ocpp1.6", security_profile=0)
    said = StatusNotification(evse=Evse(1, 1), connector_status="Occupied", timestamp=NOW)
    for name in NAMES:
        stations.register(link, name, StationSettings(registration="Accepted"), NOW)
        stations.connect(link, name, here)
        connectors.set_status(link, name, said, NOW)
    _tell_power(unit)


def _tell_power(unit: Unit) -> None:
    power = measured(Reading(unit.now, (POWER, Sample(1_234_567.8))))
    for name in NAMES:
        connectors.set_measured(unit.connection, name, 1, power)


async def _transactions(path: Path) -> float:
    async with await Database.open(f"sqlite:///{path}"):
        pass  # it has its tables now
    await asyncio.to_thread(_fill, path)
    async with _served(path) as (_, port):
        path_of_page = f"/v1/transactions?limit={PAGE}"
        return await p50(port, path_of_page, lambda said: len(said["items"]) == PAGE)


def _fill(path: Path) -> None:
    """Closed transactions of many stations, straight into the table."""
    link = sqlite3.connect(path)
    link.executemany(
        "INSERT INTO transactions (station_id, evse_id, state, token_key, id_token, start_known,"
        " started_at, start_energy_mwh, stopped_at, stop_energy_mwh, closed_by, offline,"
        " missing_seq_nos, created_at)"
        " VALUES (?, 1, 'closed', ?, ?, 1, ?, 0, ?, 7000000, 'station', 0, '[]', ?)",
        (_row(number) for number in range(ROWS)),
    )
    link.commit()
    link.close()


def _row(number: int) -> tuple[Any, ...]:
    began = FIRST + timedelta(seconds=10 * number)
    start, stop = (_text(moment) for moment in (began, began + timedelta(hours=1)))
    token = f"token-{number % 5000}"
    return f"CS-{number % STATIONS}", token, token, start, stop, start


def _text(moment: datetime) -> str:
    return moment.isoformat(" ", timespec="microseconds")


async def _events(path: Path) -> float:
    async with _served(path) as (central, port):
        turn = asyncio.Semaphore(AT_ONCE)
        links = await asyncio.gather(*(_listen(port, turn) for _ in range(LISTENERS)))
        took = [await _tell(central, [reader for reader, _ in links]) for _ in range(EVENTS)]
        for _, writer in links:
            writer.close()
        return median(took) * 1000


async def _listen(
    port: int, turn: asyncio.Semaphore
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stream of events that is heard."""
    async with turn:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_request("/v1/events"))
        await reader.readuntil(b": hello\n\n")
        return reader, writer


async def _tell(central: Central, readers: list[asyncio.StreamReader]) -> float:
    """Seconds from the wish to store an event until the last listener has it."""
    began = perf_counter()
    await central.commit(lambda unit: unit.emit("bench.told", station_id="CS-1"))
    await asyncio.gather(*(_hear(reader) for reader in readers))
    return perf_counter() - began


async def _hear(reader: asyncio.StreamReader) -> None:
    while b"event: bench.told" not in await reader.readuntil(b"\n\n"):
        pass  # a sign of life


if __name__ == "__main__":
    print(*lines(list(measure())), sep="\n")
