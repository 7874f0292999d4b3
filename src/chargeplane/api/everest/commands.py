"""The commands of EVerest's interfaces as modules call them: their arguments, and what is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import msgspec

from chargeplane.station.everest.values import (
    ChangeAvailabilityRequest,
    ComponentVariable,
    DataTransferRequest,
    GetVariableRequest,
    SecurityEvent,
    SetVariableRequest,
)


class NoArguments(msgspec.Struct):
    """What `stop` and `restart` are given."""


class SecurityEventArguments(msgspec.Struct):
    """What `security_event` is given."""

    event: SecurityEvent


class GetArguments(msgspec.Struct):
    """What `get_variables` is given."""

    requests: tuple[GetVariableRequest, ...]


class SetArguments(msgspec.Struct):
    """What `set_variables` is given."""

    requests: tuple[SetVariableRequest, ...]
    source: str


class AvailabilityArguments(msgspec.Struct):
    """What `change_availability` is given."""

    request: ChangeAvailabilityRequest


class MonitorArguments(msgspec.Struct):
    """What `monitor_variables` is given."""

    component_variables: tuple[ComponentVariable, ...]


class TransferArguments(msgspec.Struct):
    """What `data_transfer` is given."""

    request: DataTransferRequest


class KeysArguments(msgspec.Struct):
    """What `get_configuration_key` and `monitor_configuration_keys` are given."""

    keys: tuple[str, ...] = ()


class KeyArguments(msgspec.Struct):
    """What `set_configuration_key` is given."""

    key: Annotated[str, msgspec.Meta(max_length=50)]
    value: Annotated[str, msgspec.Meta(max_length=500)]


class PlainEventArguments(msgspec.Struct):
    """What the older `security_event` is given."""

    type: str
    info: str | None = None


Commands = dict[str, tuple[type[msgspec.Struct], Callable[[Any, Any], Awaitable[Any]]]]


OCPP: Final[Commands] = {
    "stop": (NoArguments, lambda everest, _args: everest.stop()),
    "restart": (NoArguments, lambda everest, _args: everest.restart()),
    "security_event": (
        SecurityEventArguments,
        lambda everest, args: everest.security_event(args.event),
    ),
    "get_variables": (GetArguments, lambda everest, args: everest.get_variables(args.requests)),
    "set_variables": (
        SetArguments,
        lambda everest, args: everest.set_variables(args.requests, args.source),
    ),
    "change_availability": (
        AvailabilityArguments,
        lambda everest, args: everest.change_availability(args.request),
    ),
    "monitor_variables": (
        MonitorArguments,
        lambda everest, args: everest.monitor_variables(args.component_variables),
    ),
}
"""The commands of the interface `ocpp`."""

DATA_TRANSFER: Final[Commands] = {
    "data_transfer": (
        TransferArguments,
        lambda everest, args: everest.data_transfer(args.request),
    ),
}
"""The command of the interface `ocpp_data_transfer`."""

KEYS: Final[Commands] = {
    "stop": (NoArguments, lambda point, _args: point.everest.stop()),
    "restart": (NoArguments, lambda point, _args: point.everest.restart()),
    "get_configuration_key": (
        KeysArguments,
        lambda point, args: point.get_configuration_key(args.keys),
    ),
    "set_configuration_key": (
        KeyArguments,
        lambda point, args: point.set_configuration_key(args.key, args.value),
    ),
    "monitor_configuration_keys": (
        KeysArguments,
        lambda point, args: point.monitor_configuration_keys(args.keys),
    ),
    "security_event": (
        PlainEventArguments,
        lambda point, args: point.security_event(args.type, args.info),
    ),
}
"""The commands of the interface `ocpp_1_6_charge_point`."""
