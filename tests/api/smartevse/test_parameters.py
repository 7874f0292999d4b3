from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.api.smartevse.parameters import number
from chargeplane.energy.states import Access, Strategy, UserMode
from tests.api.smartevse.conftest import Web
from tests.evse.worlds import NOON, World

REFUSED = "Value not allowed!"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("83", 83),
        ("83.0", 83),
        ("161.00000000000003", 161),
        (" 5", 5),
        ("-1", -1),
        ("+7", 7),
        ("12abc", 12),
        ("abc", 0),
        ("", 0),
        ("-", 0),
        (".5", 0),
    ],
)
def test_numbers_are_read_as_c_reads_them(text: str, value: int) -> None:
    assert number(text) == value


@given(st.text())
def test_every_text_is_a_number(text: str) -> None:
    assert isinstance(number(text), int)


# What is answered to what, for a device whose mains meter is read.
ANSWERS: list[tuple[str, Any]] = [
    ("", None),
    ("foo=1", None),
    ("backlight=1", {"Backlight": 1}),
    ("current_min=8", {"current_min": 8}),
    ("current_min=5", {"current_min": REFUSED}),
    ("current_min=17", {"current_min": REFUSED}),
    ("current_max=32", {"current_max": 32}),
    ("current_max=81", {"current_max": REFUSED}),
    ("current_main=40", {"current_main": 40}),
    ("current_max_circuit=20", {"current_max_circuit": 20}),
    ("capacity_mode=3", {"capacity_mode": 3}),
    ("capacity_mode=4", None),
    ('intervals=[{"start":0,"power":5000}]', None),
    ("intervals=nonsense", None),
    ("current_max_sum_mains=0", {"current_max_sum_mains": 0}),
    ("current_max_sum_mains=10", {"current_max_sum_mains": 10}),
    ("current_max_sum_mains=600", {"current_max_sum_mains": 600}),
    ("current_max_sum_mains=9", {"current_max_sum_mains": REFUSED}),
    ("current_max_sum_mains=601", {"current_max_sum_mains": REFUSED}),
    ("max_sum_mains_timer=60", {"max_sum_mains_time": 60}),
    ("max_sum_mains_timer=61", {"max_sum_mains_time": REFUSED}),
    ("disable_override_current", {"disable_override_current": "OK"}),
    ("disable_override_current=1", {"disable_override_current": "OK"}),
    ("custombutton=1", {"custombutton": True}),
    ("custombutton=0", {"custombutton": False}),
    ("mode=0", {"mode": "0"}),
    ("mode=1", {"mode": "1"}),
    ("mode=2", {"mode": "2"}),
    ("mode=3", {"mode": "3"}),
    ("mode=4", {"mode": "4"}),
    ("mode=5", {"mode": REFUSED}),
    ("mode=-1", {"mode": REFUSED}),
    ("mode=abc", {"mode": "abc"}),
    ("mode=3.0", {"mode": "3.0"}),
    ("enable_C2=4", {"settings": {"enable_C2": "Auto"}}),
    ("enable_C2=0", {"settings": {"enable_C2": "Not present"}}),
    ("enable_C2=5", {"settings": {"enable_C2": REFUSED}}),
    ("enable_C2=-1", {"settings": {"enable_C2": REFUSED}}),
    ("stop_timer=5.0", {"stop_timer": True}),
    ("stop_timer=61", {"stop_timer": False}),
    ("override_current=83.0", {"override_current": 83}),
    ("override_current=0", {"override_current": 0}),
    ("override_current=59", {"override_current": REFUSED}),
    ("override_current=161.00000000000003", {"override_current": REFUSED}),
    ("solar_start_current=48", {"solar_start_current": 48}),
    ("solar_start_current=49", {"solar_start_current": REFUSED}),
    ("solar_max_import=0", {"solar_max_import": 0}),
    ("solar_max_import=-1", {"solar_max_import": REFUSED}),
    ("override_pwm=0", {"override_pwm": 0}),
    ("override_pwm=-1", {"override_pwm": -1}),
    ("override_pwm=512", {"override_pwm": 512}),
    ("override_pwm=1025", {"override_pwm": REFUSED}),
    ("required_evccid=00:11", {"required_evccid": "00:11"}),
    (f"required_evccid={'0' * 33}", {"required_evccid": "EVCCID too long (max 32 char)"}),
    ("lcdlock=1", {"lcdlock": 1}),
    ("lcdlock=2", None),
    ("cablelock=1", {"cablelock": 1}),
    ("cablelock=-1", None),
    ("phases=1", {"phases": 1, "switching": True, "previous_phases": 3}),
    ("phases=3", {"phases": 3, "switching": False, "previous_phases": 3}),
    ("phases=2", {"phases": REFUSED}),
    ("prio_strategy=1", {"prio_strategy": 1}),
    ("prio_strategy=3", {"prio_strategy": REFUSED}),
    ("rotation_interval=30", {"rotation_interval": 30}),
    ("rotation_interval=29", {"rotation_interval": REFUSED}),
    ("idle_timeout=30", {"idle_timeout": 30}),
    ("idle_timeout=0", {"idle_timeout": 0}),
    ("idle_timeout=301", {"idle_timeout": REFUSED}),
    ("mqtt_heartbeat=60", {"mqtt_heartbeat": 60}),
    ("mqtt_heartbeat=9", {"mqtt_heartbeat": REFUSED}),
    ("mqtt_change_only=1", {"mqtt_change_only": True}),
    ("ocpp_update=0&ocpp_mode=1", None),
    ("stop_timer=7&mode=1", {"mode": "1", "stop_timer": True}),
]


@pytest.mark.parametrize(("query", "answer"), ANSWERS)
def test_answers(query: str, answer: Any, web: Web) -> None:
    assert web.post(f"/settings?{quote(query, safe='=&')}") == answer


@pytest.mark.parametrize(
    "query",
    ["current_min=8", "current_max_sum_mains=20", "max_sum_mains_timer=1", "current_main=30"],
)
def test_a_node_leaves_these_to_its_master(query: str, node: Web) -> None:
    (said,) = node.post(f"/settings?{query}").values()
    assert said == REFUSED
    assert node.post("/settings?override_current=80") == {"override_current": REFUSED}
    assert node.post("/settings?solar_max_import=3") == {"solar_max_import": 3}


def test_a_form_in_the_body_is_not_read(web: Web) -> None:
    answer = web.ask("POST", "/settings", data={"mode": "0"})
    assert (answer.status_code, answer.json()) == (200, None)
    assert web.get()["mode_id"] == 1


def test_solar_heeds_no_override_and_says_nothing_of_it(web: Web) -> None:
    web.post("/settings?mode=2")
    assert web.post("/settings?override_current=80") is None


def test_modes_that_need_a_mains_meter_are_refused_without_one() -> None:
    web = Web(World(meters={}))
    assert web.post("/settings?mode=3") == {"mode": REFUSED}
    assert web.get()["mode"] == "NORMAL"


def test_settings_are_seen_at_once(web: Web) -> None:
    query = "current_min=7&current_max_sum_mains=50&max_sum_mains_timer=3&stop_timer=4"
    web.post(f"/settings?{query}&solar_start_current=9&solar_max_import=2&enable_C2=2&lcdlock=1")
    said = web.get()["settings"]
    assert {
        "current_min": 7,
        "current_max_sum_mains": 50,
        "max_sum_mains_time": 3,
        "solar_stop_time": 4,
        "solar_start_current": 9,
        "solar_max_import": 2,
        "enable_C2": "Solar Off",
        "lcdlock": 1,
    }.items() <= said.items()


# Delayed charging


@pytest.mark.parametrize("quotes", ["", "%22", "'"])
def test_a_start_to_come_arms_the_device(quotes: str, web: Web) -> None:
    start = f"{quotes}2026-03-02T12:01{quotes}"
    stop = f"{quotes}2026-03-02T13:00{quotes}"
    answer = web.post(f"/settings?mode=3&starttime={start}&stoptime={stop}&repeat=1")
    assert answer == {
        "starttime": NOON + 60,
        "stoptime": NOON + 3600,
        "repeat": 1,
        "mode": "3",
    }
    said = web.get()
    assert (said["mode"], said["evse"]["access"]) == ("OFF", 0)
    assert said["settings"]["starttime"] == NOON + 60
    assert (said["settings"]["stoptime"], said["settings"]["repeat"]) == (NOON + 3600, 1)
    web.world.run(61)
    assert web.get()["mode"] == "SMART"


@pytest.mark.parametrize("start", ["2026-03-02T11:59", "yesterday", ""])
def test_a_start_that_has_passed_is_none(start: str, web: Web) -> None:
    web.post("/settings?mode=1&starttime=2026-03-02T13:00")
    answer = web.post(f"/settings?mode=1&starttime={start}&stoptime=2026-03-02T13:00")
    assert answer == {"starttime": 0, "mode": "1"}
    assert web.get()["mode"] == "NORMAL"


def test_an_end_before_the_start_is_none(web: Web) -> None:
    query = "mode=1&starttime=2026-03-02T13:00&stoptime=2026-03-02T12:30"
    assert web.post(f"/settings?{query}")["stoptime"] == 0


def test_times_without_a_mode_do_nothing(web: Web) -> None:
    assert web.post("/settings?starttime=2026-03-02T13:00") is None


# Capacity


def test_no_capacity_tariff_is_no_limit(web: Web) -> None:
    web.post("/settings?capacity_mode=1&current_max_sum_mains=20")
    web.post("/settings?capacity_mode=0")
    assert web.get()["settings"]["current_max_sum_mains"] == 0


def test_intervals_that_make_no_sense_are_left_out(web: Web) -> None:
    sent = (
        '[{"start":360,"power":5000},{"start":1440,"power":1},{"start":1},7,'
        '{"start":1080,"power":2500}]'
    )
    web.post(f"/settings?intervals={quote(sent)}")
    assert web.get()["settings"]["intervals"] == [
        {"start": 360, "power": 5000},
        {"start": 1080, "power": 2500},
    ]


# Load sharing


def test_who_is_served_first(web: Web) -> None:
    sharing = {0: Strategy.PRIORITY, 1: Strategy.FIRST_CONNECTED, 2: Strategy.LAST_CONNECTED}
    for value, strategy in sharing.items():
        web.post(f"/settings?prio_strategy={value}")
        assert web.world.controller.regulation.sharing.strategy is strategy
        assert web.get()["settings"]["prio_strategy"] == value
    web.post("/settings?rotation_interval=60")
    assert web.get()["settings"]["rotation_interval"] == 60
    web.post("/settings?idle_timeout=60")
    assert web.get()["settings"]["idle_timeout"] == 60
    web.post("/settings?rotation_interval=0")
    web.post("/settings?prio_strategy=-1")
    assert web.world.controller.regulation.sharing.strategy is Strategy.EQUAL


# Links


def test_the_broker_is_changed_and_its_secrets_stay(web: Web) -> None:
    query = (
        "mqtt_update=1&mqtt_host=broker&mqtt_port=0&mqtt_topic_prefix=&mqtt_username=u"
        "&mqtt_password=secret&mqtt_tls=1&mqtt_ca_cert=PEM&mode=0"
    )
    assert web.post(f"/settings?{query}") == {
        "mqtt_host": "broker",
        "mqtt_port": 1883,
        "mqtt_topic_prefix": "SmartEVSE-4711",
        "mqtt_username": "u",
        "mqtt_password_set": True,
        "mqtt_tls": True,
        "mqtt_ca_cert_set": True,
    }
    said = web.ask("GET", "/settings").text
    assert "secret" not in said
    assert web.get()["mode"] == "NORMAL"  # other parameters are ignored beside mqtt_update
    assert web.get()["mqtt"] == {
        "host": "broker",
        "port": 1883,
        "topic_prefix": "SmartEVSE-4711",
        "username": "u",
        "password_set": True,
        "tls": True,
        "ca_cert_set": True,
        "status": "Disconnected",
        "smartevse_server": False,
    }
    assert web.ask("GET", "/mqtt_ca_cert").text == "PEM"


def test_the_central_system_is_changed_while_ocpp_is_on(web: Web) -> None:
    off = "Can only update when OCPP enabled"
    assert web.post("/settings?ocpp_update=1&ocpp_cb_id=me") == {"ocpp_cb_id": off}
    query = (
        "ocpp_update=1&ocpp_mode=1&ocpp_backend_url=ws://x/ocpp&ocpp_cb_id=me"
        "&ocpp_auth_key=secret&ocpp_auto_auth=1&ocpp_auto_auth_idtag=TAG"
    )
    assert web.post(f"/settings?{query}") == {
        "ocpp_mode": "Enabled",
        "ocpp_backend_url": "ws://x/ocpp",
        "ocpp_cb_id": "me",
        "ocpp_auth_key_set": True,
        "ocpp_auto_auth": "Enabled",
        "ocpp_auto_auth_idtag": "TAG",
    }
    assert "secret" not in web.ask("GET", "/settings").text
    assert web.get()["ocpp"] == {
        "mode": "Enabled",
        "backend_url": "ws://x/ocpp",
        "cb_id": "me",
        "auth_key_set": True,
        "auto_auth": "Enabled",
        "auto_auth_idtag": "TAG",
        "status": "Disconnected",
    }
    assert web.post("/settings?ocpp_update=1&ocpp_mode=0") == {"ocpp_mode": "Disabled"}


@given(
    st.dictionaries(
        st.sampled_from([query.partition("=")[0] for query, _ in ANSWERS if query]),
        st.text(max_size=40),
    )
)
def test_nonsense_is_answered_and_breaks_nothing(parameters: dict[str, str]) -> None:
    from chargeplane.api.smartevse.document import document
    from chargeplane.api.smartevse.parameters import post

    world = World()
    post(world.device, parameters)
    assert document(world.device)["serialnr"] == 4711
    assert world.controller.mode in UserMode
    assert world.controller.status.access in Access
