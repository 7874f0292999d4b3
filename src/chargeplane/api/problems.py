"""Errors as Problem Details (RFC 9457): whoever asked wrongly gets a 4xx that says why."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from chargeplane.errors import (
    AnswerTimeout,
    ChargeplaneError,
    Exists,
    Invalid,
    NoAnswer,
    NotFound,
    QueueFull,
    StorageError,
    Untranslatable,
)
from chargeplane.ocpp.errors import OcppError
from chargeplane.payments.provider import ProviderError, ProviderUnavailable

MEDIA_TYPE: Final = "application/problem+json"
OUR_FAULT: Final = 500


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What went wrong (RFC 9457); `code` and `details` are those of an OCPP error answer."""

    title: str
    status: int
    detail: str = ""
    code: str | None = None
    details: dict[str, Any] | None = None


class Unusable(ChargeplaneError):
    """A value in a request cannot be used."""


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(self, status: int, title: str, detail: str = "", **headers: str) -> None:
        super().__init__(detail or title)
        self.problem = Problem(title=title, status=status, detail=detail)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def not_found(what: str) -> Refused:
    """What is asked for is not there."""
    return Refused(404, "NotFound", f"there is no {what}")


def invalid(reason: object) -> Refused:
    """What was sent cannot be used."""
    return Refused(422, "Invalid", str(reason))


def install(app: FastAPI) -> None:
    """Answer every error of an application with a problem."""
    for kind in (Refused, ChargeplaneError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, explain)


async def explain(request: Request, error: Exception) -> Response:
    """The answer to a request that raised an error."""
    del request
    return respond(error)


def respond(error: Exception) -> Response:
    """An error as a response."""
    problem = describe(error)
    headers = error.headers if isinstance(error, (Refused, HTTPException)) else None
    body = msgspec.json.encode(problem)
    return Response(body, problem.status, headers=headers, media_type=MEDIA_TYPE)


def describe(error: Exception) -> Problem:
    """An error in words for programs and people."""
    match error:
        case Refused():
            return error.problem
        case HTTPException():
            return Problem(
                title=error.detail.replace(" ", ""), status=error.status_code, detail=error.detail
            )
        case RequestValidationError():
            return Problem(title="Invalid", status=422, detail=_reasons(error))
        case OcppError():
            return Problem(
                title="OcppError",
                status=502,
                detail=str(error),
                code=error.spelling,
                details=error.details or None,
            )
    status = next((code for kind, code in STATUSES if isinstance(error, kind)), OUR_FAULT)
    return Problem(title=type(error).__name__, status=status, detail=str(error))


def _reasons(error: RequestValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()
    )


STATUSES: Final[tuple[tuple[type[ChargeplaneError], int], ...]] = (
    (AnswerTimeout, 504),
    (QueueFull, 429),
    (NoAnswer, 409),
    (Unusable, 422),
    (Invalid, 422),
    (NotFound, 404),
    (Exists, 409),
    (Untranslatable, 422),
    (StorageError, 503),
    (ProviderUnavailable, 503),
    (ProviderError, 502),
)
