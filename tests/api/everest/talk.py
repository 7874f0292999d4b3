"""A station at a scripted central system, and a client of EVerest's MQTT interfaces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from chargeplane.api.everest import faces
from chargeplane.config import Everest, EverestMqtt, Settings
from chargeplane.domain.tokens import Token
from chargeplane.net.mqtt import Mqtt
from chargeplane.station import authorization
from chargeplane.station.station import Station
from tests.mqtt import HOST, Listener, Mosquitto, listening, mosquitto
from tests.station.desk import Desk, Place, place

BASE = "everest_api/1/ocpp_consumer/ocpp"
REPLY = "replies/of/a/test"
TAG = Token("TAG")


class Client:
    """Another client of the broker; `heard` is decoded."""

    def __init__(self, there: Place, listener: Listener, broker: Mosquitto, mqtt: Mqtt) -> None:
        self.there = there
        self.listener = listener
        self.broker = broker
        self.mqtt = mqtt  # that of the station
        self._asked = 0

    @asynccontextmanager
    async def again(self) -> AsyncIterator[Client]:
        """Another one, after the broker has been away."""
        async with listening(self.broker) as listener:
            yield Client(self.there, listener, self.broker, self.mqtt)

    async def say(self, topic: str, message: Any, /) -> None:
        await self.listener.say(topic, msgspec.json.encode(message))

    async def hears(self, topic: str, count: int = 1) -> Any:
        return msgspec.json.decode(await self.listener.hears(topic, count))

    def all(self, topic: str) -> list[Any]:
        return [msgspec.json.decode(payload) for payload in self.listener.all(topic)]

    async def ask(self, topic: str, payload: Any = None) -> Any:
        """Send a request in its envelope, and wait for the answer."""
        self._asked += 1
        reply_to = f"{REPLY}/{self._asked}"
        envelope = {"headers": {"replyTo": reply_to}}
        await self.say(topic, envelope if payload is None else {**envelope, "payload": payload})
        return await self.hears(reply_to)

    async def charge(self) -> None:
        """Begin a charge."""
        self.there.hardware().plug_in()
        await authorization.swipe(self.there.station, TAG, (1,))


@asynccontextmanager
async def client(
    folder: Path, version: str = "2.1", *, desk: Desk | None = None, **chosen: Any
) -> AsyncIterator[Client]:
    """A client of a station with the interfaces that are `chosen`, as in `[everest]`."""
    made: list[faces.Offered] = []
    jobs: list[asyncio.Task[None]] = []
    async with mosquitto(folder) as broker, listening(broker) as listener:
        settings = Settings(
            everest=Everest.model_validate(chosen),
            everest_mqtt=EverestMqtt(host=HOST, port=broker.port),
        )

        def prepare(station: Station) -> None:
            offered = faces.offer(station, settings)
            assert offered is not None
            made.append(offered)
            jobs.append(asyncio.create_task(offered.run()))

        try:
            async with place(version, evses=2, prepare=prepare, desk=desk) as there:
                await listener.hears_anything()  # of what is said once all is subscribed to
                yield Client(there, listener, broker, made[0].mqtt)
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
