"""Prices of stations and their connectors, and the QR codes that lead to paying there."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from chargeplane.api.keys import WholeAdmin, WholeReader
from chargeplane.api.native import payment_shapes as shapes
from chargeplane.api.native import schemas
from chargeplane.api.native.idempotency import ActingRoute
from chargeplane.api.native.parts import (
    CentralDep,
    ChangedStation,
    ReadStation,
    SafeId,
    SafeText,
    answer,
    read_body,
)
from chargeplane.api.native.payments import PaymentsDep
from chargeplane.api.problems import not_found
from chargeplane.payments import codes
from chargeplane.storage.payment_records import PaymentPrivilegeRecord
from chargeplane.storage.repositories import stations

router = APIRouter(tags=["payments"], route_class=ActingRoute)
EXAMPLE: Final = {"per_kwh": "0.49", "session_fee": "0.50", "max_energy_kwh": "80"}
ONE: Final = "/stations/{station_id}/prices/{evse_id}"

Evse = Annotated[int, Path(ge=0, le=1000, description="0: those that have none of their own.")]
OneEvse = Annotated[int, Path(ge=1, le=1000)]


@router.get("/stations/{station_id}/prices", **schemas.documented([shapes.ShownPrices]))
async def list_prices(paying: PaymentsDep, station_id: ReadStation) -> Response:
    """The prices of a station; those that it lacks are the settings'."""
    found = await paying.price_list(station_id)
    return answer([shapes.prices_shown(evse, each) for evse, each in sorted(found.items())])


@router.put(ONE, **schemas.documented(status=204, body=shapes.PriceList, example=EXAMPLE))
async def put_prices(
    request: Request, paying: PaymentsDep, station_id: ChangedStation, evse_id: Evse
) -> Response:
    """Set what an EVSE costs; charges that are paid for already keep their prices."""
    sent = await read_body(request, shapes.PriceList)
    default = await paying.prices_at("", 0)
    if not await paying.set_prices(station_id, evse_id, shapes.prices_meant(sent, default)):
        raise not_found(f"station {station_id}")
    return Response(status_code=204)


@router.delete(ONE, **schemas.documented(status=204))
async def delete_prices(paying: PaymentsDep, station_id: ChangedStation, evse_id: Evse) -> Response:
    """Forget what an EVSE costs."""
    if not await paying.remove_prices(station_id, evse_id):
        raise not_found(f"price of {station_id} {evse_id}")
    return Response(status_code=204)


# Who charges for nothing

PRIVILEGE: Final = "/payment-privileges/{id_token}"
Where = Annotated[SafeText | None, Query(description="Only there; left out, everywhere.")]


@router.get("/payment-privileges", **schemas.documented([PaymentPrivilegeRecord]))
async def list_privileges(paying: PaymentsDep, _caller: WholeReader) -> Response:
    """The tokens that charge for nothing; of no station is everywhere."""
    return answer(await paying.privileges())


@router.put(PRIVILEGE, **schemas.documented(status=204))
async def put_privilege(
    paying: PaymentsDep, _caller: WholeAdmin, id_token: SafeId, station: Where = None
) -> Response:
    """Let a token charge for nothing."""
    await paying.add_privilege(id_token, station)
    return Response(status_code=204)


@router.delete(PRIVILEGE, **schemas.documented(status=204))
async def delete_privilege(
    paying: PaymentsDep, _caller: WholeAdmin, id_token: SafeId, station: Where = None
) -> Response:
    """Let a token pay like others."""
    if not await paying.remove_privilege(id_token, station):
        raise not_found(f"privilege of {id_token}")
    return Response(status_code=204)


# QR codes


def _drawing(media: str) -> dict[Any, Any]:
    return {200: {"content": {media: {"schema": {"type": "string"}}}}, "default": schemas.PROBLEM}


SVG: Final = "image/svg+xml"
PDF: Final = "application/pdf"
CODE: Final = "/stations/{station_id}/payment-code/{evse_id}"


@router.get(f"{CODE}.svg", responses=_drawing(SVG))
async def draw_code(
    request: Request, central: CentralDep, _: PaymentsDep, station_id: ReadStation, evse_id: OneEvse
) -> Response:
    """The QR code of a connector's payment page as SVG."""
    url, caption = await _code(request, central, station_id, evse_id)
    return Response(codes.svg(url, caption), media_type=SVG)


@router.get(f"{CODE}.pdf", responses=_drawing(PDF))
async def print_code(
    request: Request, central: CentralDep, _: PaymentsDep, station_id: ReadStation, evse_id: OneEvse
) -> Response:
    """The QR code of a connector's payment page as PDF, to be printed."""
    url, caption = await _code(request, central, station_id, evse_id)
    return Response(codes.pdf(url, caption), media_type=PDF)


async def _code(
    request: Request, central: CentralDep, station_id: str, evse_id: int
) -> tuple[str, str]:
    known = await central.database.read(stations.get, station_id)
    if known is None:
        raise not_found(f"station {station_id}")
    url = codes.address(request.app.state.return_url, station_id, evse_id)
    return url, f"{known.name or station_id} / {evse_id}"
