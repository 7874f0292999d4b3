"""The display over HTTP: its picture, and its buttons for those who know the PIN."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from chargeplane.api.smartevse import screen
from chargeplane.api.smartevse.access import Pin, set_grant
from chargeplane.api.smartevse.endpoints import Query, say
from chargeplane.api.smartevse.parameters import Answer
from chargeplane.evse.device import Device
from chargeplane.evse.panel import BUTTONS

PICTURE_S: Final = 1.0
LONGEST_BODY: Final = 256
UNAUTHORIZED: Final = {"error": "unauthorized"}


def picture(device: Device) -> Response:
    """What the display shows."""
    return Response(screen.draw(screen.shown(device)), media_type="image/bmp")


def press(device: Device, pin: Pin, request: Request) -> Response:
    """Press or leave a button."""
    if not pin.is_open(request.headers):
        return say(UNAUTHORIZED, 401)
    return say(_press(device, request.query_params))


async def verify(pin: Pin, request: Request) -> Response:
    """Take the PIN, in the body as `password=`."""
    body = b""
    async for chunk in request.stream():
        body += chunk[: LONGEST_BODY - len(body)]
    sent = parse_qs(body.decode("utf-8", "replace")).get("password", [""])[0]
    grant = pin.verify(sent)
    response = say({"success": grant is not None})
    set_grant(response, grant or "")
    return response


async def watch(device: Device, pin: Pin, socket: WebSocket) -> None:
    """Send the picture every second, and take buttons."""
    await socket.accept()
    sending = asyncio.create_task(_send_pictures(device, socket), name="display")
    try:
        while True:
            text = await socket.receive_text()
            is_open = pin.is_open(socket.headers)
            await socket.send_json(take(device, text) if is_open else UNAUTHORIZED)
            await _send_picture(device, socket)
    except (WebSocketDisconnect, KeyError):  # KeyError: it sent bytes
        pass
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send_pictures(device: Device, socket: WebSocket) -> None:
    while True:
        await _send_picture(device, socket)
        await asyncio.sleep(PICTURE_S)


async def _send_picture(device: Device, socket: WebSocket) -> None:
    await socket.send_bytes(screen.draw(screen.shown(device)))


def take(device: Device, text: str) -> Answer:
    """A button as `{"button": "left", "state": 1}`, and what is answered to it."""
    try:
        sent: Any = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {"error": "invalid_json"}
    if not isinstance(sent, dict) or not {"button", "state"} <= sent.keys():
        return {"error": "missing_fields"}
    state = sent["state"]
    number = int(state) if isinstance(state, bool) else state
    return _press(device, {"button": str(sent["button"]), "state": str(number)})


def _press(device: Device, query: Query) -> Answer:
    button = next((each for each in BUTTONS if each == query.get("button")), None)
    if button is None:
        return {"error": "invalid_button"}
    if query.get("state") not in ("0", "1"):
        return {"error": "invalid_state"}
    is_down = query["state"] == "1"
    device.panel.press(button, is_down=is_down)
    return {"button": {button: "down" if is_down else "up"}}
