from __future__ import annotations

from typing import Any

import pytest

from chargeplane.api.smartevse.document import document
from chargeplane.energy.states import Error, UserMode
from chargeplane.evse.controller import Meter
from tests.api.smartevse.conftest import Web
from tests.evse.worlds import NOON, World

# Every key of the firmware's own answer, with the type of its value.
KEYS: dict[str, Any] = {
    "version": str,
    "serialnr": int,
    "mode": str,
    "mode_id": int,
    "car_connected": bool,
    "wifi.status": str,
    "eth.present": bool,
    "eth.connected": bool,
    "eth.has_ip": bool,
    "evse.temp": int,
    "evse.temp_max": int,
    "evse.connected": bool,
    "evse.access": int,
    "evse.mode": int,
    "evse.loadbl": int,
    "evse.pwm": int,
    "evse.custombutton": bool,
    "evse.solar_stop_timer": int,
    "evse.charge_timer": int,
    "evse.state": str,
    "evse.state_id": int,
    "evse.last_state_id": int,
    "evse.error": str,
    "evse.error_id": int,
    "evse.rfidreader": str,
    "evse.nrofphases": int,
    "evse.rfid": str,
    "settings.charge_current": int,
    "settings.override_current": int,
    "settings.current_min": int,
    "settings.current_max": int,
    "settings.current_main": int,
    "settings.current_max_circuit": int,
    "settings.current_max_sum_mains": int,
    "settings.max_sum_mains_time": int,
    "settings.solar_max_import": int,
    "settings.solar_start_current": int,
    "settings.solar_stop_time": int,
    "settings.enable_C2": str,
    "settings.mains_meter": str,
    "settings.starttime": int,
    "settings.stoptime": int,
    "settings.repeat": int,
    "settings.lcdlock": int,
    "settings.lock": int,
    "settings.cablelock": int,
    "settings.ledmode": int,
    "settings.capacity_mode": int,
    "settings.intervals": list,
    "mqtt.host": str,
    "mqtt.port": int,
    "mqtt.topic_prefix": str,
    "mqtt.username": str,
    "mqtt.password_set": bool,
    "mqtt.tls": bool,
    "mqtt.status": str,
    "mqtt.smartevse_server": bool,
    "ocpp.mode": str,
    "ocpp.backend_url": str,
    "ocpp.cb_id": str,
    "ocpp.auto_auth": str,
    "ocpp.auto_auth_idtag": str,
    "ocpp.status": str,
    "home_battery.current": int,
    "home_battery.last_update": int,
    "ev_meter.description": str,
    "ev_meter.address": int,
    "ev_meter.import_active_power": int,
    "ev_meter.total_wh": int,
    "ev_meter.charged_wh": int,
    "ev_meter.total_kwh": float,
    "ev_meter.charged_kwh": float,
    "ev_meter.import_active_energy": int,
    "ev_meter.currents.TOTAL": int,
    "ev_meter.currents.L3": int,
    "phase_currents.TOTAL": int,
    "phase_currents.L1": int,
    "phase_currents.last_data_update": int,
    "phase_currents.charging_L1": bool,
    "phase_currents.original_data.TOTAL": int,
    "phase_currents.original_data.L2": int,
    "backlight.timer": int,
    "backlight.status": str,
    "color.off.R": int,
    "color.normal.G": int,
    "color.smart.B": int,
    "color.solar.R": int,
    "color.custom.B": int,
}


def dug(said: Any, path: str) -> Any:
    for key in path.split("."):
        said = said[key]
    return said


def test_every_key_is_there_with_its_type(web: Web) -> None:
    web.world.plug_in(300)
    said = web.get()
    for path, kind in KEYS.items():
        assert type(dug(said, path)) is kind, path


def test_a_car_that_charges(web: Web) -> None:
    web.world.plug_in(600)
    said = web.get()
    assert (said["mode"], said["mode_id"], said["car_connected"]) == ("NORMAL", 1, True)
    evse = said["evse"]
    assert (evse["state"], evse["state_id"], evse["access"]) == ("Charging", 2, 1)
    assert (evse["iec61851_state"], evse["charging_enabled"]) == ("C", True)
    assert said["settings"]["charge_current"] == 160
    meter = said["ev_meter"]
    assert meter["currents"] == {"TOTAL": 477, "L1": 159, "L2": 159, "L3": 159}
    assert meter["import_active_power"] == 477 * 23
    assert meter["total_wh"] == meter["import_active_energy"] > 1700
    assert meter["total_kwh"] == meter["total_wh"] / 1000
    assert meter["charged_kwh"] == meter["charged_wh"] / 1000
    phases = said["phase_currents"]
    assert phases["charging_L3"] is True
    assert phases["last_data_update"] == NOON + 600


@pytest.mark.parametrize(
    ("mode", "mode_id", "internal", "access"),
    [
        (UserMode.OFF, 0, 0, 0),
        (UserMode.NORMAL, 1, 0, 1),
        (UserMode.SOLAR, 2, 2, 1),
        (UserMode.SMART, 3, 1, 1),
        (UserMode.PAUSE, 4, 0, 2),
    ],
)
def test_modes_have_two_numbers(mode: UserMode, mode_id: int, internal: int, access: int) -> None:
    world = World()
    world.controller.set_mode(mode)
    said = document(world.device)
    assert (said["mode"], said["mode_id"]) == (mode.name, mode_id)
    assert (said["evse"]["mode"], said["evse"]["access"]) == (internal, access)
    assert said["evse"]["charging_enabled"] is (access == 1)


@pytest.mark.parametrize(
    ("errors", "state", "error", "error_id"),
    [
        (0, "Ready to Charge", "None", 0),
        (Error.LESS_6A, "Ready to Charge - No Power Available", "None", 0),
        (Error.CT_NOCOMM, "Ready to Charge", "Communication Error", 2),
        (Error.TEMP_HIGH, "Ready to Charge", "Temperature High", 3),
        (Error.EV_NOCOMM, "Ready to Charge", "EV Meter Comm Error", 4),
        (Error.RCM_TRIPPED, "Ready to Charge", "RCM Tripped", 5),
        (Error.RCM_TEST, "Ready to Charge", "RCM Test", 6),
        (Error.CIRCUIT_NOCOMM, "Ready to Charge", "Circuit Meter Comm Error", 7),
        (Error.LESS_6A | Error.TEMP_HIGH, "Ready to Charge", "Temperature High", 3),
    ],
)
def test_errors(errors: int, state: str, error: str, error_id: int) -> None:
    world = World()
    world.controller.status.errors = errors
    evse = document(world.device)["evse"]
    assert (evse["state"], evse["error"], evse["error_id"]) == (state, error, error_id)


def test_without_meters() -> None:
    said = document(World(meters={}).device)
    assert said["settings"]["mains_meter"] == "Disabled"
    assert said["ev_meter"]["description"] == "Disabled"
    assert said["mains_meter"] == {}
    assert "circuit_meter" not in said


def test_meters_with_hosts_and_of_the_circuit() -> None:
    meters = {"mains": Meter("HmWzrd P1", 10, "p1"), "circuit": Meter("Eastron3P", 13)}
    said = document(World(meters=meters).device)  # type: ignore[arg-type]
    assert said["settings"]["mains_meter"] == "HmWzrd P1"
    assert said["mains_meter"]["host"] == "p1"
    assert said["circuit_meter"] == {
        "description": "Eastron3P",
        "address": 13,
        "currents": {"TOTAL": 0, "L1": 0, "L2": 0, "L3": 0},
    }


def test_the_reader_of_cards() -> None:
    world = World(rfid_reader="REMOTE")
    assert document(world.device)["evse"]["rfid"] == "Ready to read card"
    world.controller.show_card("04A1B2C3D4E5F6")
    evse = document(world.device)["evse"]
    assert (evse["rfidreader"], evse["rfid"]) == ("Rmt/OCPP", "Present")
    assert evse["rfid_lastread"] == "04A1B2C3D4E5F6"
    off = document(World().device)["evse"]
    assert (off["rfidreader"], off["rfid"]) == ("Disabled", "Not Installed")
    assert "rfid_lastread" not in off
