"""How the face answers: statuses as one JSON object, errors with the code that clients know."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chargeplane.api import problems
from chargeplane.errors import (
    AnswerTimeout,
    Disconnected,
    NotConnected,
    QueueFull,
    Untranslatable,
)
from chargeplane.ocpp.errors import OcppError

JSON = "application/json"
OFFLINE = "ChargerOffline"  # the same word where a station is unknown, as upstream

logger = structlog.get_logger()


class Refused(Exception):
    """A request that is answered with an error: its HTTP code, a word for it, and why."""

    def __init__(
        self, code: int, status: str, message: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.response = say(status, code, headers, **({"message": message} if message else {}))


def say(
    status: str, code: int = 200, headers: dict[str, str] | None = None, **more: str
) -> Response:
    """A status, as in `{"status": "Accepted"}`, spaced as upstream writes it."""
    return Response(json.dumps({"status": status, **more}), code, headers, JSON)


def show(value: Any) -> Response:
    """Any other JSON."""
    return Response(msgspec.json.encode(value), media_type=JSON)


def bad_request(message: str) -> Refused:
    """What cannot be understood."""
    return Refused(400, "InvalidRequest", message)


def explain(error: Exception) -> Response:
    """An error as clients know it; what a station says is no error of HTTP."""
    match error:
        case Refused():
            return error.response
        case problems.Refused() | HTTPException():
            known = problems.describe(error)
            return say(known.title, known.status, dict(error.headers or {}))
        case AnswerTimeout() | TimeoutError():
            return say("Timeout")
        case OcppError():
            return say("Error", errorCode=error.spelling, errorDescription=error.description)
    for kind, code, word in ERRORS:
        if isinstance(error, kind):
            return say(word, code, message=str(error))
    logger.error("request failed", exc_info=error)
    return say("Error", 500)


ERRORS: tuple[tuple[type[Exception], int, str], ...] = (
    (NotConnected, 404, OFFLINE),
    (Disconnected, 404, OFFLINE),
    (QueueFull, 503, "Busy"),
    (Untranslatable, 501, "NotSupported"),
)
