"""Whether a charging profile can be installed, as a table of what may be wrong with it.

2.x part 2 K01, K28 and Q with the errata of September 2025; 1.6 §3.13 and §5.16.
What families and stations do differently is said by `Rules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from chargeplane.domain.messages import StatusInfo
from chargeplane.domain.profiles import ChargingProfile, Purpose
from chargeplane.energy.composite_rules import Candidate, Check
from chargeplane.energy.composite_schedule_checks import SCHEDULE_CHECKS
from chargeplane.energy.composite_values import Installed

EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)
STATION_WIDE: Final = {"ChargingStationMaxProfile", "ChargingStationExternalConstraints"}


def refusal(candidate: Candidate) -> StatusInfo | None:
    """Why a profile cannot be installed, by the first check that fails; None if it can."""
    for check in CHECKS:
        if check.is_wrong(candidate):
            return StatusInfo(reason_code=check.reason_code, additional_info=check.rule)
    return None


# The profile


def _unknown_evse(c: Candidate) -> bool:
    return c.new.evse_id not in (0, *c.circumstances.facts.evse_ids)


def _unsupported_purpose(c: Candidate) -> bool:
    added = c.of_purpose("PriorityCharging", "LocalGeneration")
    return added and c.profile.charging_profile_purpose not in c.rules.additional_purposes


def _wrong_purpose(c: Candidate) -> bool:
    if c.origin == "RequestStartTransaction":
        return not c.of_purpose("TxProfile")
    return c.origin != "External" and c.of_purpose("ChargingStationExternalConstraints")


def _dynamic_members(c: Candidate) -> bool:
    updates = (c.profile.dyn_update_interval, c.profile.dyn_update_time)
    return c.profile.charging_profile_kind != "Dynamic" and updates != (None, None)


def _id_of_external(c: Candidate) -> bool:
    most = c.rules.max_external_id
    return c.origin != "External" and most is not None and c.profile.id <= most


def _replaces_external(c: Candidate) -> bool:
    return c.origin != "External" and any(
        each.profile.charging_profile_purpose == "ChargingStationExternalConstraints"
        for each in c.held
        if each.profile.id == c.profile.id
    )


def _wrong_level(c: Candidate) -> bool:
    return not 0 <= c.profile.stack_level <= c.rules.max_stack_level


def _too_many(c: Candidate) -> bool:
    return len(c.others) >= c.rules.max_profiles


def _too_soon(c: Candidate) -> bool:
    """Whether profiles of the purpose change more often than the memory lasts."""
    times = [each.installed_at for each in c.held if c.of_purpose(_purpose(each))]
    now = c.new.installed_at
    return now is not None and any(
        time is not None and (now - time).total_seconds() < c.rules.update_interval_s
        for time in times
    )


def _purpose(each: Installed) -> Purpose:
    return each.profile.charging_profile_purpose


def _not_for_transaction(c: Candidate) -> bool:
    """Whether a TxProfile is for no transaction that runs on its EVSE."""
    if not c.of_purpose("TxProfile") or c.origin == "RequestStartTransaction":
        return False
    named = c.profile.transaction_id
    return c.running is None or (named is not None and named != c.running.id)


def _unnamed_transaction(c: Candidate) -> bool:
    needed = c.rules.needs_transaction_id and c.origin != "RequestStartTransaction"
    return needed and c.of_purpose("TxProfile") and c.profile.transaction_id is None


# Beside others


def _overlaps(c: Candidate) -> bool:
    """Whether another profile of the level and purpose is valid on the EVSE at the same time."""
    return not c.of_purpose("TxProfile") and any(
        each.evse_id == c.new.evse_id and _valid_together(each.profile, c.profile)
        for each in _like(c)
    )


def _like(c: Candidate) -> Iterator[Installed]:
    for each in c.others:
        if c.of_purpose(_purpose(each)) and each.profile.stack_level == c.profile.stack_level:
            yield each


def _valid_together(one: ChargingProfile, other: ChargingProfile) -> bool:
    starts = (one.valid_from or EARLIEST, other.valid_from or EARLIEST)
    ends = (one.valid_to or LATEST, other.valid_to or LATEST)
    return max(starts) < min(ends)


def _default_elsewhere(c: Candidate) -> bool:
    """Whether a default of the level is set for the station, and this one for an EVSE, or so."""
    return (
        not c.rules.replaces_levels
        and c.of_purpose("TxDefaultProfile")
        and any((each.evse_id == 0) != (c.new.evse_id == 0) for each in _like(c))
    )


def _same_level_of_transaction(c: Candidate) -> bool:
    return c.of_purpose("TxProfile") and any(
        each.evse_id == c.new.evse_id and each.profile.transaction_id == c.profile.transaction_id
        for each in _like(c)
    )


def _phase_conflict(c: Candidate) -> bool:
    """Whether it wants other phases than a profile with which it is combined (K01.FR.141)."""
    wanted = _phases(c.profile)
    return bool(wanted) and any(
        _phases(each.profile) - wanted for each in c.others if _is_combined(c, each)
    )


def _is_combined(c: Candidate, other: Installed) -> bool:
    purposes = {c.profile.charging_profile_purpose, _purpose(other)}
    together = len(purposes) > 1 and bool(purposes & STATION_WIDE)
    return together and (other.evse_id == c.new.evse_id or 0 in {other.evse_id, c.new.evse_id})


def _phases(profile: ChargingProfile) -> set[int]:
    return {
        period.phase_to_use
        for schedule in profile.charging_schedule
        for period in schedule.charging_schedule_period
        if period.phase_to_use
    }


CHECKS: Final = (
    Check("UnknownEvse", "K01.FR.28: there is no such EVSE", _unknown_evse),
    Check("UnsupportedPurpose", "K01.FR.120: this purpose is not supported", _unsupported_purpose),
    Check("InvalidValue", "K01.FR.22, K05.FR.02: this purpose cannot be set so", _wrong_purpose),
    Check(
        "UnsupportedKind",
        "K01.FR.121: dynamic profiles are not supported",
        lambda c: c.profile.charging_profile_kind == "Dynamic" and not c.rules.dynamic_profiles,
    ),
    Check("InvalidProfile", "K01.FR.122: only dynamic profiles are updated", _dynamic_members),
    Check(
        "InvalidProfile",
        "maxOfflineDuration is not supported",
        lambda c: c.profile.max_offline_duration is not None and not c.rules.max_offline_duration,
    ),
    Check(
        "InvalidProfile",
        "a recurring profile needs recurrencyKind",
        lambda c: (
            c.profile.charging_profile_kind == "Recurring" and c.profile.recurrency_kind is None
        ),
    ),
    Check("InvalidProfileId", "K01.FR.81: ids up to this are external", _id_of_external),
    Check("DuplicateProfile", "K01.FR.05: an external constraint has this id", _replaces_external),
    Check("InvalidStackLevel", "there is no such stack level", _wrong_level),
    Check(
        "InvalidValue",
        "the limit of the station is installed on EVSE 0",
        lambda c: c.of_purpose("ChargingStationMaxProfile") and c.new.evse_id != 0,
    ),
    Check(
        "InvalidValue",
        "K01.FR.38: the limit of the station is not relative",
        lambda c: (
            c.of_purpose("ChargingStationMaxProfile")
            and c.profile.charging_profile_kind == "Relative"
        ),
    ),
    Check(
        "InvalidValue",
        "K01.FR.16: a transaction has an EVSE",
        lambda c: c.of_purpose("TxProfile") and c.new.evse_id == 0,
    ),
    Check("MissingParam", "K01.FR.03: TxProfile needs transactionId", _unnamed_transaction),
    Check("TxNotFound", "K01.FR.09, 33: there is no such transaction", _not_for_transaction),
    *SCHEDULE_CHECKS,
    Check("PhaseConflict", "K01.FR.141: another profile uses another phase", _phase_conflict),
    Check("DuplicateProfile", "K01.FR.06: the stack level is taken", _overlaps),
    Check("DuplicateProfile", "K01.FR.52, 53: the stack level is taken", _default_elsewhere),
    Check("DuplicateProfile", "K01.FR.39: the stack level is taken", _same_level_of_transaction),
    Check("TooManyElements", "no more profiles fit", _too_many),
    Check("RateLimitExceeded", "K01.FR.56: too soon after the last one", _too_soon),
)
