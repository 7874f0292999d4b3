"""Monitoring of variables: monitors, their reports and events, event streams (2.x N)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import replace

from chargeplane.csms import notes
from chargeplane.csms.availability import on_status
from chargeplane.csms.batches import Limits, in_batches, room
from chargeplane.csms.central import Central, Unit
from chargeplane.csms.commands import BY_SYSTEM, Asked, operate, send
from chargeplane.csms.registry import Station
from chargeplane.csms.reports import hand_on
from chargeplane.csms.variables import custom_report, merged, to_domain, why
from chargeplane.domain.messages import Message, StatusInfo
from chargeplane.domain.station import ConnectorStatus, Evse, StatusNotification
from chargeplane.domain.variables import Component, Variable
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.repositories import notifications, variables
from chargeplane.storage.repositories.variables import Attribute

SET: Final = Limits("MonitoringCtrlr", "SetVariableMonitoring")
CLEAR: Final = Limits("MonitoringCtrlr", "ClearVariableMonitoring")


class MonitoringReport(Message, frozen=True, kw_only=True):
    """The monitors that a station reported."""

    status: Literal["Accepted", "Rejected", "NotSupported", "EmptyResultSet"]
    monitors: tuple[wire.MonitoringData, ...] = ()
    status_info: StatusInfo | None = None


# Monitors


async def set_variable_monitoring(
    central: Central,
    station_id: str,
    request: wire.SetVariableMonitoring,
    asked: Asked = BY_SYSTEM,
) -> wire.SetVariableMonitoringResponse:
    """Set monitors, in as many messages as the station needs (2.x N04)."""

    async def work(station: Station) -> wire.SetVariableMonitoringResponse:
        async def ask(part: tuple[wire.SetMonitoringData, ...]) -> Sequence[Any]:
            message = replace(request, set_monitoring_data=list(part))
            answer = await station.ask(message, asked.timeout)
            return answer.set_monitoring_result

        fits = await room(station, SET)  # 2.x N04.FR.09
        results = await in_batches(request.set_monitoring_data, fits, ask, _unset)
        return wire.SetVariableMonitoringResponse(set_monitoring_result=list(results))

    return await operate(central, station_id, request, work, asked)


def _unset(monitor: wire.SetMonitoringData, error: Exception) -> wire.SetMonitoringResult:
    return wire.SetMonitoringResult(
        status="Rejected",
        type=monitor.type,
        severity=monitor.severity,
        component=monitor.component,
        variable=monitor.variable,
        id=monitor.id,
        status_info=_reason(error),
    )


async def clear_variable_monitoring(
    central: Central,
    station_id: str,
    request: wire.ClearVariableMonitoring,
    asked: Asked = BY_SYSTEM,
) -> wire.ClearVariableMonitoringResponse:
    """Remove monitors, in as many messages as the station needs (2.x N06)."""

    async def work(station: Station) -> wire.ClearVariableMonitoringResponse:
        async def ask(part: tuple[int, ...]) -> Sequence[Any]:
            answer = await station.ask(replace(request, id=list(part)), asked.timeout)
            return answer.clear_monitoring_result

        fits = await room(station, CLEAR)  # 2.x N06.FR.04
        results = await in_batches(request.id, fits, ask, _kept)
        return wire.ClearVariableMonitoringResponse(clear_monitoring_result=list(results))

    return await operate(central, station_id, request, work, asked)


def _kept(number: int, error: Exception) -> wire.ClearMonitoringResult:
    return wire.ClearMonitoringResult(status="Rejected", id=number, status_info=_reason(error))


def _reason(error: Exception) -> wire.StatusInfo:
    info = why(error)
    return wire.StatusInfo(
        reason_code=info.reason_code[:20], additional_info=(info.additional_info or "")[:1024]
    )


# Reports


async def get_monitoring_report(
    central: Central,
    station_id: str,
    request: wire.GetMonitoringReport,
    asked: Asked = BY_SYSTEM,
) -> MonitoringReport:
    """Ask which monitors there are and wait for all parts of the answer (2.x N02)."""

    async def work(station: Station) -> MonitoringReport:
        part = wire.NotifyMonitoringReport
        answers, monitors = await custom_report(station, request, part, asked)
        status, info = merged(answers)
        return MonitoringReport(status=status, monitors=monitors, status_info=info)

    return await operate(central, station_id, request, work, asked)


async def on_monitoring_report(
    station: Station, request: wire.NotifyMonitoringReport
) -> wire.NotifyMonitoringReportResponse:
    """Store a part of a report, whether it was asked for or not (2.x N02)."""
    await station.central.commit(
        lambda unit: notes.keep(unit, station.id, "monitors.reported", request)
    )
    hand_on(station, request, request.monitor or (), request.seq_no)
    return wire.NotifyMonitoringReportResponse()


# Events


async def on_event(station: Station, request: wire.NotifyEvent) -> wire.NotifyEventResponse:
    """Store what monitors noticed, and the values that they saw (2.x N07)."""

    def work(unit: Unit) -> None:
        notifications.append(unit.connection, station.id, "NotifyEvent", request, unit.now)
        variables.save(unit.connection, station.id, map(_seen, request.event_data), unit.now)
        for event in request.event_data:
            _emit(unit, station.id, event)

    await station.central.commit(work)
    for status in _statuses(request):
        await on_status(station, status)
    return wire.NotifyEventResponse()


def _emit(unit: Unit, station_id: str, event: wire.EventData) -> None:
    evse = event.component.evse
    unit.emit(
        "monitor.event",
        station_id=station_id,
        evse_id=evse.id if evse else None,
        **msgspec.to_builtins(event),
    )


def _seen(event: wire.EventData) -> Attribute:
    return Attribute(
        component=to_domain(event.component, Component),
        variable=to_domain(event.variable, Variable),
        value=event.actual_value,
    )


def _statuses(request: wire.NotifyEvent) -> Iterator[StatusNotification]:
    """The states of connectors, which may be told by events alone (2.x G01.FR.08)."""
    for event in request.event_data:
        place, evse = (event.component.name, event.variable.name), event.component.evse
        if evse is None or place != ("Connector", "AvailabilityState"):
            continue
        with suppress(msgspec.ValidationError):  # a value that is no state
            yield StatusNotification(
                evse=Evse(evse.id, evse.connector_id),
                connector_status=msgspec.convert(event.actual_value, ConnectorStatus),
                timestamp=event.timestamp,
            )


# Event streams of 2.1


async def on_stream_opened(
    station: Station, request: wire.OpenPeriodicEventStream
) -> wire.OpenPeriodicEventStreamResponse:
    """Take a stream (2.1 N11.FR.06)."""
    await station.central.commit(
        lambda unit: notes.keep(unit, station.id, "stream.opened", request)
    )
    return wire.OpenPeriodicEventStreamResponse(status="Accepted")


async def on_stream(station: Station, request: wire.NotifyPeriodicEventStream) -> None:
    """Store values of a stream; nobody waits for an answer (2.1 N11)."""

    def work(unit: Unit) -> None:
        name = type(request).__name__
        notifications.append(unit.connection, station.id, name, request, unit.now)
        values = msgspec.to_builtins(request.data)
        unit.emit(
            "stream.values", station_id=station.id, lasting=False, stream=request.id, values=values
        )

    await station.central.commit(work)


on_stream_closed = notes.keeper("stream.closed", wire.ClosePeriodicEventStreamResponse)


HANDLERS: dict[type, Any] = {
    wire.NotifyMonitoringReport: on_monitoring_report,
    wire.NotifyEvent: on_event,
    wire.OpenPeriodicEventStream: on_stream_opened,
    wire.NotifyPeriodicEventStream: on_stream,
    wire.ClosePeriodicEventStream: on_stream_closed,
}

OPERATIONS: dict[str, tuple[type, Any]] = {
    "set_variable_monitoring": (wire.SetVariableMonitoring, set_variable_monitoring),
    "clear_variable_monitoring": (wire.ClearVariableMonitoring, clear_variable_monitoring),
    "get_monitoring_report": (wire.GetMonitoringReport, get_monitoring_report),
    "set_monitoring_base": (wire.SetMonitoringBase, send),
    "set_monitoring_level": (wire.SetMonitoringLevel, send),
    "get_periodic_event_stream": (wire.GetPeriodicEventStream, send),
    "adjust_periodic_event_stream": (wire.AdjustPeriodicEventStream, send),
}
