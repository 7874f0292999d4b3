"""Forms that are made from a typed structure, and checked by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import NODEFAULT, UNSET, inspect
from nicegui import ui

from chargeplane.web.csms.fields import Making, Part, Path, Reading, leaf, plain, words
from chargeplane.web.texts import Texts

S = TypeVar("S")

FEW: Final = 8  # optional fields that are shown at once
VENDORS: Final = "custom_data"  # offered for the message itself only
WHERE: Final = re.compile(r"(?P<reason>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
STEP: Final = re.compile(r"\.(?P<name>\w+)|\[(?P<index>\d+)\]")


class Form(Generic[S]):
    """A form for a value of a type; `known` are values that fields of a name may offer."""

    def __init__(
        self,
        t: Texts,
        kind: type[S],
        *,
        initial: Any = None,
        known: Mapping[str, Iterable[object]] | None = None,
        on_change: Callable[[], object] | None = None,
    ) -> None:
        self._t, self._kind = t, kind
        self._on_change: Callable[[], object] | None = None  # not while it is made
        with ui.column().classes("w-full gap-3"):
            self._problem = ui.label().props("role=alert").classes("text-negative")
            self._problem.visible = False
            found = inspect.type_info(kind)
            assert isinstance(found, inspect.StructType)  # noqa: S101 nothing else has a form
            making = Making(t=t, known=known or {}, on_change=self._changed)
            self._group = Group(making, found, is_top=True)
        if initial is not None:
            self.show(initial)
        self._on_change = on_change

    def show(self, value: S) -> None:
        """Enter a value in the place of what was entered."""
        self._group.show(msgspec.to_builtins(value))

    def _changed(self) -> None:
        if self._on_change is not None:
            self._on_change()

    def value(self) -> S | None:
        """What was entered; None, and it is told at the fields, if something is wrong."""
        self._problem.visible = False
        reading = Reading()
        raw = self._group.read(reading)
        if reading.faults:
            self._tell(self._t("Look at the marked fields."))
            return None
        try:
            return self._converted(raw)
        except (msgspec.ValidationError, OverflowError) as error:
            self._refuse(str(error))
            return None

    def glance(self) -> S | None:
        """What is entered so far; None, and nothing is told, if something is wrong or lacks."""
        reading = Reading(is_told=False)
        raw = self._group.read(reading)
        try:
            return None if reading.faults else self._converted(raw)
        except (msgspec.ValidationError, OverflowError):
            return None

    def _converted(self, raw: Any) -> S:
        value = msgspec.convert(raw, self._kind)
        msgspec.json.encode(value)  # an integer may be too large to be written again
        return value

    def _refuse(self, error: str) -> None:
        reason, path = read_error(error)
        if self._group.complain(path, reason):
            self._tell(self._t("Look at the marked fields."))
        else:
            self._tell(error)

    def _tell(self, problem: str) -> None:
        self._problem.text = problem
        self._problem.visible = True


def read_error(error: str) -> tuple[str, Path]:
    """What msgspec complains about, and the place within the value."""
    found = WHERE.fullmatch(error)
    assert found is not None  # noqa: S101 it matches any text
    steps = STEP.finditer(found["path"] or "")
    path = tuple(each["name"] or int(each["index"]) for each in steps)
    return found["reason"].replace("`", ""), path


class Group:
    """The fields of a structure: what is needed first, what is rarely used folded away."""

    def __init__(self, making: Making, kind: inspect.StructType, *, is_top: bool = False) -> None:
        needed = [each for each in kind.fields if each.required]
        others = [each for each in kind.fields if not each.required]
        others = [each for each in others if is_top or each.name != VENDORS]
        shown = [each for each in others if each.name != VENDORS]
        if len(shown) > FEW:
            shown = [each for each in shown if _default(each) is not None]
        folded = [each for each in others if each not in shown]
        self._parts: dict[str, Part] = {}
        self._defaults = {each.encode_name: _default(each) for each in kind.fields}
        self._folded = {each.encode_name for each in folded}
        self._add(making, needed + shown)
        self._fold: ui.expansion | None = None
        if folded:
            self._fold = ui.expansion(making.t("More fields ({count})", count=len(folded)))
            with self._fold.props("dense").classes("w-full"), ui.column().classes("w-full gap-3"):
                self._add(making, folded)

    def _add(self, making: Making, fields: Iterable[inspect.Field]) -> None:
        for each in fields:
            made = part(making, each.name, each.type, is_needed=each.required)
            self._parts[each.encode_name] = made
            if self._defaults[each.encode_name] is not None:
                made.show(self._defaults[each.encode_name])

    def read(self, reading: Reading) -> dict[str, Any]:
        """See `Part`."""
        found = {name: each.read(reading) for name, each in self._parts.items()}
        return {name: value for name, value in found.items() if value is not UNSET}

    def show(self, value: Any) -> None:
        """See `Part`."""
        for name, each in self._parts.items():
            given = value.get(name)
            given = self._defaults[name] if given is None else given
            each.show(UNSET if given is None else given)

    def complain(self, path: Path, reason: str) -> bool:
        """See `Part`."""
        if not path or path[0] not in self._parts:
            return False
        if self._fold is not None and path[0] in self._folded:
            self._fold.open()
        return self._parts[str(path[0])].complain(path[1:], reason)


def _default(field: inspect.Field) -> Any:
    """What a field has of itself, as JSON has it."""
    return None if field.default is NODEFAULT else msgspec.to_builtins(field.default)


class OptionalGroup:
    """A structure that may be left out; its fields are made once it is wanted."""

    def __init__(self, making: Making, name: str, kind: inspect.StructType) -> None:
        self._making, self._kind = making, kind
        self._switch = ui.checkbox(words(name), on_change=self._turn)
        self._box = _box()
        self._box.visible = False
        self._group: Group | None = None

    def _turn(self) -> None:
        self._box.visible = self._switch.value
        if self._group is None and self._switch.value:
            with self._box:
                self._group = Group(self._making, self._kind)

    def read(self, reading: Reading) -> Any:
        """See `Part`."""
        is_given = self._switch.value and self._group is not None
        return self._group.read(reading) if is_given and self._group else UNSET

    def show(self, value: Any) -> None:
        """See `Part`."""
        self._switch.value = value is not UNSET
        if self._group is not None and value is not UNSET:
            self._group.show(value)

    def complain(self, path: Path, reason: str) -> bool:
        """See `Part`."""
        return self._group is not None and self._group.complain(path, reason)


class Items:
    """A list to which items are added, and from which they are taken."""

    def __init__(self, making: Making, name: str, kind: inspect.Type, *, at_least: int) -> None:
        self._making, self._name, self._kind = making, name, kind
        self._items: list[tuple[ui.element, Part]] = []
        t = making.t
        ui.label(words(name)).classes("text-sm font-medium")
        self._rows = ui.column().classes("w-full gap-2")
        self._problem = ui.label().props("role=alert").classes("text-negative text-sm")
        self._problem.visible = False
        add = ui.button(t("Add to {name}", name=words(name)), icon="add", on_click=self._add)
        add.props("flat dense no-caps")
        for _ in range(at_least):
            self._add()

    def _add(self) -> Part:
        self._problem.visible = False
        with self._rows, _box() as row:
            made = part(self._making, self._name, self._kind, is_needed=True)
            entry = (row, made)
            remove = ui.button(self._making.t("Remove"), icon="delete")
            remove.props("flat dense no-caps size=sm color=negative").classes("self-end")
        remove.on_click(lambda: self._remove(entry))
        self._items.append(entry)
        return made

    def _remove(self, entry: tuple[ui.element, Part]) -> None:
        self._items.remove(entry)
        entry[0].delete()

    def read(self, reading: Reading) -> Any:
        """See `Part`."""
        found = [each.read(reading) for _, each in self._items]
        return found or UNSET

    def show(self, value: Any) -> None:
        """See `Part`."""
        for entry in list(self._items):
            self._remove(entry)
        for each in () if value is UNSET else value:
            self._add().show(each)

    def complain(self, path: Path, reason: str) -> bool:
        """See `Part`."""
        if path and isinstance(path[0], int) and path[0] < len(self._items):
            return self._items[path[0]][1].complain(path[1:], reason)
        self._problem.text = reason
        self._problem.visible = True
        return True


class NeededItems(Items):
    """A list that is there even if it is empty."""

    def read(self, reading: Reading) -> Any:
        """See `Part`."""
        found = super().read(reading)
        return [] if found is UNSET else found


def _box() -> ui.column:
    return ui.column().classes("w-full gap-3 pl-3 border-l-2 border-gray-400")


def part(making: Making, name: str, kind: inspect.Type, *, is_needed: bool) -> Part:
    """The part of a form for a type."""
    found, may_be_absent = plain(kind)
    is_needed = is_needed and not may_be_absent
    if isinstance(found, inspect.StructType):
        return _structure(making, name, found, is_needed=is_needed)
    if isinstance(found, inspect.ListType | inspect.VarTupleType):
        make = NeededItems if is_needed else Items
        return make(making, name, found.item_type, at_least=1 if is_needed else 0)
    return leaf(making, name, found, is_needed=is_needed)


def _structure(making: Making, name: str, kind: inspect.StructType, *, is_needed: bool) -> Part:
    if not is_needed:
        return OptionalGroup(making, name, kind)
    ui.label(words(name)).classes("text-sm font-medium")
    with _box():
        return Group(making, kind)
