"""Charging profiles for a station at a desk, and a car that charges."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from chargeplane.domain.profiles import (
    ChargingProfile,
    ClearChargingProfile,
    ClearChargingProfileAnswer,
    CompositeSchedule,
    GetCompositeSchedule,
    ProfileCriteria,
    SetChargingProfile,
    SetChargingProfileAnswer,
)
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import TransactionStarted
from chargeplane.energy.composite_criteria import Report, reports
from chargeplane.energy.composite_values import Installed
from chargeplane.ocpp.v2 import wire
from chargeplane.ocpp.v2.translate.profiles import plain
from chargeplane.ocpp.v2.translate.rows import to
from chargeplane.station import authorization, profile_store
from tests.energy import profiles
from tests.station.desk import Place

TAG = Token("TAG")


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def profile(*limits: Any, **changes: Any) -> ChargingProfile:
    """A TxDefaultProfile from now on; relative ones have no start."""
    relative = changes.get("charging_profile_kind") in ("Relative", "Dynamic")
    start = {} if "start_schedule" in changes else {"start_schedule": None if relative else now()}
    return profiles.profile(*limits, **(changes | start))


def steps(limits: dict[int, float]) -> list[dict[str, Any]]:
    """Periods from seconds and limits."""
    return [{"start_period": start, "limit": limit} for start, limit in limits.items()]


async def charge(there: Place, number: int = 1) -> str:
    """Let a car charge, and return the name of its transaction."""
    began = len(there.desk.all(TransactionStarted))
    there.hardware(number).plug_in()
    await authorization.swipe(there.station, TAG, (number,))
    await there.desk.hears(TransactionStarted, count=began + 1)
    evse = there.evse(number)
    await there.until(lambda: evse.transaction and evse.limit_a > 0)
    transaction = evse.transaction
    assert transaction is not None
    if there.desk.version == "1.6":
        await there.until(lambda: transaction.id in there.station.names)
    return there.station.names.get(transaction.id, transaction.id)


async def set_(there: Place, evse_id: int, *set_profiles: ChargingProfile) -> list[str]:
    """Set profiles one after the other; the statuses."""
    return [(await answer_to(there, evse_id, each)).status for each in set_profiles]


async def answer_to(
    there: Place, evse_id: int, charging_profile: ChargingProfile
) -> SetChargingProfileAnswer:
    request = SetChargingProfile(evse_id=evse_id, charging_profile=charging_profile)
    answer: SetChargingProfileAnswer = await there.desk.ask(request)
    return answer


async def refused(there: Place, evse_id: int, charging_profile: ChargingProfile) -> str:
    """Set a profile that is rejected; the reason code."""
    answer = await answer_to(there, evse_id, charging_profile)
    assert answer.status == "Rejected"
    assert profile_store.find(there.station, charging_profile.id) is None
    return answer.status_info.reason_code if answer.status_info else ""


async def clear(there: Place, profile_id: int | None = None, **criteria: Any) -> str:
    answer: ClearChargingProfileAnswer = await there.desk.ask(
        ClearChargingProfile(
            charging_profile_id=profile_id,
            charging_profile_criteria=ProfileCriteria(**criteria) if criteria else None,
        )
    )
    return answer.status


async def reported(
    there: Place, evse_id: int | None = None, **criterion: Any
) -> list[wire.ReportChargingProfiles]:
    """The parts of the report of the profiles that are asked for."""
    there.desk.forget()
    request = wire.GetChargingProfiles(
        request_id=7,
        evse_id=evse_id,
        charging_profile=wire.ChargingProfileCriterion(**criterion),
    )
    answer = await there.desk.ask(request)
    if answer.status == "NoProfiles":
        return []
    await there.desk.hears(wire.ReportChargingProfiles, lambda part: not part.tbc)
    parts = there.desk.all(wire.ReportChargingProfiles)
    assert [part.tbc for part in parts] == [True] * (len(parts) - 1) + [False]
    assert all(part.request_id == request.request_id for part in parts)
    return parts


def read(parts: Iterable[wire.ReportChargingProfiles]) -> list[Report]:
    """What reports say, in the words of the domain."""
    return reports(
        Installed(
            evse_id=part.evse_id,
            source=part.charging_limit_source,
            profile=to(ChargingProfile)(plain(each)),
        )
        for part in parts
        for each in part.charging_profile
    )


async def composite(
    there: Place, evse_id: int = 1, duration: int = 400, unit: Any = "A"
) -> CompositeSchedule:
    answer = await there.desk.ask(
        GetCompositeSchedule(evse_id=evse_id, duration=duration, charging_rate_unit=unit)
    )
    assert answer.status == "Accepted"
    schedule = answer.schedule
    assert isinstance(schedule, CompositeSchedule)
    assert (schedule.evse_id, schedule.charging_rate_unit) == (evse_id, unit)
    return schedule


def limits(schedule: CompositeSchedule, since: datetime | None = None) -> list[tuple[int, Any]]:
    """The limits of a schedule and their starts, counted from a moment."""
    first = since or schedule.schedule_start
    offset = round((schedule.schedule_start - first).total_seconds())
    return [
        (0 if period.start_period == 0 else period.start_period + offset, period.limit)
        for period in schedule.charging_schedule_period
    ]


def pass_time(there: Place, seconds: float) -> None:
    """Let the clock of the station go on; alarms do not wait for less because of it."""
    there.station.clock_offset += timedelta(seconds=seconds)
    profile_store.follow(there.station)
