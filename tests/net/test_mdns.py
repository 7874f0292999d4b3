from __future__ import annotations

import socket

import pytest
import structlog
from zeroconf import NonUniqueNameException
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from chargeplane.net import mdns
from chargeplane.net.mdns import HTTP, announced

LOOPBACK = "127.0.0.1"
NAME = "SmartEVSE-4711"


async def found() -> AsyncServiceInfo | None:
    async with AsyncZeroconf(interfaces=[LOOPBACK]) as zeroconf:
        return await zeroconf.async_get_service_info(HTTP, f"{NAME}.{HTTP}", 2000)


async def test_a_web_server_is_found_while_it_is_announced() -> None:
    async with announced(NAME, LOOPBACK, 8081):
        info = await found()
        assert info is not None
        assert info.server == f"{NAME}.local."
        assert (info.port, info.addresses) == (8081, [socket.inet_aton(LOOPBACK)])


async def test_a_name_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def is_taken(*_: object) -> None:
        raise NonUniqueNameException

    monkeypatch.setattr(AsyncZeroconf, "async_register_service", is_taken)
    with structlog.testing.capture_logs() as logs:
        async with announced(NAME, LOOPBACK, 8082):
            pass
    assert [log["event"] for log in logs] == ["not announced"]


async def test_without_a_network_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(mdns, "AsyncZeroconf", fails)
    with structlog.testing.capture_logs() as logs:
        async with announced(NAME, LOOPBACK, 8081):
            pass
    assert logs[0]["reason"] == "no network"
