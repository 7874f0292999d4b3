"""The keys of the HTTP faces, for those who may give and revoke them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from chargeplane.access import keys
from chargeplane.api.keys import WholeAdmin
from chargeplane.api.native import schemas, shapes
from chargeplane.api.native.parts import CentralDep, SafeId, answer, read_body
from chargeplane.api.native.shapes import MadeApiKey, NewApiKey
from chargeplane.api.problems import Refused, not_found
from chargeplane.storage.repositories import api_keys

# No Idempotency-Key here: the answer holds a secret, which is kept nowhere.
router = APIRouter(tags=["keys"])


@router.get("/keys", **schemas.documented([shapes.ApiKey]))
async def list_keys(central: CentralDep, _caller: WholeAdmin) -> Response:
    """All keys, revoked ones too; never the keys themselves."""
    found = await central.database.read(api_keys.all_keys)
    return answer([shapes.shown(shapes.ApiKey, each) for each in found])


@router.post(
    "/keys",
    **schemas.documented(
        MadeApiKey,
        body=NewApiKey,
        example={"name": "home", "scope": "operate"},
        status=201,
        also={409: schemas.PROBLEM},
    ),
)
async def create_key(request: Request, central: CentralDep, _caller: WholeAdmin) -> Response:
    """Make a key; it is told this once."""
    sent = await read_body(request, NewApiKey)
    made = await central.commit(
        lambda unit: keys.create(unit.connection, sent.name, sent.scope, sent.stations, unit.now)
    )
    if made is None:
        raise Refused(409, "Exists", f"a key was named {sent.name} before")
    record, key = made
    shown = MadeApiKey(name=record.name, scope=record.scope, stations=record.stations, key=key)
    return answer(shown, 201)


@router.delete("/keys/{name}", **schemas.documented(status=204))
async def revoke_key(central: CentralDep, _caller: WholeAdmin, name: SafeId) -> Response:
    """Revoke a key for good."""
    if not await central.commit(lambda unit: api_keys.revoke(unit.connection, name, unit.now)):
        raise not_found(f"key {name} in force")
    return Response(status_code=204)
