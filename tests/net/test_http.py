from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from chargeplane.errors import ConfigurationError
from chargeplane.net import http

app = Starlette(routes=[Route("/", PlainTextResponse("hello"))])


async def test_an_application_is_served_until_the_end() -> None:
    async with http.serve(app, "127.0.0.1", 0) as port, httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/")
        assert answer.text == "hello"
        assert "server" not in answer.headers
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_small_answers_do_not_wait_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nagle's algorithm would hold each one back for 40 ms."""
    taken: list[socket.socket] = []
    accept = socket.socket.accept

    def noted(listener: socket.socket) -> tuple[socket.socket, Any]:
        link, address = accept(listener)
        taken.append(link)
        return link, address

    monkeypatch.setattr(socket.socket, "accept", noted)
    async with http.serve(app, "127.0.0.1", 0) as port, httpx.AsyncClient() as client:
        await client.get(f"http://127.0.0.1:{port}/")
        assert [link.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for link in taken] == [1]


async def test_an_address_that_is_taken_is_named() -> None:
    async with http.serve(app, "127.0.0.1", 0) as port:
        with pytest.raises(ConfigurationError, match=f"server.http_port: 127.0.0.1:{port}"):
            async with http.serve(app, "127.0.0.1", port):
                pass
