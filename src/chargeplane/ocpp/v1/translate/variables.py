"""GetConfiguration and ChangeConfiguration as variables, by the table in `ocpp/keys.py`.

Lost on the way to 1.x: why a variable could not be read (all are unknown
keys) and the report base (1.x has one list of keys). Several settings at once
cannot be said, nor variables that no key stands for.
"""

from __future__ import annotations

from typing import Any

from chargeplane.domain import variables as domain
from chargeplane.domain.variables import (
    GetBaseReport,
    GetVariables,
    ReportAnswer,
    SettingResult,
    SettingResults,
    SetVariables,
    VariableQuery,
    VariableResult,
    VariableResults,
    VariableSetting,
)
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.keys import read_key, write_key
from chargeplane.ocpp.v1 import wire
from chargeplane.ocpp.v1.translate.rows import row, say

# 1.6 §9.4.2 has words of its own for the units of limits; they are read as they are.
UNITS = {"A": "Current", "W": "Power"}
KEY_OF_UNITS = "ChargingScheduleAllowedChargingRateUnit"

REFUSALS = {
    "UnknownComponent": "NotSupported",
    "UnknownVariable": "NotSupported",
    "NotSupportedAttributeType": "NotSupported",
}


def read_get(request: wire.GetConfiguration) -> GetVariables | GetBaseReport:
    """The keys asked for; all of them if none is named (1.6 §5.8)."""
    if not request.key:
        return GetBaseReport()
    queries = []
    for key in request.key:
        component, variable, attribute = read_key(key)
        queries.append(
            VariableQuery(component=component, variable=variable, attribute_type=attribute)
        )
    return GetVariables(queries=tuple(queries))


def write_get(request: GetVariables | GetBaseReport) -> wire.GetConfiguration:
    """The keys asked for; all of them for a report."""
    if isinstance(request, GetBaseReport):
        return wire.GetConfiguration()
    keys = [write_key(q.component, q.variable, q.attribute_type) for q in request.queries]
    return say(wire.GetConfiguration, key=keys)


def read_get_answer(
    answer: wire.GetConfigurationResponse, asked: Any
) -> VariableResults | ReportAnswer:
    """Values and unknown keys, as the answer to what was asked."""
    known = tuple(_read_value(entry) for entry in answer.configuration_key or ())
    if isinstance(asked, GetBaseReport):
        return ReportAnswer(status="Accepted", report=known)
    unknown = tuple(_read_unknown(key) for key in answer.unknown_key or ())
    return VariableResults(results=known + unknown)


def _read_value(entry: wire.KeyValue) -> VariableResult:
    component, variable, attribute = read_key(entry.key)
    return VariableResult(
        component=component,
        variable=variable,
        attribute_type=attribute,
        attribute_value=entry.value,
        readonly=entry.readonly,
    )


def _read_unknown(key: str) -> VariableResult:
    component, variable, attribute = read_key(key)
    return VariableResult(
        component=component,
        variable=variable,
        attribute_type=attribute,
        attribute_status="UnknownVariable",
    )


def write_get_answer(answer: VariableResults | ReportAnswer) -> wire.GetConfigurationResponse:
    """Values and unknown keys; an empty list is left out."""
    results = (answer.report or ()) if isinstance(answer, ReportAnswer) else answer.results
    known: list[wire.KeyValue] = []
    unknown: list[str] = []
    for result in results:
        key = write_key(result.component, result.variable, result.attribute_type)
        if result.attribute_status == "Accepted":
            value = _worded(key, result.attribute_value)
            known.append(say(wire.KeyValue, key=key, readonly=bool(result.readonly), value=value))
        else:
            unknown.append(key)
    return say(
        wire.GetConfigurationResponse,
        configuration_key=known or None,
        unknown_key=unknown or None,
    )


def _worded(key: str, value: str | None) -> str | None:
    """The value in the words of 1.6."""
    if value is None or key != KEY_OF_UNITS:
        return value
    return ",".join(UNITS.get(each, each) for each in value.split(","))


def read_change(request: wire.ChangeConfiguration) -> SetVariables:
    """One key to be set."""
    component, variable, attribute = read_key(request.key)
    setting = VariableSetting(
        component=component,
        variable=variable,
        attribute_value=request.value,
        attribute_type=attribute,
    )
    return SetVariables(settings=(setting,))


def write_change(request: SetVariables) -> wire.ChangeConfiguration:
    """One key to be set."""
    if len(request.settings) != 1:
        raise Untranslatable("OCPP 1.x sets one configuration key at a time")
    setting = request.settings[0]
    key = write_key(setting.component, setting.variable, setting.attribute_type)
    return say(wire.ChangeConfiguration, key=key, value=setting.attribute_value)


def read_change_answer(
    answer: wire.ChangeConfigurationResponse, asked: SetVariables
) -> SettingResults:
    """What became of the one setting that was asked for."""
    status: Any = "UnknownVariable" if answer.status == "NotSupported" else answer.status
    return SettingResults(
        results=tuple(
            SettingResult(
                component=setting.component,
                variable=setting.variable,
                attribute_status=status,
                attribute_type=setting.attribute_type,
            )
            for setting in asked.settings
        )
    )


def write_change_answer(answer: SettingResults) -> wire.ChangeConfigurationResponse:
    """What became of the one setting."""
    status = answer.results[0].attribute_status
    return say(wire.ChangeConfigurationResponse, status=REFUSALS.get(status, status))


ROWS = (
    row(
        "csms",
        "GetConfiguration",
        domain.GetVariables,
        domain.GetBaseReport,
        read=read_get,
        write=write_get,
        read_answer=read_get_answer,
        write_answer=write_get_answer,
    ),
    row(
        "csms",
        "ChangeConfiguration",
        domain.SetVariables,
        read=read_change,
        write=write_change,
        read_answer=read_change_answer,
        write_answer=write_change_answer,
    ),
)
