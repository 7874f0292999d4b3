"""The device model: components, variables and their attributes (2.x part 1 §4).

A configuration key of 1.x that has no counterpart in 2.x is a variable of the
component with the empty name, which stands for the station's key list.
"""

from __future__ import annotations

from typing import Literal

from chargeplane.domain.messages import Message, Request, StatusInfo, Value
from chargeplane.domain.station import Evse

AttributeType = Literal["Actual", "Target", "MinSet", "MaxSet", "MaxLimit"]
"""MaxLimit is no attribute of 2.x but the characteristic that some 1.x keys hold."""

GetStatus = Literal[
    "Accepted", "Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"
]
SetStatus = Literal[
    "Accepted",
    "Rejected",
    "UnknownComponent",
    "UnknownVariable",
    "NotSupportedAttributeType",
    "RebootRequired",
]


class Component(Value, frozen=True):
    """A part of a station, of one EVSE or one connector."""

    name: str
    instance: str | None = None
    evse: Evse | None = None


class Variable(Value, frozen=True):
    """A property of a component."""

    name: str
    instance: str | None = None


class VariableQuery(Value, frozen=True, kw_only=True):
    """One attribute to be read."""

    component: Component
    variable: Variable
    attribute_type: AttributeType = "Actual"


class VariableResult(Value, frozen=True, kw_only=True):
    """One attribute as it was read; `readonly` is None where the station does not say."""

    component: Component
    variable: Variable
    attribute_type: AttributeType = "Actual"
    attribute_status: GetStatus = "Accepted"
    attribute_value: str | None = None
    readonly: bool | None = None
    attribute_status_info: StatusInfo | None = None


class VariableSetting(Value, frozen=True, kw_only=True):
    """One attribute to be written."""

    component: Component
    variable: Variable
    attribute_value: str
    attribute_type: AttributeType = "Actual"


class SettingResult(Value, frozen=True, kw_only=True):
    """What became of one setting."""

    component: Component
    variable: Variable
    attribute_status: SetStatus
    attribute_type: AttributeType = "Actual"
    attribute_status_info: StatusInfo | None = None


class VariableResults(Message, frozen=True, kw_only=True):
    """The attributes that were asked for, in no promised order."""

    results: tuple[VariableResult, ...]


class GetVariables(Message, Request[VariableResults], frozen=True, kw_only=True):
    """Read attributes (2.x B06; 1.6 §5.8 GetConfiguration with keys)."""

    queries: tuple[VariableQuery, ...]


class SettingResults(Message, frozen=True, kw_only=True):
    """What became of the settings, in their order."""

    results: tuple[SettingResult, ...]


class SetVariables(Message, Request[SettingResults], frozen=True, kw_only=True):
    """Write attributes (2.x B05; 1.6 §5.3 ChangeConfiguration, one at a time)."""

    settings: tuple[VariableSetting, ...]


class ReportAnswer(Message, frozen=True, kw_only=True):
    """Whether a report will come; 1.x answers with the whole report at once."""

    status: Literal["Accepted", "Rejected", "NotSupported", "EmptyResultSet"]
    report: tuple[VariableResult, ...] | None = None
    status_info: StatusInfo | None = None


class GetBaseReport(Message, Request[ReportAnswer], frozen=True, kw_only=True):
    """Report all variables (2.x B07: by NotifyReport later; 1.6 §5.8 GetConfiguration)."""

    report_base: Literal["ConfigurationInventory", "FullInventory", "SummaryInventory"] = (
        "FullInventory"
    )
    request_id: int | None = None  # 2.x needs one
