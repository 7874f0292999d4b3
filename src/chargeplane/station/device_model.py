"""The variables of a station: what it can be asked and told to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from chargeplane.domain.station import ChargingStation
from chargeplane.domain.variables import (
    AttributeType,
    Component,
    SetStatus,
    Variable,
    VariableQuery,
    VariableResult,
    VariableSetting,
)
from chargeplane.ocpp.keys import PLACES

Unknown = Literal["UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"]
Place = tuple[Component, Variable, AttributeType]

# Key of 1.6 (its place in the device model follows from ocpp/keys.py): value, may be set, check.
SETTINGS: Final[dict[str, tuple[str, bool, str]]] = {
    "HeartbeatInterval": ("300", True, "seconds"),
    "ConnectionTimeOut": ("60", True, "seconds"),
    "MeterValueSampleInterval": ("10", True, "seconds"),
    "ClockAlignedDataInterval": ("0", True, "seconds"),
    "MeterValuesSampledData": (
        "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC",
        True,
        "text",
    ),
    "AuthorizeRemoteTxRequests": ("false", True, "boolean"),
    "StopTransactionOnInvalidId": ("true", True, "boolean"),
    "StopTransactionOnEVSideDisconnect": ("true", True, "boolean"),
    "UnlockConnectorOnEVSideDisconnect": ("true", True, "boolean"),
    "LocalPreAuthorize": ("false", True, "boolean"),
    "WebSocketPingInterval": ("60", True, "seconds"),
    "GetConfigurationMaxKeys": ("50", False, "seconds"),
    "SupportedFeatureProfiles": ("Core,RemoteTrigger,SmartCharging,Reservation", False, "text"),
    "ChargeProfileMaxStackLevel": ("10", False, "seconds"),
    "ChargingScheduleAllowedChargingRateUnit": ("Current,Power", False, "text"),
    "ChargingScheduleMaxPeriods": ("24", False, "seconds"),
    "MaxChargingProfilesInstalled": ("10", False, "seconds"),
}


@dataclass(slots=True)
class Attribute:
    """One attribute of a variable."""

    value: str
    is_writable: bool = False
    check: str = "text"


class DeviceModel:
    """The attributes of a station by their place."""

    def __init__(self, about: ChargingStation, evses: int) -> None:
        self._attributes: dict[Place, Attribute] = {
            PLACES[key]: Attribute(*setting) for key, setting in SETTINGS.items()
        }
        for name, value in _facts(about, evses):
            place: Place = (Component("ChargingStation"), Variable(name), "Actual")
            self._attributes[place] = Attribute(value)
        self._attributes[PLACES["NumberOfConnectors"]] = Attribute(str(evses))

    def text(self, key: str) -> str:
        """The value of a setting, by its 1.6 key."""
        return self._attributes[PLACES[key]].value

    def seconds(self, key: str) -> int:
        """The value of a setting that is a number."""
        return int(self.text(key))

    def flag(self, key: str) -> bool:
        """The value of a setting that is true or false."""
        return self.text(key) == "true"

    def put(self, key: str, value: str) -> None:
        """Set a setting, whoever may."""
        self._attributes[PLACES[key]].value = value

    def get(self, query: VariableQuery) -> VariableResult:
        """Read an attribute."""
        place = (query.component, query.variable, query.attribute_type)
        attribute = self._attributes.get(place)
        return VariableResult(
            component=query.component,
            variable=query.variable,
            attribute_type=query.attribute_type,
            attribute_status="Accepted" if attribute else self._unknown(place),
            attribute_value=attribute.value if attribute else None,
            readonly=not attribute.is_writable if attribute else None,
        )

    def set(self, setting: VariableSetting) -> SetStatus:
        """Write an attribute, if it may be written and the value is right."""
        place = (setting.component, setting.variable, setting.attribute_type)
        attribute = self._attributes.get(place)
        if attribute is None:
            return self._unknown(place)
        if not attribute.is_writable or not _is_right(setting.attribute_value, attribute.check):
            return "Rejected"
        attribute.value = setting.attribute_value
        return "Accepted"

    def report(self) -> Iterator[VariableResult]:
        """Read everything that 2.x and 1.x both can name."""
        for component, variable, attribute_type in self._attributes:
            yield self.get(
                VariableQuery(component=component, variable=variable, attribute_type=attribute_type)
            )

    def _unknown(self, place: Place) -> Unknown:
        component, variable, _ = place
        if all(known[0] != component for known in self._attributes):
            return "UnknownComponent"
        if all(known[:2] != (component, variable) for known in self._attributes):
            return "UnknownVariable"
        return "NotSupportedAttributeType"


def _facts(about: ChargingStation, evses: int) -> Iterator[tuple[str, str]]:
    yield "VendorName", about.vendor_name
    yield "Model", about.model
    yield "SerialNumber", about.serial_number or ""
    yield "FirmwareVersion", about.firmware_version or ""
    yield "SupplyPhases", "3"
    yield "AvailabilityState", "Available" if evses else "Unavailable"


def _is_right(value: str, check: str) -> bool:
    if check == "seconds":
        return value.isascii() and value.isdecimal()
    return value in ("true", "false") if check == "boolean" else True
