"""Charging profiles that a station holds, and the limit that follows from them now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ClearChargingProfile,
    ClearChargingProfileAnswer,
    ProfileCriteria,
    SetChargingProfile,
    SetChargingProfileAnswer,
)
from chargeplane.domain.transactions import TransactionEnded
from chargeplane.station.station import EvseUnit, Station

UNLIMITED_A: Final = 32.0  # what the wires of the station carry
VOLTAGE_V: Final = 230.0
PHASES: Final = 3
RECURRENCE: Final = {"Daily": timedelta(days=1), "Weekly": timedelta(days=7)}


class Installed(msgspec.Struct, frozen=True):
    """A profile and the EVSE for which it was installed; 0 is the station."""

    evse_id: int
    profile: ChargingProfile


def profiles(station: Station) -> Any:
    """The profiles: by their id."""
    return station.documents.collection("profiles", Installed)


def install(station: Station, new: Installed) -> None:
    """Install a profile in the place of its like."""
    with station.documents.together():
        for key, each in list(profiles(station).items()):
            if _is_like(each, new.evse_id, new.profile):
                del profiles(station)[key]
        profiles(station)[str(new.profile.id)] = new
    station.signals.limits.emit(None)


def limit_a(station: Station, evse: EvseUnit) -> float:
    """The limit in A per phase: of each purpose the profile with the highest stack level counts."""
    limits = [UNLIMITED_A]
    for purposes in (
        ("ChargingStationMaxProfile",),
        ("ChargingStationExternalConstraints",),
        ("TxProfile", "TxDefaultProfile"),
    ):
        limits += _limits(station, evse, purposes)
    return min(limits)


def _limits(station: Station, evse: EvseUnit, purposes: tuple[str, ...]) -> list[float]:
    """The limit of the first purpose that has one now."""
    for purpose in purposes:
        held = [
            each for each in profiles(station).values() if _applies(each, evse, purpose, station)
        ]
        for each in sorted(held, key=lambda each: -each.profile.stack_level):
            limit = _limit_now(each.profile, evse, station.now())
            if limit is not None:
                return [limit]
    return []


def _applies(each: Installed, evse: EvseUnit, purpose: str, station: Station) -> bool:
    profile, now = each.profile, station.now()
    if profile.charging_profile_purpose != purpose:
        return False
    if each.evse_id not in (0, evse.id):
        return False
    if purpose == "TxProfile" and profile.transaction_id is not None:
        running = evse.transaction
        if running is None or station.names.get(running.id, running.id) != profile.transaction_id:
            return False
    return (profile.valid_from is None or profile.valid_from <= now) and (
        profile.valid_to is None or now < profile.valid_to
    )


def _limit_now(profile: ChargingProfile, evse: EvseUnit, now: datetime) -> float | None:
    schedule = profile.charging_schedule[0]
    elapsed = (now - _start(profile, schedule, evse, now)).total_seconds()
    if elapsed < 0 or (schedule.duration is not None and elapsed >= schedule.duration):
        return None
    periods = [p for p in schedule.charging_schedule_period if p.start_period <= elapsed]
    if not periods or periods[-1].limit is None:
        return None
    limit = periods[-1].limit
    if schedule.charging_rate_unit == "A":
        return limit
    return limit / (VOLTAGE_V * (periods[-1].number_phases or PHASES))


def _start(
    profile: ChargingProfile, schedule: ChargingSchedule, evse: EvseUnit, now: datetime
) -> datetime:
    """When the schedule began: by the clock, with the transaction, or again and again."""
    if profile.charging_profile_kind == "Relative" or schedule.start_schedule is None:
        return evse.transaction.began if evse.transaction else now
    start = schedule.start_schedule
    every = RECURRENCE.get(profile.recurrency_kind or "")
    if profile.charging_profile_kind == "Recurring" and every and start <= now:
        start += (now - start) // every * every
    return start


async def on_set(station: Station, request: SetChargingProfile) -> SetChargingProfileAnswer:
    """Install a profile in the place of its like (2.x K01; 1.6 §5.16)."""
    if request.evse_id and station.evse(request.evse_id) is None:
        return SetChargingProfileAnswer(status="Rejected")
    new = request.charging_profile
    install(station, Installed(request.evse_id, new))
    return SetChargingProfileAnswer(status="Accepted")


def _is_like(each: Installed, evse_id: int, new: ChargingProfile) -> bool:
    old = each.profile
    same_place = each.evse_id == evse_id
    return old.id == new.id or (
        same_place
        and old.stack_level == new.stack_level
        and old.charging_profile_purpose == new.charging_profile_purpose
    )


async def on_clear(station: Station, request: ClearChargingProfile) -> ClearChargingProfileAnswer:
    """Remove profiles by id or criteria (2.x K10; 1.6 §5.5)."""
    found = [key for key, each in profiles(station).items() if _is_meant(each, request)]
    for key in found:
        del profiles(station)[key]
    station.signals.limits.emit(None)
    return ClearChargingProfileAnswer(status="Accepted" if found else "Unknown")


def _is_meant(each: Installed, request: ClearChargingProfile) -> bool:
    if request.charging_profile_id is not None:
        return each.profile.id == request.charging_profile_id
    criteria = request.charging_profile_criteria or ProfileCriteria()
    wanted = (
        (criteria.evse_id, each.evse_id),
        (criteria.charging_profile_purpose, each.profile.charging_profile_purpose),
        (criteria.stack_level, each.profile.stack_level),
    )
    return all(want is None or want == is_ for want, is_ in wanted)


def on_event(station: Station, event: Any) -> None:
    """Forget the profiles of a transaction with it (2.x K01.FR.31; 1.6 §3.13.1)."""
    if not isinstance(event, TransactionEnded):
        return
    for key, each in list(profiles(station).items()):
        mine = event.evse is not None and each.evse_id == event.evse.id
        if mine and each.profile.charging_profile_purpose == "TxProfile":
            del profiles(station)[key]


HANDLERS: dict[type, Any] = {SetChargingProfile: on_set, ClearChargingProfile: on_clear}
ON_EVENT = (on_event,)
