"""What EVerest's clients call a variable, and where it is in the device model.

Canonical names are those of 2.x, whatever version is spoken. With a 1.6 central system a component
with an empty name makes the variable a configuration key, as older clients have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import structlog

from chargeplane.domain.station import Evse
from chargeplane.domain.variables import AttributeType, Component, Variable
from chargeplane.ocpp.keys import NAMES, read_key
from chargeplane.station.definition import Address, address, name_of
from chargeplane.station.device_model import ALIASES
from chargeplane.station.everest import values
from chargeplane.station.everest.values import ComponentVariable
from chargeplane.station.station import Station

LEGACY: Final = "OCPP16LegacyCtrlr"  # the component of keys that 2.x has no variable for

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a variable is; `by` says whether it was named by its key, or has one."""

    component: Component
    variable: Variable
    attribute: AttributeType = "Actual"  # or, of a key, MaxLimit
    by: Literal["key", "name with key", "name"] = "name"

    @property
    def address(self) -> Address:
        """As the device model has it."""
        place = (self.component, self.variable)
        return ALIASES.get(place, place)


Nowhere = Literal["Rejected", "UnknownComponent"]


@dataclass(slots=True)
class Addressing:
    """How the clients of one station name its variables.

    `keys` are further names: `Component/Variable` by key. With `ignores_components` every variable
    is a key while keys are spoken, as EVerest's older module has it.
    """

    station: Station
    keys: Mapping[str, str]
    ignores_components: bool = False

    def find(self, named: ComponentVariable) -> Place | Nowhere:
        """Where a variable is, or the status of a request for it."""
        component, variable = _component(named.component), _variable(named.variable)
        if self.is_key(named):
            return self.of_key(variable.name)
        if not component.name:
            return "UnknownComponent"
        standard = NAMES.get((component, variable, "Actual"))
        mapped = tuple(self._mapped_to((component, variable)))
        has_keys = self.station.conduct.has_keys
        if has_keys and len(mapped) + (standard is not None) > 1:
            return "Rejected"  # never one of several at random
        if not self._has(component, variable):
            kept = self._kept_as_key(component, variable, mapped)
            component, variable = kept or (component, variable)
        has_key = has_keys and bool(mapped or standard)
        return Place(component, variable, by="name with key" if has_key else "name")

    def is_key(self, named: ComponentVariable) -> bool:
        """Whether a variable is named by its configuration key."""
        if not self.station.conduct.has_keys:
            return False
        return self.ignores_components or not named.component.name

    def canonical_name(self, key: str) -> str:
        """What a key should be called; "" if there is nothing else."""
        component, variable, _ = read_key(key)
        return self.keys.get(key) or (name_of(component, variable) if component.name else "")

    def of_key(self, key: str) -> Place:
        """Where a configuration key is."""
        if key in self.keys and self._has(*address(self.keys[key])):
            return Place(*address(self.keys[key]), by="key")
        return Place(*read_key(key), by="key")

    def _mapped_to(self, place: Address) -> Iterator[str]:
        """The keys that a client's configuration gives to a variable."""
        return (key for key, name in self.keys.items() if address(name) == place)

    def _kept_as_key(
        self, component: Component, variable: Variable, mapped: tuple[str, ...]
    ) -> Address | None:
        """The vendor's key that a name stands for which the device model does not have."""
        key = mapped[0] if mapped else variable.name if component.name == LEGACY else None
        if key is None or not self._has(Component(""), Variable(key)):
            return None
        return Component(""), Variable(key)

    def _has(self, component: Component, variable: Variable) -> bool:
        return self.station.model.definition(component, variable) is not None


def _component(named: values.Component) -> Component:
    at = named.evse
    place = None if at is None else Evse(at.id, at.connector_id)
    return Component(named.name, named.instance, place)


def _variable(named: values.Variable) -> Variable:
    return Variable(named.name, named.instance)
