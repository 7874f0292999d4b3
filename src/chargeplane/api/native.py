"""Our own HTTP API: stations, transactions, and everything that a station can be asked."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Depends, FastAPI, Header, HTTPException, Query, Request
from fastapi.responses import Response

from chargeplane.config import Api
from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked
from chargeplane.csms.lists import read_stations, read_transactions
from chargeplane.csms.operations import OPERATIONS
from chargeplane.errors import AnswerTimeout, ChargeplaneError, NoAnswer, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.storage.paging import Window
from chargeplane.storage.records import TransactionState
from chargeplane.storage.repositories.stations import StationFilter
from chargeplane.storage.repositories.transactions import TransactionFilter

Limit = Annotated[int, Query(ge=1, le=1000)]


def create(central: Central, settings: Api) -> FastAPI:
    """The application; every route asks for the key."""
    app = FastAPI(
        title="Chargeplane", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json"
    )
    app.state.central = central
    key = settings.key.get_secret_value().encode() if settings.key else None
    app.include_router(router, dependencies=[Depends(_guard(key))])
    app.add_exception_handler(ChargeplaneError, _explain)
    return app


def _guard(key: bytes | None) -> Callable[..., Awaitable[None]]:
    async def check(x_api_key: Annotated[str, Header()] = "") -> None:
        if key is None or not hmac.compare_digest(x_api_key.encode(), key):
            raise HTTPException(401, "X-API-Key is missing or wrong")

    return check


def _central(request: Request) -> Central:
    central: Central = request.app.state.central
    return central


CentralDep = Annotated[Central, Depends(_central)]
router = APIRouter(prefix="/v1")


@router.get("/stations")
async def list_stations(
    central: CentralDep,
    search: str | None = None,
    online: bool | None = None,  # noqa: FBT001 a query parameter has a name
    limit: Limit = 100,
    cursor: str | None = None,
) -> Response:
    """A page of stations with their connectors."""
    wanted = StationFilter(search=search, online=online)
    return _json(await central.database.read(read_stations, wanted, Window(limit, cursor)))


@router.get("/transactions")
async def list_transactions(
    central: CentralDep,
    station: str | None = None,
    state: TransactionState | None = None,
    limit: Limit = 100,
    cursor: str | None = None,
) -> Response:
    """A page of transactions, the latest first."""
    wanted = TransactionFilter(station_id=station, state=state)
    return _json(await central.database.read(read_transactions, wanted, Window(limit, cursor)))


@router.post("/stations/{station_id}/commands/{name}")
async def command(
    central: CentralDep,
    station_id: str,
    name: str,
    request: Annotated[dict[str, Any], Body(default_factory=dict)],
) -> Response:
    """Ask a station for one of the operations, by its members; the station's answer."""
    operation = OPERATIONS.get(name)
    if operation is None:
        raise HTTPException(404, f"there is no operation {name}")
    try:
        wanted: Any = msgspec.convert(request, operation.request)
    except msgspec.ValidationError as error:
        raise HTTPException(422, str(error)) from None
    answer = await operation.run(central, station_id, wanted, Asked(by="api"))
    return _json(answer)


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


async def _explain(request: Request, error: Exception) -> Response:
    """Errors that stations cause, as HTTP statuses (RFC 9457)."""
    del request
    status = next((code for kind, code in STATUSES if isinstance(error, kind)), 500)
    problem = {"title": type(error).__name__, "status": status, "detail": str(error)}
    return Response(msgspec.json.encode(problem), status, media_type="application/problem+json")


STATUSES: tuple[tuple[type[ChargeplaneError], int], ...] = (
    (AnswerTimeout, 504),
    (NoAnswer, 409),
    (Untranslatable, 422),
    (OcppError, 502),
)
