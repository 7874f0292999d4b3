"""What an EVSE may draw in the time to come (2.x K08; 1.6 §5.7; EVerest's `charging_schedules`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Any, Final, cast

from msgspec.structs import replace

from chargeplane.domain.messages import StatusInfo
from chargeplane.domain.profiles import (
    CompositeSchedule,
    CompositeScheduleAnswer,
    GetCompositeSchedule,
    RateUnit,
)
from chargeplane.energy.composite_values import Composite, Window
from chargeplane.station import smart_charging
from chargeplane.station.charging_profiles import require_enabled
from chargeplane.station.station import Station

MOST_PERIODS: Final = 1024  # in one schedule (2.x ChargingScheduleType)
INTERVAL: Final = "InternalCtrlr/CompositeScheduleIntervalS"


async def on_get(station: Station, request: GetCompositeSchedule) -> CompositeScheduleAnswer:
    """What an EVSE may draw from now on, or with EVSE 0 the station."""
    require_enabled(station)
    units = station.model.words("SmartChargingCtrlr/RateUnit")
    unit = cast(RateUnit, request.charging_rate_unit or units[0])
    reason = None
    if request.evse_id and station.evse(request.evse_id) is None:
        reason = "UnknownEvse"  # K08.FR.05
    elif unit not in units:
        reason = "UnsupportedRateUnit"  # K08.FR.07
    if reason is not None:
        info = StatusInfo(reason_code=reason)
        return CompositeScheduleAnswer(status="Rejected", status_info=info)
    most = station.model.number("InternalCtrlr/MaxCompositeScheduleDuration")
    found = _schedule(station, request.evse_id, min(max(request.duration, 0), most), unit)
    return CompositeScheduleAnswer(status="Accepted", schedule=_bounded(found.schedule()))


def _schedule(station: Station, evse_id: int, duration_s: int, unit: RateUnit) -> Composite:
    now = station.now().replace(microsecond=0)
    window = Window(now, now + timedelta(seconds=duration_s))
    return smart_charging.schedule(station, evse_id, window, unit)


def _bounded(schedule: CompositeSchedule) -> CompositeSchedule:
    """The schedule as far as it can be said."""
    periods = schedule.charging_schedule_period
    if len(periods) <= MOST_PERIODS:
        return schedule
    return replace(
        schedule,
        charging_schedule_period=tuple(islice(periods, MOST_PERIODS)),
        duration=periods[MOST_PERIODS].start_period,
    )


# For those who run the station


def follow(
    station: Station, listener: Callable[[tuple[Composite, ...]], None]
) -> Callable[[], None]:
    """Tell of the schedules of all EVSEs from now on, until what is returned is called."""
    stop = station.signals.charging_schedules.listen(listener)
    publish(station)
    return stop


def publish(station: Station, _none: Any = None) -> None:
    """Tell of the schedules, and again after the interval, as long as anybody listens."""
    signal = station.signals.charging_schedules
    if not signal.is_heard:
        return
    unit = cast(RateUnit, station.model.text("InternalCtrlr/RequestCompositeScheduleUnit"))
    duration_s = station.model.number("InternalCtrlr/RequestCompositeScheduleDurationS")
    evse_ids = (0, *(evse.id for evse in station.evses))
    signal.emit(tuple(_schedule(station, each, duration_s, unit) for each in evse_ids))
    if seconds := station.model.number(INTERVAL):
        station.alarm("schedules", seconds, publish)


def pause(station: Station) -> None:
    """Do not tell of them until something changes, or `publish` is asked to."""
    station.silence("schedules")


HANDLERS: dict[type, Any] = {GetCompositeSchedule: on_get}
EFFECTS: dict[str, Any] = {INTERVAL: publish}
ON_START = (publish,)
ON_LIMITS = (publish,)
