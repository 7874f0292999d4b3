from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from chargeplane.api.smartevse import face
from chargeplane.api.smartevse.access import Pin
from tests.evse.worlds import World


class Web:
    """A device and a client of it, without a socket between them."""

    def __init__(self, world: World, pin: str | None = None) -> None:
        self.world = world
        self.app = face.create(world.device, Pin(pin))
        self.cookies = httpx.Cookies()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://device", cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **more)
                self.cookies.update(answer.cookies)
                return answer

        return asyncio.run(ask())

    def get(self, path: str = "/settings") -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200
        return answer.json()

    def post(self, path: str) -> Any:
        answer = self.ask("POST", path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        return answer.json()


@pytest.fixture
def web() -> Web:
    """A device whose meters are read."""
    return Web(World())


@pytest.fixture
def told() -> Web:
    """A device whose meters are told over the API."""
    return Web(World(pushed=("mains", "ev")))


@pytest.fixture
def node() -> Web:
    return Web(World(pushed=("mains",), load_balancing=2))
