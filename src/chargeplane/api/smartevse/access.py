"""Who may use a device over HTTP: a token for everything, a PIN for the buttons of its display.

A SmartEVSE asks for neither. Here nothing is asked for on loopback, unless a token or PIN is set;
a device that others can reach needs a token, unless it is opened on purpose.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections import deque
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from time import monotonic
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KNOWN_COOKIE: Final = "device_known"
PIN_COOKIE: Final = "device_pin"
GRANT_S: Final = 600  # for how long a PIN opens the buttons
ATTEMPTS: Final = 5  # wrong PINs in a minute
MINUTE_S: Final = 60.0
POLICY_VIOLATION: Final = 1008  # RFC 6455 §7.4.1


class Guard:
    """Lets requests through that show the token, and none that another site's page sends."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token
        # What a browser keeps instead of the token.
        self._cookie = _derived(token) if token else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("sec-fetch-site") == "cross-site" and not _is_navigation(scope, headers):
            await _refuse(scope, receive, send, PlainTextResponse("Forbidden", 403))
        elif self._token is None or self._is_known(headers):
            await self._app(scope, receive, send)
        elif shown_token(headers) and self._matches(shown_token(headers)):
            await self._app(scope, receive, self._remembering(send))
        else:
            asked = {"WWW-Authenticate": 'Basic realm="EVSE", charset="UTF-8"'}
            await _refuse(
                scope, receive, send, PlainTextResponse("Unauthorized", 401, headers=asked)
            )

    def _is_known(self, headers: Headers) -> bool:
        return same(cookie(headers, KNOWN_COOKIE), self._cookie)

    def _matches(self, shown: str) -> bool:
        return self._token is not None and same(shown, self._token)

    def _remembering(self, send: Send) -> Send:
        """Give the browser a cookie, because it shows no token for WebSockets."""
        said = f"{KNOWN_COOKIE}={self._cookie}; Path=/; HttpOnly; SameSite=Strict"

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"set-cookie", said.encode())]
            await send(message)

        return sending


class Pin:
    """The PIN of the buttons; None: it is not needed, "": nobody has it."""

    def __init__(self, pin: str | None, clock: Callable[[], float] = monotonic) -> None:
        self._pin = pin
        self._clock = clock
        self._wrong: deque[float] = deque(maxlen=ATTEMPTS)
        self._granted: dict[str, float] = {}

    def verify(self, pin: str) -> str | None:
        """What is given for the right PIN, to be shown from then on; None for a wrong one."""
        if self._pin is None:
            return ""
        now = self._clock()
        if len(self._wrong) == ATTEMPTS and now - self._wrong[0] < MINUTE_S:
            return None
        if not self._pin or not same(pin, self._pin):
            self._wrong.append(now)
            return None
        grant = secrets.token_urlsafe(16)
        self._granted = {key: ends for key, ends in self._granted.items() if ends > now}
        self._granted[grant] = now + GRANT_S
        return grant

    def is_open(self, headers: Headers) -> bool:
        """Whether a request comes from somebody who knew the PIN."""
        if self._pin is None:
            return True
        ends = self._granted.get(cookie(headers, PIN_COOKIE), 0.0)
        return ends > self._clock()


def set_grant(response: Response, grant: str) -> None:
    """Let a browser keep what it was given for the PIN."""
    if grant:
        response.set_cookie(
            PIN_COOKIE, grant, max_age=GRANT_S, httponly=True, samesite="strict", path="/"
        )


def shown_token(headers: Headers) -> str:
    """The token of a request: in X-API-Key, as a bearer token, or as an HTTP Basic password."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip()
        case "basic":
            return _password(value)
    return headers.get("x-api-key", "")


def cookie(headers: Headers, name: str) -> str:
    """The value of a cookie, "" without it."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return "" if found is None else found.value


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing of them."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())


def _password(value: str) -> str:
    try:
        decoded = base64.b64decode(value, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""
    return decoded.partition(":")[2]


def _derived(token: str) -> str:
    return hmac.new(token.encode(), b"cookie", "sha256").hexdigest()


def _is_navigation(scope: Scope, headers: Headers) -> bool:
    """Whether a link on another site leads to our page."""
    is_page = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/"
    return is_page and headers.get("sec-fetch-mode") == "navigate"


async def _refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    if scope["type"] == "http":
        await response(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
