"""Tags, by numbers that are derived from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response
from msgspec.structs import replace
from pydantic import Field
from sqlalchemy import Connection

from chargeplane.api.steve.forms import MAX_INTEGER, Moment, Number, SteveModel
from chargeplane.api.steve.shared import Face, FaceDep, all_of, found, number_of, shown
from chargeplane.csms.central import Unit
from chargeplane.domain.messages import Json
from chargeplane.domain.tokens import Token
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import tokens, transactions
from chargeplane.storage.repositories.tokens import TokenFilter
from chargeplane.storage.repositories.transactions import TransactionFilter

Choice = Literal["ALL", "TRUE", "FALSE"]

router = APIRouter(prefix="/ocppTags")


class TagForm(SteveModel):
    """A tag: 0 transactions block it, a negative number allows any."""

    id_tag: str
    parent_id_tag: str | None = None
    expiry_date: Moment | None = None
    max_active_transaction_count: Annotated[int, Field(ge=-MAX_INTEGER, le=MAX_INTEGER)] = 1
    note: str | None = None


class TagQuery(SteveModel):
    """Which tags."""

    ocpp_tag_pk: int | None = None
    id_tag: str | None = None
    parent_id_tag: str | None = None
    user_id: int | None = None
    expired: Choice = "ALL"
    in_transaction: Choice = "ALL"
    blocked: Choice = "ALL"
    note: str | None = None
    user_filter: Literal["All", "OnlyTagsWithUser", "OnlyTagsWithoutUser"] = "All"


@router.get("")
async def list_tags(face: FaceDep, query: Annotated[TagQuery, Query()]) -> Response:
    """Tags."""
    return shown(await face.central.database.read(_tags, query, face.central.now()))


@router.post("")
async def add_tag(face: FaceDep, form: TagForm) -> Response:
    """Add a tag; 422 if it is there."""

    def work(unit: Unit) -> Json:
        key = Token(form.id_tag).key
        if tokens.get(unit.connection, key) is not None:
            raise HTTPException(422, f"A tag with idTag '{form.id_tag}' already exists")
        tokens.save(unit.connection, [_changed(_new(form, unit.now), form)])
        tokens.forget_unknown(unit.connection, key)
        return _tag_by_key(unit.connection, key)

    return shown(await face.central.commit(work), 201)


@router.get("/{pk}")
async def show_tag(face: FaceDep, pk: Number) -> Response:
    """A tag."""
    return shown(await face.central.database.read(_tag_by_pk, pk))


@router.put("/{pk}")
async def change_tag(face: FaceDep, pk: int, form: TagForm) -> Response:
    """Change all of a tag but its idTag."""

    def change(record: TokenRecord) -> TokenRecord:
        if Token(form.id_tag).key != record.key:
            raise HTTPException(400, "The idTag of a tag cannot be changed")
        return _changed(record, form)

    return shown(await _change_tag(face, pk, change))


@router.patch("/{pk}/expire")
async def expire_tag(face: FaceDep, pk: Number) -> Response:
    """Let a tag expire now."""
    now = face.central.now()
    return shown(await _change_tag(face, pk, lambda record: replace(record, expires_at=now)))


@router.delete("/{pk}")
async def remove_tag(face: FaceDep, pk: Number) -> Response:
    """Delete a tag; it is returned."""
    key = await face.central.database.read(_key_of, pk)

    def work(unit: Unit) -> Json:
        tag = _tag_by_key(unit.connection, key)
        tokens.remove(unit.connection, key)
        return tag

    return shown(await face.central.commit(work))


async def _change_tag(face: Face, pk: int, change: Callable[[TokenRecord], TokenRecord]) -> Json:
    key = await face.central.database.read(_key_of, pk)

    def work(unit: Unit) -> Json:
        record = found(tokens.get(unit.connection, key), f"ocppTagPk {pk}")
        tokens.save(unit.connection, [change(record)])
        return _tag_by_key(unit.connection, key)

    return await face.central.commit(work)


def _new(form: TagForm, now: datetime) -> TokenRecord:
    token = Token(form.id_tag)
    known = {
        "key": token.key,
        "id_token": token.id_token,
        "type": token.type,
        "blocked": False,
        "max_active_transactions": form.max_active_transaction_count,
        "created_at": now,
    }
    return msgspec.convert({**dict.fromkeys(TokenRecord.__struct_fields__), **known}, TokenRecord)


def _changed(record: TokenRecord, form: TagForm) -> TokenRecord:
    parent = Token(form.parent_id_tag) if form.parent_id_tag else None
    return replace(
        record,
        group_id=parent and parent.id_token,
        group_key=parent and parent.key,
        expires_at=form.expiry_date,
        blocked=record.blocked and form.max_active_transaction_count == 0,
        max_active_transactions=form.max_active_transaction_count,
        comment=form.note,
    )


def _key_of(connection: Connection, pk: int) -> str:
    """The key of the tag with this number; should two share one, none is taken for the other."""
    every = all_of(connection, tokens.page, TokenFilter())
    keys = [record.key for record in every if number_of(record.key) == pk]
    if len(keys) > 1:
        raise HTTPException(400, f"ocppTagPk {pk} is that of {len(keys)} tags")
    return found(keys[0] if keys else None, f"ocppTagPk {pk}")


def _tag_by_pk(connection: Connection, pk: int) -> Json:
    return _tag_by_key(connection, _key_of(connection, pk))


def _tag_by_key(connection: Connection, key: str) -> Json:
    standing = found(tokens.standing(connection, key), f"idTag {key}")
    return _tag(standing.token, standing.open_transactions)


def _tags(connection: Connection, query: TagQuery, now: datetime) -> list[Json]:
    active = _active(connection)
    tags = (
        _tag(record, active[record.key])
        for record in all_of(connection, tokens.page, TokenFilter())
        if _is_wanted(record, query, now)
    )
    return [
        tag
        for tag in tags
        if _fits(query.blocked, tag["blocked"])
        and _fits(query.in_transaction, tag["inTransaction"])
        and query.ocpp_tag_pk in {None, tag["ocppTagPk"]}
    ]


def _is_wanted(record: TokenRecord, query: TagQuery, now: datetime) -> bool:
    """Users are not known here: all tags are without one."""
    is_expired = record.expires_at is not None and record.expires_at <= now
    has_user = query.user_id is not None or query.user_filter == "OnlyTagsWithUser"
    return (
        not has_user
        and _same(query.id_tag, record.key)
        and _same(query.parent_id_tag, record.group_key)
        and (query.note or "").lower() in (record.comment or "").lower()
        and _fits(query.expired, is_expired)
    )


def _same(wanted: str | None, key: str | None) -> bool:
    return wanted is None or Token(wanted).key == key


def _fits(wanted: Choice, value: object) -> bool:
    return wanted == "ALL" or (wanted == "TRUE") == bool(value)


def _active(connection: Connection) -> Counter[str | None]:
    """How many transactions each tag has."""
    running = all_of(connection, transactions.page, TransactionFilter(state="open"))
    return Counter(record.token_key for record in running)


def _tag(record: TokenRecord, active: int) -> Json:
    limit = 0 if record.blocked else record.max_active_transactions
    return {
        "ocppTagPk": number_of(record.key),
        "idTag": record.id_token,
        "parentOcppTagPk": number_of(record.group_key) if record.group_key else None,
        "parentIdTag": record.group_id,
        "userPk": None,
        "inTransaction": active > 0,
        "blocked": limit == 0,
        "expiryDate": record.expires_at,
        "maxActiveTransactionCount": limit,
        "activeTransactionCount": active,
        "note": record.comment,
    }
