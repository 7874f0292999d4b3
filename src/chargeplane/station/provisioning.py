"""Being accepted, staying alive, telling the time, and starting again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from chargeplane.domain.messages import StatusInfo
from chargeplane.domain.station import (
    BootAnswer,
    BootNotification,
    BootReason,
    Heartbeat,
    Reset,
    ResetAnswer,
)
from chargeplane.domain.transactions import TransactionEnded, TransactionEvent
from chargeplane.errors import AnswerTimeout, NoAnswer
from chargeplane.ocpp.errors import OcppError
from chargeplane.station import availability, security_events, transactions
from chargeplane.station.station import Station
from chargeplane.station.unit import Ending, EvseUnit

logger = structlog.get_logger()

RETRY_S: Final = 60.0  # between boots where the central system names no interval (B02.FR.07)


# Boot


async def boot(station: Station) -> None:
    """Ask to be accepted until the central system does (2.x B01-B03; 1.6 §4.2).

    Raises `NoAnswer` when the connection is lost.
    """
    station.accepted.clear()
    while True:
        station.boot_wanted.clear()
        answer = await _ask_to_be_accepted(station, station.boot_reason)
        if answer is not None and answer.status == "Accepted":
            break
        interval = answer.interval if answer is not None and answer.interval > 0 else RETRY_S
        try:
            async with asyncio.timeout(interval):
                await station.boot_wanted.wait()  # B03.FR.06: or as soon as it is triggered
        except TimeoutError:
            continue
    if answer.interval > 0:
        station.model.put("OCPPCommCtrlr/HeartbeatInterval", str(answer.interval), "csms")
    station.accepted.set()


async def _ask_to_be_accepted(station: Station, reason: BootReason) -> BootAnswer | None:
    """One BootNotification; None if it was not answered in a way that could be understood."""
    request = BootNotification(charging_station=station.about, reason=reason)
    try:
        answer: BootAnswer = await station.ask(request)
    except (AnswerTimeout, OcppError):
        return None
    if answer.status != "Rejected":
        set_clock(station, answer.current_time)
    station.signals.boot.emit(answer)
    return answer


async def announce_again(station: Station) -> None:
    """Send a BootNotification because it was triggered (2.x F06; 1.6 §5.17)."""
    if not station.accepted.is_set():
        station.boot_wanted.set()
        return
    await _ask_to_be_accepted(station, "Triggered")


# Heartbeat and clock


def keep_alive(station: Station, _value: str = "") -> None:
    """Send heartbeats from now on, at the interval that is set (2.x G02; 1.6 §4.6)."""
    seconds = station.model.number("OCPPCommCtrlr/HeartbeatInterval")
    if not seconds or not station.is_online:
        station.silence("heartbeat")
        return

    def beat(_station: Station) -> None:
        station.spawn(heartbeat(station), "heartbeat")
        keep_alive(station)

    station.alarm("heartbeat", seconds, beat)


async def heartbeat(station: Station) -> None:
    """Send one heartbeat and take the time from its answer."""
    try:
        answer = await station.ask(Heartbeat())
    except (NoAnswer, OcppError):
        return  # the connection says by itself when it is lost
    set_clock(station, answer.current_time)


def set_clock(station: Station, theirs: datetime) -> None:
    """Take over the central system's time where that is a source of it (B04.FR.02, G02.FR.06)."""
    if "Heartbeat" not in station.model.words("ClockCtrlr/TimeSource"):
        return
    ahead = theirs - station.now()
    if abs(ahead) < timedelta(seconds=1):
        return
    station.clock_offset += ahead
    threshold = station.model.number("ClockCtrlr/TimeAdjustmentReportingThreshold")
    if abs(ahead) > timedelta(seconds=threshold):
        security_events.raise_(station, "SettingSystemTime", f"by {ahead.total_seconds():.0f} s")


# Reset


async def on_reset(station: Station, request: Reset) -> ResetAnswer:
    """Start again: at once, or when no charge runs (2.x B11, B12; 1.6 §5.14)."""
    if not station.may_reset:
        return _refused("FwUpdateInProgress")
    evses = station.evses
    if request.evse_id is not None:
        evse = station.evse(request.evse_id)
        if evse is None:
            return _refused("UnknownEvse")
        evses = [evse]
    running = [each for each in evses if each.transaction is not None]
    whole = request.evse_id is None
    if running and request.type == "OnIdle" and not station.conduct.soft_reset_ends_charges:
        station.pending_resets |= {each.id for each in evses} if not whole else {0}
        _hold(station, evses)
        return ResetAnswer(status="Scheduled")  # B12.FR.01
    station.spawn(_reset(station, evses, request, whole=whole), "reset")
    return ResetAnswer(status="Accepted")


def _hold(station: Station, evses: list[EvseUnit]) -> None:
    """B12.FR.02: an EVSE that is idle is not used any more before the reset."""
    for evse in evses:
        if evse.transaction is None:
            evse.is_operative = False
    availability.report_all(station)


async def _reset(station: Station, evses: list[EvseUnit], request: Reset, *, whole: bool) -> None:
    at_once = request.type != "OnIdle"
    if request.type != "ImmediateAndResume":
        for evse in evses:
            if evse.transaction is not None:
                reason: Any = "ImmediateReset" if at_once else "SoftReset"
                transactions.finish(station, evse, Ending("ResetCommand", reason))
    if whole:
        await restart(station, "RemoteReset", patience=0 if at_once else DRAIN_S)
    else:
        for evse in evses:
            restart_evse(station, evse)


GRACE_S: Final = 5.0  # for the ends of charges to be told before a restart at once
DRAIN_S: Final = 30.0  # the same before a graceful one (1.6 §5.14)


async def restart(station: Station, reason: BootReason, *, patience: float = 0) -> None:
    """Restart the station, once what waits is told or that takes too long."""
    await asyncio.sleep(0)  # the answer to what asked for it goes first
    try:
        async with asyncio.timeout((patience or GRACE_S) if station.is_online else 0):
            await station.outbox.drained()
    except TimeoutError:
        logger.info("restarting with messages that wait", station=station.id)
    security_events.raise_(station, "ResetOrReboot", reason)
    station.next_boot_reason(reason)
    station.reset_wanted.set()


def restart_evse(station: Station, evse: EvseUnit) -> None:
    """Start one EVSE again: its power path opens and everything is looked at anew (B11.FR.08)."""
    evse.hardware.allow(0.0)
    evse.faults.clear()
    evse.has_ended = evse.hardware.is_plugged_in()
    transactions.settle(station, evse)


def on_event(station: Station, event: TransactionEvent) -> None:
    """Carry out resets that waited for the end of a charge (B12.FR.03), once it is over."""
    if isinstance(event, TransactionEnded) and station.pending_resets:
        station.alarm("reset", 0, _on_ended)


def _on_ended(station: Station) -> None:
    if 0 in station.pending_resets and station.is_idle():
        station.pending_resets.clear()
        station.spawn(restart(station, "ScheduledReset", patience=DRAIN_S), "reset")
    for evse in station.evses:
        if evse.id in station.pending_resets and evse.transaction is None:
            station.pending_resets.discard(evse.id)
            restart_evse(station, evse)


def _refused(reason: str) -> ResetAnswer:
    return ResetAnswer(status="Rejected", status_info=StatusInfo(reason_code=reason))


def _fact(name: str) -> Any:
    return lambda station, *_: getattr(station.about, name) or ""


HANDLERS: dict[type, Any] = {Reset: on_reset}
EFFECTS: dict[str, Any] = {"OCPPCommCtrlr/HeartbeatInterval": keep_alive}
LIVE: dict[str, Any] = {
    "ClockCtrlr/DateTime": lambda station, *_: (
        station.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    ),
    "ChargingStation/VendorName": _fact("vendor_name"),
    "ChargingStation/Model": _fact("model"),
    "ChargingStation/SerialNumber": _fact("serial_number"),
    "ChargingStation/FirmwareVersion": _fact("firmware_version"),
    "InternalCtrlr/ChargePointVendor": _fact("vendor_name"),
    "InternalCtrlr/ChargePointModel": _fact("model"),
    "InternalCtrlr/ChargePointSerialNumber": _fact("serial_number"),
    "InternalCtrlr/ChargeBoxSerialNumber": _fact("charge_box_serial_number"),
    "InternalCtrlr/FirmwareVersion": _fact("firmware_version"),
    "InternalCtrlr/MeterType": _fact("meter_type"),
    "InternalCtrlr/MeterSerialNumber": _fact("meter_serial_number"),
}
ON_EVENT = (on_event,)
ON_ACCEPTED = (keep_alive,)
