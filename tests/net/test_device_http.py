from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chargeplane.errors import AnswerTimeout, DeviceError, DeviceRefused, NotConnected
from chargeplane.net.device_http import DeviceHttp
from chargeplane.net.http import serve


async def answer(send: Any, body: bytes, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status})
    await send({"type": "http.response.body", "body": body})


async def device(scope: Any, receive: Any, send: Any) -> None:
    """Answers by path."""
    await receive()
    match scope["path"]:
        case "/null":
            await answer(send, b"null")
        case "/list":
            await answer(send, b"[]")
        case "/refused":
            await answer(send, b"", 503)
        case "/drip":
            await send({"type": "http.response.start", "status": 200})
            while True:
                await send({"type": "http.response.body", "body": b" ", "more_body": True})
                await asyncio.sleep(0.01)
        case _:
            await answer(send, b'{"query": "%s"}' % scope["query_string"])


async def test_what_is_asked_and_answered() -> None:
    async with serve(device, "127.0.0.1", 0) as port, DeviceHttp(f"127.0.0.1:{port}") as http:
        assert await http.get("/x") == {"query": ""}
        assert await http.post("/x", {"mode": 1, "name": "a b"}) == {"query": "mode=1&name=a+b"}
        assert await http.post("/null") == {}


@pytest.mark.parametrize(
    ("path", "error"),
    [("/list", DeviceError), ("/refused", DeviceRefused), ("/drip", AnswerTimeout)],
)
async def test_what_goes_wrong(path: str, error: type[Exception]) -> None:
    async with (
        serve(device, "127.0.0.1", 0) as port,
        DeviceHttp(f"http://127.0.0.1:{port}", timeout_s=0.2) as http,
    ):
        with pytest.raises(error, match=path):
            await http.get(path)


async def test_nobody_there() -> None:
    async with DeviceHttp("127.0.0.1:1") as http:
        with pytest.raises(NotConnected):
            await http.get("/")
