"""Charging profiles that are kept by number, as the faces of SteVe send them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from chargeplane.api.keys import Reader, WholeAdmin
from chargeplane.api.native import schemas
from chargeplane.api.native.idempotency import ActingRoute
from chargeplane.api.native.parts import CentralDep, WindowDep, answer, listed, read_body
from chargeplane.api.native.shapes import ProfileTemplate
from chargeplane.api.problems import not_found
from chargeplane.csms import profile_templates as templates
from chargeplane.csms.central import Unit
from chargeplane.domain.profiles import ChargingProfile
from chargeplane.storage.records import ChargingProfileTemplateRecord
from chargeplane.storage.repositories import profile_templates

router = APIRouter(tags=["charging profile templates"], route_class=ActingRoute)

PATH = "/charging-profile-templates"
EXAMPLE = {
    "name": "Solar evening",
    "profile": {
        "stack_level": 0,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Recurring",
        "recurrency_kind": "Daily",
        "charging_schedule": [
            {
                "charging_rate_unit": "A",
                "start_schedule": "2026-03-01T18:00:00Z",
                "charging_schedule_period": [{"start_period": 0, "limit": 10.0}],
            }
        ],
    },
}

TemplateNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]  # what OCPP has room for


@router.get(PATH, **schemas.documented(schemas.ProfileTemplates))
async def list_templates(central: CentralDep, _caller: Reader, window: WindowDep) -> Response:
    """A page of the charging profiles that are kept, by number."""
    return await listed(central, profile_templates.page, wanted=window)


@router.post(
    PATH,
    **schemas.documented(
        ChargingProfileTemplateRecord, body=ProfileTemplate, example=EXAMPLE, status=201
    ),
)
async def add_template(request: Request, central: CentralDep, _caller: WholeAdmin) -> Response:
    """Keep a charging profile under the next number."""
    sent = await read_body(request, ProfileTemplate)

    return answer(await central.commit(lambda unit: _keep(unit, sent, None)), 201)


@router.get(PATH + "/{number}", **schemas.documented(ChargingProfileTemplateRecord))
async def show_template(central: CentralDep, _caller: Reader, number: TemplateNumber) -> Response:
    """A charging profile that is kept."""
    found = await central.database.read(profile_templates.get, number)
    if found is None:
        raise not_found(f"charging profile {number}")
    return answer(found)


@router.put(
    PATH + "/{number}",
    **schemas.documented(ChargingProfileTemplateRecord, body=ProfileTemplate, example=EXAMPLE),
)
async def put_template(
    request: Request, central: CentralDep, _caller: WholeAdmin, number: TemplateNumber
) -> Response:
    """Keep a charging profile under this number, in the place of what was kept there."""
    sent = await read_body(request, ProfileTemplate)
    return answer(await central.commit(lambda unit: _keep(unit, sent, number)))


@router.delete(PATH + "/{number}", **schemas.documented(status=204))
async def delete_template(
    central: CentralDep, _caller: WholeAdmin, number: TemplateNumber
) -> Response:
    """Forget a charging profile; stations keep what they were sent."""
    if not await central.commit(lambda unit: templates.forget(unit, number)):
        raise not_found(f"charging profile {number}")
    return Response(status_code=204)


def _keep(unit: Unit, sent: Any, number: int | None) -> ChargingProfileTemplateRecord:
    profile = ChargingProfile(id=0, **msgspec.structs.asdict(sent.profile))
    return templates.keep(unit, sent.name, profile, number)
