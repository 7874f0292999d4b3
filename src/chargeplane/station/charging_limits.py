"""Limits that a house or a grid operator imposes at the station (2.x K11-K14, K23-K29).

They become charging profiles, which count and are reported like all others. The central system
is told of each that differs significantly from what it was told last, also when the connection
was away meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Final

from msgspec.structs import replace

from chargeplane.domain.messages import StatusInfo, Value
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Purpose,
    RateUnit,
)
from chargeplane.energy.composite_criteria import expired
from chargeplane.energy.composite_values import Installed
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.v2 import wire
from chargeplane.ocpp.v2.translate.rows import to_wire
from chargeplane.station import (
    charging_profiles,
    dynamic_profiles,
    profile_store,
    smart_charging,
)
from chargeplane.station.dynamic_profiles import VALUES
from chargeplane.station.station import Station

EXTERNAL: Final[Purpose] = "ChargingStationExternalConstraints"
GENERATION: Final[Purpose] = "LocalGeneration"
OURS: Final = "CSO"
LONGEST_SOURCE: Final = 20  # characters (2.1 ChargingLimitType)
# What an external system may say where the central system lets it (K29.FR.03).
LENT: Final = {
    "ExternalLimits": tuple(name for name in VALUES if "limit" in name),
    "ExternalSetpoint": tuple(name for name in VALUES if "setpoint" in name),
}

to_wire_schedule = to_wire(wire.ChargingSchedule)


class Told(Value, frozen=True, kw_only=True):
    """What the central system knows of a limit: its schedule, and the values that held then."""

    source: str
    evse_id: int
    schedule: ChargingSchedule
    values: tuple[float | None, ...]


def _told(station: Station) -> Any:
    """What was told: by the id of the profile."""
    return station.documents.collection("limits_told", Told)


# Setting and releasing


def constant(
    unit: RateUnit = "A", duration_s: int | None = None, **values: Any
) -> ChargingSchedule:
    """A schedule of one period from now on, e.g. of `limit=16` or `setpoint=-2000`."""
    return ChargingSchedule(
        charging_rate_unit=unit,
        duration=duration_s,
        charging_schedule_period=(ChargingSchedulePeriod(start_period=0, **values),),
    )


def set_limit(
    station: Station,
    schedule: ChargingSchedule,
    *,
    source: str = "EMS",
    evse_id: int = 0,
    is_generation: bool = False,
) -> StatusInfo | None:
    """Let an external system limit an EVSE, or with 0 the station; returns why it may not.

    `source` is one of EMS, SO and Other, or in 2.1 a name of its own (ChargingLimitSourceEnumType).
    What is generated on the spot is not a limit, but comes on top (K27). The next limit of the
    source takes the place of this one.
    """
    if not _may_say(source, schedule):
        return StatusInfo(reason_code="InvalidValue")
    if not station.model.flag("SmartChargingCtrlr/ExternalControlSignalsEnabled"):
        return StatusInfo(reason_code="NotEnabled")
    if not is_generation:
        if _lend(station, source, evse_id, schedule):
            return None
        if station.model.flag("SmartChargingCtrlr/ExternalConstraintsProfileDisallowed"):
            return StatusInfo(reason_code="NotEnabled")  # K11.FR.07, Q06.FR.08
    purpose = GENERATION if is_generation else EXTERNAL
    before = _find(station, source, evse_id, purpose)
    profile = _profile(station, before, evse_id, purpose, schedule)
    reason = charging_profiles.refuse(station, evse_id, profile, "External")
    if reason is None:
        charging_profiles.install(station, evse_id, profile, source)
        tell(station)
    return reason


def _may_say(source: str, schedule: ChargingSchedule) -> bool:
    """Whether the central system could be told of it."""
    try:
        to_wire_schedule(schedule)
    except Untranslatable:
        return False
    return 0 < len(source) <= LONGEST_SOURCE and source != OURS  # K11.FR.05


def clear_limit(
    station: Station, *, source: str = "EMS", evse_id: int = 0, is_generation: bool = False
) -> bool:
    """Release what a source has set (K13); false if it has not."""
    purpose = GENERATION if is_generation else EXTERNAL
    found = _find(station, source, evse_id, purpose)
    if found is None:
        return False
    profile_store.change(station, gone=(found,))
    tell(station)
    return True


def _held(station: Station) -> list[Installed]:
    return [each for each in profile_store.installed(station) if each.source != OURS]


def _find(station: Station, source: str, evse_id: int, purpose: Purpose) -> Installed | None:
    wanted = (source, evse_id, purpose)
    for each in _held(station):
        if (each.source, each.evse_id, each.profile.charging_profile_purpose) == wanted:
            return each
    return None


def _profile(
    station: Station,
    before: Installed | None,
    evse_id: int,
    purpose: Purpose,
    schedule: ChargingSchedule,
) -> ChargingProfile:
    """The profile that stands for a limit, with the id and level of the one before."""
    held = _held(station)
    levels = {each.profile.stack_level for each in held if each.evse_id == evse_id}
    free = next(level for level in range(len(levels) + 1) if level not in levels)
    is_dynamic = _says_more_than_limits(schedule) and _is_constant(schedule)
    if not is_dynamic and schedule.start_schedule is None:
        schedule = replace(schedule, start_schedule=station.now().replace(microsecond=0))
    return ChargingProfile(
        id=_free_id(station, held) if before is None else before.profile.id,
        stack_level=free if before is None else before.profile.stack_level,
        charging_profile_purpose=purpose,
        charging_profile_kind="Dynamic" if is_dynamic else "Absolute",
        charging_schedule=(_with_modes(schedule),),
    )


def _free_id(station: Station, held: Iterable[Installed]) -> int:
    """Negative, so that none of the central system's is the same (K11.FR.06, K01.FR.82)."""
    most = station.model.text("SmartChargingCtrlr/MaxExternalConstraintsId")
    highest = min(-1, int(most)) if most else -1
    return min((each.profile.id - 1 for each in held), default=highest)


def _says_more_than_limits(schedule: ChargingSchedule) -> bool:
    """Whether it is about discharging or setpoints, which are steered (Q06.FR.01-04)."""
    names = [name for name in VALUES if not name.startswith("limit")]
    return any(
        getattr(period, name) is not None
        for period in schedule.charging_schedule_period
        for name in names
    )


def _is_constant(schedule: ChargingSchedule) -> bool:
    return schedule.start_schedule is None and len(schedule.charging_schedule_period) == 1


def _with_modes(schedule: ChargingSchedule) -> ChargingSchedule:
    """The schedule with the operation modes of what its periods say (Q06.FR.01-04)."""
    periods = tuple(_with_mode(period) for period in schedule.charging_schedule_period)
    return replace(schedule, charging_schedule_period=periods)


def _with_mode(period: ChargingSchedulePeriod) -> ChargingSchedulePeriod:
    if period.operation_mode is not None:
        return period
    if period.setpoint is not None or period.setpoint_reactive is not None:
        return replace(period, operation_mode="ExternalSetpoint")
    if period.discharge_limit is not None:
        return replace(period, operation_mode="ExternalLimits")
    return period


def _lend(station: Station, source: str, evse_id: int, schedule: ChargingSchedule) -> bool:
    """Put values where the central system lets an external system decide (K29.FR.03, Q05)."""
    said = schedule.charging_schedule_period[0]
    lent = False
    for each in profile_store.installed(station):
        period = each.profile.charging_schedule[0].charging_schedule_period[0]
        names = LENT.get(period.operation_mode or "", ())
        values = {name: value for name in names if (value := getattr(said, name)) is not None}
        if not values or not _is_meant(station, each, evse_id, schedule):
            continue
        if dynamic_profiles.apply(station, each, values, "External") is None:
            lent = True
            new = profile_store.find(station, each.profile.id) or each
            _tell_of(station, replace(new, source=source))
    return lent


def _is_meant(station: Station, each: Installed, evse_id: int, said: ChargingSchedule) -> bool:
    same_unit = each.profile.charging_schedule[0].charging_rate_unit == said.charging_rate_unit
    same_place = each.evse_id == evse_id or len(station.evses) == 1
    return each.source == OURS and same_unit and same_place


# Telling


def tell(station: Station, _none: Any = None) -> None:
    """Tell the central system of what it does not know, and look again at the next change."""
    gone = expired(_held(station), station.now())
    if gone:
        profile_store.change(station, gone=gone)
    told = _told(station)
    for key in [key for key in told if profile_store.find(station, int(key)) is None]:
        if station.is_online:
            _tell_cleared(station, told.pop(key))
    held = _held(station)
    for each in held:
        _tell_of(station, each)
    _wake(station, held)


def _tell_of(station: Station, each: Installed) -> None:
    if not station.is_online:
        return
    before = _told(station).get(str(each.profile.id))
    schedule = each.profile.charging_schedule[0]
    values = _values(_period(each.profile, schedule, station.now()))
    if before is not None and not _differs(station, before, schedule, values):
        return
    _told(station)[str(each.profile.id)] = Told(
        source=each.source, evse_id=each.evse_id, schedule=schedule, values=values
    )
    with_schedule = station.model.flag("SmartChargingCtrlr/NotifyChargingLimitWithSchedules")
    steered = each.profile.charging_profile_kind == "Dynamic"  # Q06.FR.11, FR.12
    is_generation = each.profile.charging_profile_purpose == GENERATION
    station.tell(
        wire.NotifyChargingLimit(
            evse_id=each.evse_id,
            charging_limit=wire.ChargingLimit(
                charging_limit_source=each.source,
                is_local_generation=is_generation or None,  # K27.FR.03
            ),
            charging_schedule=[to_wire_schedule(schedule)] if with_schedule or steered else None,
        )
    )


def _tell_cleared(station: Station, before: Told) -> None:
    station.tell(
        wire.ClearedChargingLimit(charging_limit_source=before.source, evse_id=before.evse_id)
    )


def _period(
    profile: ChargingProfile, schedule: ChargingSchedule, now: datetime
) -> ChargingSchedulePeriod | None:
    """The period that holds now, if one does."""
    start = schedule.start_schedule or profile.dyn_update_time or now
    elapsed_s = (now - start).total_seconds()
    if schedule.duration is not None and elapsed_s >= schedule.duration:
        return None
    begun = [each for each in schedule.charging_schedule_period if each.start_period <= elapsed_s]
    return begun[-1] if begun else None


def _values(period: ChargingSchedulePeriod | None) -> tuple[float | None, ...]:
    return tuple(None if period is None else getattr(period, name) for name in VALUES)


def _differs(
    station: Station, before: Told, schedule: ChargingSchedule, values: tuple[float | None, ...]
) -> bool:
    """Whether the values that hold, or those to come, are significantly others (SC.03)."""
    percent = smart_charging.significance_percent(station)
    pairs = [(before.values, values)]
    old, new = before.schedule, schedule
    if old.charging_rate_unit != new.charging_rate_unit:
        return True
    if len(new.charging_schedule_period) > 1 or len(old.charging_schedule_period) > 1:
        periods = (old.charging_schedule_period, new.charging_schedule_period)
        pairs += [(_values(a), _values(b)) for a, b in zip_longest(*periods)]
    return any(
        _is_significant(a, b, percent)
        for one, other in pairs
        for a, b in zip(one, other, strict=True)
    )


def _is_significant(before: float | None, now: float | None, percent: float) -> bool:
    if before is None or now is None:
        return before is not now
    return abs(now - before) * 100 > abs(before) * percent


def _wake(station: Station, held: Iterable[Installed]) -> None:
    """Look again when another period begins, or a schedule ends (K27.FR.03)."""
    now = station.now()
    moments = [
        start + timedelta(seconds=seconds)
        for each in held
        for schedule in each.profile.charging_schedule
        if (start := schedule.start_schedule or each.profile.dyn_update_time) is not None
        for seconds in (
            *(period.start_period for period in schedule.charging_schedule_period),
            *(() if schedule.duration is None else (schedule.duration,)),
        )
    ]
    later = [moment for moment in moments if moment > now]
    if later:
        station.alarm("external limits", (min(later) - now).total_seconds(), tell)
    else:
        station.silence("external limits")


ON_START = (tell,)
ON_ACCEPTED = (tell,)
