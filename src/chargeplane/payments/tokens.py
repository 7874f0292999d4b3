"""Tokens that are made for one charge at one station."""

from __future__ import annotations

from datetime import datetime

from chargeplane.domain.tokens import Token
from chargeplane.storage.records import TokenRecord


def one_time(
    station_id: str, token: Token, name: str, now: datetime, until: datetime | None
) -> TokenRecord:
    """A token that is good for one charge at a time, there and until then."""
    return TokenRecord(
        key=token.key,
        id_token=token.id_token,
        type=token.type,
        group_key=None,
        group_id=None,
        blocked=False,
        valid_from=None,
        expires_at=until,
        max_active_transactions=1,
        name=name,
        comment=None,
        personal_message=None,
        language=None,
        charging_priority=None,
        stations=(station_id,),
        created_at=now,
    )
