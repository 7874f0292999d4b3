"""Disks and peers that fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chargeplane.net import websocket
from tests.e2e.harness import VERSIONS, Refusal, World, at, listening, token, until, world
from tests.e2e.words import words

# The disk


@pytest.fixture
async def inside(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as here:
        await here.add_tokens(token("TAG"))
        yield here


def fill(connection: Any) -> None:
    """Let SQLite find the disk full; what it has already cannot grow."""
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")


def free(connection: Any) -> None:
    connection.execute("PRAGMA max_page_count = 1000000")


def forbid(connection: Any) -> None:
    connection.execute("PRAGMA query_only = ON")


def allow(connection: Any) -> None:
    connection.execute("PRAGMA query_only = OFF")


FULL, READ_ONLY = (fill, free), (forbid, allow)


async def on_the_writers_connection(here: World, work: Any) -> None:
    """Change a setting of the connection that writes, behind the writer's back."""
    store: Any = here.central.database._store

    def run() -> None:
        connection = store._writing.raw_connection()
        work(connection)
        connection.close()  # back to the pool, which holds this one only

    await asyncio.get_running_loop().run_in_executor(store._writer, run)


async def fails(words_of: Any, number: int) -> bool:
    """Whether a start is refused with InternalError, as every start is while nothing is stored."""
    try:
        await words_of.start("TAG", evse=number + 1, seconds=number, name=f"more-{number}")
    except Refusal as refused:
        return refused.code == "InternalError"
    return False


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("fault", [FULL, READ_ONLY], ids=["full", "read-only"])
async def test_a_disk_that_fails_acknowledges_nothing_and_recovers(
    inside: World, version: str, fault: tuple[Any, Any]
) -> None:
    fail, mend = fault
    said = words(version, await inside.wire(version))
    first = await said.start("TAG")
    await on_the_writers_connection(inside, fail)
    acknowledged, refused = 1, 0
    with capture_logs() as logs:
        while refused < 3:
            number = acknowledged + refused
            is_refused = await fails(said, number)
            refused, acknowledged = refused + is_refused, acknowledged + (not is_refused)
    (reason,) = [log["error"] for log in logs if log["log_level"] == "error"]
    assert "the data store failed" in reason
    assert len(await inside.transactions()) == acknowledged
    assert len(await inside.events("transaction.started")) == acknowledged

    await on_the_writers_connection(inside, mend)
    with capture_logs() as logs:
        await said.stop(first.name)
    assert "the data store works again" in [log["event"] for log in logs]
    assert (await inside.transactions())[0].closed_by == "station"


async def test_a_station_may_connect_while_nothing_can_be_stored(tmp_path: Path) -> None:
    async with listening(tmp_path) as here:
        await here.register("CS-1")
        await on_the_writers_connection(here, forbid)
        talker = await here.dial("1.6")
        assert "currentTime" in await talker.call("Heartbeat", {})
        with pytest.raises(Refusal, match="InternalError"):
            await words("1.6", talker).boot()
        await on_the_writers_connection(here, allow)
        assert (await words("1.6", talker).boot())["status"] == "Accepted"


async def test_a_stranger_is_told_503_while_nothing_can_be_stored(tmp_path: Path) -> None:
    async with listening(tmp_path) as here:
        await on_the_writers_connection(here, forbid)
        with pytest.raises(InvalidStatus) as refused:
            await open_link(here, "NEW")
        assert refused.value.response.status_code == 503
        await on_the_writers_connection(here, allow)
        await (await here.dial("1.6", "NEW")).call("Heartbeat", {})


# Peers


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with listening(tmp_path) as here:
        yield here


async def open_link(
    here: World, station_id: str = "CS-1", version: str = "1.6"
) -> ClientConnection:
    subprotocols: Any = [f"ocpp{version}"]
    return await connect(
        f"{here.url}/{station_id}", subprotocols=subprotocols, proxy=None, max_size=None
    )


HEARTBEAT = '[2,"hb","Heartbeat",{}]'
DEEP = "[" * 100_000

# What a station sends, and what it is told: an error code, or nothing.
FRAMES: dict[str, tuple[str | bytes, dict[str, str | None]]] = {
    "no json": ("nonsense", {"1.6": None, "2.0.1": "RpcFrameworkError"}),
    "empty": ("", {"1.6": None, "2.0.1": "RpcFrameworkError"}),
    "half": ('[2,"1","Heartbeat",{', {"1.6": "FormationViolation", "2.0.1": "FormatViolation"}),
    "object": ('{"a":1}', {"1.6": None, "2.0.1": "RpcFrameworkError"}),
    "empty array": ("[]", {"1.6": None, "2.0.1": "RpcFrameworkError"}),
    "three elements": (
        '[2,"1","Heartbeat"]',
        {"1.6": "FormationViolation", "2.0.1": "RpcFrameworkError"},
    ),
    "payload is a list": (
        '[2,"1","Heartbeat",[]]',
        {"1.6": "FormationViolation", "2.0.1": "FormatViolation"},
    ),
    "deep": (
        f'[2,"1","Heartbeat",{{"a":{"[" * 500}{"]" * 500}}}]',
        {"1.6": "FormationViolation", "2.0.1": "FormatViolation"},
    ),
    "very deep": (DEEP, {"1.6": None, "2.0.1": "RpcFrameworkError"}),
    "unknown type": (
        '[9,"1","Heartbeat",{}]',
        {"1.6": None, "2.0.1": "MessageTypeNotSupported"},
    ),
    "late answer": ('[3,"1",{}]', {"1.6": None, "2.0.1": None}),
    "binary": (b"\x00\xff\xfe", {"1.6": None, "2.0.1": "RpcFrameworkError"}),
}


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize("name", FRAMES)
async def test_a_malformed_frame_is_refused_and_the_link_goes_on(
    here: World, version: str, name: str
) -> None:
    frame, codes = FRAMES[name]
    async with await open_link(here, version=version) as link:
        await link.send(frame)
        await link.send(HEARTBEAT)
        said = [json.loads(await link.recv())]
        while said[-1][1] != "hb":
            said.append(json.loads(await link.recv()))
        errors = [answer[2] for answer in said[:-1]]
    assert errors == ([codes[version]] if codes[version] else [])


async def test_a_frame_at_the_limit_is_read_and_one_beyond_closes_the_link(here: World) -> None:
    async with await open_link(here) as link:
        text = "x" * (websocket.MAX_FRAME - 60)
        await link.send(f'[2,"1","Authorize",{{"idTag":"{text}"}}]')
        assert json.loads(await link.recv())[0] == 4
        await link.send('[2,"1","Authorize",{"idTag":"' + "x" * websocket.MAX_FRAME + '"}]')
        with pytest.raises(ConnectionClosed) as closed:
            await link.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
    await until(lambda: len(here.central.stations) == 0)


async def test_a_slow_handshake_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(websocket, "OPEN_TIMEOUT", 0.05)
    async with listening(tmp_path) as hasty:
        reader, writer = await asyncio.open_connection("127.0.0.1", hasty.port)
        writer.write(b"GET /ocpp/CS-1 HTTP/1.1\r\n")
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
        assert len(hasty.central.stations) == 0


async def test_a_half_open_link_is_found_by_pings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(websocket, "CLOSE_TIMEOUT", 0.1)
    async with listening(tmp_path, websocket_ping_interval=1) as here:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
        writer.write(
            b"GET /ocpp/CS-1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        await until(lambda: len(here.central.stations) == 1)
        await until(lambda: len(here.central.stations) == 0)  # it answers no ping
        writer.close()


async def test_a_link_that_breaks_without_goodbye(here: World) -> None:
    link = await open_link(here)
    await until(lambda: len(here.central.stations) == 1)
    link.transport.abort()
    await until(lambda: len(here.central.stations) == 0)


@pytest.mark.parametrize("stamp", ["1970-01-01T00:00:00Z", "2099-12-31T23:59:59Z"])
async def test_clock_skew(here: World, stamp: str) -> None:
    talker = await here.dial("1.6")
    said = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": stamp}
    assert await talker.call("StatusNotification", said) == {}
    sample = {"timestamp": stamp, "sampledValue": [{"value": "1"}]}
    assert await talker.call("MeterValues", {"connectorId": 1, "meterValue": [sample]}) == {}
    (reading,) = await here.meter_values(station_id="CS-1", evse_id=1)
    assert reading.measured_at.year in (1970, 2099)


@pytest.mark.parametrize(
    "stamp", ["2026-01-01T12:00:00", "2026-01-01T12:00:00+01:00", "2026-01-01T12:00:00.123456789Z"]
)
async def test_timestamps_of_any_notation(here: World, stamp: str) -> None:
    talker = await here.dial("1.6")
    said = {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": stamp}
    answer = await talker.call("StartTransaction", said)
    assert answer["transactionId"] == (await here.transaction()).id
    assert at(0).startswith("2026")


async def test_many_stations_that_talk_nonsense_do_not_disturb_others(here: World) -> None:
    links = [await open_link(here, f"BAD-{number}") for number in range(10)]
    good = await here.dial("2.0.1", "GOOD")
    for _ in range(20):
        await asyncio.gather(*(link.send("nonsense") for link in links))
        await good.call("Heartbeat", {})
    await asyncio.gather(*(link.close() for link in links))
