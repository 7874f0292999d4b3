"""Monitors of variables: set, cleared, reported, and what they notice told (2.x N02 to N08).

Variables that are set are looked at when they are; what the station shows of itself, as states and
power, when it may have changed: with every state of an EVSE, every event of a transaction, every
connection. While something of an EVSE is monitored, it is looked at every few seconds, too.

Offline, and where its severity is filtered out, a monitor is not looked at, so that it tells
afterwards how things are then (2.1 N07, remark); what is severe enough is kept instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from chargeplane.domain.transactions import TransactionEvent
from chargeplane.domain.variables import Component, Variable
from chargeplane.errors import NoAnswer, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station import event_streams, events, sampling
from chargeplane.station.definitions import Definition, address
from chargeplane.station.device_model import Change
from chargeplane.station.monitors import (
    CRITERIA,
    PERIODIC,
    SEVERITIES,
    Monitor,
    Stream,
    Type,
    flaw,
    is_numeric,
    look,
    replaced,
)
from chargeplane.station.reports import (
    in_parts,
    is_asked_for,
    send_parts,
    wire_component,
    wire_variable,
)
from chargeplane.station.signals import Link
from chargeplane.station.station import EvseUnit, Station

LIMIT: Final = 200  # monitors
PART: Final = 20  # variables in a report, events in a message
KEPT: Final = 500  # events while offline; the oldest go first
LOOK_S: Final = 10.0  # between looks at a number that the station shows

Row = tuple[Component, Variable, Definition]


def store(station: Station) -> Any:
    """All monitors, by their number."""
    return station.documents.collection("monitors", Monitor)


def active(station: Station) -> list[Monitor]:
    """Those that are not switched off."""
    return [each for each in store(station).values() if each.is_active]


def _keep(station: Station, monitor: Monitor) -> None:
    store(station)[str(monitor.id)] = monitor


def _next_id(station: Station) -> int:
    counters = station.documents.collection("counters", int)
    counters["monitor"] = counters.get("monitor", 0) + 1
    return counters["monitor"]


def _definition(station: Station, monitor: Any) -> Definition | None:
    return station.model.definition(monitor.component, monitor.variable)


def _value(station: Station, monitor: Monitor, attribute: Any = "Actual") -> str:
    """The value, as it may be told: a password is not (N07.FR.10)."""
    return station.model.attribute(monitor.component, monitor.variable, attribute) or ""


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
    value = _value(station, monitor)
    definition = _definition(station, monitor)
    if before is not None and definition is not None:
        monitor = replaced(before, monitor, definition, value)
        _stop(station, before)
    else:
        monitor = replace(monitor, reference=value)
    _keep(station, monitor)
    _begin(station, monitor)
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
    _watch(station)
    return "Accepted"


def _remove(station: Station, monitor: Monitor) -> None:
    """Remove it; what it was shipped as can be had again (N03)."""
    _stop(station, monitor)
    shipped = next((each for each in _shipped(station) if each.origin == monitor.origin), None)
    if shipped is None:
        del store(station)[str(monitor.id)]
    else:
        _keep(station, replace(shipped, id=monitor.id, is_active=False))


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
            _stop(station, before)
        wanted = is_active or shipped.kind == "HardWiredMonitor"
        number = _next_id(station) if before is None else before.id
        monitor = replace(shipped, id=number, is_active=wanted, reference=_value(station, shipped))
        _keep(station, monitor)
        _begin(station, monitor)


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


# Looking


def look_at_all(station: Station) -> None:
    """Tell what every monitor has noticed by now."""
    _look(station, active(station))
    _watch(station)


def _look_at_live(station: Station) -> None:
    if station.conduct.has_notify_event:
        _look(station, [each for each in active(station) if _is_live(station, each)])


def _is_live(station: Station, monitor: Monitor) -> bool:
    return f"{monitor.component.name}/{monitor.variable.name}" in station.tables.live


def on_change(station: Station, change: Change) -> None:
    """Look at the monitors of a variable that was set."""
    if not station.has_started:
        return
    place = (change.component, change.variable)
    mine = [each for each in active(station) if (each.component, each.variable) == place]
    definition = station.model.definition(*place) if mine else None
    if definition is not None and definition.mutability == "WriteOnly":
        # What must not be read is not compared: it was set to something else, that is all.
        mine = [replace(each, reference=None) if each.type == "Delta" else each for each in mine]
    _look(station, mine)


def _look(station: Station, monitors: Iterable[Monitor]) -> None:
    """Tell in one message what these have noticed, and keep how they are."""
    said = []
    for monitor in monitors:
        definition = _definition(station, monitor)
        if definition is None or not _may_speak(station, monitor):
            continue
        value = _value(station, monitor)
        news = look(monitor, definition, value, _value(station, monitor, "Target"))
        if news is None:
            continue
        _keep(station, news.monitor)
        members = {"trigger": news.trigger, "cleared": news.cleared or None}
        if not event_streams.take(station, monitor, value):
            said.append(_event(station, monitor, value, **members))
    _notify(station, said)


def _may_speak(station: Station, monitor: Monitor) -> bool:
    """Whether it is to be told of, now or later (N05, N07.FR.04, FR.15)."""
    if not station.conduct.has_notify_event:
        return False
    if monitor.transaction and not _has_transaction(station, monitor.component):
        return False
    if monitor.severity > station.model.number("MonitoringCtrlr/ActiveMonitoringLevel"):
        return False
    severest = station.model.number("MonitoringCtrlr/OfflineQueuingSeverity")
    return station.can_tell or monitor.severity <= severest


def _evse(station: Station, component: Component) -> EvseUnit | None:
    return station.evse(component.evse.id) if component.evse else None


def _has_transaction(station: Station, component: Component) -> bool:
    if component.evse is None:
        return not station.is_idle()
    evse = _evse(station, component)
    return evse is not None and evse.transaction is not None


def _event(station: Station, monitor: Monitor, value: str, **members: Any) -> wire.EventData:
    evse = _evse(station, monitor.component)
    transaction = evse.transaction if evse else None
    return events.event(
        station,
        monitor.component,
        monitor.variable,
        value[:2500],
        event_notification_type=monitor.kind,
        variable_monitoring_id=monitor.id,
        severity=monitor.severity,  # N07.FR.20
        transaction_id=transaction.id if transaction else None,
        **members,
    )


def _watch(station: Station) -> None:
    """Look again soon at the meters and states of EVSEs, if any of them are monitored."""
    wanted = any(
        each.type not in PERIODIC and each.component.evse is not None and _is_live(station, each)
        for each in active(station)
    )
    if wanted:
        station.alarm("monitors", LOOK_S, look_at_all)
    else:
        station.silence("monitors")


# Periodic ones


def _begin(station: Station, monitor: Monitor) -> None:
    """Let it be heard of at its times, if it has any."""
    if monitor.is_active and monitor.stream is not None:
        event_streams.open_soon(station, monitor)
    if not monitor.is_active or monitor.type not in PERIODIC:
        return
    seconds = monitor.value
    if monitor.type == "PeriodicClockAligned":
        seconds = sampling.until_next(station.now(), monitor.value)
    station.alarm(f"monitor {monitor.id}", seconds, partial(_tick, monitor.id))


def _stop(station: Station, monitor: Monitor) -> None:
    station.silence(f"monitor {monitor.id}")
    event_streams.close(station, monitor)


def _tick(number: int, station: Station) -> None:
    """N08.FR.06, FR.07."""
    monitor: Monitor | None = store(station).get(str(number))
    if monitor is None:
        return
    _begin(station, monitor)
    if _definition(station, monitor) is None or not _may_speak(station, monitor):
        return
    value = _value(station, monitor)
    if not event_streams.take(station, monitor, value):
        _notify(station, [_event(station, monitor, value, trigger="Periodic")])


# Telling


def kept_events(station: Station) -> Any:
    """Events that happened offline, by a number."""
    return station.documents.collection("offline_events", wire.EventData)


def _notify(station: Station, said: list[wire.EventData]) -> None:
    """Tell events now, or keep them until the central system is back (N07.FR.04, N08.FR.03)."""
    if station.can_tell:
        events.notify(station, *said)
        return
    kept = kept_events(station)
    for each in said:
        kept[f"{each.event_id:012}"] = each
    for number in sorted(kept)[:-KEPT]:
        del kept[number]


async def _deliver(station: Station) -> None:
    kept = kept_events(station)
    for part in in_parts(sorted(kept), PART):
        request = wire.NotifyEvent(
            generated_at=station.now(), seq_no=0, event_data=[kept[number] for number in part]
        )
        try:
            await station.ask(request)
        except NoAnswer:
            return
        except (OcppError, Untranslatable):
            pass  # it does not want to know
        for number in part:
            kept.pop(number, None)


# When it is looked


def on_start(station: Station) -> None:
    """Have what is shipped and what was set before (N07.FR.13)."""
    for each in list(store(station).values()):
        if _definition(station, each) is None:  # an update took its variable away (N04)
            del store(station)[str(each.id)]
    base = station.model.text("MonitoringCtrlr/ActiveMonitoringBase")
    known = {each.origin for each in store(station).values()}
    if {each.origin for each in _shipped(station)} - known:
        _restore(station, is_active=base != "HardWiredOnly", keep_custom=True)
    for monitor in store(station).values():
        _begin(station, monitor)


def on_accepted(station: Station) -> None:
    """Tell what was kept, and how things are by now (N07.FR.14)."""
    if kept_events(station):
        station.spawn(_deliver(station), "offline events")
    event_streams.open_all(station, active(station))
    look_at_all(station)


def on_event(station: Station, _event: TransactionEvent) -> None:
    """A transaction has come, gone or changed."""
    _look_at_live(station)


def on_link(station: Station, _link: Link) -> None:
    """The connection has."""
    _look_at_live(station)


def on_status(station: Station, _news: Any) -> None:
    """A connector is in another state."""
    _look_at_live(station)


HANDLERS: dict[type, Any] = {
    wire.SetVariableMonitoring: on_set,
    wire.ClearVariableMonitoring: on_clear,
    wire.SetMonitoringBase: on_base,
    wire.SetMonitoringLevel: on_level,
    wire.GetMonitoringReport: on_report,
}
ON_CHANGE = (on_change,)
ON_START = (on_start,)
ON_ACCEPTED = (on_accepted,)
ON_EVENT = (on_event,)
ON_LINK = (on_link,)
ON_STATUS = (on_status,)
