"""Dialogs in which something is entered, and what is told but once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from chargeplane.web.csms.dialogs import buttons, titled
from chargeplane.web.csms.visit import Visit


class Entry:
    """A dialog with fields; it stays open until what it is for has been done."""

    def __init__(self, dialog: ui.dialog) -> None:
        self._dialog = dialog

    async def until(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Ask until the work answers something, which means that it is done; False if given up."""
        try:
            while await self._dialog:
                if await work() is not None:
                    return True
        finally:
            self._dialog.delete()
        return False


@contextmanager
def entering(visit: Visit, title: str, action: str) -> Iterator[Entry]:
    """A dialog whose fields are made within; `action` is what its button says."""
    with titled(title) as dialog:
        yield Entry(dialog)
        buttons(visit, dialog, action)


def tell_once(visit: Visit, title: str, secret: str) -> None:
    """Tell a secret that is not kept: it can be read and copied until the dialog is closed."""
    t = visit.t
    with titled(title) as dialog:
        dialog.props("persistent")
        ui.label(t("It is shown this once. Keep it in a safe place."))
        ui.label(secret).classes("font-mono p-2 border rounded w-full").style(
            "overflow-wrap: anywhere; user-select: all"
        ).props('data-secret=""')
        with ui.row().classes("w-full justify-end gap-2"):
            copy = ui.button(t("Copy"), on_click=lambda: ui.clipboard.write(secret))
            copy.props("flat no-caps icon=content_copy")
            ui.button(t("Close"), on_click=dialog.close).props("no-caps")
    dialog.on("hide", dialog.delete)
    dialog.open()


def text_field(label: str, value: str | None = None, hint: str = "") -> ui.input:
    """A field for a line of text."""
    field = ui.input(label, value=value or "").props("outlined dense autocomplete=off")
    if hint:
        field.props("hide-hint").props["hint"] = hint
    return field.classes("w-full")


def entered(field: ui.input) -> str | None:
    """What was entered, if anything."""
    return (field.value or "").strip() or None
