"""`chargeplane station` as a process at a broker: EVerest's interface from outside."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.e2e.counting import counting
from tests.e2e.harness import PATIENCE, VERSIONS
from tests.mqtt import HOST, Listener, listening, mosquitto

CLI = (sys.executable, "-c", "from chargeplane.cli import app; app()")
BASE = "everest_api/1/ocpp_consumer/ocpp"


@asynccontextmanager
async def station(folder: Path, url: str, version: str, port: int) -> AsyncIterator[None]:
    file = folder / "station.toml"
    file.write_text(
        f'[station]\nid = "CS-1"\nurl = "{url}"\nversions = ["{version}"]\n'
        '[everest]\napi = true\nbus = "new"\nplain_topics = true\nheartbeat_interval_ms = 100\n'
        f'[everest_mqtt]\nhost = "{HOST}"\nport = {port}\n[log]\nlevel = "error"\n'
    )
    process = await asyncio.create_subprocess_exec(
        *CLI, "station", "--config", str(file), "--virtual", cwd=folder
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def ask(there: Listener, topic: str, payload: Any = None) -> Any:
    """Send a request in its envelope, and wait for the answer."""
    reply_to = f"replies/{len(there.heard)}"
    envelope = {"headers": {"replyTo": reply_to}, "payload": payload}
    await there.say(f"{BASE}/m2e/{topic}", msgspec.json.encode(envelope))
    return msgspec.json.decode(await there.hears(reply_to))


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_is_run_from_outside(tmp_path: Path, version: str) -> None:
    async with (
        mosquitto(tmp_path) as broker,
        listening(broker) as there,
        counting(version) as (book, url),
        station(tmp_path, url, version, broker.port),
    ):
        await asyncio.wait_for(there.hears(f"{BASE}/e2m/heartbeat"), PATIENCE)
        await there.hears_word(f"{BASE}/e2m/is_connected", b"true")
        status = await ask(there, "connection_status/get")
        assert (status["csms_url"], status["ocpp_version"]) == (url, version)
        await there.hears("everest/modules/ocpp/impl/ocpp_generic/var/is_connected")
        await there.hears_word("everest_api/ocpp/var/connection_status", b"connected")
        assert await ask(there, "stop") is True
        await there.hears_word(f"{BASE}/e2m/is_connected", b"false")
        boots = book.boots
        assert await ask(there, "restart") is True
        async with asyncio.timeout(PATIENCE):
            while book.boots == boots:  # noqa: ASYNC110 counted elsewhere
                await asyncio.sleep(0.02)
