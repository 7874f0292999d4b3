"""Charging profiles that a station holds, and the limit that follows from them now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ClearChargingProfile,
    ClearChargingProfileAnswer,
    ProfileCriteria,
    SetChargingProfile,
    SetChargingProfileAnswer,
)
from chargeplane.station.station import Connector, Station

UNLIMITED_A: Final = 32.0  # what the wires of the station carry
VOLTAGE_V: Final = 230.0
PHASES: Final = 3
RECURRENCE: Final = {"Daily": timedelta(days=1), "Weekly": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Installed:
    """A profile and the EVSE for which it was installed; 0 is the station."""

    evse_id: int
    profile: ChargingProfile


def limit_a(station: Station, connector: Connector) -> float:
    """The limit in A per phase: of each purpose the profile with the highest stack level counts."""
    limits = [UNLIMITED_A]
    for purposes in (
        ("ChargingStationMaxProfile",),
        ("ChargingStationExternalConstraints",),
        ("TxProfile", "TxDefaultProfile"),
    ):
        limits += _limits(station, connector, purposes)
    return min(limits)


def _limits(station: Station, connector: Connector, purposes: tuple[str, ...]) -> list[float]:
    """The limit of the first purpose that has one now."""
    for purpose in purposes:
        held = [each for each in station.profiles if _applies(each, connector, purpose, station)]
        for each in sorted(held, key=lambda each: -each.profile.stack_level):
            limit = _limit_now(each.profile, connector, station.now())
            if limit is not None:
                return [limit]
    return []


def _applies(each: Installed, connector: Connector, purpose: str, station: Station) -> bool:
    profile, now = each.profile, station.now()
    if profile.charging_profile_purpose != purpose:
        return False
    if each.evse_id not in (0, connector.evse.id):
        return False
    if purpose == "TxProfile" and profile.transaction_id is not None:
        running = connector.transaction
        if running is None or station.queue.name(running.id) != profile.transaction_id:
            return False
    return (profile.valid_from is None or profile.valid_from <= now) and (
        profile.valid_to is None or now < profile.valid_to
    )


def _limit_now(profile: ChargingProfile, connector: Connector, now: datetime) -> float | None:
    schedule = profile.charging_schedule[0]
    elapsed = (now - _start(profile, schedule, connector, now)).total_seconds()
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
    profile: ChargingProfile, schedule: ChargingSchedule, connector: Connector, now: datetime
) -> datetime:
    """When the schedule began: by the clock, with the transaction, or again and again."""
    if profile.charging_profile_kind == "Relative" or schedule.start_schedule is None:
        return connector.transaction.began if connector.transaction else now
    start = schedule.start_schedule
    every = RECURRENCE.get(profile.recurrency_kind or "")
    if profile.charging_profile_kind == "Recurring" and every and start <= now:
        start += (now - start) // every * every
    return start


async def on_set(station: Station, request: SetChargingProfile) -> SetChargingProfileAnswer:
    """Install a profile in the place of its like (2.x K01; 1.6 §5.16)."""
    if request.evse_id and station.connector(request.evse_id) is None:
        return SetChargingProfileAnswer(status="Rejected")
    new = request.charging_profile
    station.profiles = [
        each for each in station.profiles if not _is_like(each, request.evse_id, new)
    ]
    station.profiles.append(Installed(request.evse_id, new))
    station.on_limits()
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
    kept = [each for each in station.profiles if not _is_meant(each, request)]
    found = len(kept) < len(station.profiles)
    station.profiles = kept
    station.on_limits()
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


HANDLERS: dict[type, Any] = {SetChargingProfile: on_set, ClearChargingProfile: on_clear}
