from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.datastructures import Headers

from chargeplane.access.passwords import hash_password
from chargeplane.errors import NotConnected
from chargeplane.net import websocket
from chargeplane.net.websocket import (
    Refused,
    read_credentials,
    read_station_id,
    read_subprotocols,
)
from tests.e2e.harness import World, listening, until

# Ids


@pytest.mark.parametrize(
    ("path", "station_id"),
    [
        ("/ocpp/CS-1", "CS-1"),
        ("/OCPP/CS-1", "CS-1"),
        ("/ocpp/CS-1/", "CS-1"),
        ("//ocpp//CS-1//", "CS-1"),
        ("/steve/websocket/CentralSystemService/CS-1", "CS-1"),
        ("/ocpp/CS-1?token=x", "CS-1"),
        ("/ocpp/RDAM%20123", "RDAM 123"),
        ("/ocpp/caf%C3%A9", "café"),
        ("/ocpp/a%2Bb+c", "a+b+c"),
        ("/ocpp/" + "x" * 48, "x" * 48),
        ("/ocpp/" + "%C3%A9" * 48, "é" * 48),
    ],
)
def test_the_last_part_of_the_path_is_the_id(path: str, station_id: str) -> None:
    assert read_station_id(path) == station_id


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 404),
        ("/ocpp", 404),
        ("/ocpp/", 404),
        ("/ocpp/" + "x" * 49, 400),
        ("/ocpp/a:b", 400),
        ("/ocpp/a%3Ab", 400),
        ("/ocpp/a%2Fb", 400),
        ("/ocpp/a%00b", 400),
        ("/ocpp/a%0Ab", 400),
        ("/ocpp/%FF", 400),
    ],
)
def test_paths_that_name_no_station(path: str, status: int) -> None:
    with pytest.raises(Refused) as refused:
        read_station_id(path)
    assert refused.value.status == status


@given(st.text(max_size=60))
def test_any_path_is_read_or_refused(text: str) -> None:
    try:
        station_id = read_station_id(f"/ocpp/{text}")
    except Refused:
        return
    assert 1 <= len(station_id) <= 48
    assert station_id.isprintable()


# Headers


@pytest.mark.parametrize(
    ("values", "offered"),
    [
        (["ocpp1.6"], ("ocpp1.6",)),
        (["ocpp2.0.1, ocpp1.6"], ("ocpp2.0.1", "ocpp1.6")),
        (["ocpp2.0.1", "ocpp1.6"], ("ocpp2.0.1", "ocpp1.6")),
        (['["ocpp1.6","ocpp1.5"]'], ("ocpp1.6", "ocpp1.5")),
        (["['ocpp1.6']"], ("ocpp1.6",)),
        ([" , ,"], ()),
        ([], ()),
    ],
)
def test_subprotocols_as_stations_write_them(values: list[str], offered: tuple[str, ...]) -> None:
    headers = Headers([("Sec-WebSocket-Protocol", value) for value in values])
    assert read_subprotocols(headers) == offered


def basic(text: bytes) -> str:
    return f"Basic {base64.b64encode(text).decode()}"


@pytest.mark.parametrize(
    ("header", "credentials"),
    [
        (basic(b"CS-1:secret"), ("CS-1", b"secret")),
        (basic(b"CS-1:a:b"), ("CS-1", b"a:b")),
        (basic(b"CS-1:"), ("CS-1", b"")),
        (basic(b"CS-1:\x00\xff"), ("CS-1", b"\x00\xff")),
        (basic(b"CS-1:secret").replace("Basic", "basic"), ("CS-1", b"secret")),
    ],
)
def test_credentials(header: str, credentials: tuple[str, bytes]) -> None:
    assert read_credentials(Headers(Authorization=header)) == credentials


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Bearer abc", basic(b"no colon"), "Basic é"]
)
def test_credentials_that_cannot_be_read(header: str) -> None:
    with pytest.raises(Refused) as refused:
        read_credentials(Headers(Authorization=header))
    assert refused.value.status == 401


def test_no_credentials() -> None:
    assert read_credentials(Headers()) is None


# Handshakes as they go over the wire


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with listening(tmp_path, admission="known") as here:
        await here.register("CS-1")
        yield here


UPGRADE: dict[str, str | None] = {
    "Host": "localhost",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "ocpp1.6",
}


async def knock(here: World, path: str, headers: dict[str, str | None]) -> tuple[int, str, str]:
    """Status, head and body of the answer to a handshake."""
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    writer.write("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)).decode()
    status = int(head.split()[1])
    body = "" if status == 101 else (await asyncio.wait_for(reader.read(), 20)).decode()
    writer.close()
    return status, head, body


@pytest.mark.parametrize(
    ("path", "changes", "status", "reason"),
    [
        ("/ocpp/CS-1", {}, 101, ""),
        ("/OCPP/CS-1", {}, 101, ""),
        ("/steve/websocket/CentralSystemService/CS-1", {}, 101, ""),
        ("/ocpp/CS-1", {"Origin": "null"}, 101, ""),
        ("/ocpp/CS-1", {"Sec-WebSocket-Protocol": '["ocpp1.6","ocpp1.5"]'}, 101, ""),
        ("/ocpp/CS-1", {"Sec-WebSocket-Protocol": "ocpp9.9"}, 400, "no common subprotocol"),
        ("/ocpp/CS-1", {"Sec-WebSocket-Protocol": None}, 400, "no subprotocol is offered"),
        ("/ocpp/CS-1", {"Upgrade": None, "Connection": None}, 426, "WebSocket"),
        ("/ocpp/CS-9", {}, 404, "not registered"),
        ("/ocpp", {}, 404, "names no station"),
        ("/ocpp/" + "x" * 49, {}, 400, "48 characters"),
        ("/ocpp/a%3Ab", {}, 400, "colon"),
        ("/ocpp/CS-1", {"Authorization": "Basic !"}, 401, "not HTTP Basic"),
    ],
)
async def test_the_answer_to_a_handshake(
    here: World, path: str, changes: dict[str, str | None], status: int, reason: str
) -> None:
    found, head, body = await knock(here, path, UPGRADE | changes)
    assert found == status
    if status == 101:
        assert "Sec-WebSocket-Protocol: ocpp1.6\r\n" in head
        return
    assert reason in body
    assert body.count("\n") == 1
    assert ("WWW-Authenticate" in head) == (status == 401)
    assert ("Upgrade: websocket" in head) == (status == 426)


async def test_a_list_as_json_over_the_client(here: World) -> None:
    await here.register("CS-1", password_hash=hash_password(b"secret"))
    link = await here.dial("1.6", credentials=("CS-1", b"secret"))
    await link.call("Heartbeat", {})
    with pytest.raises(NotConnected, match="401"):
        await here.dial("1.6", credentials=("CS-1", b"wrong"))


async def test_too_many_handshakes(here: World) -> None:
    for _ in range(30):
        here.admission._per_station.allows("CS-1")
    status, _, body = await knock(here, "/ocpp/CS-1", dict(UPGRADE))
    assert status == 429
    assert "too many" in body


async def test_one_text_frame_a_message(here: World) -> None:
    subprotocols: Any = ["ocpp1.6"]
    async with connect(f"{here.url}/CS-1", subprotocols=subprotocols, proxy=None) as link:
        await link.send('[2,"1","Heartbeat",{}]')
        fragments = [part async for part in link.recv_streaming()]
        assert len(fragments) == 1
        assert isinstance(fragments[0], str)


# The client


async def test_a_server_that_is_not_there() -> None:
    with pytest.raises(NotConnected, match=r"127\.0\.0\.1:9"):
        await websocket.connect("ws://127.0.0.1:9/ocpp/CS-1", ["ocpp1.6"])


async def test_sending_to_a_closed_connection(here: World) -> None:
    link = await websocket.connect(f"{here.url}/CS-1", ["ocpp1.6"])
    await until(lambda: here.central.stations.get("CS-1"))
    await link.close(1000, "bye")
    assert link.closing == "1000 bye"
    assert not await link.is_alive()
    with pytest.raises(NotConnected):
        await link.send(b"[]")


async def test_a_live_connection_answers_pings(here: World) -> None:
    link = await websocket.connect(f"{here.url}/CS-1", ["ocpp1.6"])
    assert await link.is_alive()
    await link.close()
