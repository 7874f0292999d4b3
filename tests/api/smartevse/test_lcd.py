from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image
from websockets.asyncio.client import connect

from chargeplane.api.smartevse import lcd, screen
from chargeplane.api.smartevse.access import Guard, Pin
from chargeplane.api.smartevse.face import create
from chargeplane.net.http import serve
from tests.api.smartevse.conftest import Web
from tests.evse.worlds import World

UNAUTHORIZED = {"error": "unauthorized"}


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    assert picture.format == "BMP"
    return picture


def test_the_display_is_a_picture(web: Web) -> None:
    answer = web.ask("GET", "/lcd")
    assert answer.headers["content-type"] == "image/bmp"
    assert opened(answer.content).size == (256, 128)


def test_what_changes_is_seen(web: Web) -> None:
    before = web.ask("GET", "/lcd").content
    web.world.plug_in(30)
    charging = web.ask("GET", "/lcd").content
    web.post("/settings?backlight=1")
    lit = web.ask("GET", "/lcd").content
    web.post("/lcd?button=middle&state=1")
    assert len({before, charging, lit, web.ask("GET", "/lcd").content}) == 4


def test_what_stands_on_it(web: Web) -> None:
    web.world.plug_in(600)
    shown = screen.shown(web.world.device)
    assert shown.title == "NORMAL  16.0 A"
    assert shown.lines == (
        "Charging",
        "L1 15.9  L2 15.9  L3 15.9 A",
        "1.81 kWh  11.0 kW",
        "12:10  20 C",
    )
    web.post("/lcd?button=middle&state=1")
    assert screen.shown(web.world.device)[:2] == ("MODE", ("NORMAL",))


def test_buttons(web: Web) -> None:
    assert web.post("/lcd?button=right&state=1") == {"button": {"right": "down"}}
    assert web.world.device.panel.pressed["right"]
    assert web.post("/lcd?button=right&state=0") == {"button": {"right": "up"}}
    assert web.post("/lcd?button=top&state=0") == {"error": "invalid_button"}
    assert web.post("/lcd?button=left&state=2") == {"error": "invalid_state"}
    assert web.get()["backlight"] == {"timer": 120, "status": "ON"}


def test_buttons_need_the_pin() -> None:
    web = Web(World(), pin="1234")
    refused = web.ask("POST", "/lcd?button=left&state=1")
    assert (refused.status_code, refused.json()) == (401, UNAUTHORIZED)
    assert web.ask("POST", "/lcd-verify-password", content="password=1").json() == {
        "success": False
    }
    answer = web.ask("POST", "/lcd-verify-password", content="password=1234")
    assert answer.json() == {"success": True}
    assert web.post("/lcd?button=left&state=1") == {"button": {"left": "down"}}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"button": "left", "state": 1}', {"button": {"left": "down"}}),
        ('{"button": "middle", "state": false}', {"button": {"middle": "up"}}),
        ('{"button": "left"}', {"error": "missing_fields"}),
        ("[1]", {"error": "missing_fields"}),
        ("nonsense", {"error": "invalid_json"}),
        ('{"button": "up", "state": 1}', {"error": "invalid_button"}),
        ('{"button": "left", "state": "on"}', {"error": "invalid_state"}),
        ('{"button": ["left"], "state": 1}', {"error": "invalid_button"}),
    ],
)
def test_buttons_as_json(text: str, answer: Any) -> None:
    assert lcd.take(World().device, text) == answer


async def test_the_display_is_watched() -> None:
    world = World()
    app = Guard(create(world.device, Pin(None)), None)
    async with serve(app, "127.0.0.1", 0) as port, connect(f"ws://127.0.0.1:{port}/ws/lcd") as ws:
        first = await ws.recv()
        assert isinstance(first, bytes)
        opened(first)
        await ws.send('{"button": "middle", "state": 1}')
        assert json.loads(await ws.recv()) == {"button": {"middle": "down"}}
        assert await ws.recv() != first
        await ws.send("what")
        while not isinstance(said := await ws.recv(), str):
            pass
        assert json.loads(said) == {"error": "invalid_json"}


async def test_watching_is_free_and_pressing_is_not() -> None:
    app = create(World().device, Pin("1234"))
    async with serve(app, "127.0.0.1", 0) as port, connect(f"ws://127.0.0.1:{port}/ws/lcd") as ws:
        assert isinstance(await ws.recv(), bytes)
        await ws.send('{"button": "middle", "state": 1}')
        assert json.loads(await ws.recv()) == UNAUTHORIZED
