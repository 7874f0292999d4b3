from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from chargeplane.api.smartevse.discovery import config_topic, configs, entity
from chargeplane.api.smartevse.orders import ORDERS
from chargeplane.api.smartevse.topics import TOPICS, Topic, values
from tests.api.smartevse.home_assistant import (
    STATE_CLASSES,
    UNITS,
    USUAL_STATE_CLASSES,
    schema,
)
from tests.evse.worlds import World

EACH = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.suffix)


def described(topic: Topic) -> dict[str, Any]:
    world = World()
    world.device.port = 8081
    return entity(world.device, topic)


@EACH
def test_home_assistant_takes_it(topic: Topic) -> None:
    jsonschema.validate(described(topic), schema(topic.domain))


@EACH
def test_units_and_classes_fit(topic: Topic) -> None:
    found = described(topic)
    kind = found.get("device_class")
    if kind is None:
        return
    assert found["unit_of_measurement"] in UNITS[kind]
    if topic.domain == "sensor":
        assert found.get("state_class") in STATE_CLASSES.get(kind, USUAL_STATE_CLASSES)


@EACH
def test_what_can_be_set_is_obeyed(topic: Topic) -> None:
    command = described(topic).get("command_topic")
    if command is not None:
        prefix, name = command.rsplit("/Set/")
        assert prefix == "SmartEVSE-4711"
        assert name in ORDERS


@EACH
def test_what_is_chosen_from_is_what_is_said(topic: Topic) -> None:
    if topic.domain != "select":
        return
    found = described(topic)
    (said,) = (value for each, value in values(World().device) if each is topic)
    if "value_template" not in found:
        assert said in found["options"]


def test_an_entity_as_the_firmware_tells_of_it() -> None:
    (topic,) = (each for each in TOPICS if each.suffix == "MainsCurrentL1")
    world = World()
    world.device.port, world.device.address = 8081, "192.0.2.7"
    assert config_topic(world.device, topic) == (
        "homeassistant/sensor/SmartEVSE-4711-MainsCurrentL1/config"
    )
    assert entity(world.device, topic) == {
        "name": "Mains Current L1",
        "object_id": "SmartEVSE-4711-MainsCurrentL1",
        "default_entity_id": "sensor.smartevse_4711_mainscurrentl1",
        "unique_id": "SmartEVSE-4711-MainsCurrentL1",
        "state_topic": "SmartEVSE-4711/MainsCurrentL1",
        "availability_topic": "SmartEVSE-4711/connected",
        "device": {
            "model": "EVSE controller",
            "identifiers": "SmartEVSE-4711",
            "name": "SmartEVSE-4711",
            "manufacturer": "Chargeplane",
            "configuration_url": "http://192.0.2.7:8081/",
            "sw_version": "test",
        },
        "device_class": "current",
        "state_class": "measurement",
        "unit_of_measurement": "A",
        "value_template": "{{ value | int / 10 }}",
    }


def test_names_are_unique_and_can_be_topics() -> None:
    world = World()
    found = [topic for topic, _ in configs(world.device, iter(TOPICS))]
    assert len(found) == len(set(found)) == len(TOPICS)
    assert all(re.fullmatch(r"[\w/-]+", topic) for topic in found)


def test_the_override_reaches_to_the_current_of_the_device() -> None:
    world = World()
    world.controller.change(max_current_a=32)
    (topic,) = (each for each in TOPICS if each.domain == "number")
    (said,) = (json.loads(config) for _, config in configs(world.device, iter([topic])))
    assert (said["min"], said["max"]) == (0, 32)
