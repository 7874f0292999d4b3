"""Schedules that a car and its station agree on by ISO 15118 (2.x K15 to K17)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import Connection

from chargeplane.csms import notes
from chargeplane.csms.central import Unit
from chargeplane.csms.commands import send_soon
from chargeplane.csms.registry import Station
from chargeplane.csms.smart_charging import constant, set_charging_profile
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    RateUnit,
    SetChargingProfile,
)
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.records import ChargingProfileRecord, TransactionRecord
from chargeplane.storage.repositories import charging_profiles, transactions

PROFILES: Final = 10_000  # the id of an EVSE's profile counts from here
ROUNDS: Final = 3  # how often one profile is negotiated; its schedules are numbered by the round
TOLERANCE: Final = 1e-6  # of a limit, for what is lost between decimal and binary


async def on_needs(
    station: Station, request: wire.NotifyEVChargingNeeds
) -> wire.NotifyEVChargingNeedsResponse:
    """Offer a schedule to a car that says what it needs (2.x K15.FR.03, K15.FR.04, K15.FR.07)."""

    def work(unit: Unit) -> SetChargingProfile | None:
        notes.keep(unit, station.id, "ev.needs", request)
        running = transactions.open_of(unit.connection, station.id, request.evse_id)
        return _offer(unit, running[-1], request) if running else None

    offer = await station.central.commit(work)
    if offer is None:
        return wire.NotifyEVChargingNeedsResponse(status="Rejected")
    send_soon(station.central, station.id, offer, operation=set_charging_profile)
    return wire.NotifyEVChargingNeedsResponse(status="Accepted")


def _offer(
    unit: Unit, running: TransactionRecord, request: wire.NotifyEVChargingNeeds
) -> SetChargingProfile | None:
    """The profile that an operator has set for the transaction, else what the car asks for."""
    installed = _installed(unit.connection, running.station_id, request.evse_id, running.name)
    if installed is not None and installed.profile_id < PROFILES:
        return SetChargingProfile(evse_id=request.evse_id, charging_profile=installed.profile)
    needs = request.charging_needs
    maximum = _maximum(needs)
    if maximum is None:
        return None
    schedule = constant(1, *maximum, unit.now)
    if needs.departure_time is not None and needs.departure_time > unit.now:
        seconds = (needs.departure_time - unit.now).total_seconds()
        schedule = replace(schedule, duration=round(seconds))
    profile = ChargingProfile(
        id=PROFILES + request.evse_id,
        stack_level=0,
        charging_profile_purpose="TxProfile",
        charging_profile_kind="Absolute",
        transaction_id=running.name,
        charging_schedule=(schedule,),  # 2.x K15.FR.18: one leaves no doubt
    )
    return SetChargingProfile(evse_id=request.evse_id, charging_profile=profile)


def _maximum(needs: wire.ChargingNeeds) -> tuple[RateUnit, float] | None:
    """The most that a car can take."""
    ac, dc = needs.ac_charging_parameters, needs.dc_charging_parameters
    if ac is not None:
        return "A", ac.ev_max_current
    if dc is not None:
        power = dc.ev_max_power
        return "W", dc.ev_max_current * dc.ev_max_voltage if power is None else power
    v2x = needs.v2x_charging_parameters
    if v2x is not None and v2x.max_charge_power is not None:
        return "W", v2x.max_charge_power
    return None


async def on_schedule(
    station: Station, request: wire.NotifyEVChargingSchedule
) -> wire.NotifyEVChargingScheduleResponse:
    """Check what a car makes of its limits; a car that wants more is asked again (2.x K15)."""

    def work(unit: Unit) -> ChargingProfileRecord | None:
        notes.keep(unit, station.id, "ev.schedule", request)
        return _installed(unit.connection, station.id, request.evse_id)

    record = await station.central.commit(work)
    if record is None or not _exceeds(request, record.profile):
        return wire.NotifyEVChargingScheduleResponse(status="Accepted")  # 2.x K15.FR.11
    _negotiate_again(station, record)
    return wire.NotifyEVChargingScheduleResponse(status="Rejected")  # 2.x K15.FR.12


def _negotiate_again(station: Station, record: ChargingProfileRecord) -> None:
    """Send the profile once more (2.x K15.FR.13), but not for ever."""
    schedules = record.profile.charging_schedule
    if schedules[0].id < ROUNDS:
        again = tuple(replace(schedule, id=schedule.id + 1) for schedule in schedules)
        offer = SetChargingProfile(
            evse_id=record.evse_id,
            charging_profile=replace(record.profile, charging_schedule=again),
        )
        send_soon(station.central, station.id, offer, operation=set_charging_profile)


def _exceeds(request: wire.NotifyEVChargingSchedule, profile: ChargingProfile) -> bool:
    said, ours = request.charging_schedule, profile.charging_schedule[0]
    if said.charging_rate_unit != ours.charging_rate_unit:
        return False
    for period in said.charging_schedule_period:
        allowed = _limit_at(ours, request.time_base + timedelta(seconds=period.start_period))
        wanted = period.limit
        if wanted is not None and allowed is not None and wanted > allowed + TOLERANCE:
            return True
    return False


def _limit_at(schedule: ChargingSchedule, moment: datetime) -> float | None:
    start = schedule.start_schedule or moment
    seconds = max(0.0, (moment - start).total_seconds())
    begun = [p for p in schedule.charging_schedule_period if p.start_period <= seconds]
    return begun[-1].limit if begun else None


def _installed(
    connection: Connection, station_id: str, evse_id: int, transaction: str | None = None
) -> ChargingProfileRecord | None:
    """The highest profile that we installed for the transaction on an EVSE."""
    found = [
        record
        for record in charging_profiles.of_station(connection, station_id, evse_id)
        if record.purpose == "TxProfile"
        and record.source == "csms"
        and transaction in {None, record.profile.transaction_id}
    ]
    return found[-1] if found else None


HANDLERS: dict[type, Any] = {
    wire.NotifyEVChargingNeeds: on_needs,
    wire.NotifyEVChargingSchedule: on_schedule,
}
OPERATIONS: dict[str, tuple[type, Any]] = {}
