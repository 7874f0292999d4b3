"""A server that is killed loses nothing that it acknowledged, and goes on when it is started."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection as Sql
from sqlalchemy import func, select

from chargeplane.errors import ChargeplaneError
from chargeplane.net import websocket
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import tokens, transactions
from chargeplane.storage.tables import meter_values, transaction_events
from tests.e2e.harness import PATIENCE, Refusal, Talker, database_file, token
from tests.e2e.words import words

STATIONS = 12
ROUNDS = 5  # all but the last one end with a kill
SERVE = (sys.executable, "-c", "from chargeplane.cli import app; app()", "serve")


class Load:
    """What many stations say again and again, and what was acknowledged of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.started: dict[tuple[str, str], str] = {}  # by station and our name: its name there
        self.stopped: dict[tuple[str, str], int] = {}  # and the register in Wh
        self.events: set[tuple[str, str, float]] = set()
        self.acknowledged = 0
        self.over = False
        self.ours = 0

    async def station(self, number: int) -> None:
        """Charge again and again; what is not answered is said again after reconnecting."""
        version = ("1.6", "2.0.1", "2.1")[number % 3]
        name = f"CS-{number}"
        story = _Story(self, name, version)
        while not self.over:
            with suppress(ChargeplaneError, Refusal, TimeoutError):
                link = await websocket.connect(f"{self.url}/{name}", [f"ocpp{version}"])
                talker = Talker(link)
                try:
                    await story.tell(talker)
                finally:
                    await talker.close()
            await asyncio.sleep(0.1)


class _Story:
    """The endless story of one station; it goes on where it was interrupted."""

    def __init__(self, load: Load, name: str, version: str) -> None:
        self.load, self.name, self.version = load, name, version
        self.chapter = 0
        self.step = 0
        self.there = ""  # what the central system calls the transaction

    async def tell(self, talker: Talker) -> None:
        said = words(self.version, talker)
        while not self.load.over:
            await self._say(said)
            self.load.acknowledged += 1
            self.step = (self.step + 1) % 4
            self.chapter += self.step == 0

    async def _say(self, said: Any) -> None:
        ours = f"{self.name}/{self.chapter}"
        began, key = self.chapter * 100.0, (self.name, ours)
        if hasattr(said, "seq_nos"):
            said.seq_nos[ours] = self.step
        if self.step == 0:
            started = await said.start("TAG", seconds=began, wh=self.chapter * 10, name=ours)
            self.there = self.load.started[key] = started.name
        elif self.step < 3:
            seconds = began + self.step
            await said.update(self.there, seconds=seconds, wh=self.chapter * 10 + self.step)
            self.load.events.add((self.name, ours, seconds))
        else:
            stop = self.chapter * 10 + 5
            await said.stop(self.there, seconds=began + 50, wh=stop, tag="TAG")
            self.load.stopped[key] = stop


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@asynccontextmanager
async def server(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server in a process of its own."""
    settings = (
        f"server.ocpp_port={port}",
        "server.http_port=0",
        f"storage.url=sqlite:///{folder / 'chargeplane.db'}",
        "csms.admission=open",
        "log.level=error",
    )
    flags = [part for setting in settings for part in ("--set", setting)]
    process = await asyncio.create_subprocess_exec(*SERVE, *flags, cwd=folder)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_what_was_acknowledged_survives_kill_9_under_load(tmp_path: Path) -> None:
    rng = random.Random(11)  # noqa: S311 moments to kill at, no secrets
    url = f"sqlite:///{await database_file(tmp_path)}"
    async with await Database.open(url) as database:
        record = token("TAG", max_active_transactions=-1)
        await database.write(tokens.save, [record])
    port = free_port()
    load = Load(f"ws://127.0.0.1:{port}/ocpp")
    fleet = [asyncio.create_task(load.station(number)) for number in range(STATIONS)]
    for turn in range(ROUNDS):
        async with server(tmp_path, port) as process:
            before = load.acknowledged
            await _progress(load, before + STATIONS, process)
            await asyncio.sleep(rng.uniform(0, 0.3))
            if turn < ROUNDS - 1:
                os.kill(process.pid, signal.SIGKILL)
                await process.wait()
            else:
                load.over = True
                await asyncio.wait_for(asyncio.gather(*fleet), PATIENCE)
    async with await Database.open(url) as database:
        await _check(database, load)
    assert load.acknowledged > ROUNDS * STATIONS


async def _progress(load: Load, wanted: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(PATIENCE):
        while load.acknowledged < wanted:
            if process.returncode is not None:
                pytest.fail(f"the server ended: {process.returncode}")
            await asyncio.sleep(0.01)


async def _check(database: Database, load: Load) -> None:
    """Everything acknowledged is there, and nothing is there twice."""
    numbers: set[int] = set()
    for (station_id, ours), name in load.started.items():
        found = await database.read(transactions.by_name, station_id, name)
        assert found is not None, ours
        numbers.add(found.id)
        if (stopped := load.stopped.get((station_id, ours))) is not None:
            assert (found.state, found.closed_by) == ("closed", "station")
            assert found.stop_energy_mwh == stopped * 1000
    assert len(numbers) == len(load.started)
    total = await database.read(transactions.count, transactions.TransactionFilter())
    # The last start of a station may be stored without its answer having arrived.
    assert len(numbers) <= total <= len(numbers) + STATIONS

    def doubles(connection: Sql) -> list[Any]:
        c, m = transaction_events.c, meter_values.c
        same_event = (c.station_id, c.transaction_id, c.kind, c.at)
        same_reading = (m.station_id, m.evse_id, m.measured_at, m.context)
        queries = [
            select(*same).group_by(*same).having(func.count() > 1)
            for same in (same_event, same_reading)
        ]
        return [row for query in queries for row in connection.execute(query)]

    assert await database.read(doubles) == []

    def updates(connection: Sql) -> int:
        query = select(func.count()).where(transaction_events.c.kind == "Updated")
        return connection.execute(query).scalar_one()

    assert await database.read(updates) >= len(load.events)
