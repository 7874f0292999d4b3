"""SteVe's own REST interface over our central system: `/steve/api/v1`.

Tags, transactions and the 25 operations as clients of SteVe know them; and what
these clients miss there: charge boxes, states of connectors, tasks by number.
Tags, charge boxes and certificates have names here, so their numbers (`...Pk`)
are derived from the names.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException as AnyHttpError

from chargeplane.api.steve import boxes, tags, tasks, transactions
from chargeplane.api.steve.operations import BadInput
from chargeplane.api.steve.shared import Face, KeyCheck, RestSettings, user_of
from chargeplane.csms.central import Central, utc_now
from chargeplane.errors import ChargeplaneError


def create(central: Central, check: KeyCheck | None, settings: RestSettings) -> FastAPI:
    """The application, to be mounted at `/steve`; it has no routes without a check of keys."""
    app = FastAPI(title="SteVe REST API", docs_url=None, redoc_url=None, openapi_url=None)
    for kind, explain in EXPLAINED.items():
        app.add_exception_handler(kind, explain)
    if check is not None:
        app.state.face = Face(central, check, settings, {})
        routes = APIRouter(prefix="/api/v1", dependencies=[Depends(user_of)])
        for part in (tags, transactions, tasks, boxes):
            routes.include_router(part.router)
        app.include_router(routes)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    known = error if isinstance(error, AnyHttpError) else AnyHttpError(500)
    return _problem(request, known.status_code, str(known.detail), known.headers)


async def _malformed(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError | ValidationError):
        problems = (f"{_where(each['loc'])}: {each['msg']}" for each in error.errors())
        return _problem(request, 400, "; ".join(problems))
    return _problem(request, 400, str(error))


def _where(place: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in place if part not in {"query", "body", "path"})


async def _failed(request: Request, error: Exception) -> Response:
    return _problem(request, 500, f"{type(error).__name__}: {error}")


def _problem(
    request: Request, status: int, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """An error as SteVe words it."""
    body = {
        "timestamp": utc_now(),
        "status": status,
        "error": HTTPStatus(status).phrase,
        "message": message,
        "path": request.url.path,
    }
    said = msgspec.json.encode(body)
    return Response(said, status, headers and dict(headers), media_type="application/json")


EXPLAINED: Mapping[type[Exception], Any] = {
    AnyHttpError: _refused,
    RequestValidationError: _malformed,
    ValidationError: _malformed,
    BadInput: _malformed,
    ChargeplaneError: _failed,
}
