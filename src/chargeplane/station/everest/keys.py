"""EVerest's older interface `ocpp_1_6_charge_point`: configuration keys instead of variables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chargeplane.domain.variables import SetStatus
from chargeplane.ocpp.keys import NAMES
from chargeplane.station.device_model import Change
from chargeplane.station.everest.interface import Everest
from chargeplane.station.everest.values import (
    ConfigurationStatus,
    GetConfigurationResponse,
    KeyValue,
    SecurityEvent,
)
from chargeplane.station.signals import Signal

SOURCE: Final = "internal"  # of what is written: callers do not say who they are


class ChargePoint:
    """The interface of one station.

    What else it has, `stop`, `restart`, `is_connected` and the variable `security_event`, is that
    of the interface `ocpp`.
    """

    def __init__(self, everest: Everest) -> None:
        self.everest = everest
        self._monitored: set[str] = set()
        self.configuration_key: Signal[KeyValue] = Signal()
        everest.station.model.watch(self._on_write, unchanged=True)

    async def get_configuration_key(self, keys: Iterable[str]) -> GetConfigurationResponse:
        """Read keys; without any, all that there are."""
        asked = tuple(keys) or tuple(self._all())
        found = {key: self._read(key) for key in asked}
        return GetConfigurationResponse(
            configuration_keys=tuple(each for each in found.values() if each is not None),
            unknown_keys=tuple(key for key, each in found.items() if each is None),
        )

    async def set_configuration_key(self, key: str, value: str) -> ConfigurationStatus:
        """Write a key, which may be read-only to the central system."""
        if not self.everest.station.has_started:
            return "Rejected"
        return STATUS[self.everest.access.set_key(key, value, SOURCE)]

    async def monitor_configuration_keys(self, keys: Iterable[str]) -> None:
        """Tell by `configuration_key` when the central system writes these keys too."""
        self._monitored |= set(keys)

    async def security_event(self, event: str, info: str | None = None) -> None:
        """Log what somebody noticed; the central system is told of it for certain."""
        await self.everest.security_event(SecurityEvent(type=event, info=info, critical=True))

    def _all(self) -> Iterable[str]:
        for each in self.everest.station.model.configuration_keys():
            place = (each.component, each.variable, each.attribute_type)
            yield NAMES.get(place, each.variable.name)

    def _read(self, key: str) -> KeyValue | None:
        found = self.everest.access.key(key)
        if found is None:
            return None
        value, read_only = found
        return KeyValue(key=key, read_only=read_only, value=value)

    def _on_write(self, change: Change) -> None:
        if change.source != "csms":
            return
        for key in self._monitored:
            is_meant = self.everest.access.is_key_of(key, change.component, change.variable)
            if is_meant and (found := self._read(key)) is not None:
                self.configuration_key.emit(found)


STATUS: Final[dict[SetStatus, ConfigurationStatus]] = {
    "Accepted": "Accepted",
    "RebootRequired": "RebootRequired",
    "Rejected": "Rejected",
    "UnknownComponent": "NotSupported",
    "UnknownVariable": "NotSupported",
    "NotSupportedAttributeType": "Rejected",
}
"""What becomes of a key that is written."""
