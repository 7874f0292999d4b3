from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from chargeplane.evse.replay import replay
from tests.api.smartevse.conftest import Web
from tests.evse.worlds import NOON, World

CARD = "04A1B2C3D4E5F6"
READER_OFF = {"rfid_status": "RFID reader not enabled"}


@pytest.mark.parametrize("path", ["/", "/nothing", "/settings/"])
def test_what_is_not_there(path: str, web: Web) -> None:
    answer = web.ask("GET", path)
    assert (answer.status_code, answer.text) == (404, "Not found")


# Measurements


def test_the_mains_are_told(told: Web) -> None:
    assert told.post("/currents?L1=100&L2=-50&L3=30.9") == {
        "original": {"L1": 100, "L2": -50, "L3": 30},
        "L1": 100,
        "L2": -50,
        "L3": 30,
        "TOTAL": 80,
    }
    told.world.run(1)
    phases = told.get()["phase_currents"]
    assert (phases["TOTAL"], phases["L2"]) == (80, -50)
    assert phases["last_data_update"] == NOON


def test_the_home_battery_is_counted_in_solar(told: Web) -> None:
    told.post("/settings?mode=2")
    assert told.post("/currents?battery_current=30") == {"battery_current": 30}
    told.world.run(1)
    assert told.get()["home_battery"] == {"current": 30, "last_update": NOON}
    answer = told.post("/currents?L1=0&L2=0&L3=0")
    assert (answer["L1"], answer["original"]["L1"], answer["TOTAL"]) == (-10, 0, -30)
    told.world.run(61)
    assert told.get()["home_battery"]["current"] == 0


@pytest.mark.parametrize("query", ["", "L1=1", "L1=1&L2=2"])
def test_currents_come_together_or_not_at_all(query: str, told: Web) -> None:
    assert told.post(f"/currents?{query}") is None
    assert told.post(f"/ev_meter?{query}") is None


def test_meters_that_are_read_are_not_told(web: Web) -> None:
    assert web.post("/currents?L1=1&L2=2&L3=3") is None
    assert web.post("/ev_meter?L1=1&L2=2&L3=3") is None


def test_a_node_hears_of_the_mains_from_its_master(node: Web) -> None:
    slave = "not allowed on slave"
    assert node.post("/currents?battery_current=1&L1=1&L2=2&L3=3") == {
        "battery_current": slave,
        "TOTAL": slave,
    }


def test_the_car_is_told(told: Web) -> None:
    assert told.post("/ev_meter?L1=100&L2=50&L3=30") == {
        "ev_meter": {"currents": {"L1": 100, "L2": 50, "L3": 30, "TOTAL": 180}}
    }
    energies = "import_active_energy=5000&export_active_energy=100&import_active_power=4140"
    assert told.post(f"/ev_meter?{energies}") == {
        "ev_meter": {
            "import_active_power": 4140,
            "import_active_energy": 5000,
            "export_active_energy": 100,
            "total_kwh": 4900,
            "charged_kwh": 0,
        }
    }
    told.world.run(1)
    meter = told.get()["ev_meter"]
    assert meter["currents"] == {"TOTAL": 180, "L1": 100, "L2": 50, "L3": 30}
    assert (meter["import_active_energy"], meter["export_active_energy"]) == (5000, 100)
    assert (meter["total_wh"], meter["total_kwh"]) == (4900, 4.9)


def test_what_a_told_car_was_given_is_counted(told: Web) -> None:
    told.world.plug_in(3)
    for import_wh in (5000, 5400, 6000):
        told.post(
            f"/ev_meter?import_active_energy={import_wh}"
            "&export_active_energy=0&import_active_power=1000"
        )
        told.world.run(1)
    assert told.get()["ev_meter"]["charged_wh"] == 1000


def test_a_car_says_how_full_it_is(told: Web) -> None:
    assert "ev_state" not in told.get()
    query = "current_soc=40&full_soc=80&energy_capacity=50000&energy_request=20000&evccid=00:11"
    assert told.post(f"/ev_state?{query}") == {
        "current_soc": 40,
        "full_soc": 80,
        "energy_request": 20_000,
        "energy_capacity": 50_000,
        "evccid": "00:11",
    }
    assert told.get()["ev_state"] == {
        "initial_soc": 40,
        "full_soc": 80,
        "energy_capacity": 50_000,
        "energy_request": 20_000,
        "evccid": "00:11",
        "computed_soc": 40,
        "remaining_soc": 40,
        "time_until_full": -1,
    }
    assert told.post("/ev_state?current_soc=101") is None
    assert told.post(f"/ev_state?evccid={'1' * 33}") == {"evccid": "EVCCID too long (max 32 char)"}


def test_it_is_computed_how_full_it_is_by_now(web: Web) -> None:
    web.world.plug_in(10)
    web.post("/ev_state?current_soc=40&full_soc=80&energy_capacity=10000")
    web.world.run(600)
    state = web.get()["ev_state"]
    assert state["computed_soc"] == 58
    assert state["remaining_soc"] == 22
    assert state["time_until_full"] == pytest.approx(2200 * 3600 / 11_000, abs=10)


# Cards and cable


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("", {"rfid_status": "Missing rfid parameter"}),
        ("rfid=04A1", {"rfid_status": "Invalid RFID length"}),
        ("rfid=GGGGGGGGGGGG", {"rfid_status": "Invalid RFID hex string"}),
        ("rfid=04a1b2c3d4e5", {"rfid": "04A1B2C3D4E5", "rfid_status": "Card Stored"}),
        (f"rfid={CARD}", {"rfid": CARD, "rfid_status": "Card Stored"}),
    ],
)
def test_cards_are_shown(query: str, answer: Any, web: Web) -> None:
    assert web.post(f"/rfid?{query}") == READER_OFF
    web.world.controller.change(rfid_reader="LEARN")
    assert web.post(f"/rfid?{query}") == answer


def test_the_cable_is_held(web: Web) -> None:
    assert web.post("/cablelock?1") == {"cablelock": 1}
    assert web.get()["settings"]["cablelock"] == 1
    assert web.post("/cablelock") == {"cablelock": 0}


def test_a_list_of_cards_replaces_all(web: Web) -> None:
    text = "\n".join(f"{number:014X}" for number in range(120))
    answer = web.ask("POST", "/update?file=rfid.txt", content=text)
    assert (answer.status_code, answer.text) == (200, "120 cards")
    assert len(web.world.controller.cards) == 120
    assert web.ask("POST", "/update?file=rfid.txt", content="what").status_code == 400
    assert web.ask("POST", "/update?file=rfid.txt", content="0" * 70_000).status_code == 413
    assert len(web.world.controller.cards) == 120


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/update?file=firmware.bin"), ("GET", "/autoupdate?owner=x")]
)
def test_there_is_no_firmware_to_be_replaced(method: str, path: str, web: Web) -> None:
    assert web.ask(method, path).status_code == 501


# Colours, pilot


@pytest.mark.parametrize("name", ["off", "normal", "smart", "solar", "custom"])
def test_colours(name: str, web: Web) -> None:
    color = {"R": 0, "G": 128, "B": 255}
    assert web.post(f"/color_{name}?R=0&G=128&B=255") == {"color": {name: color}}
    assert web.get()["color"][name] == color
    for query in ("R=0&G=1", "R=0&G=1&B=256", "R=-1&G=0&B=0", ""):
        assert web.post(f"/color_{name}?{query}") == {}
    assert web.get()["color"][name] == color


@pytest.mark.parametrize(
    ("query", "answer", "duty"),
    [
        ("pwm=500", {"pwm": 500}, 512),
        ("pwm=1000", {"pwm": 1000}, 1024),
        ("pwm=1001", {"pwm": "Value not allowed!"}, 1024),
        ("", None, 1024),
    ],
)
def test_the_pilot_in_thousandths(query: str, answer: Any, duty: int, web: Web) -> None:
    assert web.post(f"/modem?{query}") == answer
    assert web.world.virtual.pilot.duty == duty


def test_the_pilot_is_given_back(web: Web) -> None:
    web.post("/modem?pwm=500")
    assert web.post("/modem?pwm=-1") == {"pwm": -1}
    assert web.world.controller.status.pwm_override is None


# The device


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_reboot(method: str, web: Web) -> None:
    answer = web.ask(method, "/reboot")
    assert (answer.status_code, answer.text) == (200, "Device will reboot in 5 seconds...")
    web.world.run(5)
    assert web.world.controller.reboot_wanted.is_set()


def test_reboot_waits_for_the_car(web: Web) -> None:
    web.world.plug_in(20)
    answer = web.ask("POST", "/reboot")
    assert answer.status_code == 202
    assert answer.text.startswith("Reboot scheduled: Device will reboot 5 seconds after the EV")
    web.world.run(20)
    assert not web.world.controller.reboot_wanted.is_set()


def test_settings_are_erased(web: Web) -> None:
    web.post("/settings?current_min=9")
    assert web.ask("POST", "/erasesettings").status_code == 200
    assert web.world.controller.settings.regulation.min_current_a == 6
    web.world.run(5)
    assert web.world.controller.reboot_wanted.is_set()


def test_the_quarter_hours_of_the_day() -> None:
    web = Web(World(base_da=(100, 0, 0)))
    web.world.run(60)
    found = web.get("/power_day")["power_day"]
    assert len(found) == 96
    assert found[-1] == {"time": "12:00", "power": 2300}
    assert found[0] == {"time": "12:15", "power": 0}


def test_the_recording_can_be_replayed(web: Web) -> None:
    web.world.plug_in(30)
    web.post("/settings?mode=3")
    web.world.run(10)
    answer = web.ask("GET", "/recording")
    assert 'filename="SmartEVSE-4711.jsonl"' in answer.headers["content-disposition"]
    lines = answer.content.splitlines()
    assert sum(len(json.loads(line)["steps"]) for line in lines) == 40
    assert [replay(line) for line in lines] == lines


def test_sessions(web: Web) -> None:
    assert web.get("/session/last") == {}
    web.world.plug_in(100)
    (session,) = web.get("/sessions")
    assert web.get("/session/last") == session
    assert session["id"] == 1
    assert session["cost"] == 0
    answer = web.ask("GET", "/sessions.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["mode"] == "NORMAL"


def test_a_bug_is_told_as_such(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.world.device, "serial", property)
    with pytest.raises(TypeError):  # the transport hands it on, a server logs it
        web.ask("GET", "/settings")


def test_pushed_meters_are_those_of_type_api() -> None:
    assert Web(World(pushed=("mains",))).get()["settings"]["mains_meter"] == "API"
