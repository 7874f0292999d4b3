"""Whether a token may charge here."""

from __future__ import annotations

from typing import Any

from chargeplane.domain.messages import Outcome
from chargeplane.domain.tokens import Authorize, ClearCache, Token
from chargeplane.errors import NoAnswer
from chargeplane.station.station import Station


async def is_authorized(station: Station, token: Token) -> bool:
    """Ask the central system; offline nobody is (AllowOfflineTxForUnknownId is false)."""
    try:
        answer = await station.ask(Authorize(id_token=token))
    except NoAnswer:
        return False
    return answer.id_token_info.status == "Accepted"


async def on_clear_cache(station: Station, request: ClearCache) -> Outcome:
    """There is no cache, so there is nothing to clear (2.x C11.FR.04; 1.6 §5.4)."""
    del station, request
    return Outcome(status="Rejected")


HANDLERS: dict[type, Any] = {ClearCache: on_clear_cache}
