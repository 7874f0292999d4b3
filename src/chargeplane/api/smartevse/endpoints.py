"""Every endpoint of a SmartEVSE but `/settings`, whose parameters have a file of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from chargeplane.api.smartevse import parameters
from chargeplane.api.smartevse.document import CARD_TEXTS, document, rgb
from chargeplane.api.smartevse.parameters import Answer, number
from chargeplane.energy import regulation
from chargeplane.energy.states import RfidReader
from chargeplane.errors import NotAllowed
from chargeplane.evse import rfid, sessions
from chargeplane.evse.controller import Controller
from chargeplane.evse.device import Device
from chargeplane.evse.readings import Phases, Push

Query = Mapping[str, str]
Endpoint = Callable[[Device, Query], Answer | None]

NOT_ALLOWED_ON_NODE: Final = "not allowed on slave"
PHASES: Final = ("L1", "L2", "L3")
BYTE: Final = 255
PER_MILLE, STEADY = 1000, 1024
UPLOAD: Final = 65_536  # bytes of a list of cards
HEX: Final = frozenset("0123456789abcdefABCDEF")
UID_DIGITS: Final = (12, 14)


def say(value: Any, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


# Measurements


def currents(device: Device, query: Query) -> Answer | None:
    """What the mains or the home battery draw, in 0.1 A."""
    controller = device.controller
    answer: Answer = {}
    is_node = controller.regulation.is_node
    if "battery_current" in query:
        answer["battery_current"] = NOT_ALLOWED_ON_NODE
        if not is_node:
            controller.measure_battery(number(query["battery_current"]))
            answer["battery_current"] = number(query["battery_current"])
    found = _phases(query)
    if found is not None and is_node:
        answer["TOTAL"] = NOT_ALLOWED_ON_NODE
    elif found is not None:
        answer |= _mains(controller, found)
    return answer or None


def _mains(controller: Controller, original_da: Phases) -> Answer:
    try:
        controller.push("mains", Push(currents_da=original_da))
    except NotAllowed:
        return {}
    counted = regulation.measure_mains(controller.status, controller.regulation, original_da)
    named = dict(zip(PHASES, counted.mains_da, strict=True))
    return {
        "original": dict(zip(PHASES, original_da, strict=True)),
        **named,
        "TOTAL": counted.isum_da,
    }


def _phases(query: Query) -> Phases | None:
    """The currents of all three phases, if they are there."""
    if not all(phase in query for phase in PHASES):
        return None
    one, two, three = (number(query[phase]) for phase in PHASES)
    return one, two, three


def ev_meter(device: Device, query: Query) -> Answer | None:
    """What the car draws: currents in 0.1 A, energies in Wh, power in W."""
    said: Answer = {}
    found = _phases(query)
    try:
        if found is not None:
            device.controller.push("ev", Push(currents_da=found))
            said["currents"] = {**dict(zip(PHASES, found, strict=True)), "TOTAL": sum(found)}
        if all(key in query for key in ENERGIES):
            import_wh, export_wh, power_w = (number(query[key]) for key in ENERGIES)
            push = Push(import_wh=import_wh, export_wh=export_wh, power_w=power_w)
            device.controller.push("ev", push)
            said |= _counted(device, push)
    except NotAllowed:
        return None
    return {"ev_meter": said} if said else None


def _counted(device: Device, push: Push) -> Answer:
    return {
        "import_active_power": push.power_w,
        "import_active_energy": push.import_wh,
        "export_active_energy": push.export_wh,
        "total_kwh": (push.import_wh or 0) - (push.export_wh or 0),  # in Wh, whatever the name says
        "charged_kwh": device.controller.ledger.charged_wh,
    }


ENERGIES: Final = ("import_active_energy", "export_active_energy", "import_active_power")


def ev_state(device: Device, query: Query) -> Answer | None:
    """What a car says of itself: percent and Wh."""
    answer: Answer = {}
    told: dict[str, Any] = {}
    for key, member, highest in CAR:
        value = number(query.get(key, "-1"))
        if 0 <= value <= highest:
            answer[key] = told[member] = value
    if "evccid" in query:
        if len(query["evccid"]) > parameters.LONGEST_EVCCID:
            answer["evccid"] = parameters.TOO_LONG
        else:
            answer["evccid"] = told["evccid"] = query["evccid"]
    device.controller.tell_car(**told)
    return answer or None


CAR: Final = (
    ("current_soc", "initial_soc", 100),
    ("full_soc", "full_soc", 100),
    ("energy_request", "energy_request", 1_000_000),
    ("energy_capacity", "energy_capacity", 1_000_000),
)


# Doing


def card(device: Device, query: Query) -> Answer | None:
    """Show a card, given in 12 or 14 hexadecimal digits."""
    if device.controller.regulation.rfid_reader is RfidReader.DISABLED:
        return {"rfid_status": "RFID reader not enabled"}
    if "rfid" not in query:
        return {"rfid_status": "Missing rfid parameter"}
    uid = query["rfid"].strip()
    if len(uid) not in UID_DIGITS:
        return {"rfid_status": "Invalid RFID length"}
    if not HEX.issuperset(uid):
        return {"rfid_status": "Invalid RFID hex string"}
    status = device.controller.show_card(uid.upper())
    return {"rfid": uid.upper(), "rfid_status": CARD_TEXTS[status]}


def cable_lock(device: Device, query: Query) -> Answer | None:
    """Hold the cable with `?1`, else no longer."""
    is_held = "1" in query
    device.controller.change(hold_cable=is_held)
    return {"cablelock": int(is_held)}


def modem(device: Device, query: Query) -> Answer | None:
    """The duty of the pilot in thousandths, as it was set before `override_pwm`."""
    if "pwm" not in query:
        return None
    value = number(query["pwm"])
    if value > PER_MILLE:
        return {"pwm": parameters.REFUSED}
    device.controller.set_pilot(value * STEADY // PER_MILLE if value > 0 else value)
    return {"pwm": value}


def _color(name: str) -> Endpoint:
    def set_color(device: Device, query: Query) -> Answer | None:
        """The colour of a mode, in three parts up to 255."""
        parts = [number(query[part]) for part in "RGB" if part in query]
        if len(parts) != len("RGB") or not all(0 <= part <= BYTE for part in parts):
            return {}
        colors = msgspec.structs.replace(device.controller.settings.colors, **{name: tuple(parts)})
        device.controller.change(colors=colors)
        return {"color": {name: rgb((parts[0], parts[1], parts[2]))}}

    return set_color


def reboot(device: Device) -> Response:
    """Start again in 5 s, or when the car has stopped."""
    device.controller.reboot()
    if device.controller.is_charging:
        return PlainTextResponse(
            "Reboot scheduled: Device will reboot 5 seconds after the EV stops charging...", 202
        )
    return PlainTextResponse("Device will reboot in 5 seconds...")


# Reading


def power_day(device: Device) -> Answer:
    """The power of each quarter hour of the last day."""
    controller = device.controller
    quarters = controller.ledger.history.quarters(controller.local(controller.clock()))
    return {"power_day": [{"time": time, "power": power} for time, power in quarters]}


def recording(device: Device) -> Response:
    """The last day, as `chargeplane evse replay` reads it."""
    lines = (line + b"\n" for line in device.controller.recorder.lines())
    headers = {"Content-Disposition": f'attachment; filename="{device.name}.jsonl"'}
    return StreamingResponse(lines, media_type="application/jsonl", headers=headers)


def sessions_csv(device: Device) -> Response:
    """The log of charges as a table."""
    table = sessions.as_csv(device.controller.ledger.sessions.newest_first())
    headers = {"Content-Disposition": f'attachment; filename="{device.name}-sessions.csv"'}
    return Response(table, media_type="text/csv", headers=headers)


def session_list(device: Device) -> list[dict[str, Any]]:
    """The log of charges."""
    return [_session(each) for each in device.controller.ledger.sessions.newest_first()]


def last_session(device: Device) -> dict[str, Any]:
    """The charge that runs, or the last; empty without one."""
    last = device.controller.ledger.sessions.last
    return {} if last is None else _session(last)


def _session(session: sessions.Session) -> dict[str, Any]:
    return {**msgspec.to_builtins(session), "cost": session.cost}


def no_update(_device: Device) -> Response:
    """There is no firmware that could be replaced."""
    said = "This device has no firmware to upload: update the program that runs it (chargeplane)."
    return PlainTextResponse(said, 501)


async def update(device: Device, request: Request) -> Response:
    """Take `rfid.txt`, a list of cards; there is no firmware to be replaced this way."""
    if not request.query_params.get("file", "").endswith("rfid.txt"):
        return no_update(device)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > UPLOAD:
            return PlainTextResponse("Too long", 413)
    try:
        uids = rfid.read_list(body.decode("utf-8", "replace"))
    except ValueError as error:
        return PlainTextResponse(str(error), 400)
    device.controller.cards.replace(uids)
    return PlainTextResponse(f"{len(uids)} cards")


def erase(device: Device) -> Response:
    """Forget what was set, and start again."""
    device.controller.owner.erase()
    device.controller.reboot()
    return PlainTextResponse("Erasing settings, rebooting")


Reader = Callable[[Device], Any]

POSTED: Final[dict[str, Endpoint]] = {
    "/settings": parameters.post,
    "/currents": currents,
    "/ev_meter": ev_meter,
    "/ev_state": ev_state,
    "/rfid": card,
    "/cablelock": cable_lock,
    "/modem": modem,
    **{f"/color_{name}": _color(name) for name in ("off", "normal", "smart", "solar", "custom")},
}
READ: Final[dict[str, Reader]] = {
    "/settings": document,
    "/power_day": power_day,
    "/sessions": session_list,
    "/session/last": last_session,
}
FILES: Final[dict[str, Callable[[Device], Response]]] = {
    "/recording": recording,
    "/sessions.csv": sessions_csv,
    "/mqtt_ca_cert": lambda device: PlainTextResponse(
        device.controller.settings.mqtt.ca_certificate
    ),
}
