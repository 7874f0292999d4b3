"""The REST API of a SmartEVSE over one of our devices, as routes of an application."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from chargeplane.api.smartevse import endpoints, lcd
from chargeplane.api.smartevse.access import Pin
from chargeplane.api.smartevse.endpoints import FILES, POSTED, READ, Endpoint, say
from chargeplane.evse.device import Device

EITHER = ["GET", "POST"]

logger = structlog.get_logger()


def create(device: Device, pin: Pin) -> FastAPI:
    """The application; who may use it is not asked here (`access.Guard`)."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.router.routes.extend(routes(device, pin))
    app.add_exception_handler(404, _not_found)
    app.add_exception_handler(Exception, _failed)
    return app


def routes(device: Device, pin: Pin) -> list[BaseRoute]:
    """All routes; parameters are read from the query, never from a body."""
    found: list[BaseRoute] = [
        Route(path, _post(device, endpoint), methods=["POST"]) for path, endpoint in POSTED.items()
    ]
    found += [Route(path, _get(partial(read, device), say)) for path, read in READ.items()]
    found += [Route(path, _get(partial(read, device))) for path, read in FILES.items()]
    for path, act in ACTS.items():
        found.append(Route(path, _get(partial(act, device)), methods=EITHER))
    return [
        *found,
        Route("/update", partial(endpoints.update, device), methods=["POST"]),
        Route("/lcd", _get(partial(lcd.picture, device))),
        Route("/lcd", partial(_async, partial(lcd.press, device, pin)), methods=["POST"]),
        Route("/lcd-verify-password", partial(lcd.verify, pin), methods=["POST"]),
        WebSocketRoute("/ws/lcd", _socket(device, pin)),
    ]


def _post(device: Device, endpoint: Endpoint) -> Any:
    async def answer(request: Request) -> Response:
        return say(endpoint(device, request.query_params))

    return answer


def _get(
    read: Callable[[], Any], respond: Callable[[Any], Response] = lambda response: response
) -> Any:
    async def answer(_request: Request) -> Response:
        return respond(read())

    return answer


async def _async(work: Callable[[Request], Response], request: Request) -> Response:
    return work(request)


def _socket(device: Device, pin: Pin) -> Any:
    async def watch(socket: WebSocket) -> None:
        await lcd.watch(device, pin, socket)

    return watch


async def _not_found(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("Not found", 404)


async def _failed(request: Request, error: Exception) -> Response:
    logger.error("request failed", path=request.url.path, error=repr(error))
    return PlainTextResponse("Internal error", 500)


ACTS = {
    "/reboot": endpoints.reboot,
    "/erasesettings": endpoints.erase,
    "/autoupdate": endpoints.no_update,
}
