"""What `GET /settings` of a SmartEVSE says, keys and units of every firmware side by side.

Firmware before 3.10 told energies of the EV meter in kWh (`total_kwh`, `charged_kwh`), newer ones
in Wh; both are here. Of keys that changed their unit and kept their name the newer counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from chargeplane.energy.pilot import iec_state
from chargeplane.energy.states import (
    STATE_TEXTS,
    Error,
    RfidReader,
    Strategy,
    UserMode,
    error_text,
)
from chargeplane.evse import car_state
from chargeplane.evse.device import Device
from chargeplane.evse.ledger import Place
from chargeplane.evse.panel import CONTACTOR_TEXTS, RFID_TEXTS
from chargeplane.evse.readings import NEVER, MeterReading, Phases
from chargeplane.evse.rfid import CardStatus

WH_PER_KWH: Final = 1000

Group = Callable[[Device], dict[str, Any]]

CARD_TEXTS: Final[dict[CardStatus, str]] = {
    CardStatus.READY: "Ready to read card",
    CardStatus.PRESENT: "Present",
    CardStatus.STORED: "Card Stored",
    CardStatus.DELETED: "Card Deleted",
    CardStatus.ALREADY_STORED: "Card already stored",
    CardStatus.NOT_STORED: "Card not in storage",
    CardStatus.FULL: "Card Storage full",
    CardStatus.INVALID: "Invalid",
}
ENABLED: Final = {True: "Enabled", False: "Disabled"}
CONNECTED: Final = {True: "Connected", False: "Disconnected"}


def document(device: Device) -> dict[str, Any]:
    """Everything that the device tells of itself, without any secret."""
    return {
        "version": device.version,
        "serialnr": device.serial,
        "mode": device.controller.mode.name,
        "mode_id": int(device.controller.mode),
        "car_connected": device.controller.is_plugged_in,
        **{name: group(device) for name, group in GROUPS.items()},
        **_optional(device),
    }


def _evse(device: Device) -> dict[str, Any]:
    controller = device.controller
    status, settings = controller.status, controller.regulation
    return {
        "temp": status.temperature_c,
        "temp_max": settings.max_temperature_c,
        "connected": controller.is_plugged_in,
        "access": int(status.access),
        "mode": int(status.mode),
        "loadbl": settings.load_balancing,
        "pwm": status.pwm,
        "custombutton": status.custom_button,
        "solar_stop_timer": status.solar_stop_timer_s,
        "charge_timer": status.charge_delay_s,
        **state(device),
        "last_state_id": int(controller.last_state),
        "iec61851_state": iec_state(status),
        "charging_enabled": controller.mode not in (UserMode.OFF, UserMode.PAUSE),
        "nrofphases": status.phases,
        **_reader(device),
    }


def state(device: Device) -> dict[str, Any]:
    """State and error; a mere lack of power is told with the state, as clients expect it."""
    status = device.controller.status
    text, errors = STATE_TEXTS[status.state][0], status.errors
    if errors == Error.LESS_6A:
        text, errors = f"{text} - {error_text(errors)}", 0
    return {
        "state": text,
        "state_id": int(status.state),
        "error": error_text(errors),
        "error_id": errors.bit_length(),
    }


def _reader(device: Device) -> dict[str, Any]:
    controller = device.controller
    reader = controller.regulation.rfid_reader
    found: dict[str, Any] = {"rfidreader": RFID_TEXTS[reader]}
    if reader is RfidReader.DISABLED:
        return {**found, "rfid": "Not Installed"}
    return {**found, "rfid": CARD_TEXTS[controller.card_status], "rfid_lastread": controller.card}


def _settings(device: Device) -> dict[str, Any]:
    controller = device.controller
    own, settings = controller.settings, controller.regulation
    return {
        "charge_current": controller.status.balanced_da[0],
        "override_current": controller.override_da,
        "current_min": settings.min_current_a,
        "current_max": settings.max_current_a,
        "current_main": settings.max_mains_a,
        "current_max_circuit": settings.max_circuit_a,
        "current_max_sum_mains": settings.max_sum_mains_a,
        "max_sum_mains_time": settings.max_sum_mains_time_min,
        "solar_max_import": settings.import_current_a,
        "solar_start_current": settings.start_current_a,
        "solar_stop_time": settings.stop_time_min,
        "enable_C2": CONTACTOR_TEXTS[settings.enable_c2],
        "mains_meter": _meter_name(device, "mains"),
        "starttime": own.schedule.start_s,
        "stoptime": own.schedule.stop_s,
        "repeat": int(own.schedule.is_daily),
        "lcdlock": int(own.lcd_lock),
        "lock": int(settings.lock),
        "cablelock": int(settings.hold_cable),
        "ledmode": own.led_mode,
        "capacity_mode": int(own.capacity_mode),
        "intervals": msgspec.to_builtins(own.intervals),
        "required_evccid": own.required_evccid,
        "prio_strategy": strategy_number(settings.sharing.strategy),
        "rotation_interval": settings.sharing.rotation_min
        if settings.sharing.strategy is Strategy.ROTATION
        else 0,
        "idle_timeout": settings.sharing.idle_timeout_s,
        "mqtt_heartbeat": own.mqtt.heartbeat_s,
        "mqtt_change_only": own.mqtt.change_only,
    }


def strategy_number(strategy: Strategy) -> int:
    """Who is served first, as the parameter `prio_strategy` says it; -1 is nobody."""
    numbers = {Strategy.PRIORITY: 0, Strategy.FIRST_CONNECTED: 1, Strategy.LAST_CONNECTED: 2}
    return numbers.get(strategy, -1)


def _mqtt(device: Device) -> dict[str, Any]:
    settings = device.controller.settings.mqtt
    return {
        "host": settings.host,
        "port": settings.port,
        "topic_prefix": device.mqtt_prefix,
        "username": settings.username,
        "password_set": bool(settings.password),
        "tls": settings.tls,
        "ca_cert_set": bool(settings.ca_certificate),
        "status": CONNECTED[device.mqtt.is_set()],
        "smartevse_server": False,
    }


def _ocpp(device: Device) -> dict[str, Any]:
    settings = device.controller.settings.ocpp
    return {
        "mode": ENABLED[settings.enabled],
        "backend_url": settings.url,
        "cb_id": settings.id,
        "auth_key_set": bool(settings.password),
        "auto_auth": ENABLED[settings.auto_auth],
        "auto_auth_idtag": settings.auto_auth_tag,
        "status": CONNECTED[device.ocpp.is_set()],
    }


def _home_battery(device: Device) -> dict[str, Any]:
    controller = device.controller
    current_da = controller.status.battery_da if controller.status.battery_s else 0
    return {"current": current_da, "last_update": int(controller.battery_at)}


def _eth(device: Device) -> dict[str, Any]:
    has_ip = bool(device.address)
    found = {"present": True, "connected": has_ip, "has_ip": has_ip}
    return {**found, "ip": device.address} if has_ip else found


# Meters


def _meter_name(device: Device, place: Place) -> str:
    meter = device.controller.meters.get(place)
    return "Disabled" if meter is None else meter.name


def _meter(device: Device, place: Place) -> dict[str, Any]:
    meter = device.controller.meters.get(place)
    found: dict[str, Any] = {
        "description": _meter_name(device, place),
        "address": 0 if meter is None else meter.unit,
    }
    return {**found, "host": meter.host} if meter is not None and meter.host else found


def _energies(reading: MeterReading | None) -> dict[str, Any]:
    """What was counted, as far as anything was."""
    if reading is None:
        return {}
    counted = {
        "import_active_energy": reading.import_wh,
        "export_active_energy": reading.export_wh,
    }
    return {key: value for key, value in counted.items() if value}


def currents(currents_da: Phases) -> dict[str, int]:
    """Currents in 0.1 A with their sum."""
    one, two, three = currents_da
    return {"TOTAL": one + two + three, "L1": one, "L2": two, "L3": three}


def _ev_meter(device: Device) -> dict[str, Any]:
    ledger = device.controller.ledger
    reading, power_w = ledger.readings.get("ev"), ledger.power_w("ev")
    import_wh = reading.import_wh or 0 if reading else 0
    export_wh = reading.export_wh or 0 if reading else 0
    total_wh, charged_wh = import_wh - export_wh, ledger.charged_wh
    return {
        **_meter(device, "ev"),
        "import_active_power": 0 if power_w is None else round(power_w),
        "total_wh": total_wh,
        "charged_wh": charged_wh,
        "total_kwh": total_wh / WH_PER_KWH,
        "charged_kwh": charged_wh / WH_PER_KWH,
        "currents": currents(device.controller.status.ev_da),
        **_energies(reading),
    }


def _mains_meter(device: Device) -> dict[str, Any]:
    meter = device.controller.meters.get("mains")
    host = {"host": meter.host} if meter is not None and meter.host else {}
    return {**_energies(device.controller.ledger.readings.get("mains")), **host}


def _phase_currents(device: Device) -> dict[str, Any]:
    controller = device.controller
    status, reading = controller.status, controller.ledger.readings.get("mains")
    uses = controller.status.phases if controller.is_charging else 0
    at_s = 0 if reading is None or reading.at == NEVER else int(reading.at)
    return {
        **currents(status.mains_da),
        "last_data_update": at_s,
        **{f"charging_L{phase}": uses >= phase for phase in (1, 2, 3)},
        "original_data": currents(status.mains_original_da),
    }


def _backlight(device: Device) -> dict[str, Any]:
    lit_s = device.panel.lit_s
    return {"timer": lit_s, "status": "ON" if lit_s else "OFF"}


def _color(device: Device) -> dict[str, Any]:
    colors = msgspec.structs.asdict(device.controller.settings.colors)
    return {name: rgb(color) for name, color in colors.items()}


def rgb(color: tuple[int, int, int]) -> dict[str, int]:
    """A colour by its parts."""
    return dict(zip("RGB", color, strict=True))


def _optional(device: Device) -> dict[str, Any]:
    """What is there only if there is something."""
    controller = device.controller
    found: dict[str, Any] = {}
    if "circuit" in controller.meters:
        meter = _meter(device, "circuit")
        found["circuit_meter"] = {**meter, "currents": currents(controller.status.circuit_da)}
    if controller.car != car_state.UNKNOWN:
        found["ev_state"] = ev_state(device)
    return found


def ev_state(device: Device) -> dict[str, Any]:
    """What is known of the car; -1 is not known."""
    controller = device.controller
    car, ledger = controller.car, controller.ledger
    charged_wh, power_w = ledger.charged_wh, ledger.power_w("ev") or 0
    found = {
        "initial_soc": car.initial_soc,
        "full_soc": car.full_soc,
        "energy_capacity": car.energy_capacity,
        "energy_request": car.energy_request,
        "computed_soc": car.computed_soc(charged_wh),
        "remaining_soc": car.remaining_soc(charged_wh),
        "time_until_full": car.time_until_full_s(charged_wh, power_w),
    }
    numbers = {key: NOT_KNOWN if value is None else value for key, value in found.items()}
    return {**numbers, "evccid": car.evccid}


NOT_KNOWN: Final = -1

GROUPS: Final[dict[str, Group]] = {
    "wifi": lambda _: {"status": "WL_NO_SHIELD"},
    "eth": _eth,
    "evse": _evse,
    "settings": _settings,
    "mqtt": _mqtt,
    "ocpp": _ocpp,
    "home_battery": _home_battery,
    "ev_meter": _ev_meter,
    "mains_meter": _mains_meter,
    "phase_currents": _phase_currents,
    "backlight": _backlight,
    "color": _color,
}
