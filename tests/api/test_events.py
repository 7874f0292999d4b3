from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from chargeplane.api import events
from chargeplane.api.events import Wanted
from chargeplane.csms.central import Central
from tests.api.faces import face

ALL = Wanted()


async def tell(central: Central, kind: str, **about: Any) -> None:
    await central.commit(lambda unit: unit.emit(kind, **about))


async def take(stream: AsyncIterator[bytes], number: int) -> list[tuple[int | None, str]]:
    """The ids and kinds of the next events."""
    found: list[tuple[int | None, str]] = []
    while len(found) < number:
        lines = dict(
            line.split(": ", 1) for line in (await anext(stream)).decode().splitlines() if line
        )
        if "data" in lines:
            said = json.loads(lines["data"])
            assert said["kind"] == lines["event"]
            found.append((int(lines["id"]) if "id" in lines else None, said["kind"]))
    return found


async def test_events_come_as_they_happen(central: Central) -> None:
    await tell(central, "station.before")
    async with aclosing(events.stream(central, ALL, None)) as stream:
        assert await anext(stream) == b": hello\n\n"
        await tell(central, "station.online", station_id="CP1")
        await tell(central, "station.seen", lasting=False)
        assert await take(stream, 2) == [(2, "station.online"), (None, "station.seen")]


async def test_a_stream_is_resumed_without_gap_or_repetition(central: Central) -> None:
    for _ in range(3):
        await tell(central, "a.b")
    async with aclosing(events.stream(central, ALL, 1)) as stream:
        assert await take(stream, 2) == [(2, "a.b"), (3, "a.b")]
        await tell(central, "c.d")
        assert await take(stream, 1) == [(4, "c.d")]


async def test_what_happens_while_old_events_are_read_comes_once(central: Central) -> None:
    await tell(central, "a.b")
    async with aclosing(events.stream(central, ALL, 0)) as stream:
        await anext(stream)
        await tell(central, "c.d")
        assert await take(stream, 2) == [(1, "a.b"), (2, "c.d")]
        await tell(central, "e.f")
        assert await take(stream, 1) == [(3, "e.f")]


async def test_filters(central: Central) -> None:
    await tell(central, "transaction.started", station_id="CP1", transaction_id=7)
    await tell(central, "transaction.started", station_id="CP2", transaction_id=8)
    await tell(central, "station.online", station_id="CP1")
    for wanted, expected in (
        (Wanted(kinds=("transaction.*",)), [1, 2]),
        (Wanted(kinds=("station.online", "x")), [3]),
        (Wanted(station_id="CP1"), [1, 3]),
        (Wanted(transaction_id=8), [2]),
        (Wanted(among=("CP2",)), [2]),
    ):
        async with aclosing(events.stream(central, wanted, 0)) as stream:
            assert [number for number, _ in await take(stream, len(expected))] == expected


async def test_who_lags_behind_reads_again_what_was_dropped(central: Central) -> None:
    async with aclosing(events.stream(central, ALL, 0)) as stream:
        await anext(stream)
        await tell(central, "a.b")
        assert await take(stream, 1) == [(1, "a.b")]
        for subscription in central.bus._subscriptions:
            subscription._queue = asyncio.Queue(2)
        for _ in range(5):
            await tell(central, "a.b")
        assert [number for number, _ in await take(stream, 5)] == [2, 3, 4, 5, 6]


async def test_silence_is_broken_by_comments(central: Central) -> None:
    async with aclosing(events.stream(central, ALL, 0, keepalive=0)) as stream:
        assert [await anext(stream) for _ in range(2)] == [b": hello\n\n", b": alive\n\n"]


async def test_history_and_bad_resumption(central: Central) -> None:
    await tell(central, "a.b", station_id="CP1")
    async with face(central) as api:
        items = (await api.get("/v1/events/history?kind=a.b")).json()["items"]
        assert [(each["kind"], each["station_id"]) for each in items] == [("a.b", "CP1")]
        wrong = await api.get("/v1/events", headers={"Last-Event-ID": "x"})
        assert wrong.status_code == 422
