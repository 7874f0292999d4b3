"""The device model: reading and setting variables, reports, network profiles (2.x B05 to B09)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from chargeplane.csms import notes
from chargeplane.csms.batches import Limits, batches, in_batches, room
from chargeplane.csms.central import Central, Unit
from chargeplane.csms.commands import BY_SYSTEM, Asked, operate
from chargeplane.csms.registry import Station
from chargeplane.csms.reports import collect, expected, hand_on, patience
from chargeplane.domain.messages import StatusInfo
from chargeplane.domain.variables import (
    Component,
    GetBaseReport,
    GetVariables,
    ReportAnswer,
    SettingResult,
    SettingResults,
    SetVariables,
    Variable,
    VariableQuery,
    VariableResult,
    VariableResults,
    VariableSetting,
)
from chargeplane.ocpp.errors import OcppError
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.repositories import variables
from chargeplane.storage.repositories.variables import Attribute

GET: Final = Limits(
    "DeviceDataCtrlr", "GetVariables", ("OCPP16LegacyCtrlr", "GetConfigurationMaxKeys")
)
SET: Final = Limits("DeviceDataCtrlr", "SetVariables")
REPORT: Final = Limits("DeviceDataCtrlr", "GetReport")

SECRETS: Final = frozenset({"BasicAuthPassword", "AuthorizationKey"})
MASK: Final = "********"  # in place of a secret

Place = tuple[Component, Variable, str]


# Reading


async def get_variables(
    central: Central, station_id: str, request: GetVariables, asked: Asked = BY_SYSTEM
) -> VariableResults:
    """Read attributes, in as many messages as the station needs; what was read is stored."""

    async def work(station: Station) -> VariableResults:
        async def ask(part: tuple[VariableQuery, ...]) -> Sequence[VariableResult]:
            answer = await station.ask(replace(request, queries=part), asked.timeout)
            await _save(station, map(_read, answer.results))
            return answer.results

        fits = await room(station, GET)  # 2.x B06.FR.05
        return VariableResults(results=await in_batches(request.queries, fits, ask, _unread))

    return await operate(central, station_id, request, work, asked)


def _read(result: VariableResult) -> Attribute | None:
    if result.attribute_status != "Accepted" or result.variable.name in SECRETS:
        return None
    mutability = {True: "ReadOnly", False: "ReadWrite", None: None}[result.readonly]
    return Attribute(
        component=result.component,
        variable=result.variable,
        type=result.attribute_type,
        value=result.attribute_value,
        mutability=mutability,
    )


def _unread(query: VariableQuery, error: Exception) -> VariableResult:
    return VariableResult(
        component=query.component,
        variable=query.variable,
        attribute_type=query.attribute_type,
        attribute_status="Rejected",
        attribute_status_info=why(error),
    )


# Setting


async def set_variables(
    central: Central, station_id: str, request: SetVariables, asked: Asked = BY_SYSTEM
) -> SettingResults:
    """Write attributes, in as many messages as the station needs; what it took is stored."""

    async def work(station: Station) -> SettingResults:
        async def ask(part: tuple[VariableSetting, ...]) -> Sequence[SettingResult]:
            answer = await station.ask(replace(request, settings=part), asked.timeout)
            await _save(station, _taken(part, answer.results))
            return answer.results

        fits = await room(station, SET)  # 2.x B05.FR.11
        # 2.x B05.FR.13: no attribute twice in one message.
        return SettingResults(
            results=await in_batches(request.settings, fits, ask, _unset, key=_place)
        )

    return await operate(central, station_id, request, work, asked, shown=_masked(request))


def _place(part: VariableSetting | SettingResult) -> Place:
    return part.component, part.variable, part.attribute_type


def _taken(
    settings: Iterable[VariableSetting], results: Iterable[SettingResult]
) -> Iterator[Attribute]:
    values = {_place(setting): setting.attribute_value for setting in settings}
    for result in results:
        accepted = result.attribute_status in {"Accepted", "RebootRequired"}
        if accepted and _place(result) in values and result.variable.name not in SECRETS:
            yield Attribute(
                component=result.component,
                variable=result.variable,
                type=result.attribute_type,
                value=values[_place(result)],
                reboot_required=result.attribute_status == "RebootRequired",
            )


def _unset(setting: VariableSetting, error: Exception) -> SettingResult:
    return SettingResult(
        component=setting.component,
        variable=setting.variable,
        attribute_type=setting.attribute_type,
        attribute_status="Rejected",
        attribute_status_info=why(error),
    )


def why(error: Exception) -> StatusInfo:
    """An error as the reason of a refusal."""
    code = error.code if isinstance(error, OcppError) else type(error).__name__
    return StatusInfo(reason_code=code, additional_info=str(error))


def _masked(request: SetVariables) -> SetVariables:
    return replace(
        request,
        settings=tuple(
            replace(setting, attribute_value=MASK) if setting.variable.name in SECRETS else setting
            for setting in request.settings
        ),
    )


# Reports


async def get_base_report(
    central: Central, station_id: str, request: GetBaseReport, asked: Asked = BY_SYSTEM
) -> ReportAnswer:
    """Ask for a base report and wait for all of it; its request id is replaced by ours."""
    request = replace(request, request_id=notes.new_id())

    async def work(station: Station) -> ReportAnswer:
        began = central.now()
        answer = await _base_report(station, request, asked)
        if answer.report and request.report_base == "FullInventory":
            await _forget(station, began)
        return answer

    async def _forget(station: Station, began: Any) -> None:
        await central.commit(lambda unit: variables.remove(unit.connection, station.id, began))

    return await operate(central, station_id, request, work, asked)


async def _base_report(station: Station, request: GetBaseReport, asked: Asked) -> ReportAnswer:
    number = request.request_id or 0
    with expected(station, wire.NotifyReport, number) as parts:
        answer = await station.ask(request, asked.timeout)
        if answer.report is not None:  # 1.x: the answer is the report
            await _save(station, map(_read, answer.report))
        elif answer.status == "Accepted":
            answer = replace(answer, report=await parts.whole(station, patience(station, asked)))
        return answer


async def get_report(
    central: Central, station_id: str, request: wire.GetReport, asked: Asked = BY_SYSTEM
) -> ReportAnswer:
    """Ask for a custom report and wait for all of it (2.x B08)."""

    async def work(station: Station) -> ReportAnswer:
        answers, items = await custom_report(station, request, wire.NotifyReport, asked)
        status, info = merged(answers)
        return ReportAnswer(status=status, report=items or None, status_info=info)

    return await operate(central, station_id, request, work, asked)


async def custom_report(
    station: Station, request: Any, part: type, asked: Asked
) -> tuple[list[Any], tuple[Any, ...]]:
    """Ask for a report of component variables; the answers to its messages, and all items."""
    fits = await room(station, REPORT)  # 2.x B08.FR.06, N02.FR.07
    answers: list[Any] = []
    items: list[Any] = []
    for wanted in list(batches(request.component_variable or (), fits)) or [()]:
        message = replace(
            request, request_id=notes.new_id(), component_variable=list(wanted) or None
        )
        answer, found = await collect(station, message, part, asked)
        answers.append(answer)
        items += found
    return answers, tuple(items)


def merged(answers: Sequence[Any]) -> tuple[Any, StatusInfo | None]:
    """Status and its reason of several answers: accepted if any is, else as the first."""
    answer = next((one for one in answers if one.status == "Accepted"), answers[0])
    return answer.status, to_domain(answer.status_info, StatusInfo | None)


async def on_report(station: Station, request: wire.NotifyReport) -> wire.NotifyReportResponse:
    """Store a part of a report, whether it was asked for or not (2.x B07, B08)."""
    attributes = [one for data in request.report_data or () for one in _attributes(data)]

    def work(unit: Unit) -> None:
        variables.save(unit.connection, station.id, attributes, unit.now)
        unit.emit(
            "variables.reported",
            station_id=station.id,
            request_id=request.request_id,
            seq_no=request.seq_no,
            more=request.tbc,
            attributes=len(attributes),
        )

    await station.central.commit(work)
    hand_on(station, request, map(_result, attributes), request.seq_no)
    return wire.NotifyReportResponse()


def _attributes(data: wire.ReportData) -> Iterator[Attribute]:
    component, variable = to_domain(data.component, Component), to_domain(data.variable, Variable)
    nature = data.variable_characteristics
    for attribute in data.variable_attribute:
        yield Attribute(
            component=component,
            variable=variable,
            type=attribute.type or "Actual",
            value=attribute.value,
            mutability=attribute.mutability,
            persistent=attribute.persistent,
            constant=attribute.constant,
            characteristics=None if nature is None else msgspec.to_builtins(nature),
        )


def _result(attribute: Attribute) -> VariableResult:
    return VariableResult(
        component=attribute.component,
        variable=attribute.variable,
        attribute_type=attribute.type,
        attribute_value=attribute.value,
        readonly=None if attribute.mutability is None else attribute.mutability == "ReadOnly",
    )


# Network profiles


async def set_network_profile(
    central: Central, station_id: str, request: wire.SetNetworkProfile, asked: Asked = BY_SYSTEM
) -> wire.SetNetworkProfileResponse:
    """Give a station the data of a connection to a central system (2.x B09)."""

    async def work(station: Station) -> wire.SetNetworkProfileResponse:
        return await station.ask(request, asked.timeout)

    shown = _hidden(msgspec.to_builtins(request))
    return await operate(central, station_id, request, work, asked, shown=shown)


def _hidden(value: Any) -> Any:
    """Plain JSON with all passwords and keys masked."""
    match value:
        case dict():
            secret = ("basicAuthPassword", "password", "key", "apnPassword", "simPin")
            return {k: MASK if k in secret else _hidden(v) for k, v in value.items()}
        case _:
            return value


# Common


def to_domain(value: Any, kind: Any) -> Any:
    """A 2.x wire value as the domain value with the same members."""
    return msgspec.convert(value, kind, from_attributes=True)


async def _save(station: Station, found: Iterable[Attribute | None]) -> None:
    attributes = [attribute for attribute in found if attribute is not None]

    def work(unit: Unit) -> None:
        variables.save(unit.connection, station.id, attributes, unit.now)

    if attributes:
        await station.central.commit(work)


HANDLERS: dict[type, Any] = {wire.NotifyReport: on_report}

OPERATIONS: dict[str, tuple[type, Any]] = {
    "get_variables": (GetVariables, get_variables),
    "set_variables": (SetVariables, set_variables),
    "get_base_report": (GetBaseReport, get_base_report),
    "get_report": (wire.GetReport, get_report),
    "set_network_profile": (wire.SetNetworkProfile, set_network_profile),
}
