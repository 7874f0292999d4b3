"""Keeping a broker informed of a device, and taking what is set over it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import structlog

from chargeplane.api.smartevse import discovery, orders, topics
from chargeplane.evse.device import Device
from chargeplane.evse.settings import MqttSettings
from chargeplane.net.mqtt import Broker, Mqtt, Note

SOON_S: Final = 0.2  # within which a change is told
ONLINE, OFFLINE = "online", "offline"

logger = structlog.get_logger()


async def run(device: Device) -> None:
    """Publish to the broker of the settings, and to another one when these change."""
    changed = asyncio.Event()
    stop = device.controller.changed.listen(lambda _: changed.set())
    try:
        while True:
            settings = device.controller.settings.mqtt
            job = asyncio.create_task(_serve(device, settings), name="mqtt")
            try:
                while device.controller.settings.mqtt == settings:
                    changed.clear()
                    await changed.wait()
            finally:
                job.cancel()
                with suppress(asyncio.CancelledError):
                    await job
    finally:
        stop()


async def _serve(device: Device, settings: MqttSettings) -> None:
    if not settings.host:
        return
    try:
        broker = _broker(device, settings)
    except (ssl.SSLError, ValueError) as error:
        logger.error("no such authority", setting="mqtt.ca_certificate", reason=str(error))
        return
    publisher = Publisher(device, broker)
    async with asyncio.TaskGroup() as jobs:
        jobs.create_task(publisher.client.run(), name="mqtt.client")
        jobs.create_task(publisher.run(), name="mqtt.publisher")


def _broker(device: Device, settings: MqttSettings) -> Broker:
    authorities = settings.ca_certificate or None
    return Broker(
        host=settings.host,
        port=settings.port,
        user=settings.username or None,
        password=settings.password or None,
        tls=ssl.create_default_context(cadata=authorities) if settings.tls else None,
        client_id=device.mqtt_prefix,
    )


class Publisher:
    """Publishes what the device has to say: all of it in time, some of it as soon as it changes."""

    def __init__(self, device: Device, broker: Broker) -> None:
        self._device = device
        self._settings = device.controller.settings.mqtt
        self._prefix = device.mqtt_prefix
        self._told: dict[str, str] = {}
        self._described: dict[str, bytes] = {}
        will = Note(f"{self._prefix}/connected", OFFLINE, 0, retain=True)
        self.client = Mqtt(broker, birth=self._birth, will=will)
        self.client.connected = device.mqtt
        self.client.subscribe(f"{self._prefix}/Set/#", self._obey, qos=1)
        self.client.subscribe(discovery.STATUS, self._on_home_assistant)

    async def run(self) -> None:
        """Publish until cancelled."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        stop = self._device.controller.changed.listen(lambda _: changed.set())
        all_at = loop.time() + self._settings.heartbeat_s
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(all_at):
                        await changed.wait()
                changed.clear()
                self._publish(all_of_it=loop.time() >= all_at)
                if loop.time() >= all_at:
                    all_at = loop.time() + self._settings.heartbeat_s
                await asyncio.sleep(SOON_S)
        finally:
            stop()

    def _publish(self, *, all_of_it: bool) -> None:
        if not self.client.connected.is_set():
            return
        for topic, value in topics.values(self._device):
            is_new = self._told.get(topic.suffix) != value
            is_due = all_of_it and (is_new or not self._settings.change_only)
            if is_due or (is_new and topic.is_urgent):
                self._told[topic.suffix] = value
                self.client.publish(f"{self._prefix}/{topic.suffix}", value, retain=topic.retain)
        for where, config in self._descriptions() if all_of_it else ():
            if self._described.get(where) != config:  # a limit of it has changed
                self._described[where] = config
                self.client.publish(where, config, retain=True)

    def _birth(self) -> Iterator[Note]:
        """Everything, because nobody knows what was missed."""
        yield Note(f"{self._prefix}/connected", ONLINE, 0, retain=True)
        self._described = dict(self._descriptions())
        for where, config in self._described.items():
            yield Note(where, config, 0, retain=True)
        for topic, value in topics.values(self._device):
            self._told[topic.suffix] = value
            yield Note(f"{self._prefix}/{topic.suffix}", value, 0, retain=topic.retain)

    def _descriptions(self) -> Iterator[tuple[str, bytes]]:
        """The entities for Home Assistant; an empty one is taken away."""
        known = (topic for topic, _ in topics.values(self._device))
        for where, config in discovery.configs(self._device, known):
            yield where, config if self._settings.discovery else b""

    def _obey(self, topic: str, payload: bytes) -> None:
        orders.obey(self._device, topic.removeprefix(f"{self._prefix}/Set/"), payload)

    def _on_home_assistant(self, _topic: str, payload: bytes) -> None:
        """It was started, and knows only what the broker kept."""
        if payload == ONLINE.encode():
            self._publish(all_of_it=True)
