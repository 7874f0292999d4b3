"""Reports of the device model, in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from chargeplane.domain.messages import StatusInfo
from chargeplane.domain.variables import (
    Component,
    GetBaseReport,
    ReportAnswer,
    Variable,
)
from chargeplane.errors import NoAnswer, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.station.definition import Definition
from chargeplane.station.station import Station

PART: Final = 20  # variables in one NotifyReport
Row = tuple[Component, Variable, Definition]


async def on_base_report(station: Station, request: GetBaseReport) -> ReportAnswer:
    """Report all variables: in the answer for 1.x, in parts that follow for 2.x (B07; §5.8)."""
    if request.request_id is None:
        return ReportAnswer(status="Accepted", report=tuple(station.model.configuration_keys()))
    rows = list(station.model.report(request.report_base))
    return _answer(station, request.request_id, rows)


async def on_report(station: Station, request: wire.GetReport) -> wire.GetReportResponse:
    """Report the variables that match what is asked for (2.x B08)."""
    allowed = station.model.number("DeviceDataCtrlr/ItemsPerMessage[GetReport]")
    if len(request.component_variable or ()) > allowed:
        raise OcppError("OccurrenceConstraintViolation", f"at most {allowed} items in a message")
    rows = [
        row
        for row in station.model.report()
        if is_asked_for(row[0], row[1], request.component_variable)
        and _meets(station, row[0], request.component_criteria)
    ]
    answer = _answer(station, request.request_id, rows)
    info = answer.status_info and wire.StatusInfo(reason_code=answer.status_info.reason_code)
    return wire.GetReportResponse(status=answer.status, status_info=info)  # type: ignore[arg-type]


def _answer(station: Station, request_id: int, rows: list[Row]) -> ReportAnswer:
    if not rows:
        info = StatusInfo(reason_code="NotFound")
        return ReportAnswer(status="EmptyResultSet", status_info=info)  # B07.FR.12, B08.FR.15
    parts = [[report_data(station, row) for row in part] for part in in_parts(rows, PART)]

    def say(number: int, more: bool, part: list[Any]) -> Any:  # noqa: FBT001 one call below
        return wire.NotifyReport(
            request_id=request_id,
            generated_at=station.now(),
            seq_no=number,
            tbc=more,
            report_data=part,
        )

    station.spawn(send_parts(station, parts, say), "report")
    return ReportAnswer(status="Accepted")


def in_parts(rows: list[Any], size: int) -> list[list[Any]]:
    """The rows in lists of that size at most."""
    return [rows[first : first + size] for first in range(0, len(rows), size)]


async def send_parts(
    station: Station, parts: list[Any], say: Callable[[int, bool, Any], Any]
) -> None:
    """Send each part as `say(number, whether more follow, part)`; a lost connection ends it."""
    for number, part in enumerate(parts):
        try:
            await station.ask(say(number, number + 1 < len(parts), part))
        except (NoAnswer, Untranslatable):
            return


def is_asked_for(
    component: Component, variable: Variable, asked: Iterable[wire.ComponentVariable] | None
) -> bool:
    """Whether a variable is among those asked for; None asks for all."""
    return asked is None or any(_matches(component, variable, each) for each in asked)


def _matches(component: Component, variable: Variable, asked: wire.ComponentVariable) -> bool:
    """B08.FR.20 to FR.24: what is left out matches all."""
    place = asked.component.evse
    at = component.evse
    return (
        asked.component.name == component.name
        and asked.component.instance in (None, component.instance)
        and (place is None or (at is not None and place.id == at.id))
        and (
            place is None
            or place.connector_id is None
            or (at is not None and place.connector_id == at.connector_id)
        )
        and (
            asked.variable is None
            or (
                asked.variable.name == variable.name
                and asked.variable.instance in (None, variable.instance)
            )
        )
    )


def _meets(station: Station, component: Component, criteria: Iterable[str] | None) -> bool:
    """Whether one of the criteria is so of a component; it need not know it (B08.FR.10)."""
    if criteria is None:
        return True
    return any(_is_so(station, component, criterion) for criterion in criteria)


def _is_so(station: Station, component: Component, criterion: str) -> bool:
    value = station.model.attribute(component, Variable(criterion), "Actual")
    if value is None:
        return criterion in ("Available", "Enabled")
    return value == "true"


def report_data(station: Station, row: Row) -> wire.ReportData:
    """One variable as NotifyReport says it."""
    component, variable, definition = row
    return wire.ReportData(
        component=wire_component(component),
        variable=wire_variable(variable),
        variable_attribute=[
            wire.VariableAttribute(
                type=None if kind == "Actual" else kind,  # type: ignore[arg-type]
                value=station.model.attribute(component, variable, kind),
                mutability=definition.mutability,
                persistent=definition.mutability != "ReadOnly",
            )
            for kind in definition.attributes
        ],
        variable_characteristics=wire.VariableCharacteristics(
            data_type=definition.data_type,
            supports_monitoring=definition.supports_monitoring,
            unit=definition.unit,
            min_limit=definition.minimum,
            max_limit=definition.maximum,
            values_list=",".join(definition.values) or None,
        ),
    )


def wire_component(component: Component) -> wire.Component:
    """A component in the words of 2.x."""
    at = component.evse
    evse = None if at is None else wire.EVSE(id=at.id, connector_id=at.connector_id)
    return wire.Component(name=component.name, instance=component.instance, evse=evse)


def wire_variable(variable: Variable) -> wire.Variable:
    """A variable in the words of 2.x."""
    return wire.Variable(name=variable.name, instance=variable.instance)


HANDLERS: dict[type, Any] = {GetBaseReport: on_base_report, wire.GetReport: on_report}
