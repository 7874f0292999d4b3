"""The device model of a station: what its variables are now, and who made them so.

`definitions.py` says which variables there are. A value is, in this order, what the station shows
at the moment (`live`), what somebody set, the default. What was set is kept with its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import msgspec

from chargeplane.domain.messages import StatusInfo
from chargeplane.domain.variables import (
    AttributeType,
    Component,
    GetStatus,
    SetStatus,
    SettingResult,
    Variable,
    VariableQuery,
    VariableResult,
    VariableSetting,
)
from chargeplane.ocpp.keys import PLACES
from chargeplane.station.definition import Address, Definition, address, name_of, text
from chargeplane.station.definitions import layout

ReportBase = Literal["ConfigurationInventory", "FullInventory", "SummaryInventory"]
Live = Callable[[Component, Variable, AttributeType], str | None]
Check = Callable[[str, str], str | None]
"""Given a name without instances and a value to be set; returns the reason code why not."""

# Other names of a variable: those that 1.6 keys map to where the standard has a better one, and
# names of 2.x without the instance that it asks for.
ALIASES: Final[dict[Address, Address]] = {
    address(other): address(name)
    for other, name in {
        "OCPP16LegacyCtrlr/StopTransactionOnEVSideDisconnect": "TxCtrlr/StopTxOnEVSideDisconnect",
        "OCPP16LegacyCtrlr/UnlockConnectorOnEVSideDisconnect": (
            "OCPPCommCtrlr/UnlockOnEVSideDisconnect"
        ),
        "OCPP16LegacyCtrlr/Language": "DisplayMessageCtrlr/Language",
        "ClockCtrlr/NextTransition": "ClockCtrlr/TimeOffset[NextTransition]",
        "OCPPCommCtrlr/MessageAttempts": "OCPPCommCtrlr/MessageAttempts[TransactionEvent]",
        "OCPPCommCtrlr/MessageAttemptInterval": (
            "OCPPCommCtrlr/MessageAttemptInterval[TransactionEvent]"
        ),
        "SmartChargingCtrlr/Entries": "SmartChargingCtrlr/Entries[ChargingProfiles]",
    }.items()
}
TRUTHS: Final = {"true": "true", "false": "false"}


class Held(msgspec.Struct, frozen=True):
    """A value that was set, and who set it: "csms", "internal", "config" or a client's name."""

    value: str
    source: str = "internal"


@dataclass(frozen=True, slots=True)
class Change:
    """A variable has another value than before."""

    component: Component
    variable: Variable
    attribute_type: AttributeType
    value: str
    before: str | None
    source: str

    @property
    def name(self) -> str:
        """The variable as `definitions.address` reads it."""
        return name_of(self.component, self.variable)


class DeviceModel:
    """The variables of one station with so many connectors at each EVSE.

    Names of variables are written as `definitions.address` reads them, e.g.
    `OCPPCommCtrlr/MessageTimeout[Default]` or `EVSE@1/Power`.
    """

    def __init__(
        self,
        connectors: tuple[int, ...],
        held: MutableMapping[str, Held],
        *,
        live: Live = lambda _component, _variable, _attribute: None,
        check: Check = lambda _name, _value: None,
    ) -> None:
        self._definitions = layout(connectors)
        self._extra: dict[Address, Definition] = {}
        self._held = held
        self._live = live
        self._check = check
        self._watchers: list[tuple[Callable[[Change], None], bool]] = []

    # For the station itself: by name.

    def text(self, name: str) -> str:
        """The value of a variable, "" where it has none; raises `KeyError` for an unknown one."""
        component, variable = _resolved(address(name))
        return self._value(component, variable, "Actual") or ""

    def number(self, name: str) -> int:
        """The value of an integer; 0 where it has none."""
        return int(self.text(name) or 0)

    def flag(self, name: str) -> bool:
        """The value of a boolean; false where it has none."""
        return self.text(name) == "true"

    def words(self, name: str) -> tuple[str, ...]:
        """The members of a list."""
        return tuple(word for part in self.text(name).split(",") if (word := part.strip()))

    def maximum(self, name: str) -> float:
        """The most that a number may be, or characters of a text; infinite where not bounded."""
        definition = self._definition(_resolved(address(name)))
        bound = None if definition is None else definition.maximum
        return float("inf") if bound is None else bound

    def has(self, name: str) -> bool:
        """Whether there is such a variable."""
        return self._definition(_resolved(address(name))) is not None

    def put(self, name: str, value: str, source: str = "internal") -> None:
        """Set a variable, whoever may write it; raises `KeyError` for an unknown one."""
        component, variable = _resolved(address(name))
        if self._definition((component, variable)) is None:
            raise KeyError(name)
        self._store(component, variable, "Actual", value, source)

    def define(self, component: Component, definition: Definition) -> None:
        """Add a variable that the tables do not have, as a vendor's own key."""
        self._extra[component, address(f"/{definition.name}")[1]] = definition

    def define_key(self, key: str, value: str, *, readonly: bool = False) -> None:
        """Add a configuration key of 1.6 that has no counterpart in 2.x."""
        row = text(key, value, "ReadOnly" if readonly else "ReadWrite", high=500)
        self.define(Component(""), row)

    def start(self, name: str, value: str) -> None:
        """Give the value of the shipped configuration, unless somebody else has set one since."""
        component, variable = _resolved(address(name))
        held = self._held.get(name_of(component, variable))
        if held is None or held.source in ("config", "default"):
            self.put(name, value, "config")

    def watch(self, watcher: Callable[[Change], None], *, unchanged: bool = False) -> None:
        """Be told of every variable that is set to another value, or even to the same."""
        self._watchers.append((watcher, unchanged))

    # For those outside.

    def get(self, query: VariableQuery) -> VariableResult:
        """Read an attribute (2.x B06; 1.6 §5.8)."""
        status, reason, value = self._read(query)
        definition = self._definition(_resolved((query.component, query.variable)))
        return VariableResult(
            component=query.component,
            variable=query.variable,
            attribute_type=query.attribute_type,
            attribute_status=status,
            attribute_value=value,
            readonly=None if definition is None else definition.mutability == "ReadOnly",
            attribute_status_info=StatusInfo(reason_code=reason) if reason else None,
        )

    def _read(self, query: VariableQuery) -> tuple[GetStatus, str, str | None]:
        place = _resolved((query.component, query.variable))
        definition = self._definition(place)
        if definition is None:
            return self._unknown(place), "NotFound", None
        if query.attribute_type == "MaxLimit" and definition.maximum is not None:
            return "Accepted", "", f"{definition.maximum:g}"
        if query.attribute_type not in definition.attributes:
            return "NotSupportedAttributeType", "UnsupportedParam", None
        if definition.mutability == "WriteOnly":
            return "Rejected", "WriteOnly", None  # B06.FR.09
        return "Accepted", "", self._value(*place, query.attribute_type) or ""

    def set(
        self, setting: VariableSetting, source: str = "csms", *, allow_read_only: bool = False
    ) -> SettingResult:
        """Write an attribute if it may be written and the value is right (B05; 1.6 §5.3)."""
        status, reason = self._write(setting, source, allow_read_only=allow_read_only)
        return SettingResult(
            component=setting.component,
            variable=setting.variable,
            attribute_status=status,
            attribute_type=setting.attribute_type,
            attribute_status_info=StatusInfo(reason_code=reason) if reason else None,
        )

    def _write(
        self, setting: VariableSetting, source: str, *, allow_read_only: bool
    ) -> tuple[SetStatus, str]:
        place = _resolved((setting.component, setting.variable))
        definition = self._definition(place)
        if definition is None:
            return self._unknown(place), "NotFound"
        if setting.attribute_type not in definition.attributes:
            return "NotSupportedAttributeType", "UnsupportedParam"
        if definition.mutability == "ReadOnly" and not allow_read_only:
            return "Rejected", "ReadOnly"
        value = normal(definition, setting.attribute_value)
        reason = flaw(definition, value) or self._check(_plain(*place), value)
        if reason:
            return "Rejected", reason
        self._store(*place, setting.attribute_type, value, source)
        return ("RebootRequired", "") if definition.needs_reboot else ("Accepted", "")

    def report(
        self, base: ReportBase = "FullInventory"
    ) -> Iterator[tuple[Component, Variable, Definition]]:
        """The variables of an inventory (2.x B07)."""
        for (component, variable), definition in self._all():
            if base == "SummaryInventory" and not definition.is_summary:
                continue
            if base == "ConfigurationInventory" and definition.mutability == "ReadOnly":
                continue
            yield component, variable, definition

    def attribute(
        self, component: Component, variable: Variable, attribute: AttributeType
    ) -> str | None:
        """The value of an attribute, as it may be shown; None where there is none."""
        definition = self._definition(_resolved((component, variable)))
        if definition is None or definition.mutability == "WriteOnly":
            return None
        return self._value(*_resolved((component, variable)), attribute)

    def definition(self, component: Component, variable: Variable) -> Definition | None:
        """What is fixed of a variable."""
        return self._definition(_resolved((component, variable)))

    def is_live(self, component: Component, variable: Variable) -> bool:
        """Whether the station shows a value of its own, whatever is set."""
        return self._live(*_resolved((component, variable)), "Actual") is not None

    def has_component(self, component: Component) -> bool:
        """Whether there is a component with a variable."""
        return any(place[0] == component for place, _ in self._all())

    def configuration_keys(self) -> Iterator[VariableResult]:
        """All that 1.6 has a key for, and the keys of the vendor (1.6 §5.8)."""
        ours = [(*place, "Actual") for place in self._extra if not place[0].name]
        for component, variable, attribute in (*PLACES.values(), *ours):
            query = VariableQuery(
                component=component,
                variable=variable,
                attribute_type=attribute,  # type: ignore[arg-type]  # "Actual" is one
            )
            result = self.get(query)
            if result.attribute_status == "Accepted" and self._is_said(query):
                yield result

    def key_value(
        self, component: Component, variable: Variable, attribute: AttributeType
    ) -> str | None:
        """The value of what a configuration key stands for; None if there is no such key."""
        query = VariableQuery(component=component, variable=variable, attribute_type=attribute)
        found = self.get(query)
        said = found.attribute_status == "Accepted" and self._is_said(query)
        return found.attribute_value if said else None

    def _is_said(self, query: VariableQuery) -> bool:
        """A key without a value is no key of this station."""
        if query.attribute_type == "MaxLimit":
            return True
        return self._value(*_resolved((query.component, query.variable)), "Actual") is not None

    # Inside.

    def _all(self) -> Iterator[tuple[Address, Definition]]:
        yield from self._definitions.items()
        yield from self._extra.items()

    def _definition(self, place: Address) -> Definition | None:
        return self._definitions.get(place) or self._extra.get(place)

    def _value(
        self, component: Component, variable: Variable, attribute: AttributeType
    ) -> str | None:
        definition = self._definition((component, variable))
        if definition is None:
            raise KeyError(name_of(component, variable))
        shown = self._live(component, variable, attribute)
        if shown is not None:
            return shown
        held = self._held.get(_key(component, variable, attribute))
        if held is not None:
            return held.value
        return definition.default if attribute == "Actual" else None

    def _store(
        self,
        component: Component,
        variable: Variable,
        attribute: AttributeType,
        value: str,
        source: str,
    ) -> None:
        before = self._value(component, variable, attribute)
        self._held[_key(component, variable, attribute)] = Held(value, source)
        change = Change(component, variable, attribute, value, before, source)
        for watcher, unchanged in self._watchers:
            if unchanged or value != before:
                watcher(change)

    def _unknown(self, place: Address) -> Literal["UnknownComponent", "UnknownVariable"]:
        known = self.has_component(place[0]) or not place[0].name
        return "UnknownVariable" if known else "UnknownComponent"


def normal(definition: Definition, value: str) -> str:
    """The value as it is kept: booleans in lower case, lists without spaces."""
    if definition.data_type == "boolean":
        return TRUTHS.get(value.strip().lower(), value)
    if definition.data_type in ("SequenceList", "MemberList"):
        return ",".join(part.strip() for part in value.split(",")) if value.strip() else ""
    return value


def flaw(definition: Definition, value: str) -> str | None:
    """The reason code of what is wrong with a value, or None (2.x part 1 §4.4)."""
    if definition.data_type in ("integer", "decimal"):
        return _flaw_of_number(definition, value)
    if definition.data_type in ("SequenceList", "MemberList"):
        return _flaw_of_list(definition, value)
    if definition.data_type == "string":
        return _out_of_bounds(definition, len(value))
    if definition.data_type == "dateTime":
        return None if _is_moment(value) else "InvalidValue"
    words = TRUTHS if definition.data_type == "boolean" else definition.values
    return None if value in words else "InvalidValue"


def _flaw_of_number(definition: Definition, value: str) -> str | None:
    try:
        number = int(value) if definition.data_type == "integer" else float(value)
    except ValueError:
        return "InvalidValue"
    return _out_of_bounds(definition, number) if abs(number) < float("inf") else "InvalidValue"


def _flaw_of_list(definition: Definition, value: str) -> str | None:
    words = value.split(",") if value else []
    if len(set(words)) != len(words):
        return "InvalidValue"
    if definition.values and not set(words) <= set(definition.values):
        return "InvalidValue"
    return _out_of_bounds(definition, len(value))


def _out_of_bounds(definition: Definition, measure: float) -> str | None:
    low, high = definition.minimum, definition.maximum
    if low is not None and measure < low:
        return "ValueTooLow" if definition.data_type != "string" else "InvalidValue"
    if high is not None and measure > high:
        return "ValueTooHigh" if definition.data_type != "string" else "TooLargeElement"
    return None


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _resolved(place: Address) -> Address:
    return ALIASES.get(place, place)


def _key(component: Component, variable: Variable, attribute: AttributeType) -> str:
    name = name_of(component, variable)
    return name if attribute == "Actual" else f"{name}#{attribute}"


def _plain(component: Component, variable: Variable) -> str:
    return name_of(Component(component.name), Variable(variable.name))
