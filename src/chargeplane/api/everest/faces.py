"""Which of EVerest's MQTT interfaces a station offers, as configured."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from chargeplane.api.everest.bus import Bus, Seat
from chargeplane.api.everest.consumer import Consumer, Conventions
from chargeplane.api.everest.plain import Plain
from chargeplane.config import Everest as EverestSettings
from chargeplane.config import Settings
from chargeplane.net.mqtt import Mqtt, broker
from chargeplane.station.everest.interface import Everest
from chargeplane.station.station import Station


@dataclass(frozen=True, slots=True)
class Offered:
    """What a station offers at a broker."""

    mqtt: Mqtt
    consumer: Consumer | None

    async def run(self) -> None:
        """Be there until cancelled."""
        async with asyncio.TaskGroup() as jobs:
            jobs.create_task(self.mqtt.run(), name="everest.mqtt")
            if self.consumer is not None:
                jobs.create_task(self.consumer.run(), name="everest.consumer")


def offer(station: Station, settings: Settings) -> Offered | None:
    """Offer what is configured, before the station runs; None if nothing is.

    Raises `ConfigurationError` for a broker that cannot be used.
    """
    chosen = settings.everest
    if not (chosen.api or chosen.plain_topics or chosen.bus != "off"):
        return None
    everest = Everest(
        station,
        keys=chosen.keys,
        ignores_components=chosen.addressing == "keys",
        tells_messages=chosen.messages,
    )
    faces: list[Consumer | Plain | Bus] = []
    mqtt = Mqtt(
        broker(settings.everest_mqtt), birth=lambda: [n for face in faces for n in face.birth()]
    )
    consumer = Consumer(everest, mqtt, _conventions(chosen)) if chosen.api else None
    if consumer is not None:
        faces.append(consumer)
    if chosen.plain_topics:
        faces.append(Plain(everest, mqtt, chosen.api_prefix))
    if chosen.bus != "off":
        bus = Bus(everest, mqtt, _seat(chosen))
        faces.append(bus)
        if consumer is not None:
            consumer.check.on_change = partial(bus.tell_fault, chosen.id)
    return Offered(mqtt, consumer)


def _conventions(chosen: EverestSettings) -> Conventions:
    return Conventions(
        id=chosen.id,
        prefix=chosen.api_prefix,
        heartbeat_interval_ms=chosen.heartbeat_interval_ms,
        communication_check_s=chosen.communication_check_s,
        request_reply_s=chosen.request_reply_s,
    )


def _seat(chosen: EverestSettings) -> Seat:
    return Seat(
        layout=chosen.bus,
        prefix=chosen.bus_prefix,
        module=chosen.bus_module,
        implementation=chosen.bus_implementation,
        transfer_implementation=chosen.bus_data_transfer,
        key_implementation=chosen.bus_keys,
        answering=chosen.bus_answering,
    )
