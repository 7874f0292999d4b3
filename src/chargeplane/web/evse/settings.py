"""The settings of the device, and what is seldom needed."""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from typing import Any, Final

from nicegui import ui

from chargeplane.energy.capacity import CapacityMode
from chargeplane.energy.states import Lock, Switch
from chargeplane.evse.panel import CONTACTOR_TEXTS
from chargeplane.web.evse.parts import Update, Visit, card, put

NUMBERS: Final = (
    ("max_current_a", "Most for a car", "A"),
    ("min_current_a", "Least for a car", "A"),
    ("max_mains_a", "Mains, per phase", "A"),
    ("max_circuit_a", "Circuit of the EVSEs", "A"),
    ("max_sum_mains_a", "Sum of the mains", "A"),
    ("max_sum_mains_time_min", "Sum may be exceeded for", "min"),
    ("start_current_a", "Solar starts with", "A"),
    ("import_current_a", "Solar may import", "A"),
    ("stop_time_min", "Solar stops after", "min"),
    ("max_temperature_c", "Warmest", "C"),
)


def _names(kind: type[IntEnum]) -> dict[int, str]:
    return {int(each): each.name.replace("_", " ").capitalize() for each in kind}


CHOICES: Final[tuple[tuple[str, str, dict[int, str]], ...]] = (
    ("enable_c2", "Second contactor", {int(key): text for key, text in CONTACTOR_TEXTS.items()}),
    ("capacity_mode", "Tariff by capacity", _names(CapacityMode)),
    ("lock", "Lock", _names(Lock)),
    ("switch", "External switch", _names(Switch)),
)


def settings(visit: Visit) -> Update:
    """Limits and wiring."""
    fields: dict[str, Any] = {}
    with ui.expansion("Settings", icon="settings").classes("w-full"), card("Limits"):
        for name, title, unit in NUMBERS:
            number = ui.number(f"{title} [{unit}]", format="%d").props("dense")
            for event in ("blur", "keydown.enter"):
                number.on(event, partial(_keep, visit, number, name))
            fields[name] = number.classes("w-full")
        for name, title, choices in CHOICES:
            choice = ui.select(choices, label=title).props("dense")
            choice.on_value_change(partial(_keep, visit, choice, name))
            fields[name] = choice.classes("w-full")

    def update() -> None:
        for name, field in fields.items():
            if field.value is None or _value(visit, name) != shown.get(name):
                shown[name] = _value(visit, name)
                put(field, shown[name])

    shown: dict[str, int] = {}
    return update


def _value(visit: Visit, name: str) -> int:
    own = visit.controller.settings
    found = getattr(own.regulation, name, None)
    return int(getattr(own, name) if found is None else found)


def _keep(visit: Visit, field: Any, name: str, *_: Any) -> None:
    """Keep what was entered; what cannot be is put back."""
    before = _value(visit, name)
    if field.value is not None and int(field.value) != before:
        visit.do(lambda: visit.controller.change(**{name: int(field.value)}))
    put(field, _value(visit, name))


def more(visit: Visit) -> None:
    """The recording, and starting again."""
    with card("Device"):
        ui.label(f"{visit.device.name}, {visit.device.version}").classes("text-sm text-gray-600")
        with ui.row().classes("w-full gap-1"):
            ui.button("Recording", icon="download").props("no-caps dense flat href=/recording")
            ui.button(
                "Reboot",
                icon="restart_alt",
                on_click=lambda: visit.do(visit.controller.reboot),
            ).props("no-caps dense flat")
