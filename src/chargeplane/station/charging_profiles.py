"""Charging profiles that the central system sets, clears and asks for (2.x K01-K10; 1.6 §3.13)."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any, Final

from msgspec.structs import replace

from chargeplane.domain.messages import StatusInfo
from chargeplane.domain.profiles import (
    ChargingProfile,
    ClearChargingProfile,
    ClearChargingProfileAnswer,
    ProfileCriteria,
    SetChargingProfile,
    SetChargingProfileAnswer,
)
from chargeplane.domain.transactions import TransactionEnded, TransactionEvent
from chargeplane.energy.composite_checks import refusal
from chargeplane.energy.composite_criteria import (
    Report,
    cleared,
    expired,
    matching,
    of_transaction,
    reports,
)
from chargeplane.energy.composite_rules import (
    RULES_1X,
    Candidate,
    Origin,
    Rules,
    prepared,
    replaced,
)
from chargeplane.energy.composite_values import Installed
from chargeplane.evse.hardware import PhaseControl
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.ocpp.v2.translate.rows import to_wire
from chargeplane.station import bidirectional, profile_store, smart_charging
from chargeplane.station.reports import in_parts, send_parts
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

PART: Final = 5  # profiles in one report
AT_START: Final[Origin] = "RequestStartTransaction"

to_wire_profile = to_wire(wire.ChargingProfile)


# What can be installed


def rules(station: Station, evse_id: int) -> Rules:
    """Which profiles an EVSE takes, by its variables and the version that it speaks."""
    model, name = station.model, "SmartChargingCtrlr/"
    external = model.text(name + "MaxExternalConstraintsId")
    base = RULES_1X if station.conduct.profiles_replace_their_like else Rules()
    can_switch = model.flag(name + "ACPhaseSwitchingSupported")
    return dataclasses.replace(
        base,
        max_stack_level=model.number(name + "ProfileStackLevel"),
        max_periods=model.number(name + "PeriodsPerSchedule"),
        max_profiles=int(model.maximum(name + "Entries[ChargingProfiles]")),
        rate_units=frozenset(model.words(name + "RateUnit")),  # type: ignore[arg-type]
        additional_purposes=frozenset(
            model.words(name + "SupportedAdditionalPurposes")  # type: ignore[arg-type]
        ),
        operation_modes=bidirectional.common_modes(station, evse_id),
        dynamic_profiles=model.flag(name + "SupportsFeature[DynamicProfiles]"),
        max_offline_duration=model.flag(name + "SupportsFeature[MaxOfflineDuration]"),
        local_time=model.flag(name + "SupportsFeature[UseLocalTime]"),
        randomized_delay=model.flag(name + "SupportsFeature[RandomizedDelay]"),
        limit_at_soc=model.flag(name + "SupportsFeature[LimitAtSoC]"),
        evse_sleep=model.flag(name + "SupportsFeature[EvseSleep]"),
        supply_phases=model.number("ChargingStation/SupplyPhases"),
        phase_switching=can_switch,
        max_external_id=int(external) if external else None,
        several_schedules=_negotiates(station, evse_id),
    )


def _negotiates(station: Station, evse_id: int) -> bool:
    """Whether the central system knows what the car at an EVSE needs (K01.FR.34)."""
    evse = station.evse(evse_id)
    return evse is not None and evse.negotiation is not None and evse.negotiation.is_told


def refuse(
    station: Station, evse_id: int, profile: ChargingProfile, origin: Origin = "SetChargingProfile"
) -> StatusInfo | None:
    """Why a profile cannot be installed on an EVSE; None if it can."""
    purposes = station.model.words("InternalCtrlr/SupportedChargingProfilePurposeTypes")
    if profile.charging_profile_purpose not in purposes:
        return StatusInfo(reason_code="UnsupportedPurpose")
    candidate = Candidate(
        new=Installed(evse_id=evse_id, profile=profile, installed_at=station.now()),
        held=profile_store.installed(station),
        circumstances=smart_charging.circumstances(station),
        rules=rules(station, evse_id),
        origin=origin,
    )
    return (
        refusal(candidate)
        or _phases_not_ensured(station, evse_id, profile)
        or bidirectional.refuse(station, evse_id, profile)
    )


def _phases_not_ensured(
    station: Station, evse_id: int, profile: ChargingProfile
) -> StatusInfo | None:
    """Whether more phases might be used than a period allows (K01.FR.43)."""
    if not station.conduct.ensures_phases:
        return None
    supplied = station.model.number("ChargingStation/SupplyPhases")
    evses = [each for each in station.evses if evse_id in (0, each.id)]
    fewer = any(
        (period.number_phases or supplied) < supplied
        for schedule in profile.charging_schedule
        for period in schedule.charging_schedule_period
    )
    if fewer and not all(isinstance(each.hardware, PhaseControl) for each in evses):
        return StatusInfo(
            reason_code="InvalidSchedule",
            additional_info="K01.FR.43: phases cannot be switched off",
        )
    return None


def install(station: Station, evse_id: int, profile: ChargingProfile, source: str = "CSO") -> None:
    """Install a profile in the place of those that it replaces."""
    new = prepared(
        Installed(evse_id=evse_id, profile=profile, source=source, installed_at=station.now())
    )
    held = profile_store.installed(station)
    gone = replaced(new, held, rules(station, evse_id))
    profile_store.change(station, gone=gone, new=(new,))
    smart_charging.watch_offline(station)


def require_enabled(station: Station) -> None:
    """Raise the error of a station that has no smart charging (K01.FR.29)."""
    if not smart_charging.is_enabled(station):
        raise OcppError("NotSupported", "smart charging is not enabled")


async def on_set(station: Station, request: SetChargingProfile) -> SetChargingProfileAnswer:
    """Install a profile if it can be (2.x K01; 1.6 §5.16)."""
    require_enabled(station)
    _forget_expired(station)
    reason = refuse(station, request.evse_id, request.charging_profile)
    if reason is not None:
        return SetChargingProfileAnswer(status="Rejected", status_info=reason)
    install(station, request.evse_id, request.charging_profile)
    return SetChargingProfileAnswer(status="Accepted")


def _forget_expired(station: Station) -> None:
    gone = expired(profile_store.installed(station), station.now())
    if gone:
        profile_store.change(station, gone=gone)


# Of transactions


def refuse_at_start(station: Station, evse: EvseUnit, profile: ChargingProfile) -> str | None:
    """The reason code why a profile cannot come with a remote start (K05.FR.05)."""
    reason = refuse(station, evse.id, profile, AT_START)
    return None if reason is None else reason.reason_code


def on_event(station: Station, event: TransactionEvent) -> None:
    """Install the profile that a transaction is to begin with, and forget its profiles with it."""
    evse = station.evse(event.evse.id) if event.evse else None
    if evse is None:
        return
    if isinstance(event, TransactionEnded):
        name = smart_charging.name_of(station, evse)
        gone = of_transaction(profile_store.installed(station), evse.id, name)
        if gone:
            profile_store.change(station, gone=gone)  # K02.FR.05; 1.6 §3.13.1
    elif evse.authorization is not None and evse.authorization.charging_profile is not None:
        profile = evse.authorization.charging_profile
        evse.authorization = replace(evse.authorization, charging_profile=None)
        install(station, evse.id, profile)  # K05.FR.03; 1.6 §5.16.2


# Clearing and reporting


async def on_clear(station: Station, request: ClearChargingProfile) -> ClearChargingProfileAnswer:
    """Remove profiles by id or criteria (2.x K10; 1.6 §5.5)."""
    require_enabled(station)
    gone = cleared(profile_store.installed(station), request)
    if not gone:
        return ClearChargingProfileAnswer(status="Unknown")
    profile_store.change(station, gone=gone)
    return ClearChargingProfileAnswer(status="Accepted")


async def on_get(
    station: Station, request: wire.GetChargingProfiles
) -> wire.GetChargingProfilesResponse:
    """Report the profiles that are asked for, in parts that follow (K09)."""
    require_enabled(station)
    asked = request.charging_profile
    criteria = ProfileCriteria(
        evse_id=request.evse_id,
        charging_profile_purpose=asked.charging_profile_purpose,
        stack_level=asked.stack_level,
    )
    found = matching(
        profile_store.installed(station),
        criteria,
        asked.charging_profile_id or (),
        asked.charging_limit_source or (),
    )
    if not found:
        return wire.GetChargingProfilesResponse(status="NoProfiles")
    parts = [
        each._replace(profiles=tuple(part))
        for each in reports(found)
        for part in in_parts(list(each.profiles), PART)
    ]
    say = partial(_report, request.request_id)
    station.spawn(send_parts(station, parts, say), "charging profiles")
    return wire.GetChargingProfilesResponse(status="Accepted")


def _report(request_id: int, _number: int, more: bool, report: Report) -> Any:  # noqa: FBT001
    return wire.ReportChargingProfiles(
        request_id=request_id,
        charging_limit_source=report.source,
        charging_profile=[to_wire_profile(each) for each in report.profiles],
        tbc=more,
        evse_id=report.evse_id,
    )


HANDLERS: dict[type, Any] = {
    SetChargingProfile: on_set,
    ClearChargingProfile: on_clear,
    wire.GetChargingProfiles: on_get,
}
LIVE: dict[str, Any] = {
    "SmartChargingCtrlr/Entries": lambda station, *_: str(profile_store.count(station)),
}
ON_EVENT = (on_event,)
