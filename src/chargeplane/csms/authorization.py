"""Who may charge: one decision for every version, rendered in each version's words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chargeplane.csms.central import Unit
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import MessageContent
from chargeplane.domain.tokens import (
    AuthorizationStatus,
    Authorize,
    AuthorizeAnswer,
    Token,
    TokenInfo,
)
from chargeplane.storage.records import StationRecord, TokenRecord, TransactionRecord
from chargeplane.storage.repositories import stations, tokens
from chargeplane.storage.repositories.tokens import Standing

FREE = TokenInfo(status="Accepted")
NO_AUTHORIZATION = "NoAuthorization"  # 2.x C02: a station without authorisation sends no token


def authorize(unit: Unit, station_id: str, token: Token, *, starting: bool) -> TokenInfo:
    """Decide about a token at a station; one that nobody knows is remembered for adoption.

    Only at a start does it count how many transactions the token has (1.6 §7.2
    ConcurrentTx).
    """
    record = stations.get(unit.connection, station_id)
    if token.type == NO_AUTHORIZATION or (record is not None and record.free_vend):
        return FREE
    standing = tokens.standing(unit.connection, token.key)
    if standing is None:
        tokens.note_unknown(unit.connection, token, station_id, unit.now)
        unit.emit("token.unknown", station_id=station_id, id_token=token.id_token)
        return TokenInfo(status="Unknown")
    status = decide(standing, record, station_id, unit.now, starting=starting)
    return describe(standing.token, status)


def decide(
    standing: Standing,
    station: StationRecord | None,
    station_id: str,
    now: datetime,
    *,
    starting: bool,
) -> AuthorizationStatus:
    """What a known token may do; the reason that is hardest to mend comes first."""
    token = standing.token
    if token.blocked or token.max_active_transactions == 0:
        return "Blocked"
    if token.expires_at is not None and token.expires_at <= now:
        return "Expired"
    if token.valid_from is not None and token.valid_from > now:
        return "NotAtThisTime"
    if not _may_charge_at(token, station, station_id):
        return "NotAtThisLocation"
    if starting and 0 < token.max_active_transactions <= standing.open_transactions:
        return "ConcurrentTx"
    return "Accepted"


def _may_charge_at(token: TokenRecord, station: StationRecord | None, station_id: str) -> bool:
    if token.stations is not None:
        return station_id in token.stations
    return station is None or station.allow_list_mode != "listed"


def describe(token: TokenRecord, status: AuthorizationStatus) -> TokenInfo:
    """A decision with what stations want to know of the token."""
    text = token.personal_message
    return TokenInfo(
        status=status,
        cache_expiry_date_time=token.expires_at,
        group_id_token=Token(token.group_id, "Central") if token.group_id else None,
        charging_priority=token.charging_priority,
        language1=token.language,
        personal_message=MessageContent(format="UTF8", content=text) if text else None,
    )


def may_stop(unit: Unit, transaction: TransactionRecord, token: Token) -> bool:
    """Whether a token may end a transaction: the one that began it, or one of its group."""
    if transaction.token_key is None or transaction.token_key == token.key:
        return True
    began = tokens.get(unit.connection, transaction.token_key)
    ends = tokens.get(unit.connection, token.key)
    return bool(began and ends and began.group_key and began.group_key == ends.group_key)


async def on_authorize(station: Station, request: Authorize) -> AuthorizeAnswer:
    """Answer whether a token may charge (2.x C01; 1.6 §4.1)."""

    def work(unit: Unit) -> TokenInfo:
        info = authorize(unit, station.id, request.id_token, starting=False)
        unit.emit(
            "token.presented",
            station_id=station.id,
            id_token=request.id_token.id_token,
            status=info.status,
        )
        return info

    info = await station.central.commit(work)
    if request.iso15118_certificate_hash_data is None and request.certificate is None:
        return AuthorizeAnswer(id_token_info=info)
    # 2.x C07.FR.13: without somebody who checks contract certificates none is accepted.
    return AuthorizeAnswer(id_token_info=info, certificate_status="NoCertificateAvailable")


HANDLERS: dict[type, Any] = {Authorize: on_authorize}
