"""`chargeplane station` as a process: a driver at its standard input, kill -9, and a reset."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.e2e.counting import Book, counting
from tests.e2e.harness import PATIENCE, VERSIONS, until

CLI = (sys.executable, "-c", "from chargeplane.cli import app; app()")
ROUNDS = 6  # all but the last one end with a kill


class Driver:
    """A station that runs, and the hands at it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def do(self, cmd: str, **members: Any) -> dict[str, Any]:
        """Give one command and wait for its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(msgspec.json.encode({"cmd": cmd, **members}) + b"\n")
        await self.process.stdin.drain()
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
        return msgspec.json.decode(line, type=dict[str, Any])

    async def state(self) -> dict[str, Any]:
        """What there is to see."""
        found: dict[str, Any] = (await self.do("state"))["state"]
        return found

    async def is_accepted(self) -> None:
        """Wait until it may talk."""

        async def accepted() -> bool:
            return bool((await self.state())["accepted"])

        await until(accepted)


@asynccontextmanager
async def station(folder: Path, url: str, version: str, *flags: str) -> AsyncIterator[Driver]:
    file = folder / "station.toml"
    file.write_text(
        f'[station]\nid = "CS-1"\nurl = "{url}"\nversions = ["{version}"]\nspeed = 600\n'
        "[station.keys]\nMeterValueSampleInterval = 1\nRetryBackoffWaitMinimum = 0\n"
        "RetryBackoffRandomRange = 0\nTransactionMessageRetryInterval = 0\n"
        'AllowOfflineTxForUnknownId = true\n[log]\nlevel = "error"\n'
    )
    process = await asyncio.create_subprocess_exec(
        *CLI,
        *("station", "--config", str(file), "--virtual", "--control", "-", *flags),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=folder,
    )
    try:
        yield Driver(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_charge_and_a_reset(tmp_path: Path, version: str) -> None:
    async with counting(version) as (book, url):
        async with station(tmp_path, url, version) as driver:
            await driver.is_accepted()
            assert (await driver.do("plug_in", connector_id=1))["ok"]
            assert (await driver.do("swipe", token="TAG"))["status"] == "Accepted"
            await _begins(book, version)
            assert (await driver.do("swipe", token="TAG"))["ok"]
            await _ends(book, version)
            kind = {"type": "Hard"} if version == "1.6" else {"type": "Immediate"}
            package: Any = book.there
            request = _reset(version)(**kind)
            answer = await package.call(request)
            assert answer.status == "Accepted"
            assert await asyncio.wait_for(driver.process.wait(), PATIENCE) == 75
        boots = book.boots
        async with station(tmp_path, url, version) as driver:
            await until(lambda: book.boots > boots)
            if version != "1.6":
                assert book.of("BootNotification")[-1]["reason"] == "RemoteReset"


def _reset(version: str) -> Any:
    from tests.e2e.counting import PACKAGES

    return PACKAGES[version].call.Reset


async def _begins(book: Book, version: str) -> None:
    if version == "1.6":
        await book.hears("StartTransaction", lambda each: each["id_tag"] == "TAG")
    else:
        await book.hears("TransactionEvent", lambda each: each["event_type"] == "Started")


async def _ends(book: Book, version: str) -> None:
    if version == "1.6":
        await book.hears("StopTransaction", lambda each: each["reason"] == "Local")
    else:
        await book.hears("TransactionEvent", lambda each: each["event_type"] == "Ended")


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_kill_9_loses_and_doubles_nothing(tmp_path: Path, version: str) -> None:
    chance = random.Random(version)  # noqa: S311 when the power goes
    async with counting(version) as (book, url):
        for round_ in range(ROUNDS):
            async with station(tmp_path, url, version) as driver:
                await driver.is_accepted()
                if not (await driver.state())["evses"][0]["plugged_in"]:
                    await driver.do("plug_in")
                await driver.do("swipe", token="TAG")
                await asyncio.sleep(chance.uniform(0, 0.4))
                if round_ % 2:
                    await driver.do("swipe", token="TAG")
                    await asyncio.sleep(chance.uniform(0, 0.05))
                if round_ == ROUNDS - 1:
                    await driver.do("plug_out")
                    await until(lambda: _waits(driver))
        _check(book, version)


async def _waits(driver: Driver) -> bool:
    seen = await driver.state()
    return not seen["waiting_messages"] and seen["evses"][0]["transaction"] is None


def _check(book: Book, version: str) -> None:
    if version == "1.6":
        stops = {each["transaction_id"] for each in book.of("StopTransaction")}
        assert stops == set(book.starts.values())
        told = {(e["transaction_id"], e["timestamp"]) for e in book.of("StopTransaction")}
        assert len(told) == len(stops)
        return
    by_name: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for event in book.of("TransactionEvent"):
        own = by_name[event["transaction_info"]["transaction_id"]]
        assert own.setdefault(event["seq_no"], event) == event
    assert by_name
    for own in by_name.values():
        assert list(own) == list(range(len(own)))
        kinds = [each["event_type"] for each in own.values()]
        assert kinds == ["Started", *["Updated"] * (len(own) - 2), "Ended"]
