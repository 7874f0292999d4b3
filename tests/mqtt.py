"""A real MQTT broker on a free port, for tests."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt

from chargeplane.net.mqtt import Broker
from tests.conftest import require

HOST = "127.0.0.1"
PATIENCE = 10.0  # s
PROGRAM = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


@dataclass
class Mosquitto:
    """The broker, which may be stopped and started again on its port."""

    port: int
    configuration: Path
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    @property
    def address(self) -> Broker:
        return Broker(host=HOST, port=self.port)

    async def start(self) -> None:
        assert PROGRAM is not None
        self._process = await asyncio.create_subprocess_exec(
            PROGRAM,
            "-c",
            str(self.configuration),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(PATIENCE):
            while not await self._listens():  # noqa: ASYNC110 a process, no event
                await asyncio.sleep(0.02)

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(HOST, self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    async def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            await self._process.wait()
            self._process = None


@asynccontextmanager
async def mosquitto(folder: Path, *lines: str) -> AsyncIterator[Mosquitto]:
    """A broker; `lines` are added to its configuration."""
    require(PROGRAM, "mosquitto")
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = int(free.getsockname()[1])
    configuration = folder / "mosquitto.conf"
    usual = (f"listener {port} {HOST}", "persistence false", "user root")
    said = (*usual, *(lines or ("allow_anonymous true",)))
    configuration.write_text("\n".join(said) + "\n", encoding="utf-8")
    broker = Mosquitto(port, configuration)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


class Listener:
    """What another client hears, by topic, and its way to say something."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self.heard: list[tuple[str, bytes]] = []
        self._news = asyncio.Event()

    async def follow(self) -> None:
        async for message in self._client.messages:
            assert isinstance(message.payload, bytes)
            self.heard.append((str(message.topic), message.payload))
            self._news.set()

    async def say(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        await self._client.publish(topic, payload, qos=1, retain=retain)

    async def hears_anything(self) -> None:
        """Wait until the first message has come."""
        async with asyncio.timeout(PATIENCE):
            while not self.heard:
                self._news.clear()
                await self._news.wait()

    def all(self, topic: str) -> list[bytes]:
        """All payloads on a topic."""
        return [payload for each, payload in self.heard if each == topic]

    async def hears_word(self, topic: str, payload: bytes) -> None:
        """Wait until a message with this payload has come on a topic."""
        async with asyncio.timeout(PATIENCE):
            while payload not in self.all(topic):
                self._news.clear()
                await self._news.wait()

    async def hears(self, topic: str, count: int = 1) -> bytes:
        """Wait until so many messages on a topic have come; the payload of the last of them."""
        async with asyncio.timeout(PATIENCE):
            while len(found := self.all(topic)) < count:
                self._news.clear()
                await self._news.wait()
        return found[count - 1]


@asynccontextmanager
async def listening(broker: Mosquitto, pattern: str = "#") -> AsyncIterator[Listener]:
    """Another client of the broker that listens to all topics like `pattern`."""
    async with aiomqtt.Client(HOST, broker.port) as client:
        await client.subscribe(pattern, 2)
        listener = Listener(client)
        job = asyncio.create_task(listener.follow())
        try:
            yield listener
        finally:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
