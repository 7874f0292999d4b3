"""What the parts of the page share: the device, who may change it, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from chargeplane.errors import NotAllowed, StorageError
from chargeplane.evse.controller import Controller
from chargeplane.evse.device import Device
from chargeplane.evse.drivers.virtual import VirtualBoard

Update = Callable[[], None]
Verify = Callable[[str], bool]


@dataclass(slots=True)
class Visit:
    """One browser that looks at a device."""

    device: Device
    verify: Verify  # whether a PIN is right
    is_locked: bool  # until the PIN is told
    board: VirtualBoard | None = None  # if somebody may play with it

    @property
    def controller(self) -> Controller:
        """The device itself."""
        return self.device.controller

    def may(self) -> bool:
        """Whether something may be changed; if not, that is told."""
        if self.is_locked:
            ui.notify("Unlock with the PIN first", type="warning")
        return not self.is_locked

    def do(self, work: Callable[[], Any]) -> None:
        """Change something, or tell why not."""
        if not self.may():
            return
        try:
            work()
        except (NotAllowed, StorageError) as error:
            ui.notify(str(error), type="negative")


@contextmanager
def card(title: str) -> Iterator[None]:
    """A part of the page."""
    with ui.card().classes("w-full p-3 gap-2"):
        ui.label(title).classes("text-sm text-gray-500")
        yield


def put(element: Any, value: Any) -> None:
    """Show a value in an element that somebody may be about to change."""
    if element.value != value:
        element.value = value
