"""Authorize, ClearCache, local lists.

Lost on the way to 1.x: the kind of a token and its further identifiers;
charging priority, languages, EVSEs and personal messages; the finer refusals
(NoCredit and the NotAllowed... ones become Blocked, Unknown becomes Invalid).
A token of more than 20 characters and a certificate cannot be said (Plug &
Charge says certificates by DataTransfer, see `extensions.py`).
"""

from __future__ import annotations

from typing import Any

from chargeplane.domain import tokens as domain
from chargeplane.domain.tokens import Token, TokenInfo
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.v1 import wire
from chargeplane.ocpp.v1.translate.rows import (
    read_outcome,
    row,
    say,
    status_of,
    status_to,
)

REFUSALS = {
    "NoCredit": "Blocked",
    "NotAllowedTypeEVSE": "Blocked",
    "NotAtThisLocation": "Blocked",
    "NotAtThisTime": "Blocked",
    "Unknown": "Invalid",
}


def read_info(info: wire.IdTagInfo) -> TokenInfo:
    """What is known of a token."""
    return TokenInfo(
        status=info.status,
        cache_expiry_date_time=info.expiry_date,
        group_id_token=Token(info.parent_id_tag) if info.parent_id_tag is not None else None,
    )


def write_info(info: TokenInfo) -> wire.IdTagInfo:
    """What is known of a token."""
    return say(
        wire.IdTagInfo,
        status=REFUSALS.get(info.status, info.status),
        expiry_date=info.cache_expiry_date_time,
        parent_id_tag=info.group_id_token.id_token if info.group_id_token else None,
    )


def read_authorize(request: wire.Authorize) -> domain.Authorize:
    """A token to be checked."""
    return domain.Authorize(id_token=Token(request.id_tag))


def write_authorize(request: domain.Authorize) -> wire.Authorize:
    """A token to be checked."""
    if request.certificate or request.iso15118_certificate_hash_data:
        raise Untranslatable("OCPP 1.x Authorize has no certificates")
    return say(wire.Authorize, id_tag=request.id_token.id_token)


def read_authorize_answer(answer: wire.AuthorizeResponse, _asked: Any) -> domain.AuthorizeAnswer:
    """Whether it may charge."""
    return domain.AuthorizeAnswer(id_token_info=read_info(answer.id_tag_info))


def write_authorize_answer(answer: domain.AuthorizeAnswer) -> wire.AuthorizeResponse:
    """Whether it may charge."""
    return wire.AuthorizeResponse(id_tag_info=write_info(answer.id_token_info))


def read_list(request: wire.SendLocalList) -> domain.SendLocalList:
    """A local list."""
    entries = request.local_authorization_list
    return domain.SendLocalList(
        version_number=request.list_version,
        update_type=request.update_type,
        local_authorization_list=None
        if entries is None
        else tuple(
            domain.AuthorizationData(
                id_token=Token(entry.id_tag),
                id_token_info=read_info(entry.id_tag_info) if entry.id_tag_info else None,
            )
            for entry in entries
        ),
    )


def write_list(request: domain.SendLocalList) -> wire.SendLocalList:
    """A local list."""
    entries = request.local_authorization_list
    return say(
        wire.SendLocalList,
        list_version=request.version_number,
        update_type=request.update_type,
        local_authorization_list=None
        if entries is None
        else [
            say(
                wire.AuthorizationData,
                id_tag=entry.id_token.id_token,
                id_tag_info=entry.id_token_info and write_info(entry.id_token_info),
            )
            for entry in entries
        ],
    )


ROWS = (
    row(
        "station",
        "Authorize",
        domain.Authorize,
        read=read_authorize,
        write=write_authorize,
        read_answer=read_authorize_answer,
        write_answer=write_authorize_answer,
    ),
    row(
        "csms",
        "ClearCache",
        domain.ClearCache,
        read=lambda _request: domain.ClearCache(),
        write=lambda _request: wire.ClearCache(),
        read_answer=read_outcome,
        write_answer=status_of(wire.ClearCacheResponse),
    ),
    row(
        "csms",
        "SendLocalList",
        domain.SendLocalList,
        read=read_list,
        write=write_list,
        read_answer=status_to(domain.SendLocalListAnswer),
        write_answer=status_of(wire.SendLocalListResponse),
    ),
    row(
        "csms",
        "GetLocalListVersion",
        domain.GetLocalListVersion,
        read=lambda _request: domain.GetLocalListVersion(),
        write=lambda _request: wire.GetLocalListVersion(),
        read_answer=lambda answer, _asked: domain.LocalListVersion(
            version_number=answer.list_version
        ),
        write_answer=lambda answer: wire.GetLocalListVersionResponse(
            list_version=answer.version_number
        ),
    ),
)
