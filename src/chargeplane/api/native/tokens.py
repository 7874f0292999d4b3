"""Tokens: who may charge, and who tried without being known."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from chargeplane.api.keys import WholeAdmin, WholeReader
from chargeplane.api.native import schemas
from chargeplane.api.native.idempotency import ActingRoute
from chargeplane.api.native.parts import (
    CentralDep,
    SafeId,
    SafeText,
    WindowDep,
    answer,
    listed,
    read_body,
)
from chargeplane.api.native.shapes import NewToken, TokenChange
from chargeplane.api.problems import Refused, not_found
from chargeplane.csms import tokens
from chargeplane.csms.central import Central, Unit
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import tokens as stored
from chargeplane.storage.repositories.tokens import TokenFilter

router = APIRouter(tags=["tokens"], route_class=ActingRoute)
EXAMPLE = {"id_token": "04AABBCC", "name": "Blue card", "group_id": "family"}


@router.get("/tokens", **schemas.documented(schemas.Tokens))
async def list_tokens(
    central: CentralDep,
    _caller: WholeReader,
    window: WindowDep,
    search: SafeText | None = None,
    group: SafeText | None = None,
    blocked: bool | None = None,  # noqa: FBT001 a query parameter has a name
) -> Response:
    """A page of tokens."""
    key = None if group is None else group.lower()
    wanted = TokenFilter(search=search, group_key=key, blocked=blocked)
    return await listed(central, stored.page, wanted, wanted=window)


@router.post(
    "/tokens", **schemas.documented(TokenRecord, body=NewToken, example=EXAMPLE, status=201)
)
async def add_token(request: Request, central: CentralDep, _caller: WholeAdmin) -> Response:
    """Add a token."""
    sent = await read_body(request, NewToken)

    def work(unit: Unit) -> TokenRecord | None:
        if stored.get(unit.connection, sent.id_token.lower()) is not None:
            return None
        return _save(unit, sent.id_token, sent)

    added = await central.commit(work)
    if added is None:
        raise Refused(409, "Exists", f"{sent.id_token} is known already")
    return answer(added, 201)


@router.get("/tokens/{id_token}", **schemas.documented(TokenRecord))
async def show_token(central: CentralDep, _caller: WholeReader, id_token: SafeId) -> Response:
    """A token."""
    found = await central.database.read(stored.get, id_token.lower())
    if found is None:
        raise not_found(f"token {id_token}")
    return answer(found)


@router.put(
    "/tokens/{id_token}",
    **schemas.documented(TokenRecord, body=TokenChange, example={"name": "Blue card"}),
)
async def put_token(
    request: Request, central: CentralDep, _caller: WholeAdmin, id_token: SafeId
) -> Response:
    """Add a token or replace it whole."""
    sent = await read_body(request, TokenChange)
    return answer(await central.commit(lambda unit: _save(unit, id_token, sent)))


@router.post("/tokens/{id_token}/block", **schemas.documented(TokenRecord))
async def block_token(central: CentralDep, _caller: WholeAdmin, id_token: SafeId) -> Response:
    """Keep a token from charging."""
    return await _set_blocked(central, id_token, blocked=True)


@router.post("/tokens/{id_token}/unblock", **schemas.documented(TokenRecord))
async def unblock_token(central: CentralDep, _caller: WholeAdmin, id_token: SafeId) -> Response:
    """Let a token charge again."""
    return await _set_blocked(central, id_token, blocked=False)


@router.delete("/tokens/{id_token}", **schemas.documented(status=204))
async def delete_token(central: CentralDep, _caller: WholeAdmin, id_token: SafeId) -> Response:
    """Forget a token; its transactions stay."""
    if not await central.commit(lambda unit: tokens.remove(unit, [id_token.lower()])):
        raise not_found(f"token {id_token}")
    return Response(status_code=204)


@router.get("/unknown-tokens", **schemas.documented(schemas.UnknownTokens))
async def list_unknown(central: CentralDep, _caller: WholeReader, window: WindowDep) -> Response:
    """A page of tokens that were presented but are not known, the latest first."""
    return await listed(central, stored.unknown, wanted=window)


async def _set_blocked(central: Central, id_token: str, *, blocked: bool) -> Response:
    key = id_token.lower()

    def work(unit: Unit) -> TokenRecord | None:
        tokens.set_blocked(unit, [key], blocked=blocked)
        return stored.get(unit.connection, key)

    found = await central.commit(work)
    if found is None:
        raise not_found(f"token {id_token}")
    return answer(found)


def _save(unit: Unit, id_token: str, sent: TokenChange) -> TokenRecord:
    record = _record(id_token, sent, unit.now)
    tokens.save(unit, [record])
    return stored.get(unit.connection, record.key) or record


def _record(id_token: str, sent: TokenChange, now: datetime) -> TokenRecord:
    values = {name: getattr(sent, name) for name in TokenChange.__struct_fields__}
    group = sent.group_id
    return TokenRecord(
        key=id_token.lower(),
        id_token=id_token,
        group_key=None if group is None else group.lower(),
        created_at=now,
        **values,
    )
