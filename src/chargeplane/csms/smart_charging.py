"""Limits: charging profiles, composite schedules, and limits from elsewhere (2.x K; 1.6 §3.13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, Literal

from msgspec.structs import replace
from sqlalchemy import Connection

from chargeplane.csms import notes
from chargeplane.csms.central import Central, Unit
from chargeplane.csms.commands import BY_SYSTEM, Asked, operate, send
from chargeplane.csms.registry import Station
from chargeplane.csms.reports import collect, hand_on
from chargeplane.csms.variables import to_domain
from chargeplane.domain.messages import Message, StatusInfo, Value
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    ClearChargingProfile,
    ClearChargingProfileAnswer,
    GetCompositeSchedule,
    ProfileCriteria,
    RateUnit,
    SetChargingProfile,
    SetChargingProfileAnswer,
)
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.quirks import quirks_of
from chargeplane.ocpp.v2 import wire
from chargeplane.ocpp.v2.translate.profiles import plain
from chargeplane.storage.records import ChargingProfileRecord
from chargeplane.storage.repositories import charging_profiles, stations, transactions

EXTERNAL: Final = "ChargingStationExternalConstraints"  # set by others, at the station
LIMIT_ID: Final = 100  # of the profile that is a constant limit, unless another EVSE has it
LIMIT_LEVEL: Final = 1
LIMIT_VALIDITY: Final = timedelta(days=365)
OURS: Final = "CSO"  # the limit source that is us


class SetChargingLimit(Value, frozen=True, kw_only=True):
    """Keep an EVSE, or with EVSE 0 each EVSE of the station, below a constant limit."""

    evse_id: int
    limit: float
    unit: RateUnit = "A"


class ClearChargingLimit(Value, frozen=True, kw_only=True):
    """Take a constant limit back."""

    evse_id: int


class InstalledProfile(Value, frozen=True, kw_only=True):
    """A profile that a station reported, where it holds and who set it."""

    evse_id: int
    charging_limit_source: str
    charging_profile: ChargingProfile


class InstalledProfiles(Message, frozen=True, kw_only=True):
    """The profiles that a station reported."""

    status: Literal["Accepted", "NoProfiles"]
    profiles: tuple[InstalledProfile, ...] = ()
    status_info: StatusInfo | None = None


# Profiles


async def set_charging_profile(
    central: Central, station_id: str, request: SetChargingProfile, asked: Asked = BY_SYSTEM
) -> SetChargingProfileAnswer:
    """Install a profile; one for a transaction is for the one that runs if none is named."""
    if request.charging_profile.charging_profile_purpose == EXTERNAL:  # 2.x K01.FR.22
        raise Untranslatable(f"only others set {EXTERNAL}, at the station")
    request = await _addressed(central, station_id, request)

    async def work(station: Station) -> SetChargingProfileAnswer:
        answer = await station.ask(request, asked.timeout)
        if answer.status == "Accepted":
            await central.commit(lambda unit: _install(unit, station_id, request))
        return answer

    return await operate(central, station_id, request, work, asked)


async def _addressed(
    central: Central, station_id: str, request: SetChargingProfile
) -> SetChargingProfile:
    """The request with the transaction that it means (2.x K01.FR.03)."""
    profile = request.charging_profile
    if profile.charging_profile_purpose != "TxProfile" or profile.transaction_id is not None:
        return request
    running = await central.database.read(transactions.open_of, station_id, request.evse_id)
    if not running:
        return request
    return replace(request, charging_profile=replace(profile, transaction_id=running[-1].name))


def _install(unit: Unit, station_id: str, request: SetChargingProfile) -> None:
    profile = request.charging_profile
    charging_profiles.save(unit.connection, station_id, request.evse_id, profile, "csms", unit.now)
    unit.emit(
        "charging_profile.set",
        station_id=station_id,
        evse_id=request.evse_id,
        profile=profile.id,
        purpose=profile.charging_profile_purpose,
    )


async def clear_charging_profile(
    central: Central, station_id: str, request: ClearChargingProfile, asked: Asked = BY_SYSTEM
) -> ClearChargingProfileAnswer:
    """Remove profiles; those that the station does not know are not there for us either."""
    criteria = request.charging_profile_criteria
    if criteria is not None and criteria.charging_profile_purpose == EXTERNAL:  # 2.x K10.FR.06
        raise Untranslatable(f"only others clear {EXTERNAL}, at the station")

    async def work(station: Station) -> ClearChargingProfileAnswer:
        answer = await station.ask(request, asked.timeout)
        await central.commit(lambda unit: _clear(unit, station_id, request))
        return answer

    return await operate(central, station_id, request, work, asked)


def _clear(unit: Unit, station_id: str, request: ClearChargingProfile) -> None:
    gone = charging_profiles.clear(
        unit.connection,
        station_id,
        request.charging_profile_id,
        request.charging_profile_criteria,
    )
    if gone:
        unit.emit("charging_profiles.cleared", station_id=station_id, profiles=gone)


async def get_charging_profiles(
    central: Central,
    station_id: str,
    request: wire.GetChargingProfiles,
    asked: Asked = BY_SYSTEM,
) -> InstalledProfiles:
    """Ask which profiles are installed and wait for all parts of the answer (2.x K09)."""
    request = replace(request, request_id=notes.new_id())

    async def work(station: Station) -> InstalledProfiles:
        answer, found = await collect(station, request, wire.ReportChargingProfiles, asked)
        info = to_domain(answer.status_info, StatusInfo | None)
        return InstalledProfiles(status=answer.status, profiles=found, status_info=info)

    return await operate(central, station_id, request, work, asked)


async def on_profiles(
    station: Station, request: wire.ReportChargingProfiles
) -> wire.ReportChargingProfilesResponse:
    """Store reported profiles, whether they were asked for or not (2.x K09)."""
    found = [
        InstalledProfile(
            evse_id=request.evse_id,
            charging_limit_source=request.charging_limit_source,
            charging_profile=to_domain(plain(profile), ChargingProfile),
        )
        for profile in request.charging_profile
    ]

    def work(unit: Unit) -> None:
        notes.keep(unit, station.id, "charging_profiles.reported", request)
        for one in found:
            source: Literal["csms", "station"] = (
                "csms" if one.charging_limit_source == OURS else "station"
            )
            charging_profiles.save(
                unit.connection, station.id, one.evse_id, one.charging_profile, source, unit.now
            )

    await station.central.commit(work)
    hand_on(station, request, found)
    return wire.ReportChargingProfilesResponse()


# Constant limits


async def limit(
    central: Central,
    station_id: str,
    connector: int,
    value: float,
    unit: RateUnit,
    asked: Asked = BY_SYSTEM,
) -> SetChargingProfileAnswer:
    """Set a constant limit in A or W; connector 0 stands for all."""
    request = SetChargingLimit(evse_id=connector, limit=value, unit=unit)
    return await set_charging_limit(central, station_id, request, asked)


async def set_charging_limit(
    central: Central, station_id: str, request: SetChargingLimit, asked: Asked = BY_SYSTEM
) -> SetChargingProfileAnswer:
    """Set a constant limit; it takes the place of the one that was set before."""
    evse_id, number = await central.database.read(_limit_place, station_id, request.evse_id)
    now = central.now()
    profile = ChargingProfile(
        id=number,
        stack_level=LIMIT_LEVEL,
        charging_profile_purpose="TxDefaultProfile",
        charging_profile_kind="Absolute",
        valid_from=now,
        valid_to=now + LIMIT_VALIDITY,
        charging_schedule=(constant(number + 1, request.unit, request.limit, now),),
    )
    wanted = SetChargingProfile(evse_id=evse_id, charging_profile=profile)
    return await set_charging_profile(central, station_id, wanted, asked)


async def clear_charging_limit(
    central: Central, station_id: str, request: ClearChargingLimit, asked: Asked = BY_SYSTEM
) -> ClearChargingProfileAnswer:
    """Take the constant limit of an EVSE back; Unknown if there is none."""
    evse_id, number = await central.database.read(_limit_place, station_id, request.evse_id)
    criteria = ProfileCriteria(
        evse_id=evse_id,
        charging_profile_purpose="TxDefaultProfile",
        stack_level=LIMIT_LEVEL,
    )
    wanted = ClearChargingProfile(charging_profile_id=number, charging_profile_criteria=criteria)
    return await clear_charging_profile(central, station_id, wanted, asked)


def _limit_place(connection: Connection, station_id: str, evse_id: int) -> tuple[int, int]:
    """Where a limit goes, 0 for stations that take limits as a whole only, and its id."""
    station = stations.get(connection, station_id)
    if station and quirks_of(station.vendor, station.model).refuses_connector_limits:
        evse_id = 0
    return evse_id, _limit_id(connection, station_id, evse_id)


def _limit_id(connection: Connection, station_id: str, evse_id: int) -> int:
    """The id of an EVSE's limit; a second id on a station would replace the first (K01.FR.05)."""
    taken = {
        record.profile_id: record for record in charging_profiles.of_station(connection, station_id)
    }
    number = LIMIT_ID
    while number in taken and not _is_limit_of(taken[number], evse_id):
        number += 1
    return number


def _is_limit_of(record: ChargingProfileRecord, evse_id: int) -> bool:
    place = (record.evse_id, record.purpose, record.stack_level)
    return place == (evse_id, "TxDefaultProfile", LIMIT_LEVEL)


def constant(number: int, unit: RateUnit, value: float, start: Any) -> ChargingSchedule:
    """A schedule with one limit from a moment on (2.x K01.FR.40 asks when it starts)."""
    return ChargingSchedule(
        id=number,
        charging_rate_unit=unit,
        start_schedule=start,
        charging_schedule_period=(ChargingSchedulePeriod(start_period=0, limit=value),),
    )


# Dynamic profiles of 2.1


async def update_dynamic_schedule(
    central: Central,
    station_id: str,
    request: wire.UpdateDynamicSchedule,
    asked: Asked = BY_SYSTEM,
) -> wire.UpdateDynamicScheduleResponse:
    """Change the values of a dynamic profile (2.1 K28.FR.06)."""

    async def work(station: Station) -> wire.UpdateDynamicScheduleResponse:
        answer: wire.UpdateDynamicScheduleResponse = await station.ask(request, asked.timeout)
        if answer.status == "Accepted":
            await central.commit(lambda unit: _update(unit, station_id, request))
        return answer

    return await operate(central, station_id, request, work, asked)


def _update(unit: Unit, station_id: str, request: wire.UpdateDynamicSchedule) -> None:
    record = _dynamic(unit.connection, station_id, request.charging_profile_id)
    if record is None:
        return
    said = {name: getattr(request.schedule_update, name) for name in UPDATED}
    changed = {name: value for name, value in said.items() if value is not None}
    period = replace(_period(record), **changed)
    schedule = replace(record.profile.charging_schedule[0], charging_schedule_period=(period,))
    profile = replace(record.profile, charging_schedule=(schedule,), dyn_update_time=unit.now)
    charging_profiles.save(
        unit.connection, station_id, record.evse_id, profile, record.source, unit.now
    )


async def on_pull(
    station: Station, request: wire.PullDynamicScheduleUpdate
) -> wire.PullDynamicScheduleUpdateResponse:
    """Tell the present values of a dynamic profile (2.1 K28.FR.07, K28.FR.12)."""
    number = request.charging_profile_id
    record = await station.central.database.read(_dynamic, station.id, number)
    if record is None:
        reason = wire.StatusInfo(reason_code="InvalidProfile")
        return wire.PullDynamicScheduleUpdateResponse(status="Rejected", status_info=reason)
    period = _period(record)
    update = wire.ChargingScheduleUpdate(**{name: getattr(period, name) for name in UPDATED})
    return wire.PullDynamicScheduleUpdateResponse(status="Accepted", schedule_update=update)


UPDATED: Final = tuple(
    name for name in wire.ChargingScheduleUpdate.__struct_fields__ if name != "custom_data"
)


def _dynamic(connection: Connection, station_id: str, number: int) -> ChargingProfileRecord | None:
    for record in charging_profiles.of_station(connection, station_id):
        if record.profile_id == number and record.profile.charging_profile_kind == "Dynamic":
            return record
    return None


def _period(record: ChargingProfileRecord) -> ChargingSchedulePeriod:
    """The only period of a dynamic profile (2.1 K28.FR.01)."""
    return record.profile.charging_schedule[0].charging_schedule_period[0]


HANDLERS: dict[type, Any] = {
    wire.ReportChargingProfiles: on_profiles,
    wire.PullDynamicScheduleUpdate: on_pull,
    wire.NotifyChargingLimit: notes.keeper("charging_limit.set", wire.NotifyChargingLimitResponse),
    wire.ClearedChargingLimit: notes.keeper(
        "charging_limit.cleared", wire.ClearedChargingLimitResponse
    ),
    wire.NotifyPriorityCharging: notes.keeper(
        "priority_charging.changed", wire.NotifyPriorityChargingResponse
    ),
}

OPERATIONS: dict[str, tuple[type, Any]] = {
    "set_charging_profile": (SetChargingProfile, set_charging_profile),
    "clear_charging_profile": (ClearChargingProfile, clear_charging_profile),
    "get_charging_profiles": (wire.GetChargingProfiles, get_charging_profiles),
    "get_composite_schedule": (GetCompositeSchedule, send),
    "set_charging_limit": (SetChargingLimit, set_charging_limit),
    "clear_charging_limit": (ClearChargingLimit, clear_charging_limit),
    "use_priority_charging": (wire.UsePriorityCharging, send),
    "update_dynamic_schedule": (wire.UpdateDynamicSchedule, update_dynamic_schedule),
}
