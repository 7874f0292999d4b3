"""Network profiles as EVerest's clients prepare them: slot by slot, none that is in use."""

from __future__ import annotations

from typing import Final

from chargeplane.domain.variables import Component, SetStatus, Variable, VariableQuery
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.station import network
from chargeplane.station.definition import Address, name_of
from chargeplane.station.device_model import flaw
from chargeplane.station.station import Station

SLOT: Final = "NetworkConfiguration"


def is_connection(component: Component, variable: Variable) -> bool:
    """Whether a variable says where and how to connect."""
    return component.name == SLOT or name_of(component, variable) == network.PRIORITY


def fill(station: Station, place: Address, value: str, source: str) -> tuple[SetStatus, str]:
    """Write a variable of a slot that is not in use; the status and the reason (2.1 B09.FR.22-25).

    What is written counts from the next connection on.
    """
    component, variable = place
    definition = station.model.definition(component, variable)
    if definition is None:
        query = VariableQuery(component=component, variable=variable)
        return station.model.get(query).attribute_status, "NotFound"
    reason = "ReadOnly" if definition.mutability == "ReadOnly" else None
    reason = reason or _use(station, component) or flaw(definition, value)
    reason = reason or _unfit(station, variable.name, value)
    if reason is not None:
        return "Rejected", reason
    waits = station.has_alarm("reconnect")
    station.model.put(name_of(component, variable), value, source)
    if not waits:
        station.silence("reconnect")
    return "Accepted", ""


def _use(station: Station, component: Component) -> str | None:
    used = (str(station.active_slot), *station.model.words(network.PRIORITY))
    return "PriorityNetworkConf" if component.instance in used else None


def _unfit(station: Station, variable: str, value: str) -> str | None:
    """Why a value is of no use in any slot."""
    match variable:
        case "SecurityProfile" if int(value) < network.floor(station):
            return "NoSecurityDowngrade"
        case "OcppCsmsUrl" if not value.lower().startswith(("ws://", "wss://")):
            return "InvalidNetworkConf"
        case "OcppTransport" if value != "JSON":
            return "UnsupportedParam"
        case "OcppVersion" if network.VERSIONS.get(value) not in DIALECTS:
            return "UnsupportedParam"
    return None
