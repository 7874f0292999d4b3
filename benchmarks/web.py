"""What the web pages take: a list of many stations, and memory of an overview that is open."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import httpx
import socketio  # type: ignore[import-untyped]
import uvloop
from sqlalchemy import Connection

from benchmarks.idle import resident
from chargeplane import app, logs
from chargeplane.config import DatabaseUrl, Log, Server, Settings, Storage
from chargeplane.domain.station import Evse, StatusNotification
from chargeplane.storage.repositories import connectors, stations
from chargeplane.storage.repositories.stations import Presence, StationSettings

STATIONS = 10_000
EVSES = 2
TIMES = 30
WARM = 3
BROWSERS = 50
KIB = 1024
LIST_TARGET_MS = 150
OVERVIEW_TARGET_KIB = 2048
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLIENT_ID = re.compile(r"client_id['\"]?: ?['\"]([\w-]+)")
COOKIE = "chargeplane_session"


@dataclass(frozen=True, slots=True)
class Pages:
    """How long a list takes in ms (p50), and what an open overview costs in KiB."""

    list_ms: float
    search_ms: float
    overview_kib: float


def measure() -> Pages:
    """Ask a server in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        server = context.Process(target=run_server, args=(theirs, folder), daemon=True)
        server.start()
        try:
            return asyncio.run(_ask(ours, *ours.recv()))
        finally:
            ours.send("end")
            server.join()


def lines(found: Pages) -> Iterator[str]:
    """What to print."""
    of = f"of {STATIONS:,} stations with {EVSES} connectors each"
    yield f"the list {of}, p50: {found.list_ms:.0f} ms (promised: {LIST_TARGET_MS} ms)"
    yield f"the same searched for a name, p50: {found.search_ms:.0f} ms"
    yield (
        f"memory of the server for each of {BROWSERS} open overviews {of}: "
        f"{found.overview_kib:.0f} KiB (promised: {OVERVIEW_TARGET_KIB} KiB)"
    )


async def _ask(server: Pipe, port: int, token: str) -> Pages:
    url = f"http://127.0.0.1:{port}/ui"
    async with httpx.AsyncClient(cookies={COOKIE: token}, timeout=60) as client:
        list_ms = await _p50(client, f"{url}/stations", "CS-0")
        search_ms = await _p50(client, f"{url}/stations?search=99", "CS-1099")
        await _open(client, url, BROWSERS)  # the first ones pay for what is made once
        before = await _used(server)
        browsers = await _open(client, url, BROWSERS)
        each = (await _used(server) - before) / BROWSERS
        for browser in browsers:
            await browser.disconnect()
    return Pages(list_ms, search_ms, each / KIB)


async def _p50(client: httpx.AsyncClient, url: str, shown: str) -> float:
    took = []
    for _ in range(WARM + TIMES):
        began = perf_counter()
        answer = await client.get(url)
        took.append(perf_counter() - began)
        assert shown in answer.text, answer.status_code  # noqa: S101
    return median(took[WARM:]) * 1000


async def _open(client: httpx.AsyncClient, url: str, number: int) -> list[Any]:
    """Open the overview as browsers do: get the page, then stay connected."""
    browsers = []
    for which in range(number):
        page = (await client.get(f"{url}/")).text
        found = CLIENT_ID.search(page)
        assert found is not None, page[:2000]  # noqa: S101
        browser = socketio.AsyncClient()
        query = (
            f"client_id={found[1]}&document_id=d{which}&tab_id=t{which}&next_message_id=0"
            "&implicit_handshake=true"
        )
        await browser.connect(
            f"{url}/?{query}",
            socketio_path="/ui/_nicegui_ws/socket.io",
            transports=["websocket"],
            headers={"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"},
        )
        browsers.append(browser)
    return browsers


async def _used(server: Pipe) -> int:
    """The server's resident memory, once it has settled."""
    await asyncio.sleep(2)
    server.send("memory")
    used: int = server.recv()
    return used


def run_server(pipe: Pipe, folder: str) -> None:
    """Serve the pages of many stations until told to end."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(pipe, folder))


async def _serve(pipe: Pipe, folder: str) -> None:
    logs.configure(Log(level="error"))
    settings = Settings(
        server=Server(ocpp_port=0, http_port=0),
        storage=Storage(url=DatabaseUrl(f"sqlite:///{Path(folder) / 'chargeplane.db'}")),
    )
    async with app.central_system(settings) as running:
        await running.central.database.write(_fill)
        assert running.site is not None  # noqa: S101
        assert running.first_password is not None  # noqa: S101
        users, sessions = running.site.users, running.site.sessions
        new = f"{running.first_password}!"
        await users.change_password("admin", running.first_password, new, "127.0.0.1")
        (user,) = await users.all()
        pipe.send((running.http_port, await sessions.begin(user, "127.0.0.1")))
        while await asyncio.to_thread(pipe.recv) != "end":
            gc.collect()
            pipe.send(resident())


def _fill(connection: Connection) -> None:
    here = Presence(connected_at=NOW, node="local", subprotocol="ocpp1.6", security_profile=0)
    numbers = count()
    for _ in range(STATIONS):
        name = f"CS-{next(numbers)}"
        stations.register(connection, name, StationSettings(name=f"Station {name}"), NOW)
        stations.connect(connection, name, here)
        for evse in range(1, EVSES + 1):
            said = StatusNotification(evse=Evse(evse, 1), connector_status="Available")
            connectors.set_status(connection, name, said, NOW)


if __name__ == "__main__":
    sys.stdout.write("".join(f"{each}\n" for each in lines(measure())))
