"""The display of a device and its three buttons: what it shows, and a menu of settings.

Without a menu the middle button opens it, and the others light the display. In the menu the outer
buttons choose an entry, the middle one begins to change it; then the outer ones change its value,
and the middle one keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from chargeplane.energy.settings import ALLOWED
from chargeplane.energy.states import ContactorTwo, RfidReader, UserMode
from chargeplane.errors import NotAllowed
from chargeplane.evse.controller import Controller

Button = Literal["left", "middle", "right"]

BUTTONS: Final[tuple[Button, ...]] = ("left", "middle", "right")
LIT_S: Final = 120


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the menu: its values with their texts, and how one is read and set."""

    title: str
    values: Sequence[int]
    get: Callable[[Controller], int]
    set: Callable[[Controller, int], None]
    text: Callable[[int], str]


class Panel:
    """The state of the display."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._lit_until = 0
        self._entry: int | None = None
        self._value: int | None = None  # while it is changed
        self.pressed: dict[Button, bool] = dict.fromkeys(BUTTONS, False)

    @property
    def lit_s(self) -> int:
        """For how long it stays lit."""
        return max(0, self._lit_until - self._controller.uptime_s)

    def light(self, seconds: int) -> None:
        """Light the display."""
        self._lit_until = self._controller.uptime_s + seconds

    @property
    def menu(self) -> tuple[str, str, bool] | None:
        """The title and value of the entry that is shown, and whether the value is changed."""
        if self._entry is None or not self.lit_s:
            return None
        entry = ENTRIES[self._entry]
        value = entry.get(self._controller) if self._value is None else self._value
        return entry.title, entry.text(value), self._value is not None

    def press(self, button: Button, *, is_down: bool) -> None:
        """A button goes down or up."""
        was_down, self.pressed[button] = self.pressed[button], is_down
        if not is_down or was_down or self._controller.settings.lcd_lock:
            return
        is_open = self.menu is not None
        self.light(LIT_S)
        if not is_open:
            self._entry, self._value = (0 if button == "middle" else None), None
        elif button == "middle":
            self._confirm()
        else:
            self._turn(-1 if button == "left" else 1)

    def _turn(self, step: int) -> None:
        index = self._entry or 0
        if self._value is None:
            self._entry = (index + step) % len(ENTRIES)
            return
        values = ENTRIES[index].values
        at = values.index(self._value) if self._value in values else 0
        self._value = values[(at + step) % len(values)]

    def _confirm(self) -> None:
        entry = ENTRIES[self._entry or 0]
        if entry.set is _leave:
            self._entry = None
        elif self._value is None:
            self._value = entry.get(self._controller)
        else:
            value, self._value = self._value, None
            try:
                entry.set(self._controller, value)
            except NotAllowed:
                return  # it shows the value that still counts


def _leave(_controller: Controller, _value: int) -> None:
    """Close the menu."""


def _number(title: str, name: str, unit: str) -> Entry:
    return Entry(
        title,
        [value for allowed in ALLOWED[name] for value in allowed],
        lambda controller: int(getattr(controller.settings.regulation, name)),
        lambda controller, value: controller.change(**{name: value}),
        lambda value: f"{value} {unit}",
    )


def _choice(title: str, name: str, texts: Sequence[str]) -> Entry:
    return Entry(
        title,
        range(len(texts)),
        lambda controller: int(getattr(controller.settings.regulation, name)),
        lambda controller, value: controller.change(**{name: value}),
        lambda value: texts[value],
    )


CONTACTOR_TEXTS: Final[dict[ContactorTwo, str]] = {
    ContactorTwo.NOT_PRESENT: "Not present",
    ContactorTwo.ALWAYS_OFF: "Always Off",
    ContactorTwo.SOLAR_OFF: "Solar Off",
    ContactorTwo.ALWAYS_ON: "Always On",
    ContactorTwo.AUTO: "Auto",
}
RFID_TEXTS: Final[dict[RfidReader, str]] = {
    RfidReader.DISABLED: "Disabled",
    RfidReader.ENABLE_ALL: "EnableAll",
    RfidReader.ENABLE_ONE: "EnableOne",
    RfidReader.LEARN: "Learn",
    RfidReader.DELETE: "Delete",
    RfidReader.DELETE_ALL: "DeleteAll",
    RfidReader.REMOTE: "Rmt/OCPP",
}

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(
        "MODE",
        range(len(UserMode)),
        lambda controller: int(controller.mode),
        lambda controller, value: controller.set_mode(UserMode(value)),
        lambda value: UserMode(value).name,
    ),
    _number("MAX", "max_current_a", "A"),
    _number("MIN", "min_current_a", "A"),
    _number("MAINS", "max_mains_a", "A"),
    _number("CIRCUIT", "max_circuit_a", "A"),
    _number("START", "start_current_a", "A"),
    _number("STOP", "stop_time_min", "min"),
    _number("IMPORT", "import_current_a", "A"),
    _choice("CONTACT 2", "enable_c2", tuple(CONTACTOR_TEXTS.values())),
    _choice("RFID", "rfid_reader", tuple(RFID_TEXTS.values())),
    _number("MAX TEMP", "max_temperature_c", "C"),
    Entry("EXIT", (0,), lambda _: 0, _leave, lambda _: ""),
)
