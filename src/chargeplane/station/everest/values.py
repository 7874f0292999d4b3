"""The values of EVerest's interfaces `ocpp` and `ocpp_data_transfer`, named as in its JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chargeplane.domain.messages import MessageContent, Value

AttributeEnum = Literal["Actual", "Target", "MinSet", "MaxSet"]
GetVariableStatus = Literal[
    "Accepted", "Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"
]
SetVariableStatus = Literal[
    "Accepted",
    "Rejected",
    "UnknownComponent",
    "UnknownVariable",
    "NotSupportedAttributeType",
    "RebootRequired",
]
TransactionEventKind = Literal["Started", "Updated", "Ended"]

Number = Annotated[int, msgspec.Meta(ge=1)]
Name = Annotated[str, msgspec.Meta(max_length=50)]

# Variables


class EVSE(Value, frozen=True, kw_only=True):
    """An EVSE, or one connector of it."""

    id: Number
    connector_id: Number | None = None


class Component(Value, frozen=True, kw_only=True):
    """A part of the station. An empty name stands for the list of 1.6 configuration keys."""

    name: Name
    instance: Name | None = None
    evse: EVSE | None = None


class Variable(Value, frozen=True, kw_only=True):
    """A property of a component, or a 1.6 configuration key."""

    name: Name
    instance: Name | None = None


class ComponentVariable(Value, frozen=True, kw_only=True):
    """Which variable is meant."""

    component: Component
    variable: Variable


class GetVariableRequest(Value, frozen=True, kw_only=True):
    """An attribute to be read; without a type it is Actual."""

    component_variable: ComponentVariable
    attribute_type: AttributeEnum | None = None


class GetVariableResult(Value, frozen=True, kw_only=True):
    """An attribute as it was read."""

    status: GetVariableStatus
    component_variable: ComponentVariable
    attribute_type: AttributeEnum | None = None
    value: Annotated[str, msgspec.Meta(max_length=2500)] | None = None


class SetVariableRequest(Value, frozen=True, kw_only=True):
    """An attribute to be written; without a type it is Actual."""

    component_variable: ComponentVariable
    value: Annotated[str, msgspec.Meta(max_length=1000)]
    attribute_type: AttributeEnum | None = None


class SetVariableResult(Value, frozen=True, kw_only=True):
    """What became of it."""

    status: SetVariableStatus
    component_variable: ComponentVariable
    attribute_type: AttributeEnum | None = None


class EventData(Value, frozen=True, kw_only=True):
    """A variable that is monitored was written."""

    component_variable: ComponentVariable
    event_id: int
    timestamp: datetime
    trigger: Literal["Alerting", "Delta", "Periodic"]
    actual_value: Annotated[str, msgspec.Meta(max_length=2500)]
    event_notification_type: Literal[
        "HardWiredNotification", "HardWiredMonitor", "PreconfiguredMonitor", "CustomMonitor"
    ]
    cause: int | None = None
    tech_code: str | None = None
    tech_info: str | None = None
    cleared: bool | None = None
    transaction_id: str | None = None
    variable_monitoring_id: int | None = None


# What happens


class SecurityEvent(Value, frozen=True, kw_only=True):
    """Something that matters for security; `critical` overrules what its type makes of it."""

    type: str
    info: str | None = None
    critical: bool | None = None
    timestamp: datetime | None = None


class OcppTransactionEvent(Value, frozen=True, kw_only=True):
    """A transaction has begun, goes on or is over.

    `session_id` is our name of it, `transaction_id` that of the central system once it is known.
    """

    transaction_event: TransactionEventKind
    session_id: str
    evse: EVSE | None = None
    transaction_id: str | None = None


class OcppTransactionEventResponse(Value, frozen=True, kw_only=True):
    """What the central system answered to an event of a transaction (2.x)."""

    original_transaction_event: OcppTransactionEvent
    total_cost: float | None = None
    charging_priority: int | None = None
    personal_message: MessageContent | None = None


class StatusInfoType(Value, frozen=True, kw_only=True):
    """Why something was answered as it was."""

    reason_code: str
    additional_info: str | None = None


class BootNotificationResponse(Value, frozen=True, kw_only=True):
    """Whether the central system takes the station; the interval is in s."""

    status: Literal["Accepted", "Pending", "Rejected"]
    current_time: datetime
    interval: int
    status_info: StatusInfoType | None = None


class ConnectionStatus(Value, frozen=True, kw_only=True):
    """The connection to the central system; without one, the last that there was."""

    connected: bool
    csms_url: str | None = None
    identity: str | None = None
    security_profile: int | None = None
    configuration_slot: int | None = None
    ocpp_interface: str | None = None
    ocpp_transport: str | None = None
    ocpp_version: str | None = None


class Message(Value, frozen=True, kw_only=True):
    """A frame of OCPP, without passwords."""

    message: str
    direction: Literal["CSMSToChargingStation", "ChargingStationToCSMS"]
    version: str | None = None


class ChangeAvailabilityRequest(Value, frozen=True, kw_only=True):
    """Put the station, an EVSE or a connector in or out of service."""

    operational_status: Literal["Inoperative", "Operative"]
    evse: EVSE | None = None


class ChangeAvailabilityResponse(Value, frozen=True, kw_only=True):
    """Done, refused, or to be done once the transaction has ended."""

    status: Literal["Accepted", "Rejected", "Scheduled"]
    status_info: StatusInfoType | None = None


# Schedules


class V2XFreqWattPointType(Value, frozen=True, kw_only=True):
    """A point of the curve from grid frequency (Hz) to power (W)."""

    frequency: float
    power: float


class V2XSignalWattPointCurve(Value, frozen=True, kw_only=True):
    """A point of the curve from AFRR signal to power (W)."""

    signal: int
    power: float


def _json_name(name: str) -> str:
    """Phases are written large: `limit_L2`."""
    stem, _, phase = name.rpartition("_")
    return f"{stem}_{phase.upper()}" if phase in ("l2", "l3") else name


class ChargingSchedulePeriod(Value, frozen=True, kw_only=True, rename=_json_name):
    """From `start_period` (s) until the next period; limits in A per phase, or in W."""

    start_period: int
    limit: float
    limit_l2: float | None = None
    limit_l3: float | None = None
    number_phases: int | None = None
    stack_level: int | None = None
    phase_to_use: int | None = None
    discharge_limit: float | None = None
    discharge_limit_l2: float | None = None
    discharge_limit_l3: float | None = None
    setpoint: float | None = None
    setpoint_l2: float | None = None
    setpoint_l3: float | None = None
    setpoint_reactive: float | None = None
    setpoint_reactive_l2: float | None = None
    setpoint_reactive_l3: float | None = None
    preconditioning_request: bool | None = None
    evse_sleep: bool | None = None
    v2x_baseline: float | None = None
    operation_mode: str | None = None
    v2x_freq_watt_curve: tuple[V2XFreqWattPointType, ...] | None = None
    v2x_signal_watt_curve: tuple[V2XSignalWattPointCurve, ...] | None = None


class ChargingSchedule(Value, frozen=True, kw_only=True):
    """What an EVSE may draw, or with EVSE 0 the station; the duration is in s."""

    evse: int
    charging_rate_unit: Literal["A", "W"]
    charging_schedule_period: tuple[ChargingSchedulePeriod, ...]
    duration: int | None = None
    start_schedule: datetime | None = None
    min_charging_rate: float | None = None


class ChargingSchedules(Value, frozen=True, kw_only=True):
    """One schedule for the station and each of its EVSEs."""

    schedules: tuple[ChargingSchedule, ...]


# Data transfer


class CustomData(Value, frozen=True, kw_only=True):
    """A vendor's data: a JSON object as text, which names the vendor as well."""

    vendor_id: str
    data: str


class DataTransferRequest(Value, frozen=True, kw_only=True):
    """A vendor's message, in either direction."""

    vendor_id: str
    message_id: str | None = None
    data: str | None = None
    custom_data: CustomData | None = None


class DataTransferResponse(Value, frozen=True, kw_only=True):
    """The answer to it; Offline: there was nobody to answer."""

    status: Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId", "Offline"]
    data: str | None = None
    custom_data: CustomData | None = None


# Configuration keys, in EVerest's interface `ocpp_1_6_charge_point`

ConfigurationStatus = Literal["Accepted", "Rejected", "RebootRequired", "NotSupported"]


class KeyValue(Value, frozen=True, kw_only=True):
    """A configuration key."""

    key: Name
    read_only: bool
    value: str | None = None


class GetConfigurationResponse(Value, frozen=True, kw_only=True):
    """The keys that there are of those that were asked for, and the others."""

    configuration_keys: tuple[KeyValue, ...]
    unknown_keys: tuple[str, ...]
