"""Variables as EVerest's clients read, write and monitor them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final

import structlog

from chargeplane.domain.variables import (
    AttributeType,
    SetStatus,
    VariableQuery,
    VariableSetting,
)
from chargeplane.domain.variables import Component as ModelComponent
from chargeplane.domain.variables import Variable as ModelVariable
from chargeplane.station.definition import name_of
from chargeplane.station.device_model import Change
from chargeplane.station.everest import slots
from chargeplane.station.everest.addressing import Addressing, Nowhere, Place
from chargeplane.station.everest.values import (
    Component,
    ComponentVariable,
    EventData,
    GetVariableRequest,
    GetVariableResult,
    GetVariableStatus,
    SetVariableRequest,
    SetVariableResult,
)
from chargeplane.station.station import Station

COMMITTED: Final = ("Accepted", "RebootRequired")
OWN: Final = ("internal", "config", "default")  # sources that are no news to clients
MOST: Final = 10_000  # names that are remembered of a client, whatever it says

logger = structlog.get_logger()


class Variables:
    """The variables of one station; `tell` is given what happens to those that are monitored."""

    def __init__(
        self, station: Station, addressing: Addressing, tell: Callable[[EventData], None]
    ) -> None:
        self._station = station
        self._addressing = addressing
        self._tell = tell
        self._monitored: dict[ComponentVariable, None] = {}
        self._warned: set[str] = set()
        self._writes = False
        station.model.watch(self._on_write, unchanged=True)

    # Reading

    def get(self, request: GetVariableRequest) -> GetVariableResult:
        """Read one attribute."""
        named, attribute = request.component_variable, request.attribute_type or "Actual"
        if not self._station.has_started:
            return _read("Rejected", request)
        place = self._find(named)
        if isinstance(place, str):
            return _read(place, request)
        if place.by == "key":
            return self._get_key(request, place)
        if place.by == "name with key" and attribute != "Actual":
            return _read("NotSupportedAttributeType", request)
        query = VariableQuery(
            component=place.component, variable=place.variable, attribute_type=attribute
        )
        found = self._station.model.get(query)
        if found.attribute_status != "Accepted":
            return _read(found.attribute_status, request)
        return GetVariableResult(
            status="Accepted",
            component_variable=named,
            attribute_type=attribute,
            value=found.attribute_value,
        )

    def _get_key(self, request: GetVariableRequest, place: Place) -> GetVariableResult:
        """Read a configuration key: one without a value is none."""
        named = request.component_variable.variable
        echo = ComponentVariable(component=Component(name=""), variable=named)
        value = self._key_value(place)
        if value is None:
            return GetVariableResult(status="UnknownVariable", component_variable=echo)
        return GetVariableResult(
            status="Accepted", component_variable=echo, attribute_type="Actual", value=value
        )

    def key(self, key: str) -> tuple[str, bool] | None:
        """The value of a configuration key, and whether it is read-only; None if there is none."""
        place = self._addressing.of_key(key)
        value = self._key_value(place)
        definition = self._station.model.definition(place.component, place.variable)
        if value is None or definition is None:
            return None
        is_limit = place.attribute == "MaxLimit"
        return value, is_limit or definition.mutability == "ReadOnly"

    def is_key_of(self, key: str, component: ModelComponent, variable: ModelVariable) -> bool:
        """Whether a configuration key stands for a variable of the device model."""
        return self._addressing.of_key(key).address == (component, variable)

    def _key_value(self, place: Place) -> str | None:
        return self._station.model.key_value(place.component, place.variable, place.attribute)

    # Writing

    def set_key(self, key: str, value: str, source: str) -> SetStatus:
        """Write a configuration key, whatever version is spoken."""
        with self._telling():
            return self._set_key(self._addressing.of_key(key), value, source)

    def set(self, request: SetVariableRequest, source: str) -> SetVariableResult:
        """Write one attribute, which may be read-only to the central system."""
        with self._telling():
            status = self._set(request, source)
        return SetVariableResult(
            status=status,
            component_variable=request.component_variable,
            attribute_type=request.attribute_type,
        )

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell of what is written within, whatever its source is called."""
        self._writes = True
        try:
            yield
        finally:
            self._writes = False

    def _set(self, request: SetVariableRequest, source: str) -> SetStatus:
        if not self._station.has_started:
            return "Rejected"
        place = self._find(request.component_variable)
        if isinstance(place, str):
            return place
        if place.by == "key":
            return self._set_key(place, request.value, source)
        if place.by == "name with key" and (request.attribute_type or "Actual") != "Actual":
            return "NotSupportedAttributeType"
        if slots.is_connection(place.component, place.variable):
            return self._set_connection(place, request.value, source)
        return self._write(place, request.value, source, request.attribute_type or "Actual")

    def _set_key(self, place: Place, value: str, source: str) -> SetStatus:
        status = self._write(place, value, source)
        return KEY_STATUS.get(status, status)

    def _write(
        self, place: Place, value: str, source: str, attribute: AttributeType = "Actual"
    ) -> SetStatus:
        model = self._station.model
        if place.attribute == "MaxLimit" or model.is_live(*place.address):
            self._log(place, "ReadOnly")
            return "Rejected"
        setting = VariableSetting(
            component=place.component,
            variable=place.variable,
            attribute_value=value,
            attribute_type=attribute,
        )
        result = model.set(setting, source, allow_read_only=True)
        if result.attribute_status_info is not None:
            self._log(place, result.attribute_status_info.reason_code)
        return result.attribute_status

    def _set_connection(self, place: Place, value: str, source: str) -> SetStatus:
        """Change a network profile that is not in use, or which count: from the next connection."""
        status: SetStatus
        if place.component.instance is None:
            status = self._write(place, value, source)
        else:
            status, reason = slots.fill(self._station, place.address, value, source)
            if reason:
                self._log(place, reason)
        return self._station.conduct.connection_change if status in COMMITTED else status

    def _log(self, place: Place, reason: str) -> None:
        """The interface has no room for reasons."""
        name = name_of(place.component, place.variable)
        logger.info("not written", station=self._station.id, variable=name, reason=reason)

    # Monitoring

    def monitor(self, named: Iterable[ComponentVariable]) -> None:
        """Tell of every write from now on, beside what is monitored already."""
        self._monitored |= dict.fromkeys(named)
        if len(self._monitored) > MOST:
            logger.warning("too many variables are monitored", station=self._station.id)
            self._monitored = dict.fromkeys(islice(self._monitored, MOST))

    def _on_write(self, change: Change) -> None:
        if change.attribute_type != "Actual" or (change.source in OWN and not self._writes):
            return
        for named in self._monitored:
            place = self._addressing.find(named)
            if isinstance(place, Place) and place.address == (change.component, change.variable):
                self._tell(self._event(named, change))

    def _event(self, named: ComponentVariable, change: Change) -> EventData:
        shown = self._station.model.attribute(change.component, change.variable, "Actual")
        return EventData(
            component_variable=named,
            event_id=0,
            timestamp=self._station.now(),
            trigger=self._station.conduct.monitor_trigger,
            actual_value=shown or "",
            event_notification_type="CustomMonitor",
        )

    # Names

    def _find(self, named: ComponentVariable) -> Place | Nowhere:
        key = named.variable.name
        is_new = key not in self._warned and len(self._warned) < MOST
        if is_new and self._addressing.is_key(named):
            self._warned.add(key)
            logger.warning(
                "variables named by configuration key are deprecated",
                station=self._station.id,
                key=key,
                better=self._addressing.canonical_name(key),
            )
        found = self._addressing.find(named)
        if found == "Rejected":
            logger.error("several keys are mapped to a variable", station=self._station.id, key=key)
        return found


def _read(status: GetVariableStatus, request: GetVariableRequest) -> GetVariableResult:
    return GetVariableResult(
        status=status,
        component_variable=request.component_variable,
        attribute_type=request.attribute_type,
    )


KEY_STATUS: Final[dict[SetStatus, SetStatus]] = {
    "UnknownComponent": "UnknownVariable",
    "NotSupportedAttributeType": "Rejected",
}
"""What becomes of the status of a variable that was named by its key."""
