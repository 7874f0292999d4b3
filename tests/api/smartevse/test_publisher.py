from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from chargeplane.api.smartevse import publisher
from chargeplane.evse.settings import MqttSettings
from chargeplane.net import mqtt
from tests.evse.worlds import World
from tests.mqtt import HOST, PATIENCE, Mosquitto, listening, mosquitto
from tests.net.certificates import Authority

PREFIX = "SmartEVSE-4711"
CONFIG = f"homeassistant/select/{PREFIX}-Mode/config"


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path) as found:
        yield found


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(publisher, "SOON_S", 0.01)


@asynccontextmanager
async def published(port: int, **settings: Any) -> AsyncIterator[World]:
    """A device that publishes; time passes only when the test lets it."""
    world = World(
        mqtt={"host": HOST, "port": port, "heartbeat_s": 60, **settings}, base_da=(10, 20, 30)
    )
    job = asyncio.create_task(publisher.run(world.device))
    try:
        yield world
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


async def test_a_device_that_connects_tells_everything(broker: Mosquitto) -> None:
    async with listening(broker) as listener, published(broker.port) as world:
        await listener.hears(f"{PREFIX}/ESPUptime")
        assert listener.all(f"{PREFIX}/connected") == [b"online"]
        assert listener.all(f"{PREFIX}/Mode") == [b"Normal"]
        assert json.loads(listener.all(CONFIG)[0])["options"][0] == "Off"
        assert world.device.mqtt.is_set()
    async with listening(broker) as late:  # who comes later hears what is kept
        assert await late.hears(f"{PREFIX}/Mode") == b"Normal"
        assert await late.hears(CONFIG)
        assert await late.hears(f"{PREFIX}/connected") == b"offline"
        assert late.all(f"{PREFIX}/ESPUptime") == []
    assert not world.device.mqtt.is_set()


async def test_orders_are_obeyed_and_their_outcome_is_told_at_once(broker: Mosquitto) -> None:
    async with listening(broker) as listener, published(broker.port) as world:
        await listener.hears(f"{PREFIX}/ESPUptime")
        await listener.say(f"{PREFIX}/Set/Mode", "Pause")
        assert await listener.hears(f"{PREFIX}/Mode", 2) == b"Pause"
        assert await listener.hears(f"{PREFIX}/Access", 2) == b"Pause"
        await listener.say(f"{PREFIX}/Set/CurrentOverride", "100")
        assert await listener.hears(f"{PREFIX}/ChargeCurrentOverride", 2) == b"100"
        assert world.controller.override_da == 100
        assert len(listener.all(f"{PREFIX}/MainsCurrentL1")) == 1


async def test_everything_is_told_again_in_time(broker: Mosquitto) -> None:
    async with listening(broker) as listener, published(broker.port, heartbeat_s=1) as world:
        await listener.hears(f"{PREFIX}/MainsCurrentL1")
        world.run(1)
        assert await listener.hears(f"{PREFIX}/MainsCurrentL1", 2) == b"10"
        assert await listener.hears(f"{PREFIX}/Mode", 3) == b"Normal"


async def test_or_only_what_has_changed(broker: Mosquitto) -> None:
    wanted = {"heartbeat_s": 1, "change_only": True}
    async with listening(broker) as listener, published(broker.port, **wanted) as world:
        await listener.hears(f"{PREFIX}/ESPUptime")
        world.run(1)
        assert await listener.hears(f"{PREFIX}/ESPUptime", 2) == b"1"
        world.run(1)
        await listener.hears(f"{PREFIX}/ESPUptime", 3)
        assert listener.all(f"{PREFIX}/MainsCurrentL1") == [b"0", b"10"]
        assert listener.all(f"{PREFIX}/Mode") == [b"Normal"]


async def test_after_a_lost_connection_everything_is_told_anew(broker: Mosquitto) -> None:
    async with published(broker.port) as world:
        async with listening(broker) as listener:
            await listener.hears(f"{PREFIX}/ESPUptime")
        await broker.stop()
        async with asyncio.timeout(PATIENCE):
            while world.device.mqtt.is_set():  # noqa: ASYNC110 an event is awaited to be set only
                await asyncio.sleep(0.01)
        world.controller.change(max_current_a=32)
        await broker.start()
        async with listening(broker) as listener:
            assert await listener.hears(f"{PREFIX}/MaxCurrent") == b"320"
            await listener.say(f"{PREFIX}/Set/Mode", "Off")
            await listener.hears(f"{PREFIX}/Mode", 2)
        assert world.mode == "OFF"


async def test_home_assistant_that_was_started_is_told_everything(broker: Mosquitto) -> None:
    async with listening(broker) as listener, published(broker.port):
        await listener.hears(f"{PREFIX}/ESPUptime")
        await listener.say("homeassistant/status", "online")
        assert await listener.hears(f"{PREFIX}/MainsCurrentL1", 2)


async def test_without_discovery_its_entities_are_taken_away(broker: Mosquitto) -> None:
    async with listening(broker) as listener, published(broker.port, discovery=False):
        assert await listener.hears(CONFIG) == b""


async def test_a_limit_that_changes_is_described_anew(broker: Mosquitto) -> None:
    topic = f"homeassistant/number/{PREFIX}-ChargeCurrentOverride/config"
    async with listening(broker) as listener, published(broker.port, heartbeat_s=1) as world:
        assert json.loads(await listener.hears(topic))["max"] == 16
        world.controller.change(max_current_a=25)
        assert json.loads(await listener.hears(topic, 2))["max"] == 25


async def test_another_broker_is_used_as_soon_as_it_is_set(
    broker: Mosquitto, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    async with (
        mosquitto(tmp_path / "other") as other,
        listening(broker) as here,
        listening(other) as there,
        published(broker.port) as world,
    ):
        await here.hears(f"{PREFIX}/ESPUptime")
        world.controller.change(mqtt=MqttSettings(host=HOST, port=other.port, prefix="garage"))
        assert await there.hears("garage/Mode") == b"Normal"
        assert await here.hears(f"{PREFIX}/connected", 2) == b"offline"
        world.controller.change(mqtt=MqttSettings())
        assert await there.hears("garage/connected", 2) == b"offline"


async def test_tls_and_a_password(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca")
    certificate, key = authority.issue("broker")
    passwords = tmp_path / "passwords"
    passwords.touch(mode=0o600)
    made = await asyncio.create_subprocess_exec(
        "mosquitto_passwd", "-b", str(passwords), "me", "secret", stderr=-3
    )
    assert await made.wait() == 0
    lines = (
        f"cafile {authority.certificate}",
        f"certfile {certificate}",
        f"keyfile {key}",
        "allow_anonymous false",
        f"password_file {passwords}",
    )
    pem = authority.pem
    async with mosquitto(tmp_path, *lines) as broker:
        wanted = {"tls": True, "ca_certificate": pem, "username": "me", "password": "secret"}
        async with published(broker.port, **wanted) as world:
            await asyncio.wait_for(world.device.mqtt.wait(), PATIENCE)


async def test_an_authority_that_is_none_is_told() -> None:
    with structlog.testing.capture_logs() as logs:
        async with published(1, tls=True, ca_certificate="nonsense"):
            async with asyncio.timeout(PATIENCE):
                while not logs:  # noqa: ASYNC110 it is only logged
                    await asyncio.sleep(0)
    assert logs[0]["event"] == "no such authority"


async def test_nothing_is_done_without_a_broker() -> None:
    async with published(1, host="") as world:
        world.run(2)
        await asyncio.sleep(0)
        assert not world.device.mqtt.is_set()
