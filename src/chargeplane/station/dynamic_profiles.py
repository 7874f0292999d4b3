"""Dynamic charging profiles: values that change, sent or asked for (2.1 K28)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from chargeplane.domain.messages import StatusInfo
from chargeplane.energy.composite_rules import Candidate, Origin, updated
from chargeplane.energy.composite_schedule_checks import SCHEDULE_CHECKS
from chargeplane.energy.composite_values import Installed
from chargeplane.errors import NoAnswer, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import profile_store, smart_charging
from chargeplane.station.charging_profiles import require_enabled, rules
from chargeplane.station.station import Station

VALUES: Final = tuple(
    name for name in wire.ChargingScheduleUpdate.__struct_fields__ if name != "custom_data"
)
INVALID: Final = StatusInfo(reason_code="InvalidProfile")


async def on_update(
    station: Station, request: wire.UpdateDynamicSchedule
) -> wire.UpdateDynamicScheduleResponse:
    """Let new values count at once (K28.FR.06, FR.11)."""
    require_enabled(station)
    each = profile_store.find(station, request.charging_profile_id)
    reason: StatusInfo | None = INVALID
    if each is not None and each.source == "CSO":
        reason = apply(station, each, _said(request.schedule_update))
    if reason is None:
        return wire.UpdateDynamicScheduleResponse(status="Accepted")
    info = wire.StatusInfo(reason_code=reason.reason_code, additional_info=reason.additional_info)
    return wire.UpdateDynamicScheduleResponse(status="Rejected", status_info=info)


def _said(update: wire.ChargingScheduleUpdate) -> dict[str, float]:
    values = {name: getattr(update, name) for name in VALUES}
    return {name: value for name, value in values.items() if value is not None}


def apply(
    station: Station,
    each: Installed,
    values: Mapping[str, float],
    origin: Origin = "SetChargingProfile",
) -> StatusInfo | None:
    """Give a dynamic profile new values; the reason why it cannot have them."""
    if each.profile.charging_profile_kind != "Dynamic":
        return INVALID
    new = updated(each, values, station.now())
    candidate = Candidate(
        new, (), smart_charging.circumstances(station), rules(station, each.evse_id), origin
    )
    for check in SCHEDULE_CHECKS:
        if check.is_wrong(candidate):
            return StatusInfo(reason_code=check.reason_code, additional_info=check.rule)
    profile_store.change(station, new=(new,))
    return None


# Asking for values (K28.FR.10)


def watch(station: Station, _none: Any = None) -> None:
    """Ask for the values of each profile that wants it, when their time has come."""
    for each in profile_store.installed(station):
        interval_s = each.profile.dyn_update_interval or 0
        name = f"pull {each.profile.id} {interval_s}"
        if interval_s > 0 and not station.has_alarm(name):
            work = partial(_look, name=name, profile_id=each.profile.id, interval_s=interval_s)
            station.alarm(name, _left_s(station, each), work)


def _left_s(station: Station, each: Installed) -> float:
    last = each.profile.dyn_update_time or station.now()
    due = last + timedelta(seconds=each.profile.dyn_update_interval or 0)
    return (due - station.now()).total_seconds()


def _look(station: Station, *, name: str, profile_id: int, interval_s: int) -> None:
    each = profile_store.find(station, profile_id)
    if each is None or each.profile.dyn_update_interval != interval_s:
        return
    left_s = _left_s(station, each)
    if left_s <= 0 and station.is_online:
        station.spawn(_pull(station, profile_id), "pull")
    work = partial(_look, name=name, profile_id=profile_id, interval_s=interval_s)
    station.alarm(name, left_s if left_s > 0 else interval_s, work)


async def _pull(station: Station, profile_id: int) -> None:
    try:
        answer = await station.ask(wire.PullDynamicScheduleUpdate(charging_profile_id=profile_id))
    except (NoAnswer, OcppError, Untranslatable):
        return
    each = profile_store.find(station, profile_id)
    if answer.status == "Accepted" and answer.schedule_update is not None and each is not None:
        apply(station, each, _said(answer.schedule_update))


def catch_up(station: Station) -> None:
    """Ask at once for what could not be asked for without a connection."""
    for each in profile_store.installed(station):
        interval_s = each.profile.dyn_update_interval or 0
        if interval_s > 0 and _left_s(station, each) <= 0:
            station.silence(f"pull {each.profile.id} {interval_s}")
    watch(station)


HANDLERS: dict[type, Any] = {wire.UpdateDynamicSchedule: on_update}
ON_START = (watch,)
ON_LIMITS = (watch,)
ON_ACCEPTED = (catch_up,)
