"""Monitors of variables: set, cleared, chosen and reported (2.x N02 to N06).

`monitors` says what a monitor is, `watching` when it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from chargeplane.domain.variables import Component, Variable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station.definition import address
from chargeplane.station.monitors import (
    CRITERIA,
    SEVERITIES,
    Monitor,
    Stream,
    Type,
    flaw,
    is_numeric,
    replaced,
    store,
)
from chargeplane.station.reports import (
    in_parts,
    is_asked_for,
    send_parts,
    wire_component,
    wire_variable,
)
from chargeplane.station.station import Station
from chargeplane.station.watching import (
    active,
    begin,
    definition_of,
    keep,
    look_at_all,
    stop,
    value_of,
    watch,
)

LIMIT: Final = 200  # monitors
PART: Final = 20  # variables in a report


def _next_id(station: Station) -> int:
    counters = station.documents.collection("counters", int)
    counters["monitor"] = counters.get("monitor", 0) + 1
    return counters["monitor"]


# Setting


async def on_set(
    station: Station, request: wire.SetVariableMonitoring
) -> wire.SetVariableMonitoringResponse:
    """Set monitors, each for itself (N04)."""
    _check_count(station, len(request.set_monitoring_data), "SetVariableMonitoring")
    results = [_set(station, each) for each in request.set_monitoring_data]
    _soon(station)
    return wire.SetVariableMonitoringResponse(set_monitoring_result=results)


def _check_count(station: Station, count: int, message: str) -> None:
    allowed = station.model.number(f"MonitoringCtrlr/ItemsPerMessage[{message}]")
    if count > allowed:
        raise OcppError("OccurrenceConstraintViolation", f"at most {allowed} items in a message")


def _set(station: Station, asked: wire.SetMonitoringData) -> wire.SetMonitoringResult:
    reason = _refusal(station, asked)
    monitor = None if reason else _take(station, asked)
    return wire.SetMonitoringResult(
        id=monitor.id if monitor else asked.id,
        status=reason[0] if reason else "Accepted",
        type=asked.type,
        component=asked.component,
        variable=asked.variable,
        severity=asked.severity,
        status_info=wire.StatusInfo(reason_code=reason[1]) if reason else None,
    )


def _refusal(
    station: Station, asked: wire.SetMonitoringData
) -> tuple[wire.SetMonitoringStatusEnum, str] | None:
    if not station.model.flag("MonitoringCtrlr/Enabled"):
        return "Rejected", "NotEnabled"
    component, variable = _place(asked)
    definition = station.model.definition(component, variable)
    if definition is None:
        known = station.model.has_component(component)
        return ("UnknownVariable" if known else "UnknownComponent"), "NotFound"
    bound = station.model.attribute(component, variable, "MaxSet")
    found = flaw(asked, definition, float(bound) if bound and is_numeric(definition) else None)
    return found or _conflict(station, asked, component, variable)


def _conflict(
    station: Station, asked: wire.SetMonitoringData, component: Component, variable: Variable
) -> tuple[wire.SetMonitoringStatusEnum, str] | None:
    """N04.FR.10, FR.12 to FR.18."""
    before = None if asked.id is None else store(station).get(str(asked.id))
    if asked.id is not None:
        if before is None:
            return "Rejected", "NotFound"
        if (before.component, before.variable) != (component, variable):
            return "Rejected", "InvalidValue"
        if before.kind == "HardWiredMonitor":
            return "Rejected", "ReadOnly"
    elif len(store(station)) >= LIMIT:
        return "Rejected", "TooManyElements"
    for each in active(station):
        same = (each.component, each.variable, each.type, each.severity)
        if each.id != asked.id and same == (component, variable, asked.type, asked.severity):
            return "Duplicate", "InvalidValue"
    return None


def _place(asked: wire.SetMonitoringData) -> tuple[Component, Variable]:
    component = msgspec.convert(asked.component, Component, from_attributes=True)
    variable = msgspec.convert(asked.variable, Variable, from_attributes=True)
    return component, variable


def _take(station: Station, asked: wire.SetMonitoringData) -> Monitor:
    component, variable = _place(asked)
    before: Monitor | None = store(station).get(str(asked.id))
    params = asked.periodic_event_stream
    monitor = Monitor(
        id=_next_id(station) if before is None else before.id,
        component=component,
        variable=variable,
        type=asked.type,
        value=asked.value,
        severity=asked.severity,
        transaction=asked.transaction,
        stream=Stream(params.interval, params.values) if params else None,
        origin=before.origin if before else None,
    )
    value = value_of(station, monitor)
    definition = definition_of(station, monitor)
    if before is not None and definition is not None:
        monitor = replaced(before, monitor, definition, value)
        stop(station, before)
    else:
        monitor = replace(monitor, reference=value)
    keep(station, monitor)
    begin(station, monitor)
    return monitor


def _soon(station: Station) -> None:
    """Look at everything once the answer to what asked for it is on its way."""
    station.alarm("monitors now", 0, look_at_all)


# Clearing


async def on_clear(
    station: Station, request: wire.ClearVariableMonitoring
) -> wire.ClearVariableMonitoringResponse:
    """Remove monitors by their numbers (N06)."""
    _check_count(station, len(request.id), "ClearVariableMonitoring")
    results = [
        wire.ClearMonitoringResult(id=number, status=_clear(station, number))
        for number in request.id
    ]
    return wire.ClearVariableMonitoringResponse(clear_monitoring_result=results)


def _clear(station: Station, number: int) -> wire.ClearMonitoringStatusEnum:
    monitor: Monitor | None = store(station).get(str(number))
    if monitor is None or not monitor.is_active:
        return "NotFound"
    if monitor.kind == "HardWiredMonitor":
        return "Rejected"  # N06.FR.03
    _remove(station, monitor)
    watch(station)
    return "Accepted"


def _remove(station: Station, monitor: Monitor) -> None:
    """Remove it; what it was shipped as can be had again (N03)."""
    stop(station, monitor)
    shipped = next((each for each in _shipped(station) if each.origin == monitor.origin), None)
    if shipped is None:
        del store(station)[str(monitor.id)]
    else:
        keep(station, replace(shipped, id=monitor.id, is_active=False))


# What is shipped, and the base


def _shipped(station: Station) -> Iterator[Monitor]:
    """The monitors that every station of its kind has, without numbers."""
    for each in station.shipped_monitors:
        component, variable = address(each.name)
        yield Monitor(
            id=0,
            component=component,
            variable=variable,
            type=each.type,
            value=each.value,
            severity=each.severity,
            kind=each.kind,
            origin=f"{each.name} {each.type} {each.severity}",
        )


def _restore(station: Station, *, is_active: bool, keep_custom: bool) -> None:
    """Have what is shipped, active or not; hard-wired ones are always."""
    there = {each.origin: each for each in store(station).values() if each.origin}
    for shipped in _shipped(station):
        before = there.get(shipped.origin)
        if before is not None and before.kind == "CustomMonitor" and keep_custom:
            continue
        if before is not None:
            stop(station, before)
        wanted = is_active or shipped.kind == "HardWiredMonitor"
        number = _next_id(station) if before is None else before.id
        monitor = replace(
            shipped, id=number, is_active=wanted, reference=value_of(station, shipped)
        )
        keep(station, monitor)
        begin(station, monitor)


async def on_base(
    station: Station, request: wire.SetMonitoringBase
) -> wire.SetMonitoringBaseResponse:
    """Choose which monitors are active (N03)."""
    base = request.monitoring_base
    if base != "All":
        for each in list(store(station).values()):
            if each.kind == "CustomMonitor":
                _remove(station, each)  # N03.FR.04, FR.05
    _restore(station, is_active=base != "HardWiredOnly", keep_custom=base == "All")
    station.model.put("MonitoringCtrlr/ActiveMonitoringBase", base)
    _soon(station)
    return wire.SetMonitoringBaseResponse(status="Accepted")


async def on_level(
    station: Station, request: wire.SetMonitoringLevel
) -> wire.SetMonitoringLevelResponse:
    """Tell only what is so severe or more; the lower the number, the more severe (N05)."""
    if request.severity not in SEVERITIES:
        info = wire.StatusInfo(reason_code="ValueOutOfRange")
        return wire.SetMonitoringLevelResponse(status="Rejected", status_info=info)
    station.model.put("MonitoringCtrlr/ActiveMonitoringLevel", str(request.severity))
    _soon(station)
    return wire.SetMonitoringLevelResponse(status="Accepted")


# Reports


async def on_report(
    station: Station, request: wire.GetMonitoringReport
) -> wire.GetMonitoringReportResponse:
    """Report monitors in parts that follow (N02)."""
    allowed = station.model.number("DeviceDataCtrlr/ItemsPerMessage[GetReport]")
    if len(request.component_variable or ()) > allowed:  # N02.FR.07
        raise OcppError("OccurrenceConstraintViolation", f"at most {allowed} items in a message")
    types = frozenset[Type]().union(*(CRITERIA[each] for each in request.monitoring_criteria or ()))
    rows = list(_rows(station, types, request.component_variable))
    if not rows:
        info = wire.StatusInfo(reason_code="NotFound")
        return wire.GetMonitoringReportResponse(status="EmptyResultSet", status_info=info)

    def say(number: int, more: bool, part: list[Any]) -> Any:  # noqa: FBT001 one call below
        return wire.NotifyMonitoringReport(
            request_id=request.request_id,
            generated_at=station.now(),
            seq_no=number,
            tbc=more,
            monitor=part,
        )

    station.spawn(send_parts(station, in_parts(rows, PART), say), "monitoring report")
    return wire.GetMonitoringReportResponse(status="Accepted")


def _rows(
    station: Station, types: frozenset[Type], asked: Iterable[wire.ComponentVariable] | None
) -> Iterator[wire.MonitoringData]:
    found: dict[tuple[Component, Variable], list[Monitor]] = {}
    for each in active(station):
        if not types or each.type in types:
            found.setdefault((each.component, each.variable), []).append(each)
    for (component, variable), monitors in found.items():
        if is_asked_for(component, variable, asked):
            yield wire.MonitoringData(
                component=wire_component(component),
                variable=wire_variable(variable),
                variable_monitoring=[_said(each) for each in monitors],
            )


def _said(monitor: Monitor) -> wire.VariableMonitoring:
    return wire.VariableMonitoring(
        id=monitor.id,
        transaction=monitor.transaction,
        value=monitor.value,
        type=monitor.type,
        severity=monitor.severity,
        event_notification_type=monitor.kind,  # N02.FR.22
    )


# From the start


def on_start(station: Station) -> None:
    """Have what is shipped and what was set before (N07.FR.13)."""
    for each in list(store(station).values()):
        if definition_of(station, each) is None:  # an update took its variable away (N04)
            del store(station)[str(each.id)]
    base = station.model.text("MonitoringCtrlr/ActiveMonitoringBase")
    known = {each.origin for each in store(station).values()}
    if {each.origin for each in _shipped(station)} - known:
        _restore(station, is_active=base != "HardWiredOnly", keep_custom=True)
    for monitor in store(station).values():
        begin(station, monitor)


HANDLERS: dict[type, Any] = {
    wire.SetVariableMonitoring: on_set,
    wire.ClearVariableMonitoring: on_clear,
    wire.SetMonitoringBase: on_base,
    wire.SetMonitoringLevel: on_level,
    wire.GetMonitoringReport: on_report,
}
ON_START = (on_start,)
