"""What the tests of the native API share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from chargeplane.access import keys
from chargeplane.api.native import face as native
from chargeplane.config import Api
from chargeplane.csms.central import Central
from chargeplane.storage.records import Scope

KEY = "the key of the settings"
Face = Callable[..., Any]


@asynccontextmanager
async def face(
    central: Central, key: str = KEY, **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API of a central system."""
    app = native.create(central, Api(key=KEY, **settings))
    async with client_of(app, key) as client:
        yield client


def client_of(app: Any, key: str = KEY) -> httpx.AsyncClient:
    headers = {"X-API-Key": key} if key else {}
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)


async def make_key(
    central: Central, name: str, scope: Scope, stations: tuple[str, ...] | None = None
) -> str:
    made = await central.commit(
        lambda unit: keys.create(unit.connection, name, scope, stations, unit.now)
    )
    assert made is not None
    return made[1]
