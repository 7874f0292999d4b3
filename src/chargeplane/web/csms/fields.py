"""The fields of forms: each has one value, and tells at its place what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from math import isfinite
from typing import Any, Final, Protocol

import msgspec
from msgspec import UNSET, inspect
from nicegui import ui

from chargeplane.web.csms.dialogs import pretty
from chargeplane.web.texts import Texts, mark

Path = tuple[str | int, ...]

LONG: Final = 500  # characters; what may be longer has a field of several lines
LINES: Final = re.compile(r"certificate|chain|csr|pem$")
MAY_BE_EMPTY: Final = frozenset({"attribute_value", "value", "content"})  # though it is required
MINUTE: Final = "%Y-%m-%dT%H:%M"  # how browsers write a moment
SECOND: Final = "%Y-%m-%dT%H:%M:%S"
TERMS: Final = {
    each.lower(): each
    for each in (
        *("EVSE", "ID", "SoC", "URL", "URI", "CSMS", "DER", "APN", "VPN", "OCPP", "OCSP", "QR"),
        *("kWh", "CSR", "V2X", "PF", "AFRR", "IMSI", "VAR", "L2", "L3", "ISO", "PIN"),
    )
}

NEEDED: Final = mark("This is needed.")
NO_NUMBER: Final = mark("This is not a number.")
NO_INTEGER: Final = mark("This is not a whole number.")
NO_MOMENT: Final = mark("This is not a day with its time.")
NO_JSON: Final = mark("This is not JSON.")
NO_OBJECT: Final = mark("This is not a JSON object.")

_numbers = count()


class Wrong(ValueError):
    """A value that cannot be read; its text is one of the catalogues."""


@dataclass(slots=True)
class Reading:
    """How a form is read: whether faults are told at their fields, and how many there were."""

    is_told: bool = True
    faults: int = 0


class Part(Protocol):
    """A part of a form: a field, a group of them, or a list."""

    def read(self, reading: Reading) -> Any:
        """What was entered as JSON has it, UNSET if nothing."""

    def show(self, value: Any) -> None:
        """Enter a value as JSON has it; UNSET: nothing."""

    def complain(self, path: Path, reason: str) -> bool:
        """Tell at its place what is wrong; False if there is no such place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What forms are made with: the reader's words, and values that fields may offer by name."""

    t: Texts
    known: Mapping[str, Iterable[object]] = field(default_factory=dict)
    on_change: Callable[[], object] | None = None


def words(name: str) -> str:
    """The name of a field or an operation for people: `evse_id` is `EVSE ID`."""
    said = " ".join(TERMS.get(each, each) for each in name.lower().split("_"))
    return said[:1].upper() + said[1:]


@dataclass(slots=True)
class Leaf:
    """A field; `parse` reads what was entered, `write` is its other way."""

    t: Texts
    element: Any  # of NiceGUI, with a value and an error
    is_needed: bool
    parse: Callable[[Any], Any] = lambda entered: entered
    write: Callable[[Any], Any] = lambda value: value
    nothing: Any = UNSET  # what it means if nothing is entered

    def read(self, reading: Reading) -> Any:
        """See `Part`."""
        try:
            value = self._value()
        except Wrong as error:
            reading.faults += 1
            if reading.is_told:
                self.complain((), self.t(str(error)))
            return UNSET
        self.element.error = None
        return value

    def _value(self) -> Any:
        entered = self.element.value
        if entered is not None and entered != "":
            return self.parse(entered)
        if self.is_needed:
            raise Wrong(NEEDED)
        return self.nothing

    def show(self, value: Any) -> None:
        """See `Part`."""
        self.element.value = None if value is UNSET else self.write(value)

    def complain(self, path: Path, reason: str) -> bool:  # noqa: ARG002 it is its own place
        """See `Part`."""
        self.element.error = reason
        return True


@dataclass(slots=True)
class Switch:
    """A field that is on or off."""

    element: ui.checkbox

    def read(self, reading: Reading) -> bool:  # noqa: ARG002 nothing can be wrong
        """See `Part`."""
        return bool(self.element.value)

    def show(self, value: Any) -> None:
        """See `Part`."""
        self.element.value = value is not UNSET and bool(value)

    def complain(self, path: Path, reason: str) -> bool:  # noqa: ARG002 it has no room for it
        """See `Part`."""
        return False


def leaf(making: Making, name: str, kind: inspect.Type, *, is_needed: bool) -> Leaf | Switch:
    """The field of a type that has no parts."""
    label = words(name) + (" *" if is_needed else "")
    make = _MAKERS.get(type(kind), _json)
    made = make(making, name, label, kind, is_needed)
    if making.on_change is not None:
        made.element.on_value_change(making.on_change)
    return made


def _text(making: Making, name: str, label: str, kind: Any, is_needed: bool) -> Leaf:  # noqa: FBT001
    is_long = (kind.max_length or 0) > LONG or LINES.search(name) is not None
    element = ui.textarea(label) if is_long else ui.input(label, password="password" in name)
    element.props("autogrow" if is_long else "autocomplete=off").props("dense outlined")
    if kind.max_length is not None:
        element.props(f"maxlength={kind.max_length}")
    _offer(making, name, element)
    if is_needed and name in MAY_BE_EMPTY:
        return Leaf(making.t, element.classes("w-full"), is_needed=False, nothing="")
    return Leaf(making.t, element.classes("w-full"), is_needed)


def _number(making: Making, name: str, label: str, kind: Any, is_needed: bool) -> Leaf:  # noqa: FBT001
    is_whole = isinstance(kind, inspect.IntType)
    element = ui.input(label).props("dense outlined type=number").classes("w-full")
    element.props(
        f"step={1 if is_whole else 'any'} inputmode={'numeric' if is_whole else 'decimal'}"
    )
    for bound, value in (("min", kind.ge), ("max", kind.le)):
        if value is not None:
            element.props(f"{bound}={value}")
    _offer(making, name, element)
    return Leaf(making.t, element, is_needed, _whole if is_whole else _real, write_number)


def _offer(making: Making, name: str, element: ui.element) -> None:
    """Let the browser offer values that are known."""
    offered = list(making.known.get(name, ()))
    if not offered:
        return
    number = f"offered-{next(_numbers)}"
    with ui.element("datalist") as options:
        options.props["id"] = number
        for each in offered:
            ui.element("option").props["value"] = str(each)
    element.props(f"list={number}")


def _whole(entered: Any) -> int:
    try:
        return int(str(entered))
    except ValueError:
        raise Wrong(NO_INTEGER) from None


def _real(entered: Any) -> float:
    try:
        value = float(str(entered))
    except ValueError:
        raise Wrong(NO_NUMBER) from None
    if not isfinite(value):  # JSON has no word for it
        raise Wrong(NO_NUMBER)
    return value


def write_number(value: Any) -> str:
    """A number as a field has it."""
    return str(value).removesuffix(".0")


def _choice(making: Making, _name: str, label: str, kind: Any, is_needed: bool) -> Leaf:  # noqa: FBT001
    return _select(making, label, {each: str(each) for each in kind.values}, is_needed=is_needed)


def _truth(making: Making, _name: str, label: str, _kind: Any, is_needed: bool) -> Leaf | Switch:  # noqa: FBT001
    if is_needed:
        return Switch(ui.checkbox(label.removesuffix(" *")))
    t = making.t
    return _select(making, label, {True: t("Yes"), False: t("No")}, is_needed=False)


def _select(making: Making, label: str, options: Mapping[Any, str], *, is_needed: bool) -> Leaf:
    element = ui.select(dict(options), label=label, clearable=not is_needed)
    if is_needed and len(options) == 1:
        element.value = next(iter(options))
    return Leaf(making.t, element.props("dense outlined").classes("w-full"), is_needed)


def _moment(making: Making, _name: str, label: str, _kind: Any, is_needed: bool) -> Leaf:  # noqa: FBT001
    zone = making.t.zone

    def parse(entered: Any) -> str:
        try:
            return datetime.fromisoformat(str(entered)).replace(tzinfo=zone).isoformat()
        except ValueError:
            raise Wrong(NO_MOMENT) from None

    def write(value: Any) -> str:
        at = datetime.fromisoformat(str(value)).astimezone(zone)
        return at.strftime(SECOND if at.second else MINUTE)

    element = ui.input(label).props("dense outlined stack-label type=datetime-local")
    return Leaf(making.t, element.classes("w-full"), is_needed, parse, write)


def _json(making: Making, _name: str, label: str, kind: Any, is_needed: bool) -> Leaf:  # noqa: FBT001
    is_object = isinstance(kind, inspect.DictType)

    def parse(entered: Any) -> Any:
        try:
            found = msgspec.json.decode(str(entered))
        except msgspec.DecodeError:
            if is_object:
                raise Wrong(NO_JSON) from None
            return entered  # a vendor's data may be a plain text
        if is_object and not isinstance(found, dict):
            raise Wrong(NO_OBJECT)
        return found

    said = f"{label} (JSON)" if is_object else label
    element = ui.textarea(said).props("dense outlined autogrow").classes("w-full font-mono")
    return Leaf(making.t, element, is_needed, parse, pretty)


_MAKERS: Final[Mapping[type, Callable[[Making, str, str, Any, bool], Leaf | Switch]]] = {
    inspect.StrType: _text,
    inspect.IntType: _number,
    inspect.FloatType: _number,
    inspect.LiteralType: _choice,
    inspect.BoolType: _truth,
    inspect.DateTimeType: _moment,
}


def plain(kind: inspect.Type) -> tuple[inspect.Type, bool]:
    """A type without notes about it, and whether it may be absent."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if not isinstance(kind, inspect.UnionType):
        return kind, False
    others: Sequence[inspect.Type] = [
        each for each in kind.types if not isinstance(each, inspect.NoneType)
    ]
    found = plain(others[0])[0] if len(others) == 1 else inspect.AnyType()
    return found, len(others) < len(kind.types)
