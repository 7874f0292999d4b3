from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.api.smartevse.document import document
from chargeplane.api.smartevse.orders import ORDERS, obey
from tests.evse.worlds import World

Read = Callable[[World], Any]


def regulated(name: str) -> Read:
    return lambda world: getattr(world.controller.settings.regulation, name)


def color(name: str) -> Read:
    return lambda world: getattr(world.controller.settings.colors, name)


def measured(name: str) -> Read:
    def read(world: World) -> Any:
        world.run(1)
        return getattr(world.controller.status, name)

    return read


def device() -> World:
    return World(pushed=("mains", "ev", "circuit"), rfid_reader="LEARN")


ALLOWED: list[tuple[str, str, Read, Any]] = [
    ("Mode", "Off", lambda world: world.mode, "OFF"),
    ("Mode", "Smart", lambda world: world.mode, "SMART"),
    ("Mode", "Solar", lambda world: world.mode, "SOLAR"),
    ("Mode", "Pause", lambda world: world.mode, "PAUSE"),
    ("CustomButton", "On", lambda world: world.controller.status.custom_button, True),
    ("CustomButton", "Off", lambda world: world.controller.status.custom_button, False),
    ("CurrentOverride", "83", lambda world: world.controller.override_da, 83),
    ("CurrentOverride", "0", lambda world: world.controller.override_da, 0),
    ("CurrentMaxSumMains", "100", regulated("max_sum_mains_a"), 100),
    ("CPPWMOverride", "512", lambda world: world.controller.status.pwm, 512),
    ("CPPWMOverride", "-1", lambda world: world.controller.status.pwm_override, None),
    ("MainsMeter", "1:-2:3", measured("mains_da"), (1, -2, 3)),
    ("MainsMeter", "1999:-2:3:-1:-1", measured("mains_da"), (1999, -2, 3)),
    ("EVMeter", "10:20:30:1380:5000", measured("ev_da"), (10, 20, 30)),
    ("CircuitMeter", "1:2:3", measured("circuit_da"), (1, 2, 3)),
    ("HomeBatteryCurrent", "-50", measured("battery_da"), -50),
    ("RequiredEVCCID", "00:11", lambda world: world.controller.settings.required_evccid, "00:11"),
    ("RequiredEVCCID", "", lambda world: world.controller.settings.required_evccid, ""),
    ("ColorOff", "1,2,3", color("off"), (1, 2, 3)),
    ("ColorNormal", "1,2,3", color("normal"), (1, 2, 3)),
    ("ColorSmart", "1,2,3", color("smart"), (1, 2, 3)),
    ("ColorSolar", "1,2,3", color("solar"), (1, 2, 3)),
    ("ColorCustom", "1,2,255", color("custom"), (1, 2, 255)),
    ("CableLock", "1", regulated("hold_cable"), True),
    ("CableLock", "Off", regulated("hold_cable"), False),
    ("EnableC2", "4", lambda world: document(world.device)["settings"]["enable_C2"], "Auto"),
    ("EnableC2", "Solar Off", regulated("enable_c2"), 2),
    ("RFID", "04a1b2c3d4e5f6", lambda world: world.controller.card, "04A1B2C3D4E5F6"),
]


@pytest.mark.parametrize(("name", "payload", "read", "value"), ALLOWED)
def test_orders(name: str, payload: str, read: Read, value: Any) -> None:
    world = device()
    with structlog.testing.capture_logs() as logs:
        obey(world.device, name, payload.encode())
    assert read(world) == value
    assert logs == []


REFUSED = [
    ("Mode", "Full"),
    ("Mode", ""),
    ("CurrentOverride", "59"),
    ("CurrentMaxSumMains", "9"),
    ("CPPWMOverride", "1025"),
    ("MainsMeter", "1:2"),
    ("MainsMeter", "2000:0:0"),
    ("EVMeter", "-1:0:0"),
    ("CircuitMeter", "a:b:c"),
    ("RequiredEVCCID", "0" * 33),
    ("ColorOff", "1,2"),
    ("ColorOff", "1,2,256"),
    ("EnableC2", "Sometimes"),
    ("EnableC2", "5"),
    ("RFID", "04"),
    ("Nothing", "1"),
]


@pytest.mark.parametrize(("name", "payload"), REFUSED)
def test_what_cannot_be_done_is_logged_once(name: str, payload: str) -> None:
    world = device()
    before = document(world.device)
    with structlog.testing.capture_logs() as logs:
        obey(world.device, name, payload.encode())
    assert len(logs) == 1
    assert logs[0]["topic"] == f"Set/{name}"
    assert document(world.device) == before


@pytest.mark.parametrize("name", ["MainsMeter", "CurrentOverride", "CurrentMaxSumMains"])
def test_a_node_leaves_these_to_its_master(name: str) -> None:
    world = World(pushed=("mains",), load_balancing=2)
    with structlog.testing.capture_logs() as logs:
        obey(world.device, name, b"80:80:80")
    assert logs[0]["event"] == "order refused"


def test_solar_ends_an_override() -> None:
    world = device()
    obey(world.device, "CurrentOverride", b"80")
    obey(world.device, "Mode", b"Solar")
    assert world.controller.override_da == 0


def test_meters_that_are_read_take_none() -> None:
    world = World()
    with structlog.testing.capture_logs() as logs:
        obey(world.device, "MainsMeter", b"1:2:3")
    assert "not of type API" in logs[0]["reason"]


@given(st.sampled_from(sorted(ORDERS)), st.binary(max_size=300))
def test_nonsense_breaks_nothing(name: str, payload: bytes) -> None:
    world = device()
    obey(world.device, name, payload)
    world.run(1)
