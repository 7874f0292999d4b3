"""The parameters of `POST /settings`, each with its answer, in the order of a SmartEVSE.

A parameter that cannot be had is told in the answer, with status 200; what sets nothing answers
`null`. Numbers are read as C reads them: "83.0" is 83, "abc" is 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, Literal

import msgspec

from chargeplane.api.smartevse.document import ENABLED, strategy_number
from chargeplane.energy import schedule
from chargeplane.energy.capacity import CapacityMode, Interval
from chargeplane.energy.settings import Sharing
from chargeplane.energy.states import ContactorTwo, Mode, Strategy, UserMode
from chargeplane.errors import NotAllowed
from chargeplane.evse.controller import Controller
from chargeplane.evse.device import Device
from chargeplane.evse.panel import CONTACTOR_TEXTS, LIT_S

Parameters = Mapping[str, str]
Answer = dict[str, Any]
Parameter = Callable[[Device, Parameters, Answer], None]

REFUSED: Final = "Value not allowed!"
LEADING: Final = re.compile(r"[ \t\r\n]*([+-]?[0-9]{1,18})")
MODES: Final = {str(int(mode)): mode for mode in UserMode}
DAY_MIN: Final = 1440
LONGEST_EVCCID: Final = 32
TOO_LONG: Final = f"EVCCID too long (max {LONGEST_EVCCID} char)"
HEEDS_OVERRIDE: Final = (Mode.NORMAL, Mode.SMART)


def number(text: str) -> int:
    """The number that a text begins with, else 0."""
    found = LEADING.match(text)
    return int(found[1]) if found else 0


def post(device: Device, parameters: Parameters) -> Answer | None:
    """Set what is asked for, and say what came of it."""
    answer: Answer = {}
    wanted = MQTT if "mqtt_update" in parameters else PARAMETERS
    for name, take in wanted.items():
        if name in parameters:
            take(device, parameters, answer)
    return answer or None


# Plain numbers


def _plain(name: str, setting: str, key: str = "", *, by_nodes: bool = False) -> Parameter:
    """A setting, which a node leaves to its master unless it is set `by_nodes` too."""

    def take(device: Device, parameters: Parameters, answer: Answer) -> None:
        value, controller = number(parameters[name]), device.controller
        is_allowed = by_nodes or not controller.regulation.is_node
        is_set = is_allowed and _change(controller, **{setting: value})
        answer[key or name] = value if is_set else REFUSED

    return take


def _change(controller: Controller, **values: Any) -> bool:
    """Change settings; whether they were changed."""
    try:
        controller.change(**values)
    except NotAllowed:
        return False
    return True


def _stop_timer(device: Device, parameters: Parameters, answer: Answer) -> None:
    value = number(parameters["stop_timer"])
    answer["stop_timer"] = _change(device.controller, stop_time_min=value)


def _flag(name: str, setting: str) -> Parameter:
    def take(device: Device, parameters: Parameters, answer: Answer) -> None:
        value = number(parameters[name])
        if value in (0, 1):
            device.controller.change(**{setting: bool(value)})
            answer[name] = value

    return take


# Others


def _backlight(device: Device, parameters: Parameters, answer: Answer) -> None:
    value = number(parameters["backlight"])
    device.panel.light(max(0, value) * LIT_S)
    answer["Backlight"] = value


def _capacity_mode(device: Device, parameters: Parameters, answer: Answer) -> None:
    value = number(parameters["capacity_mode"])
    try:
        mode = CapacityMode(value)
    except ValueError:
        return
    more = {"max_sum_mains_a": 0} if mode is CapacityMode.DISABLED else {}
    device.controller.change(capacity_mode=mode, **more)
    answer["capacity_mode"] = value


def _intervals(device: Device, parameters: Parameters, _answer: Answer) -> None:
    try:
        sent = msgspec.json.decode(parameters["intervals"], type=list[Any])
    except msgspec.DecodeError:
        return
    device.controller.change(intervals=tuple(filter(None, map(_interval, sent))))


def _interval(sent: Any) -> Interval | None:
    """An interval; None if it makes no sense."""
    try:
        found = msgspec.convert(sent, Interval)
    except msgspec.ValidationError:
        return None
    return found if 0 <= found.start < DAY_MIN and found.power >= 0 else None


def _disable_override(device: Device, _parameters: Parameters, answer: Answer) -> None:
    device.controller.set_override(0)
    answer["disable_override_current"] = "OK"


def _custom_button(device: Device, parameters: Parameters, answer: Answer) -> None:
    is_on = number(parameters["custombutton"]) > 0
    device.controller.set_custom_button(is_on=is_on)
    answer["custombutton"] = is_on


def _mode(device: Device, parameters: Parameters, answer: Answer) -> None:
    mode = MODES.get(str(number(parameters["mode"])))
    if mode is None:
        answer["mode"] = REFUSED
        return
    planned = _schedule(device.controller, parameters)
    try:
        device.controller.set_mode(mode, planned)
    except NotAllowed:
        answer["mode"] = REFUSED
        return
    if "starttime" in parameters:
        answer["starttime"] = planned.start_s
        if planned.start_s and "stoptime" in parameters:
            answer["stoptime"] = planned.stop_s
        if planned.start_s and "repeat" in parameters:
            answer["repeat"] = int(planned.is_daily)
    answer["mode"] = parameters["mode"]


def _schedule(controller: Controller, parameters: Parameters) -> schedule.Schedule:
    zone = controller.local(controller.clock()).tzinfo
    start_s, stop_s = (moment(parameters.get(key, ""), zone) for key in ("starttime", "stoptime"))
    is_daily = number(parameters.get("repeat", "")) == 1
    return schedule.plan(int(controller.clock()), start_s, stop_s, is_daily=is_daily)


def moment(text: str, zone: tzinfo | None) -> int:
    """A local time such as 2023-04-14T23:31, in quotes or not, in s since the epoch; else 0."""
    try:
        local = datetime.strptime(text.strip("\"' "), "%Y-%m-%dT%H:%M").replace(tzinfo=zone)
    except ValueError:
        return 0
    return int(local.astimezone(UTC).timestamp())


def _enable_c2(device: Device, parameters: Parameters, answer: Answer) -> None:
    value = number(parameters["enable_C2"])
    is_set = _change(device.controller, enable_c2=value)
    answer["settings"] = {"enable_C2": CONTACTOR_TEXTS[ContactorTwo(value)] if is_set else REFUSED}


def _override(device: Device, parameters: Parameters, answer: Answer) -> None:
    controller, value = device.controller, number(parameters["override_current"])
    if controller.status.mode not in HEEDS_OVERRIDE:
        return
    answer["override_current"] = value
    try:
        if controller.regulation.is_node:
            raise NotAllowed("the master of a node decides")
        controller.set_override(value)
    except NotAllowed:
        answer["override_current"] = REFUSED


def _override_pwm(device: Device, parameters: Parameters, answer: Answer) -> None:
    value = number(parameters["override_pwm"])
    if value > STEADY:
        answer["override_pwm"] = REFUSED
        return
    device.controller.set_pilot(value)
    answer["override_pwm"] = value


def _required_evccid(device: Device, parameters: Parameters, answer: Answer) -> None:
    value = parameters["required_evccid"]
    if len(value) > LONGEST_EVCCID:
        answer["required_evccid"] = TOO_LONG
        return
    device.controller.change(required_evccid=value)
    answer["required_evccid"] = value


# What other firmwares have


def _phases(device: Device, parameters: Parameters, answer: Answer) -> None:
    value, before = number(parameters["phases"]), device.controller.status.phases
    if value not in (1, 3):
        answer["phases"] = REFUSED
        return
    phases: Literal[1, 3] = 1 if value == 1 else 3
    try:
        device.controller.switch_phases(phases)
    except NotAllowed:
        answer["phases"] = REFUSED
        return
    answer |= {"phases": value, "switching": value != before, "previous_phases": before}


def _strategy(device: Device, parameters: Parameters, answer: Answer) -> None:
    value = number(parameters["prio_strategy"])
    found = {strategy_number(each): each for each in Strategy if each is not Strategy.ROTATION}
    answer["prio_strategy"] = REFUSED
    if value in found:
        # By address means that the master comes first, then its nodes.
        priorities = tuple(range(EVSES, 0, -1)) if value == 0 else ()
        sharing = _sharing(device, strategy=found[value], priorities=priorities)
        if _change(device.controller, sharing=sharing):
            answer["prio_strategy"] = value


def _rotation(device: Device, parameters: Parameters, answer: Answer) -> None:
    value = number(parameters["rotation_interval"])
    answer["rotation_interval"] = REFUSED
    if value == 0 or ROTATION_MIN <= value <= DAY_MIN:
        rotates = {"strategy": Strategy.ROTATION, "rotation_min": value}
        sharing = _sharing(device, **(rotates if value else {"strategy": Strategy.EQUAL}))
        if _change(device.controller, sharing=sharing):
            answer["rotation_interval"] = value


def _idle(device: Device, parameters: Parameters, answer: Answer) -> None:
    value = number(parameters["idle_timeout"])
    answer["idle_timeout"] = REFUSED
    is_timeout = value == 0 or IDLE_S[0] <= value <= IDLE_S[1]
    if is_timeout and _change(device.controller, sharing=_sharing(device, idle_timeout_s=value)):
        answer["idle_timeout"] = value


def _sharing(device: Device, **values: Any) -> Sharing:
    return msgspec.structs.replace(device.controller.settings.regulation.sharing, **values)


def _heartbeat(device: Device, parameters: Parameters, answer: Answer) -> None:
    value = number(parameters["mqtt_heartbeat"])
    answer["mqtt_heartbeat"] = REFUSED
    if HEARTBEAT_S[0] <= value <= HEARTBEAT_S[1]:
        _change_mqtt(device, heartbeat_s=value)
        answer["mqtt_heartbeat"] = value


def _change_only(device: Device, parameters: Parameters, answer: Answer) -> None:
    value = number(parameters["mqtt_change_only"]) > 0
    _change_mqtt(device, change_only=value)
    answer["mqtt_change_only"] = value


def _change_mqtt(device: Device, **values: Any) -> None:
    mqtt = msgspec.structs.replace(device.controller.settings.mqtt, **values)
    device.controller.change(mqtt=mqtt)


# Links


def _mqtt(device: Device, parameters: Parameters, answer: Answer) -> None:
    if number(parameters["mqtt_update"]) != 1:
        return
    changes: dict[str, Any] = {}
    for name, (member, read) in MQTT_MEMBERS.items():
        if name in parameters:
            changes[member] = read(parameters[name])
            if member in SECRETS:
                answer[f"{name}_set"] = bool(changes[member])
            else:
                answer[name] = changes[member]
    if "prefix" in changes:
        changes["prefix"] = changes["prefix"].strip("/ ")
        answer["mqtt_topic_prefix"] = changes["prefix"] or device.name
    _change_mqtt(device, **changes)


def _ocpp(device: Device, parameters: Parameters, answer: Answer) -> None:
    if number(parameters["ocpp_update"]) != 1:
        return
    settings = device.controller.settings.ocpp
    if "ocpp_mode" in parameters:
        is_on = number(parameters["ocpp_mode"]) == 1
        settings = msgspec.structs.replace(settings, enabled=is_on)
        answer["ocpp_mode"] = ENABLED[is_on]
    for name, (member, read) in OCPP_MEMBERS.items():
        if name not in parameters:
            continue
        if not settings.enabled:
            answer[name] = "Can only update when OCPP enabled"
            continue
        value = read(parameters[name])
        settings = msgspec.structs.replace(settings, **{member: value})
        if member in SECRETS:
            answer[f"{name}_set"] = bool(value)
        else:
            answer[name] = ENABLED[value] if isinstance(value, bool) else value
    device.controller.change(ocpp=settings)


def _is_one(text: str) -> bool:
    return number(text) == 1


def _port(text: str) -> int:
    value = number(text)
    return value if 0 < value <= LAST_PORT else MQTT_PORT


STEADY: Final = 1024
EVSES: Final = 8
ROTATION_MIN: Final = 30
IDLE_S: Final = (30, 300)
HEARTBEAT_S: Final = (10, 300)
MQTT_PORT, LAST_PORT = 1883, 65535
SECRETS: Final = {"password", "ca_certificate"}

Read = Callable[[str], Any]
MQTT_MEMBERS: Final[dict[str, tuple[str, Read]]] = {
    "mqtt_host": ("host", str.strip),
    "mqtt_port": ("port", _port),
    "mqtt_topic_prefix": ("prefix", str),
    "mqtt_username": ("username", str),
    "mqtt_password": ("password", str),
    "mqtt_tls": ("tls", _is_one),
    "mqtt_ca_cert": ("ca_certificate", str),
}
OCPP_MEMBERS: Final[dict[str, tuple[str, Read]]] = {
    "ocpp_backend_url": ("url", str.strip),
    "ocpp_cb_id": ("id", str.strip),
    "ocpp_auth_key": ("password", str),
    "ocpp_auto_auth": ("auto_auth", _is_one),
    "ocpp_auto_auth_idtag": ("auto_auth_tag", str.strip),
}

MQTT: Final[dict[str, Parameter]] = {"mqtt_update": _mqtt}
PARAMETERS: Final[dict[str, Parameter]] = {
    "backlight": _backlight,
    "current_min": _plain("current_min", "min_current_a"),
    "current_max": _plain("current_max", "max_current_a", by_nodes=True),
    "current_main": _plain("current_main", "max_mains_a"),
    "current_max_circuit": _plain("current_max_circuit", "max_circuit_a"),
    "capacity_mode": _capacity_mode,
    "intervals": _intervals,
    "current_max_sum_mains": _plain("current_max_sum_mains", "max_sum_mains_a"),
    "max_sum_mains_timer": _plain(
        "max_sum_mains_timer", "max_sum_mains_time_min", "max_sum_mains_time"
    ),
    "disable_override_current": _disable_override,
    "custombutton": _custom_button,
    "mode": _mode,
    "enable_C2": _enable_c2,
    "stop_timer": _stop_timer,
    "override_current": _override,
    "solar_start_current": _plain("solar_start_current", "start_current_a", by_nodes=True),
    "solar_max_import": _plain("solar_max_import", "import_current_a", by_nodes=True),
    "override_pwm": _override_pwm,
    "required_evccid": _required_evccid,
    "lcdlock": _flag("lcdlock", "lcd_lock"),
    "cablelock": _flag("cablelock", "hold_cable"),
    "phases": _phases,
    "prio_strategy": _strategy,
    "rotation_interval": _rotation,
    "idle_timeout": _idle,
    "mqtt_heartbeat": _heartbeat,
    "mqtt_change_only": _change_only,
    "ocpp_update": _ocpp,
}
