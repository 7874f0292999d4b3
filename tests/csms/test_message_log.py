from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chargeplane.csms import message_log
from chargeplane.csms.message_log import MessageLog
from chargeplane.errors import StorageError
from chargeplane.storage.repositories import messages
from tests.e2e.harness import EVERYTHING, World, until, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as here:
        yield here


async def written(here: World) -> list[tuple[str, str, str | None, str | None]]:
    what = messages.MessageFilter(station_id="CS-1")
    page = await here.read(lambda connection: messages.page(connection, what, EVERYTHING))
    return [(m.direction, m.frame, m.action, m.call_id) for m in reversed(page.items)]


async def test_frames_of_both_directions(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_log, "PERIOD", 0.001)
    job = asyncio.create_task(here.log.run())
    talker = await here.wire("1.6")
    await talker.call("Heartbeat", {}, "a-1")
    both = await until(lambda: written(here))
    assert both[0] == ("in", '[2,"a-1","Heartbeat",{}]', "Heartbeat", "a-1")
    await until(lambda: _has_answer(here))
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)


async def _has_answer(here: World) -> bool:
    return ("out", None, "a-1") in [(m[0], m[2], m[3]) for m in await written(here)]


@pytest.mark.parametrize(
    ("frame", "action", "call_id"),
    [
        (b'[3,"x",{}]', None, "x"),
        (b'[4,"x","InternalError","",{}]', "InternalError", "x"),
        (b' [ 2 , "x" , "Boot" , {}]', "Boot", "x"),
        (b'[2,17,"Boot",{}]', None, None),
        (b"nonsense", None, None),
        (b"\xff\xfe", None, None),
        (b"", None, None),
    ],
)
async def test_what_was_understood_of_a_frame(
    here: World, frame: bytes, action: str | None, call_id: str | None
) -> None:
    here.log.add("CS-1", "received", frame)
    await here.log._write()
    assert await written(here) == [("in", frame.decode("utf-8", "replace"), action, call_id)]


async def test_no_retention_no_log(tmp_path: Path) -> None:
    async with world(tmp_path, message_log_retention_days=0) as here:
        here.log.add("CS-1", "received", b"[]")
        await here.log._write()
        assert await written(here) == []


async def test_the_oldest_are_lost_when_too_many_wait(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_log, "CAPACITY", 3)
    log = MessageLog(here.central)
    for number in range(5):
        log.add("CS-1", "received", str(number).encode())
    await log._write()
    assert [frame for _, frame, *_ in await written(here)] == ["2", "3", "4"]


async def test_a_disk_that_fails_does_not_end_the_log(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise StorageError("full")

    with monkeypatch.context() as patch:
        patch.setattr(type(here.central.database), "write", fail)
        here.log.add("CS-1", "received", b"1")
        await here.log._write()
    here.log.add("CS-1", "received", b"2")
    await here.log._write()
    assert [frame for _, frame, *_ in await written(here)][-1] == "2"
