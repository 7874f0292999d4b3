"""Whether a token may charge here: local list, cache, the central system, and what if offline."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from chargeplane.domain.messages import Outcome, StatusInfo
from chargeplane.domain.tokens import Authorize, ClearCache, Token, TokenInfo
from chargeplane.domain.transactions import TransactionAnswer, TransactionEvent
from chargeplane.errors import NoAnswer
from chargeplane.ocpp.errors import OcppError
from chargeplane.station import local_list, reservation, transactions
from chargeplane.station.station import Authorization, Ending, EvseUnit, Station

CACHED: Final = 1000  # tokens in the cache
ACCEPTED: Final = TokenInfo(status="Accepted")
UNKNOWN: Final = TokenInfo(status="Unknown")
UNASKED: Final = frozenset({"NoAuthorization"})  # kinds of tokens that nobody is asked about


class Cached(msgspec.Struct):
    """What the central system said of a token."""

    info: TokenInfo
    at: datetime
    used_at: datetime
    uses: int = 1


def cache(station: Station) -> Any:
    """The cache: by the key of the token."""
    return station.documents.collection("auth_cache", Cached)


# Deciding


async def decide(station: Station, token: Token) -> TokenInfo:
    """What is to be thought of a token, by C01, C10 to C15 of 2.x and §3.5 of 1.6."""
    if not station.model.flag("AuthCtrlr/Enabled") or token.type in UNASKED:
        return ACCEPTED  # C01.FR.01, C06
    known = _known(station, token)
    if station.is_online:
        if _needs_no_question(station, token, known):
            return known or UNKNOWN
        try:
            answer = await station.ask(Authorize(id_token=token))
        except (NoAnswer, OcppError):
            return _offline(station, known)
        remember(station, token, answer.id_token_info)
        return answer.id_token_info
    return _offline(station, known)


def _needs_no_question(station: Station, token: Token, known: TokenInfo | None) -> bool:
    if known is None:
        return False
    if known.status == "Accepted":
        return station.model.flag("AuthCtrlr/LocalPreAuthorize")  # C10.FR.03, C14.FR.02
    listed = local_list.find(station, token) is not None
    controller = "LocalAuthListCtrlr" if listed else "AuthCacheCtrlr"
    return station.model.flag(f"{controller}/DisablePostAuthorize")  # C14.FR.03, C10.FR.11


def _offline(station: Station, known: TokenInfo | None) -> TokenInfo:
    """C13, C15: the list and the cache, and whether strangers may charge."""
    if known is not None:
        return known if station.model.flag("AuthCtrlr/LocalAuthorizeOffline") else UNKNOWN
    may = station.model.flag("AuthCtrlr/OfflineTxForUnknownIdEnabled")
    return ACCEPTED if may else UNKNOWN


def _known(station: Station, token: Token) -> TokenInfo | None:
    """What is known without asking; the list counts more than the cache (C13.FR.01)."""
    info = local_list.find(station, token)
    if info is not None:
        return _unless_expired(station, info)
    if not station.model.flag("AuthCacheCtrlr/Enabled"):
        return None
    kept = cache(station).get(token.key)
    if kept is None:
        return None
    lifetime = station.model.number("AuthCacheCtrlr/LifeTime")
    ends = kept.info.cache_expiry_date_time
    if ends is None and lifetime and kept.at + timedelta(seconds=lifetime) < station.now():
        return None  # C10.FR.08
    kept.used_at, kept.uses = station.now(), kept.uses + 1
    info = kept.info
    return info if ends is None or ends > station.now() else None


def _unless_expired(station: Station, info: TokenInfo) -> TokenInfo:
    ends = info.cache_expiry_date_time
    if ends is not None and ends <= station.now() and info.status == "Accepted":
        return msgspec.structs.replace(info, status="Expired")
    return info


def remember(station: Station, token: Token, info: TokenInfo) -> None:
    """Put what the central system said into the cache (C10.FR.01, C12; 1.6 §3.5.1)."""
    if not station.model.flag("AuthCacheCtrlr/Enabled") or local_list.find(station, token):
        return
    kept = cache(station)
    if token.key not in kept and len(kept) >= CACHED:
        del kept[_victim(station)]
    kept[token.key] = Cached(info, station.now(), station.now())


def _victim(station: Station) -> str:
    """The entry that goes when the cache is full (AuthCacheCtrlr.Policy); unusable ones first."""
    kept: dict[str, Cached] = dict(cache(station))
    policy = station.model.text("AuthCacheCtrlr/Policy")

    def worth(key: str) -> tuple[bool, Any]:
        entry = kept[key]
        measure = {"LFU": entry.uses, "FIFO": entry.at}.get(policy, entry.used_at)
        return entry.info.status == "Accepted", measure

    return min(kept, key=worth)


def on_answered(station: Station, event: TransactionEvent, answer: TransactionAnswer) -> None:
    """Note what the answer to an event says of its token, and act on it (C10.FR.05, E05)."""
    info, token = answer.id_token_info, event.id_token
    if info is None or token is None:
        return
    remember(station, token, info)
    transactions.reconsider(station, event, info)


# A driver


async def swipe(station: Station, token: Token, evse_ids: tuple[int, ...] = ()) -> TokenInfo:
    """A driver presents a token: end the charge that it began, or let it begin one.

    `evse_ids` are the EVSEs that the reader serves; none means all.
    """
    evses = [each for each in station.evses if not evse_ids or each.id in evse_ids]
    mine = next((each for each in evses if _is_holder(each, token)), None)
    if mine is not None:
        transactions.end(station, mine, Ending("StopAuthorized", "Local", token))
        return ACCEPTED
    info = await decide(station, token)
    if info.status != "Accepted":
        return info
    group = info.group_id_token
    if _is_master(station, group):
        _stop_all(station, evses, token)
        return info
    friend = next((each for each in evses if _is_of_group(each, group)), None)
    if friend is not None:
        transactions.end(station, friend, Ending("StopAuthorized", "Local", token))
        return info
    evse = _choose(station, evses, token, group, info)
    if evse is not None:
        authorize(station, evse, Authorization(token=token, group=group))
    return info


def _is_holder(evse: EvseUnit, token: Token) -> bool:
    authorization = evse.authorization
    return authorization is not None and authorization.token.key == token.key


def _is_of_group(evse: EvseUnit, group: Token | None) -> bool:
    authorization = evse.authorization
    if authorization is None or authorization.group is None or group is None:
        return False
    return authorization.group.key == group.key  # C09.FR.03; 1.6 §3.5


def _is_master(station: Station, group: Token | None) -> bool:
    master = station.model.text("AuthCtrlr/MasterPassGroupId")
    return bool(master) and group is not None and group.key == master.lower()


def _stop_all(station: Station, evses: list[EvseUnit], token: Token) -> None:
    """C16: a master pass ends charges and begins none."""
    for evse in evses:
        if evse.transaction is not None:
            transactions.end(station, evse, Ending("StopAuthorized", "MasterPass", token))


def _choose(
    station: Station, evses: list[EvseUnit], token: Token, group: Token | None, info: TokenInfo
) -> EvseUnit | None:
    """Where a token that was accepted is to charge: where a car waits, else where none is."""
    free = [
        evse
        for evse in evses
        if transactions.may_begin(evse)
        and not reservation.is_kept_from(station, evse, token, group)
        and (not info.evse_id or evse.id in info.evse_id)
    ]
    free.sort(
        key=lambda evse: (
            not reservation.is_held_for(station, evse, token, group),
            not (evse.hardware.is_plugged_in() and not evse.has_ended),
            evse.hardware.is_plugged_in(),
        )
    )
    return free[0] if free else None


def authorize(station: Station, evse: EvseUnit, authorization: Authorization) -> None:
    """Let a token charge at an EVSE, now or when its car comes within EVConnectionTimeOut."""
    used = reservation.use(station, evse, authorization.token, authorization.group)
    evse.authorization = msgspec.structs.replace(authorization, reservation_id=used)
    transactions.settle(station, evse)
    transactions.await_car(station, evse)


async def on_clear_cache(station: Station, request: ClearCache) -> Outcome:
    """Forget all that was remembered (2.x C11; 1.6 §5.4)."""
    del request
    if not station.model.flag("AuthCacheCtrlr/Enabled"):
        return Outcome(status="Rejected", status_info=StatusInfo(reason_code="NotEnabled"))
    cache(station).clear()
    return Outcome(status="Accepted")


HANDLERS: dict[type, Any] = {ClearCache: on_clear_cache}
LIVE: dict[str, Any] = {
    "AuthCacheCtrlr/Storage": lambda station, *_: str(
        sum(len(msgspec.json.encode(each)) for each in cache(station).values())
    ),
}
