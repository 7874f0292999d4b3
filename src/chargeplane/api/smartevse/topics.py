"""The MQTT topics of a SmartEVSE: what is published, as a table, with its entity in Home Assistant.

A topic is called by its name without blanks. Everything is read from what `GET /settings` says;
what is not known (None) is not published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from chargeplane.api.smartevse.document import CONNECTED, NOT_KNOWN, document
from chargeplane.energy.states import STATE_TEXTS, Access, State, UserMode
from chargeplane.evse.device import Device
from chargeplane.evse.panel import CONTACTOR_TEXTS

Said = Mapping[str, Any]
Read = Callable[[Said], Any]
Domain = Literal["sensor", "select", "number", "text"]
Options = Mapping[str, Any]

PHASES: Final = ("L1", "L2", "L3")


@dataclass(frozen=True, slots=True)
class Topic:
    """What is published on a topic."""

    name: str
    read: Read
    domain: Domain
    options: Options  # of the entity
    retain: bool = False
    is_urgent: bool = False  # published as soon as it changes, and not only with all others

    @property
    def suffix(self) -> str:
        """The last part of the topic."""
        return self.name.replace(" ", "")


def values(device: Device) -> Iterator[tuple[Topic, str]]:
    """Every topic that has something to say now, and what."""
    said = document(device)
    said["extra"] = _extra(device)
    for topic in TOPICS:
        value = topic.read(said)
        if value is not None:
            yield topic, str(value)


def _extra(device: Device) -> dict[str, Any]:
    """What is published and not said over REST."""
    controller = device.controller
    status = controller.status
    return {
        "uptime_s": controller.uptime_s,
        "press_ms": round(controller.switch.last_s * 1000),
        "pwm_override": -1 if status.pwm_override is None else status.pwm_override,
    }


# How a value is told


def _at(*path: str) -> Read:
    """The value at a path; None where there is none."""

    def read(said: Said) -> Any:
        for key in path:
            if key not in said:
                return None
            said = said[key]
        return said

    return read


def _known(read: Read) -> Read:
    """A number of the car, unless it is not known."""

    def known(said: Said) -> Any:
        value = read(said)
        return None if value == NOT_KNOWN else value

    return known


def _counted(*path: str) -> Read:
    """An energy, unless nothing was counted yet."""
    return lambda said: _at(*path)(said) or None


def _word(read: Read, words: Mapping[Any, str]) -> Read:
    return lambda said: words[read(said)]


def _rgb(name: str) -> Read:
    return lambda said: ",".join(str(said["color"][name][part]) for part in "RGB")


ON_OFF: Final = {True: "On", False: "Off"}
MODES: Final = {int(mode): mode.name.capitalize() for mode in UserMode}
ACCESS: Final = {Access.OFF: "Deny", Access.ON: "Allow", Access.PAUSE: "Pause"}
STATES: Final = {int(state): STATE_TEXTS[state][1] for state in State}

# What Home Assistant is told of a value.
CURRENT: Final[Options] = {
    "device_class": "current",
    "state_class": "measurement",
    "unit_of_measurement": "A",
    "value_template": "{{ value | int / 10 }}",
}
AMPERE: Final[Options] = {"device_class": "current", "unit_of_measurement": "A"}
ENERGY: Final[Options] = {
    "device_class": "energy",
    "state_class": "total_increasing",
    "unit_of_measurement": "Wh",
}
CHARGED: Final[Options] = {**ENERGY, "state_class": "total"}
POWER: Final[Options] = {
    "device_class": "power",
    "state_class": "measurement",
    "unit_of_measurement": "W",
}
PERCENT: Final[Options] = {
    "device_class": "battery",
    "state_class": "measurement",
    "unit_of_measurement": "%",
}
CAPACITY: Final[Options] = {"device_class": "energy_storage", "unit_of_measurement": "Wh"}
SECONDS: Final[Options] = {"device_class": "duration", "unit_of_measurement": "s"}
MINUTES: Final[Options] = {"device_class": "duration", "unit_of_measurement": "min"}
DIAGNOSTIC: Final[Options] = {"entity_category": "diagnostic"}
CONFIG: Final[Options] = {"entity_category": "config"}

TEMPERATURE: Final[Options] = {
    **DIAGNOSTIC,
    "device_class": "temperature",
    "state_class": "measurement",
    "unit_of_measurement": "°C",
}

# What an entity of Home Assistant can set; `~` stands for the prefix of all topics.
SET_MODE: Final[Options] = {
    "command_topic": "~/Set/Mode",
    "options": ["Off", "Normal", "Smart", "Solar", "Pause"],
}
SET_CONTACTOR: Final[Options] = {
    **CONFIG,
    "command_topic": "~/Set/EnableC2",
    "options": list(CONTACTOR_TEXTS.values()),
}
SET_BUTTON: Final[Options] = {"command_topic": "~/Set/CustomButton", "options": ["On", "Off"]}
SET_LOCK: Final[Options] = {
    "command_topic": "~/Set/CableLock",
    "options": ["Locked", "Unlocked"],
    "value_template": "{{ 'Locked' if value == '1' else 'Unlocked' }}",
    "command_template": "{{ 1 if value == 'Locked' else 0 }}",
}
SET_OVERRIDE: Final[Options] = {
    **AMPERE,
    "command_topic": "~/Set/CurrentOverride",
    "value_template": "{{ value | int / 10 }}",
    "command_template": "{{ value | int * 10 }}",
    "min": 0,
    "mode": "slider",
}


SET_COLOR: Final[Options] = {
    **CONFIG,
    "pattern": r"^\d{1,3},\d{1,3},\d{1,3}$",
    "max": len("255,255,255"),
}
SET_CAR: Final[Options] = {**CONFIG, "command_topic": "~/Set/RequiredEVCCID", "max": 32}


def _sensor(name: str, read: Read, options: Options, *, retain: bool = False) -> Topic:
    """A measurement."""
    return Topic(name, read, "sensor", options, retain)


def _kept(
    name: str, read: Read, domain: Domain = "sensor", options: Options | None = None
) -> Topic:
    """What the broker keeps, and gets to know at once."""
    return Topic(name, read, domain, options or {}, retain=True, is_urgent=True)


def _color(name: str) -> Topic:
    options = {**SET_COLOR, "command_topic": f"~/Set/Color{name}"}
    return _kept(f"LED Color {name}", _rgb(name.lower()), "text", options)


def _currents(name: str, *path: str) -> list[Topic]:
    return [_sensor(f"{name} {phase}", _at(*path, phase), CURRENT) for phase in PHASES]


def _energies(name: str, group: str) -> list[Topic]:
    return [
        _sensor(
            f"{name} {way} Active Energy", _counted(group, f"{way.lower()}_active_energy"), ENERGY
        )
        for way in ("Import", "Export")
    ]


def _car(name: str, key: str, options: Options) -> Topic:
    return _sensor(name, _known(_at("ev_state", key)), options)


TOPICS: Final[tuple[Topic, ...]] = (
    *_currents("Mains Current", "phase_currents"),
    *_currents("EV Current", "ev_meter", "currents"),
    *_currents("Circuit Current", "circuit_meter", "currents"),
    *_energies("Mains", "mains_meter"),
    *_energies("EV", "ev_meter"),
    _sensor("EV Charge Power", _at("ev_meter", "import_active_power"), POWER),
    _sensor("EV Energy Charged", _at("ev_meter", "charged_wh"), CHARGED, retain=True),
    _sensor("EV Total Energy Charged", _at("ev_meter", "total_wh"), ENERGY),
    _sensor("Home Battery Current", _at("home_battery", "current"), CURRENT),
    _kept("Mode", _word(_at("mode_id"), MODES), "select", SET_MODE),
    _kept("Access", _word(_at("evse", "access"), ACCESS)),
    _kept("State", _at("evse", "state")),
    _kept("State ID", _word(_at("evse", "state_id"), STATES)),
    _kept("Error", _at("evse", "error"), "sensor", DIAGNOSTIC),
    _kept("EV Plug State", _word(_at("car_connected"), CONNECTED)),
    _kept("RFID", _at("evse", "rfid")),
    _kept("RFID Last Read", _at("evse", "rfid_lastread")),
    _kept("Custom Button", _word(_at("evse", "custombutton"), ON_OFF), "select", SET_BUTTON),
    _sensor("Custom Button Press Time", _at("extra", "press_ms"), DIAGNOSTIC),
    _sensor("Charge Current", _at("settings", "charge_current"), CURRENT, retain=True),
    _kept("Charge Current Override", _at("settings", "override_current"), "number", SET_OVERRIDE),
    _kept("Max Current", lambda said: said["settings"]["current_max"] * 10, "sensor", CURRENT),
    _kept("Max Sum Mains", _at("settings", "current_max_sum_mains"), "sensor", AMPERE),
    _kept("Max Sum Mains Time", _at("settings", "max_sum_mains_time"), "sensor", MINUTES),
    _kept("Nr Of Phases", _at("evse", "nrofphases")),
    _kept("Enable C2", _at("settings", "enable_C2"), "select", SET_CONTACTOR),
    _kept("Cable Lock", _at("settings", "cablelock"), "select", SET_LOCK),
    _kept("Load Bl", _at("evse", "loadbl"), "sensor", DIAGNOSTIC),
    _sensor("Solar Stop Timer", _at("evse", "solar_stop_timer"), SECONDS),
    _kept("OCPP", _at("ocpp", "mode"), "sensor", DIAGNOSTIC),
    _kept("OCPP Connection", _at("ocpp", "status"), "sensor", DIAGNOSTIC),
    *map(_color, ("Off", "Normal", "Smart", "Solar", "Custom")),
    _sensor("CP PWM", _at("evse", "pwm"), DIAGNOSTIC),
    _sensor("CP PWM Override", _at("extra", "pwm_override"), DIAGNOSTIC),
    _car("EV Initial SoC", "initial_soc", PERCENT),
    _car("EV Full SoC", "full_soc", PERCENT),
    _car("EV Computed SoC", "computed_soc", PERCENT),
    _car("EV Remaining SoC", "remaining_soc", {"unit_of_measurement": "%"}),
    _car("EV Time Until Full", "time_until_full", SECONDS),
    _car("EV Energy Capacity", "energy_capacity", CAPACITY),
    _car("EV Energy Request", "energy_request", CAPACITY),
    _sensor("EVCCID", _at("ev_state", "evccid"), DIAGNOSTIC),
    _kept("Required EVCCID", _at("settings", "required_evccid"), "text", SET_CAR),
    _sensor("ESP Temp", _at("evse", "temp"), TEMPERATURE),
    _sensor("ESP Uptime", _at("extra", "uptime_s"), {**DIAGNOSTIC, **SECONDS}),
)
