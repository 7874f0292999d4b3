"""What is set over MQTT: the topics below `Set/`, each with what its payload does.

They do what the parameters of the REST API do, and are refused for the same reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from chargeplane.api.smartevse import endpoints, parameters
from chargeplane.api.smartevse.parameters import REFUSED, TOO_LONG, number
from chargeplane.energy.states import UserMode
from chargeplane.errors import NoMeasurement, NotAllowed
from chargeplane.evse.device import Device
from chargeplane.evse.ledger import Place
from chargeplane.evse.panel import CONTACTOR_TEXTS
from chargeplane.evse.readings import parse_push

Order = Callable[[Device, str], None]

LONGEST: Final = 256  # bytes of a payload

logger = structlog.get_logger()


def obey(device: Device, name: str, payload: bytes) -> None:
    """Do what a payload on `Set/<name>` asks for; what cannot be done is logged."""
    text = payload[:LONGEST].decode("utf-8", "replace").strip()
    order = ORDERS.get(name)
    if order is None:
        logger.info("no such order", topic=f"Set/{name}")
        return
    try:
        order(device, text)
    except (NotAllowed, NoMeasurement) as error:
        logger.info("order refused", topic=f"Set/{name}", reason=str(error))


def _set(parameter: str, read: Callable[[str], object] = str) -> Order:
    """Set a parameter of `POST /settings`."""

    def order(device: Device, text: str) -> None:
        answer = parameters.post(device, {parameter: str(read(text))})
        if answer is None or {REFUSED, TOO_LONG} & set(_told(answer)):
            raise NotAllowed(f"{text!r} is no {parameter}")

    return order


def _told(answer: Mapping[str, Any]) -> list[Any]:
    """Every value of an answer, also of one within it."""
    return [
        each
        for value in answer.values()
        for each in (value.values() if isinstance(value, dict) else (value,))
    ]


def _mode(text: str) -> int:
    return int(_named(text, {mode.name: int(mode) for mode in UserMode}))


def _contactor(text: str) -> int:
    names = {name.upper(): int(choice) for choice, name in CONTACTOR_TEXTS.items()}
    return number(text) if text[:1].isdigit() else _named(text, names)


def _named(text: str, names: Mapping[str, int]) -> int:
    if text.upper() not in names:
        raise NotAllowed(f"{text!r} is none of {', '.join(names)}")
    return names[text.upper()]


def _measure(place: Place) -> Order:
    kind = {"mains": "mains", "ev": "ev"}.get(place, "circuit")

    def order(device: Device, text: str) -> None:
        if device.controller.regulation.is_node:
            raise NotAllowed("a node hears of the mains from its master")
        device.controller.push(place, parse_push(text, kind))  # type: ignore[arg-type]

    return order


def _color(name: str) -> Order:
    def order(device: Device, text: str) -> None:
        parts = dict(zip("RGB", text.split(","), strict=False))
        if not endpoints.POSTED[f"/color_{name}"](device, parts):
            raise NotAllowed(f"{text!r} is no colour such as 255,170,0")

    return order


def _battery(device: Device, text: str) -> None:
    endpoints.currents(device, {"battery_current": text})


def _card(device: Device, text: str) -> None:
    answer = endpoints.card(device, {"rfid": text}) or {}
    if "rfid" not in answer:
        raise NotAllowed(str(answer.get("rfid_status")))


ORDERS: Final[dict[str, Order]] = {
    "Mode": _set("mode", _mode),
    "CustomButton": _set("custombutton", lambda text: int(text == "On")),
    "CurrentOverride": _set("override_current"),
    "CurrentMaxSumMains": _set("current_max_sum_mains"),
    "CPPWMOverride": _set("override_pwm"),
    "MainsMeter": _measure("mains"),
    "EVMeter": _measure("ev"),
    "CircuitMeter": _measure("circuit"),
    "HomeBatteryCurrent": _battery,
    "RequiredEVCCID": _set("required_evccid"),
    **{f"Color{name.capitalize()}": _color(name) for name in ("off", "normal", "smart", "solar")},
    "ColorCustom": _color("custom"),
    "CableLock": _set("cablelock", lambda text: int(text == "1")),
    "EnableC2": _set("enable_C2", _contactor),
    "RFID": _card,
}
