"""Small dialogs, and asking a station in the user's name with the answer shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from typing import Any, Final

import msgspec
from nicegui import ui

from chargeplane.csms.operations import OPERATIONS
from chargeplane.web.csms.visit import Visit

ANSWERED: Final = "Answered"
GOOD: Final = frozenset(
    {ANSWERED, "Accepted", "AcceptedCanceled", "RebootRequired", "Scheduled", "Unlocked"}
)


async def ask(
    visit: Visit, station_id: str, operation: str, request: Any, *, is_told: bool = True
) -> Any:
    """Have a station do an operation and tell its answer; None if there is none."""
    run = OPERATIONS[operation].run
    answer = await visit.act(
        f"command.{operation}",
        lambda: run(visit.central, station_id, request, visit.asked()),
        station=station_id,
    )
    if answer is not None and is_told:
        status = getattr(answer, "status", ANSWERED)
        tell_status(visit, status, getattr(answer, "status_info", None))
    return answer


def tell_status(visit: Visit, status: str, info: Any = None) -> None:
    """Tell what a station answered, and why if it says so."""
    why = "" if info is None else f" ({info.reason_code} {info.additional_info or ''}".rstrip()
    text = visit.t("The station says: {answer}", answer=status + (why and f"{why})"))
    ui.notify(text, type="positive" if status in GOOD else "warning")


@contextmanager
def titled(title: str, *, is_wide: bool = False) -> Iterator[ui.dialog]:
    """A dialog with its title; it is gone from the page once it is closed."""
    with ui.dialog() as dialog:
        dialog.props["aria-label"] = title
        card = (
            ui.card().classes("w-full gap-3").style(f"max-width: {'56rem' if is_wide else '36rem'}")
        )
        with card:
            ui.label(title).classes("text-lg font-medium").props("role=heading aria-level=2")
            yield dialog


async def confirmed(visit: Visit, question: str, action: str) -> bool:
    """Whether somebody means what they ask for."""
    with titled(question) as dialog:
        buttons(visit, dialog, action, color="negative")
    try:
        return bool(await dialog == action)
    finally:
        dialog.delete()


def pretty(value: Any) -> str:
    """JSON as people read it."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def show_text(visit: Visit, title: str, *texts: str) -> None:
    """Show texts as they are in a dialog that scrolls."""
    with titled(title, is_wide=True) as dialog:
        for text in texts:
            ui.html(f"<pre>{escape(text)}</pre>", sanitize=False).props("tabindex=0").classes(
                "w-full overflow-auto text-xs max-h-96"
            )
        ui.button(visit.t("Close"), on_click=dialog.close).props("flat no-caps").classes("self-end")
    dialog.on("hide", dialog.delete)
    dialog.open()


def buttons(visit: Visit, dialog: ui.dialog, action: str, color: str = "primary") -> None:
    """The two ways out of a dialog: one answers with the action, the other with None."""
    with ui.row().classes("w-full justify-end gap-2"):
        ui.button(visit.t("Cancel"), on_click=dialog.close).props("flat no-caps")
        ui.button(action, on_click=partial(dialog.submit, action)).props(f"no-caps color={color}")
