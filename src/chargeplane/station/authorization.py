"""Whether a token may charge here: local list, cache, the central system, and what if offline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from chargeplane.domain.messages import Outcome, StatusInfo
from chargeplane.domain.tokens import (
    Authorize,
    CertificateCheck,
    ClearCache,
    Token,
    TokenInfo,
)
from chargeplane.domain.transactions import TransactionAnswer, TransactionEvent
from chargeplane.errors import NoAnswer
from chargeplane.ocpp.errors import OcppError
from chargeplane.station import local_list, reservation, tariff_cost, transactions, web_payments
from chargeplane.station.machine import State
from chargeplane.station.station import Station
from chargeplane.station.tariffs import Offer
from chargeplane.station.unit import Authorization, Connector, Ending, EvseUnit

CACHED: Final = 1000  # tokens in the cache
ACCEPTED: Final = TokenInfo(status="Accepted")
UNKNOWN: Final = TokenInfo(status="Unknown")
# Kinds of tokens that nobody is asked about and nothing is remembered of (C02, C05).
UNASKED: Final = frozenset({"NoAuthorization", "Central"})
NOBODY: Final = Token("", "NoAuthorization")

Withdrawn = Literal["Accepted", "AuthorizationNotFound", "EvseNotFound"]
Choose = Callable[[tuple[EvseUnit, ...]], Awaitable[Iterable[EvseUnit]]]
"""Lets a driver choose some of the EVSEs that charge."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is thought of a token, and what the central system said beside it (2.1)."""

    info: TokenInfo
    offer: Offer = Offer()
    allowed_energy_transfer: tuple[str, ...] | None = None
    certificate_status: CertificateCheck | None = None


class Cached(msgspec.Struct):
    """What the central system said of a token."""

    info: TokenInfo
    at: datetime
    used_at: datetime
    uses: int = 1
    offer: Offer = Offer()  # I08.FR.05


def cache(station: Station) -> Any:
    """The cache: by the key of the token."""
    return station.documents.collection("auth_cache", Cached)


# Deciding


async def decide(station: Station, token: Token) -> Verdict:
    """What is to be thought of a token, by C01, C10 to C15 of 2.x and §3.5 of 1.6."""
    if not station.model.flag("AuthCtrlr/Enabled") or token.type in UNASKED:
        return Verdict(info=ACCEPTED)
    known = find(station, token)
    if station.model.flag("AuthCtrlr/DisableRemoteAuthorization"):
        return known or Verdict(info=UNKNOWN)
    if not station.is_online:
        return offline(station, known)
    if known is not None and _needs_no_question(station, token, known.info):
        return known
    try:
        return await ask(station, Authorize(id_token=token))
    except (NoAnswer, OcppError):
        return offline(station, known)


async def ask(station: Station, request: Authorize) -> Verdict:
    """What the central system thinks of a token; raises `NoAnswer`, `OcppError`."""
    answer = await station.ask(request)
    await tariff_cost.await_price(station, request.id_token)
    info, offer = tariff_cost.examine(station, answer)
    remember(station, request.id_token, answer.id_token_info, offer)
    return Verdict(
        info=info,
        offer=offer,
        allowed_energy_transfer=answer.allowed_energy_transfer,
        certificate_status=answer.certificate_status,
    )


def _needs_no_question(station: Station, token: Token, known: TokenInfo) -> bool:
    if known.status == "Accepted":
        return station.model.flag("AuthCtrlr/LocalPreAuthorize")  # C12.FR.02, C14.FR.02
    listed = local_list.find(station, token) is not None
    controller = "LocalAuthListCtrlr" if listed else "AuthCacheCtrlr"
    return station.model.flag(f"{controller}/DisablePostAuthorize")  # C14.FR.03, C10.FR.03


def offline(station: Station, known: Verdict | None) -> Verdict:
    """C13, C15: the list and the cache, and whether strangers may charge."""
    if known is not None:
        may = station.model.flag("AuthCtrlr/LocalAuthorizeOffline")
        return known if may else Verdict(info=UNKNOWN)
    may = station.model.flag("AuthCtrlr/OfflineTxForUnknownIdEnabled")
    return Verdict(info=ACCEPTED if may else UNKNOWN)


def find(station: Station, token: Token) -> Verdict | None:
    """What is known without asking; the list counts more than the cache (C13.FR.01)."""
    info = local_list.find(station, token)
    if info is not None:
        return Verdict(info=_unless_expired(station, info))
    if not station.model.flag("AuthCacheCtrlr/Enabled"):
        return None
    key = _key(token)
    kept = cache(station).get(key)
    if kept is None:
        return None
    if _is_over(station, kept):
        del cache(station)[key]  # C10.FR.10, FR.13
        return None
    kept.used_at, kept.uses = station.now(), kept.uses + 1
    return Verdict(info=kept.info, offer=kept.offer)


def _key(token: Token) -> str:
    return local_list.keys(token)[0]


def _is_over(station: Station, kept: Cached) -> bool:
    """Whether an entry of the cache counts no more: by its own date or by LifeTime (C10.FR.08)."""
    ends = kept.info.cache_expiry_date_time
    if ends is None:
        lifetime = station.model.number("AuthCacheCtrlr/LifeTime")
        return bool(lifetime) and kept.at + timedelta(seconds=lifetime) <= station.now()
    return ends <= station.now()


def _unless_expired(station: Station, info: TokenInfo) -> TokenInfo:
    """C13.FR.05, C14.FR.05: an entry of the list that is past its date is none."""
    ends = info.cache_expiry_date_time
    if ends is not None and ends <= station.now() and info.status == "Accepted":
        return msgspec.structs.replace(info, status="Expired")
    return info


def remember(station: Station, token: Token, info: TokenInfo, offer: Offer | None = None) -> None:
    """Put what the central system said into the cache (C10.FR.01 to FR.05; 1.6 §3.5.1)."""
    if not station.model.flag("AuthCacheCtrlr/Enabled") or token.type in UNASKED:
        return
    kept, key = cache(station), _key(token)
    before = kept.get(key)
    entry = Cached(info, station.now(), station.now(), offer=offer or Offer())
    if before is not None:
        entry.uses, entry.offer = before.uses, offer or before.offer
    if _is_over(station, entry):
        kept.pop(key, None)  # C10.FR.13, C17.FR.01
        return
    if before is None and len(kept) >= CACHED:
        del kept[_victim(station)]
    kept[key] = entry


def _victim(station: Station) -> str:
    """The entry that goes when the cache is full (AuthCacheCtrlr.Policy); unusable ones first."""
    kept: dict[str, Cached] = dict(cache(station))
    policy = station.model.text("AuthCacheCtrlr/Policy")

    def worth(key: str) -> tuple[bool, Any]:
        entry = kept[key]
        measure = {"LFU": entry.uses, "FIFO": entry.at}.get(policy, entry.used_at)
        return entry.info.status == "Accepted", measure

    return min(kept, key=worth)


def on_answer(station: Station, told: tuple[TransactionEvent, TransactionAnswer]) -> None:
    """Note what the answer to an event says of its token, and act on it (C10.FR.05, E05)."""
    event, answer = told
    info, token = answer.id_token_info, event.id_token
    if info is None or token is None:
        return
    remember(station, token, info)
    transactions.reconsider(station, event, info)


# A driver


async def swipe(
    station: Station,
    token: Token,
    evse_ids: tuple[int, ...] = (),
    choose: Choose | None = None,
) -> TokenInfo:
    """A driver presents a token: end the charge that it began, or let it begin one.

    `evse_ids` are the EVSEs that the reader serves; none means all. A reader with a screen passes
    `choose`, for whoever holds a master pass (C16.FR.01).
    """
    evses = [each for each in station.evses if not evse_ids or each.id in evse_ids]
    ended = _end_own(station, evses, token, find(station, token))
    if ended is not None:
        return ended
    station.signals.token.emit((token, "Processing"))
    verdict = await decide(station, token)
    if verdict.info.status != "Accepted":
        station.signals.token.emit((token, "Rejected"))
        return verdict.info
    if is_master(station, verdict.info.group_id_token):
        await _end_chosen(station, evses, token, choose)
        return verdict.info
    return grant(station, evses, token, verdict)


async def press(station: Station, evse_id: int) -> TokenInfo:
    """A driver presses the start button of an EVSE (C02)."""
    return await swipe(station, NOBODY, (evse_id,))


def grant(station: Station, evses: list[EvseUnit], token: Token, verdict: Verdict) -> TokenInfo:
    """Let a token that is accepted charge where it can, or end a charge of its group."""
    ended = _end_own(station, evses, token, verdict)
    if ended is not None:
        return ended
    evse = _choose(station, evses, token, verdict.info)
    if evse is None:
        station.signals.token.emit((token, "Rejected"))
        return verdict.info
    station.signals.token.emit((token, "Accepted"))
    by = Authorization(token=token, group=verdict.info.group_id_token)
    authorize(station, evse, by, verdict)
    return verdict.info


def _end_own(
    station: Station, evses: list[EvseUnit], token: Token, known: Verdict | None
) -> TokenInfo | None:
    """End a charge without asking: by its own token, or one known of its group (C09.FR.07)."""
    evse = next((each for each in evses if is_holder(each, token)), None)
    info = ACCEPTED
    if evse is None and known is not None and known.info.status == "Accepted":
        info, group = known.info, known.info.group_id_token
        evse = next((each for each in evses if _is_of_group(each, group)), None)
    if evse is None:
        return None
    station.signals.token.emit((token, "UsedToStop"))
    transactions.end(station, evse, Ending("StopAuthorized", "Local", token))
    return info


def _is_same(one: Token, other: Token) -> bool:
    return (one.key, one.type) == (other.key, other.type)  # C01.FR.25


def is_holder(evse: EvseUnit, token: Token) -> bool:
    """Whether an EVSE charges for exactly this token."""
    return evse.authorization is not None and _is_same(evse.authorization.token, token)


def _is_of_group(evse: EvseUnit, group: Token | None) -> bool:
    authorization = evse.authorization
    if authorization is None or authorization.group is None or group is None:
        return False
    return authorization.group.key == group.key  # C09.FR.03; 1.6 §3.5


def is_master(station: Station, group: Token | None) -> bool:
    """Whether tokens of a group end charges of others, and begin none (C16.FR.03)."""
    master = station.model.text("AuthCtrlr/MasterPassGroupId")
    return bool(master) and group is not None and group.key == master.lower()


async def _end_chosen(
    station: Station, evses: list[EvseUnit], token: Token, choose: Choose | None
) -> None:
    """End the charges that are chosen, or all where nothing can be chosen (C16.FR.01, FR.02)."""
    running = tuple(each for each in evses if each.transaction is not None)
    for evse in running if choose is None else await choose(running):
        if evse.transaction is not None:
            station.signals.token.emit((token, "UsedToStop"))
            transactions.end(station, evse, Ending("StopAuthorized", "MasterPass", token))


def may_charge(station: Station, evse: EvseUnit, token: Token, group: Token | None = None) -> bool:
    """Whether an EVSE is there for a token that is accepted."""
    begun_by = None if evse.transaction is None else evse.transaction.token
    return (
        transactions.may_begin(evse)
        and evse.slot is None
        and not web_payments.is_held(station, evse)
        and not is_master(station, group)
        and (begun_by is None or _is_same(begun_by, token))  # C01.FR.23
        and not reservation.is_kept_from(station, evse, token, group)
    )


def _choose(
    station: Station, evses: list[EvseUnit], token: Token, info: TokenInfo
) -> EvseUnit | None:
    """Where a token that was accepted is to charge: where a car waits, else where none is."""
    group = info.group_id_token
    free = [
        evse
        for evse in evses
        if may_charge(station, evse, token, group)
        and (not info.evse_id or evse.id in info.evse_id)  # C01.FR.21
    ]
    free.sort(
        key=lambda evse: (
            not reservation.is_held_for(station, evse, token, group),
            not (evse.hardware.is_plugged_in() and not evse.has_ended),
            evse.hardware.is_plugged_in(),
        )
    )
    return free[0] if free else None


def authorize(
    station: Station,
    evse: EvseUnit,
    authorization: Authorization,
    verdict: Verdict | None = None,
) -> None:
    """Let a token charge at an EVSE, now or when its car comes within EVConnectionTimeOut."""
    used = reservation.find(station, evse, authorization.token, authorization.group)
    if used is not None:
        authorization = msgspec.structs.replace(
            authorization, reservation_id=used.request.id, reserved_since=used.since
        )
    evse.authorization = authorization
    if used is not None:
        reservation.use(station, used)
    verdict = verdict or find(station, authorization.token) or Verdict(info=ACCEPTED)
    tariff_cost.welcome(station, evse, verdict.info, verdict.offer)
    station.signals.token.emit((authorization.token, "UsedToStart"))
    transactions.settle(station, evse)
    transactions.await_car(station, evse)


def withdraw(station: Station, evse_id: int | None = None, token: Token | None = None) -> Withdrawn:
    """Take the right to charge away, of a token or at an EVSE (EVerest's `auth`)."""
    evses = station.evses
    if evse_id is not None:
        evse = station.evse(evse_id)
        if evse is None:
            return "EvseNotFound"
        evses = [evse]
    held = [
        each
        for each in evses
        if each.authorization is not None and (token is None or is_holder(each, token))
    ]
    for each in held:
        transactions.end(station, each, Ending("Deauthorized", "DeAuthorized", token))
    return "Accepted" if held else "AuthorizationNotFound"


def on_status(station: Station, news: tuple[EvseUnit, Connector, State]) -> None:
    """Let everybody charge who plugs in, where nobody is to be authorised (AuthCtrlr.Enabled)."""
    evse, _, state = news
    if station.model.flag("AuthCtrlr/Enabled") or evse.authorization is not None:
        return
    if state == "Preparing" and evse.hardware.is_plugged_in():
        authorize(station, evse, Authorization(token=NOBODY))


async def on_clear_cache(station: Station, request: ClearCache) -> Outcome:
    """Forget all that was remembered (2.x C11; 1.6 §5.4)."""
    del request
    if not station.model.flag("AuthCacheCtrlr/Enabled"):
        return Outcome(status="Rejected", status_info=StatusInfo(reason_code="NotEnabled"))
    cache(station).clear()
    return Outcome(status="Accepted")


def _bytes(station: Station, *_: Any) -> str:
    return str(sum(len(msgspec.json.encode(each)) for each in cache(station).values()))


HANDLERS: dict[type, Any] = {ClearCache: on_clear_cache}
LIVE: dict[str, Any] = {"AuthCacheCtrlr/Storage": _bytes}
ON_ANSWER = (on_answer,)
ON_STATUS = (on_status,)
