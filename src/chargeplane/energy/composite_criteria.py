"""Which installed profiles a question means, and which have had their time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from chargeplane.domain.profiles import (
    ChargingProfile,
    ClearChargingProfile,
    ProfileCriteria,
    Purpose,
)
from chargeplane.energy.composite_values import Installed

KEPT: Final = ("ChargingStationExternalConstraints", "LocalGeneration")  # K10.FR.03, 04


class Report(NamedTuple):
    """What one ReportChargingProfiles can hold: profiles of one EVSE and one source."""

    evse_id: int
    source: str
    profiles: tuple[ChargingProfile, ...]


def matching(
    installed: Iterable[Installed],
    criteria: ProfileCriteria,
    ids: Collection[int] = (),
    sources: Collection[str] = (),
) -> list[Installed]:
    """The profiles that match everything given (K09.FR.03-06)."""
    return [
        each
        for each in installed
        if (not ids or each.profile.id in ids)
        and (not sources or each.source in sources)
        and _matches(each, criteria)
    ]


def _matches(each: Installed, criteria: ProfileCriteria) -> bool:
    wanted = (
        (criteria.evse_id, each.evse_id),
        (criteria.charging_profile_purpose, each.profile.charging_profile_purpose),
        (criteria.stack_level, each.profile.stack_level),
    )
    return all(want is None or want == is_ for want, is_ in wanted)


def cleared(installed: Iterable[Installed], request: ClearChargingProfile) -> list[Installed]:
    """What ClearChargingProfile removes; never what came from outside (K10.FR.03-09; 1.6 §5.5)."""
    id_ = request.charging_profile_id
    criteria = request.charging_profile_criteria or ProfileCriteria()
    found = matching(installed, criteria, () if id_ is None else (id_,))
    return [each for each in found if each.profile.charging_profile_purpose not in KEPT]


def reports(found: Iterable[Installed]) -> list[Report]:
    """The profiles as they can be reported, those of each EVSE and source together (K09)."""
    groups: dict[tuple[int, str], list[ChargingProfile]] = {}
    for each in found:
        groups.setdefault((each.evse_id, each.source), []).append(each.profile)
    return [Report(*place, tuple(profiles)) for place, profiles in sorted(groups.items())]


def of_transaction(
    installed: Iterable[Installed], evse_id: int, transaction_id: str | None
) -> list[Installed]:
    """The TxProfiles that end with a transaction (1.6 §3.13.1; 2.1 part 2 K §3.2)."""
    purpose: Purpose = "TxProfile"
    return [
        each
        for each in matching(installed, ProfileCriteria(charging_profile_purpose=purpose))
        if each.evse_id == evse_id and each.profile.transaction_id in (None, transaction_id)
    ]


def expired(installed: Iterable[Installed], now: datetime) -> list[Installed]:
    """The profiles that can never hold again: by their validity, or as all their schedules end."""
    return [each for each in installed if _is_over(each.profile, now)]


def _is_over(profile: ChargingProfile, now: datetime) -> bool:
    if profile.valid_to is not None and profile.valid_to <= now:
        return True
    return profile.charging_profile_kind == "Absolute" and all(
        schedule.start_schedule is not None
        and schedule.duration is not None
        and schedule.start_schedule + timedelta(seconds=schedule.duration) <= now
        for schedule in profile.charging_schedule
    )
