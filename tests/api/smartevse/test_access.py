from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from chargeplane.api.smartevse.access import (
    ATTEMPTS,
    GRANT_S,
    KNOWN_COOKIE,
    PIN_COOKIE,
    Guard,
    Pin,
)

TOKEN = "a long token"


async def app(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("here")(scope, receive, send)


async def ask(
    token: str | None,
    headers: dict[str, str] | None = None,
    *,
    path: str = "/settings",
    method: str = "GET",
) -> httpx.Response:
    transport = httpx.ASGITransport(app=Guard(app, token))
    async with httpx.AsyncClient(transport=transport, base_url="http://device") as client:
        return await client.request(method, path, headers=headers)


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-API-Key": TOKEN}, 200),
        ({"X-API-Key": "wrong"}, 401),
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": basic(TOKEN)}, 200),
        ({"Authorization": basic("wrong")}, 401),
        ({"Authorization": "Basic nonsense"}, 401),
        ({"Authorization": "Digest x"}, 401),
        ({"Cookie": f"{KNOWN_COOKIE}=wrong"}, 401),
        ({"Cookie": f"{KNOWN_COOKIE}={TOKEN}"}, 401),
        ({"Cookie": f"{KNOWN_COOKIE}="}, 401),
    ],
)
async def test_the_token_is_asked_for(headers: dict[str, str], status: int) -> None:
    answer = await ask(TOKEN, headers)
    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert TOKEN not in answer.headers.get("set-cookie", "")


async def test_a_browser_keeps_a_cookie_instead_of_the_token() -> None:
    answer = await ask(TOKEN, {"Authorization": basic(TOKEN)})
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert (await ask(TOKEN, {"Cookie": cookie})).status_code == 200
    assert (await ask("another token", {"Cookie": cookie})).status_code == 401


async def test_without_a_token_everybody_may() -> None:
    assert (await ask(None)).text == "here"


@pytest.mark.parametrize(
    ("method", "path", "mode", "status"),
    [
        ("POST", "/settings", "no-cors", 403),
        ("GET", "/reboot", "navigate", 403),
        ("GET", "/reboot", "no-cors", 403),
        ("GET", "/", "navigate", 200),
        ("GET", "/", "no-cors", 403),
    ],
)
async def test_pages_of_other_sites_do_nothing(
    method: str, path: str, mode: str, status: int
) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode}
    assert (await ask(None, headers, path=path, method=method)).status_code == status
    headers["Sec-Fetch-Site"] = "same-origin"
    assert (await ask(None, headers, path=path, method=method)).status_code == 200


async def test_a_socket_without_the_token_is_closed() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    scope = {"type": "websocket", "path": "/ws/lcd", "headers": []}
    await Guard(app, TOKEN)(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


# The PIN


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def shown(grant: str | None) -> Headers:
    return Headers({"cookie": f"{PIN_COOKIE}={grant}"})


def test_the_pin_opens_for_a_while() -> None:
    clock = Clock()
    pin = Pin("1234", clock)
    assert pin.verify("4321") is None
    grant = pin.verify("1234")
    assert grant
    assert pin.is_open(shown(grant))
    assert not pin.is_open(shown("guess"))
    assert not pin.is_open(Headers({}))
    clock.now += GRANT_S
    assert not pin.is_open(shown(grant))


def test_who_guesses_has_to_wait() -> None:
    clock = Clock()
    pin = Pin("1234", clock)
    for guess in range(ATTEMPTS):
        assert pin.verify(str(guess)) is None
    assert pin.verify("1234") is None
    clock.now += 61
    assert pin.verify("1234")


def test_no_pin_is_needed_or_nobody_has_it() -> None:
    assert Pin(None).verify("whatever") == ""
    assert Pin(None).is_open(Headers({}))
    assert Pin("").verify("") is None
    assert not Pin("").is_open(shown(""))
