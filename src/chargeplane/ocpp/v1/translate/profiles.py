"""Charging profiles and composite schedules.

Lost on the way to 1.x: ids of schedules, which phase is to be used, and the
sales tariff. All that 2.1 added (discharging, setpoints, prices, dynamic
profiles), several schedules in one profile, and purposes that 1.x lacks
cannot be said.
"""

from __future__ import annotations

from typing import Any

from chargeplane.domain import profiles as domain
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    CompositeSchedule,
)
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.action import Wire
from chargeplane.ocpp.v1 import wire
from chargeplane.ocpp.v1.translate.rows import (
    row,
    say,
    status_of,
    status_to,
    transaction_number,
)

PURPOSES = {"ChargePointMaxProfile": "ChargingStationMaxProfile"}
OF_2X = {kept: purpose for purpose, kept in PURPOSES.items()}
PERIOD = {"start_period", "limit", "number_phases", "phase_to_use"}
SCHEDULE = {
    "charging_rate_unit",
    "charging_schedule_period",
    "id",
    "start_schedule",
    "duration",
    "min_charging_rate",
    "sales_tariff",
}
PROFILE = {
    "id",
    "stack_level",
    "charging_profile_purpose",
    "charging_profile_kind",
    "charging_schedule",
    "recurrency_kind",
    "valid_from",
    "valid_to",
    "transaction_id",
}


def refuse_more(value: Any, known: set[str]) -> None:
    """Refuse a value that has more to say than 1.x can."""
    for name in value.__struct_fields__:
        if name not in known and getattr(value, name) is not None:
            raise Untranslatable(f"OCPP 1.x {type(value).__name__} has no {name}")


def read_purpose(purpose: str | None) -> Any:
    """A purpose in the words of 2.x."""
    return PURPOSES.get(purpose or "", purpose)


def write_purpose(purpose: str | None) -> str | None:
    """A purpose in the words of 1.x; others break the enum and are refused there."""
    return OF_2X.get(purpose or "", purpose)


def read_schedule(schedule: wire.ChargingSchedule) -> ChargingSchedule:
    """A schedule."""
    return ChargingSchedule(
        charging_rate_unit=schedule.charging_rate_unit,
        charging_schedule_period=read_periods(schedule),
        start_schedule=schedule.start_schedule,
        duration=schedule.duration,
        min_charging_rate=schedule.min_charging_rate,
    )


def read_periods(schedule: wire.ChargingSchedule) -> tuple[ChargingSchedulePeriod, ...]:
    """The periods of a schedule."""
    return tuple(
        ChargingSchedulePeriod(
            start_period=period.start_period,
            limit=period.limit,
            number_phases=period.number_phases,
        )
        for period in schedule.charging_schedule_period
    )


def write_schedule(schedule: ChargingSchedule) -> wire.ChargingSchedule:
    """A schedule; limits have one decimal (1.6 §7.13)."""
    refuse_more(schedule, SCHEDULE)
    return say(
        wire.ChargingSchedule,
        duration=schedule.duration,
        start_schedule=schedule.start_schedule,
        charging_rate_unit=schedule.charging_rate_unit,
        charging_schedule_period=write_periods(schedule.charging_schedule_period),
        min_charging_rate=_tenth(schedule.min_charging_rate),
    )


def write_periods(
    periods: tuple[ChargingSchedulePeriod, ...],
) -> list[wire.ChargingSchedulePeriod]:
    """The periods of a schedule; each needs a limit."""
    for period in periods:
        refuse_more(period, PERIOD)
    return [
        say(
            wire.ChargingSchedulePeriod,
            start_period=period.start_period,
            limit=_tenth(period.limit),
            number_phases=period.number_phases,
        )
        for period in periods
    ]


def _tenth(limit: float | None) -> float | None:
    return None if limit is None else round(limit, 1)


def read_profile(profile: wire.ChargingProfile) -> ChargingProfile:
    """A profile with its one schedule."""
    number = profile.transaction_id
    return ChargingProfile(
        id=profile.charging_profile_id,
        stack_level=profile.stack_level,
        charging_profile_purpose=read_purpose(profile.charging_profile_purpose),
        charging_profile_kind=profile.charging_profile_kind,
        charging_schedule=(read_schedule(profile.charging_schedule),),
        recurrency_kind=profile.recurrency_kind,
        valid_from=profile.valid_from,
        valid_to=profile.valid_to,
        transaction_id=None if number is None else str(number),
    )


def write_profile(profile: ChargingProfile) -> wire.ChargingProfile:
    """A profile with its one schedule."""
    refuse_more(profile, PROFILE)
    if len(profile.charging_schedule) != 1:
        raise Untranslatable("OCPP 1.x charging profiles have exactly one schedule")
    name = profile.transaction_id
    return say(
        wire.ChargingProfile,
        charging_profile_id=profile.id,
        transaction_id=None if name is None else transaction_number(name),
        stack_level=profile.stack_level,
        charging_profile_purpose=write_purpose(profile.charging_profile_purpose),
        charging_profile_kind=profile.charging_profile_kind,
        recurrency_kind=profile.recurrency_kind,
        valid_from=profile.valid_from,
        valid_to=profile.valid_to,
        charging_schedule=write_schedule(profile.charging_schedule[0]),
    )


def read_set(request: wire.SetChargingProfile) -> domain.SetChargingProfile:
    """A profile to be installed."""
    return domain.SetChargingProfile(
        evse_id=request.connector_id,
        charging_profile=read_profile(request.cs_charging_profiles),
    )


def write_set(request: domain.SetChargingProfile) -> wire.SetChargingProfile:
    """A profile to be installed."""
    return wire.SetChargingProfile(
        connector_id=request.evse_id,
        cs_charging_profiles=write_profile(request.charging_profile),
    )


def read_clear(request: wire.ClearChargingProfile) -> domain.ClearChargingProfile:
    """Which profiles to clear."""
    criteria = domain.ProfileCriteria(
        evse_id=request.connector_id,
        charging_profile_purpose=read_purpose(request.charging_profile_purpose),
        stack_level=request.stack_level,
    )
    return domain.ClearChargingProfile(
        charging_profile_id=request.id,
        charging_profile_criteria=None if criteria == domain.ProfileCriteria() else criteria,
    )


def write_clear(request: domain.ClearChargingProfile) -> wire.ClearChargingProfile:
    """Which profiles to clear."""
    criteria = request.charging_profile_criteria or domain.ProfileCriteria()
    return say(
        wire.ClearChargingProfile,
        id=request.charging_profile_id,
        connector_id=criteria.evse_id,
        charging_profile_purpose=write_purpose(criteria.charging_profile_purpose),
        stack_level=criteria.stack_level,
    )


def write_get(request: domain.GetCompositeSchedule) -> wire.GetCompositeSchedule:
    """Which limits hold."""
    return wire.GetCompositeSchedule(
        connector_id=request.evse_id,
        duration=request.duration,
        charging_rate_unit=request.charging_rate_unit,
    )


def read_get(request: wire.GetCompositeSchedule) -> domain.GetCompositeSchedule:
    """Which limits hold."""
    return domain.GetCompositeSchedule(
        duration=request.duration,
        evse_id=request.connector_id,
        charging_rate_unit=request.charging_rate_unit,
    )


def read_composite(
    answer: wire.GetCompositeScheduleResponse, asked: domain.GetCompositeSchedule
) -> domain.CompositeScheduleAnswer:
    """The limits; what the answer leaves out is as it was asked for."""
    schedule = answer.charging_schedule
    if schedule is None or answer.schedule_start is None:
        return domain.CompositeScheduleAnswer(status=answer.status)
    return domain.CompositeScheduleAnswer(
        status=answer.status,
        schedule=CompositeSchedule(
            evse_id=asked.evse_id if answer.connector_id is None else answer.connector_id,
            duration=asked.duration if schedule.duration is None else schedule.duration,
            schedule_start=answer.schedule_start,
            charging_rate_unit=schedule.charging_rate_unit,
            charging_schedule_period=read_periods(schedule),
        ),
    )


def write_composite(answer: domain.CompositeScheduleAnswer) -> Wire:
    """The limits."""
    schedule = answer.schedule
    if schedule is None:
        return wire.GetCompositeScheduleResponse(status=answer.status)
    return wire.GetCompositeScheduleResponse(
        status=answer.status,
        connector_id=schedule.evse_id,
        schedule_start=schedule.schedule_start,
        charging_schedule=wire.ChargingSchedule(
            duration=schedule.duration,
            charging_rate_unit=schedule.charging_rate_unit,
            charging_schedule_period=write_periods(schedule.charging_schedule_period),
        ),
    )


ROWS = (
    row(
        "csms",
        "SetChargingProfile",
        domain.SetChargingProfile,
        read=read_set,
        write=write_set,
        read_answer=status_to(domain.SetChargingProfileAnswer),
        write_answer=status_of(wire.SetChargingProfileResponse),
    ),
    row(
        "csms",
        "ClearChargingProfile",
        domain.ClearChargingProfile,
        read=read_clear,
        write=write_clear,
        read_answer=status_to(domain.ClearChargingProfileAnswer),
        write_answer=status_of(wire.ClearChargingProfileResponse),
    ),
    row(
        "csms",
        "GetCompositeSchedule",
        domain.GetCompositeSchedule,
        read=read_get,
        write=write_get,
        read_answer=read_composite,
        write_answer=write_composite,
    ),
)
