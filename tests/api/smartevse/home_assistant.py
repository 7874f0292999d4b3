"""What Home Assistant takes as MQTT discovery, written from its documentation.

https://www.home-assistant.io/integrations/mqtt/ and the pages of each platform. A key that a
platform does not know is an error here, though Home Assistant would only leave it out.
"""

from __future__ import annotations

from typing import Any, Final

TEXT: Final = {"type": "string", "minLength": 1}
TOPIC: Final = {"type": "string", "minLength": 1, "maxLength": 65_535, "not": {"pattern": "[+#]"}}
TEMPLATE: Final = {"type": "string", "pattern": r"^\{\{ .* \}\}$"}
CATEGORY: Final = {"enum": ["config", "diagnostic"]}

DEVICE: Final = {
    "type": "object",
    "properties": {
        "identifiers": {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]},
        "name": TEXT,
        "model": TEXT,
        "manufacturer": TEXT,
        "sw_version": TEXT,
        "configuration_url": {"type": "string", "pattern": "^https?://"},
    },
    "required": ["identifiers"],
    "additionalProperties": False,
}

COMMON: Final[dict[str, Any]] = {
    "name": TEXT,
    "object_id": TEXT,
    "default_entity_id": TEXT,
    "unique_id": TEXT,
    "state_topic": TOPIC,
    "availability_topic": TOPIC,
    "value_template": TEMPLATE,
    "entity_category": CATEGORY,
    "device": DEVICE,
}
COMMAND: Final[dict[str, Any]] = {"command_topic": TOPIC, "command_template": TEMPLATE}

PLATFORMS: Final[dict[str, tuple[dict[str, Any], list[str]]]] = {
    "sensor": (
        {
            "device_class": TEXT,
            "state_class": {"enum": ["measurement", "total", "total_increasing"]},
            "unit_of_measurement": TEXT,
        },
        ["state_topic"],
    ),
    "select": (
        {**COMMAND, "options": {"type": "array", "items": TEXT, "minItems": 1}},
        ["command_topic", "options"],
    ),
    "number": (
        {
            **COMMAND,
            "device_class": TEXT,
            "unit_of_measurement": TEXT,
            "min": {"type": "number"},
            "max": {"type": "number"},
            "step": {"type": "number", "minimum": 0.001},
            "mode": {"enum": ["auto", "box", "slider"]},
        },
        ["command_topic"],
    ),
    "text": (
        {
            **COMMAND,
            "min": {"type": "integer", "minimum": 0, "maximum": 255},
            "max": {"type": "integer", "minimum": 0, "maximum": 255},
            "mode": {"enum": ["text", "password"]},
            "pattern": {"type": "string", "format": "regex"},
        },
        ["command_topic"],
    ),
}

# Units that a device class of a sensor or number may have, and the state classes of a sensor.
UNITS: Final[dict[str, set[str]]] = {
    "battery": {"%"},
    "current": {"A", "mA"},
    "duration": {"d", "h", "min", "s"},
    "energy": {"Wh", "kWh", "MWh"},
    "energy_storage": {"Wh", "kWh", "MWh"},
    "power": {"W", "kW"},
    "temperature": {"°C", "°F", "K"},
}
STATE_CLASSES: Final[dict[str, set[str | None]]] = {
    "energy": {None, "total", "total_increasing"},
    "energy_storage": {None, "measurement"},
}
USUAL_STATE_CLASSES: Final[set[str | None]] = {None, "measurement"}


def schema(domain: str) -> dict[str, Any]:
    """The JSON schema of a platform."""
    own, required = PLATFORMS[domain]
    return {
        "type": "object",
        "properties": {**COMMON, **own},
        "required": [*required, "unique_id", "device"],
        "additionalProperties": False,
    }
