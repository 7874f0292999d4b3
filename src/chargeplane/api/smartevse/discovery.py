"""Telling Home Assistant which entities a device has (MQTT discovery)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from chargeplane.api.smartevse.topics import Topic
from chargeplane.evse.device import Device

ROOT: Final = "homeassistant"
STATUS: Final = f"{ROOT}/status"  # where it says that it was started


def config_topic(device: Device, topic: Topic) -> str:
    """Where an entity is told of."""
    return f"{ROOT}/{topic.domain}/{device.mqtt_prefix}-{topic.suffix}/config"


def configs(device: Device, topics: Iterator[Topic]) -> Iterator[tuple[str, bytes]]:
    """The topic and payload for each entity."""
    for topic in topics:
        yield config_topic(device, topic), msgspec.json.encode(entity(device, topic))


def entity(device: Device, topic: Topic) -> dict[str, Any]:
    """What Home Assistant is told of the entity of a topic."""
    prefix = device.mqtt_prefix
    unique_id = f"{prefix}-{topic.suffix}"
    plain = prefix.lower().replace("-", "_").replace("/", "_")
    found: dict[str, Any] = {
        "name": topic.name,
        "object_id": unique_id,  # before Home Assistant 2025.10
        "default_entity_id": f"{topic.domain}.{plain}_{topic.suffix.lower()}",
        "unique_id": unique_id,
        "state_topic": f"{prefix}/{topic.suffix}",
        "availability_topic": f"{prefix}/connected",
        "device": {
            "model": "EVSE controller",
            "identifiers": prefix,
            "name": prefix,
            "manufacturer": "Chargeplane",
            "configuration_url": device.url,
            "sw_version": device.version,
        },
        **topic.options,
    }
    if "command_topic" in found:
        found["command_topic"] = found["command_topic"].replace("~", prefix, 1)
    if topic.domain == "number":
        found["max"] = device.controller.settings.regulation.max_current_a
    return found
