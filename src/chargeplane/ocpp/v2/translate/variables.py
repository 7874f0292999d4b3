"""GetVariables, SetVariables, GetBaseReport.

Lost on the way to 2.x: whether a value is read-only (GetVariables does not
say; NotifyReport does). The characteristic MaxLimit of some 1.x keys is no
attribute of 2.x and cannot be said. A bare 1.x key becomes the variable that
`ocpp/keys.py` names; one that is not in that table cannot be said.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, TypeVar

from chargeplane.domain import variables as domain
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.keys import variable_of
from chargeplane.ocpp.v2 import wire
from chargeplane.ocpp.v2.translate.rows import row, to, to_wire

T = TypeVar("T")


def _read_all(kind: type[Any], parts: list[Any]) -> tuple[Any, ...]:
    """Each part converted, with Actual where no attribute type was sent (2.x §GetVariableData)."""
    convert = to(kind)
    for part in parts:
        part.attribute_type = part.attribute_type or "Actual"
    return tuple(convert(part) for part in parts)


def _write_all(kind: type[Any], parts: tuple[Any, ...]) -> list[Any]:
    convert = to_wire(kind)
    return [convert(_spoken(part, kind)) for part in parts]


def _spoken(part: Any, kind: type[Any]) -> SimpleNamespace:
    """A query, setting or result in the words of 2.x; Actual is the default and left out."""
    component, variable, attribute = part.component, part.variable, part.attribute_type
    if not component.name:
        component, variable, attribute = variable_of(variable.name)
    if attribute == "MaxLimit":
        raise Untranslatable(f"OCPP 2.x: {component.name}.{variable.name} has no MaxLimit to get")
    members = {name: getattr(part, name, None) for name in kind.__struct_fields__}
    members |= {"component": component, "variable": variable}
    members["attribute_type"] = None if attribute == "Actual" else attribute
    return SimpleNamespace(**members)


def _say(kind: type[T], **members: Any) -> T:
    """A message within its bounds: it has one part at least."""
    return to_wire(kind)(SimpleNamespace(**members))


def read_get(request: wire.GetVariables) -> domain.GetVariables:
    """What is asked for."""
    queries = _read_all(domain.VariableQuery, request.get_variable_data)
    return domain.GetVariables(queries=queries, custom_data=request.custom_data)


def write_get(request: domain.GetVariables) -> wire.GetVariables:
    """What is asked for."""
    data = _write_all(wire.GetVariableData, request.queries)
    return _say(wire.GetVariables, get_variable_data=data, custom_data=request.custom_data)


def read_get_answer(answer: wire.GetVariablesResponse) -> domain.VariableResults:
    """What was found."""
    results = _read_all(domain.VariableResult, answer.get_variable_result)
    return domain.VariableResults(results=results, custom_data=answer.custom_data)


def write_get_answer(answer: domain.VariableResults) -> wire.GetVariablesResponse:
    """What was found."""
    results = _write_all(wire.GetVariableResult, answer.results)
    return _say(
        wire.GetVariablesResponse, get_variable_result=results, custom_data=answer.custom_data
    )


def read_set(request: wire.SetVariables) -> domain.SetVariables:
    """What is to be changed."""
    settings = _read_all(domain.VariableSetting, request.set_variable_data)
    return domain.SetVariables(settings=settings, custom_data=request.custom_data)


def write_set(request: domain.SetVariables) -> wire.SetVariables:
    """What is to be changed."""
    data = _write_all(wire.SetVariableData, request.settings)
    return _say(wire.SetVariables, set_variable_data=data, custom_data=request.custom_data)


def read_set_answer(answer: wire.SetVariablesResponse) -> domain.SettingResults:
    """What was changed."""
    results = _read_all(domain.SettingResult, answer.set_variable_result)
    return domain.SettingResults(results=results, custom_data=answer.custom_data)


def write_set_answer(answer: domain.SettingResults) -> wire.SetVariablesResponse:
    """What was changed."""
    results = _write_all(wire.SetVariableResult, answer.results)
    return _say(
        wire.SetVariablesResponse, set_variable_result=results, custom_data=answer.custom_data
    )


ROWS = (
    row(
        "csms",
        "GetVariables",
        domain.GetVariables,
        answer=domain.VariableResults,
        read=read_get,
        write=write_get,
        read_answer=read_get_answer,
        write_answer=write_get_answer,
    ),
    row(
        "csms",
        "SetVariables",
        domain.SetVariables,
        answer=domain.SettingResults,
        read=read_set,
        write=write_set,
        read_answer=read_set_answer,
        write_answer=write_set_answer,
    ),
    row("csms", "GetBaseReport", domain.GetBaseReport, answer=domain.ReportAnswer),
)
