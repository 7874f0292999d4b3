"""The central system reads and writes variables."""

from __future__ import annotations

from typing import Any

from chargeplane.domain.variables import (
    GetVariables,
    SettingResults,
    SetVariables,
    VariableResults,
)
from chargeplane.ocpp.errors import OcppError
from chargeplane.station.station import Station


async def on_get(station: Station, request: GetVariables) -> VariableResults:
    """Read variables (2.x B06; 1.6 §5.8)."""
    _check_number(station, len(request.queries), "GetVariables")
    return VariableResults(results=tuple(station.model.get(query) for query in request.queries))


async def on_set(station: Station, request: SetVariables) -> SettingResults:
    """Write variables, each for itself (2.x B05; 1.6 §5.3)."""
    _check_number(station, len(request.settings), "SetVariables")
    return SettingResults(results=tuple(station.model.set(each) for each in request.settings))


def _check_number(station: Station, count: int, message: str) -> None:
    """B05.FR.11, B06.FR.16: more than ItemsPerMessage is an OccurrenceConstraintViolation."""
    allowed = station.model.number(f"DeviceDataCtrlr/ItemsPerMessage[{message}]")
    if count > allowed:
        raise OcppError("OccurrenceConstraintViolation", f"at most {allowed} items in a message")


HANDLERS: dict[type, Any] = {GetVariables: on_get, SetVariables: on_set}
