"""Cards and sessions."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, Final

from nicegui import ui

from chargeplane.errors import NotAllowed
from chargeplane.evse.panel import RFID_TEXTS
from chargeplane.evse.rfid import CardStatus, read_uid
from chargeplane.evse.sessions import CENTS, WH_PER_KWH, Session
from chargeplane.web.evse.parts import Update, Visit, card, put

SHOWN: Final = 20  # sessions


def cards(visit: Visit) -> Update:
    """The mode of the reader, the last card, and those that are known."""
    controller = visit.controller
    choices = {int(mode): text for mode, text in RFID_TEXTS.items()}
    with card("RFID"):
        reader = ui.select(choices, on_change=lambda event: _set_reader(visit, event.value))
        reader.props("dense outlined")
        last = ui.label().classes("text-sm text-gray-600")
        _new_card(visit)
        known = ui.column().classes("w-full gap-0 max-h-48 overflow-auto")
    shown = -1

    def update() -> None:
        nonlocal shown
        put(reader, int(controller.regulation.rfid_reader))
        last.text = f"Last card: {controller.card}" if controller.card else "No card yet."
        if shown != len(controller.cards):
            shown = len(controller.cards)
            known.clear()
            with known:
                _known_cards(visit)

    return update


def _new_card(visit: Visit) -> None:
    with ui.row().classes("w-full items-center no-wrap"):
        number = ui.input("Card").props("dense").classes("grow")
        name = ui.input("Name").props("dense").classes("grow")
        button = ui.button(icon="add", on_click=lambda: visit.do(add))
        button.props('dense round flat aria-label="Add card"')

    def add() -> None:
        uid = read_uid(number.value or "")
        if uid is None:
            raise NotAllowed("a card has 8, 12, 14 or 20 hexadecimal digits")
        if visit.controller.cards.add(uid, name.value or "") is not CardStatus.STORED:
            raise NotAllowed("this card is known, or there is no room for it")
        number.value = name.value = ""


def _known_cards(visit: Visit) -> None:
    known = visit.controller.cards
    for uid, owner in known:
        with ui.row().classes("w-full items-center justify-between no-wrap"):
            ui.label(f"{uid} {owner}").classes("text-sm")
            button = ui.button(
                icon="delete", on_click=partial(visit.do, partial(known.remove, uid))
            )
            button.props('dense round flat size=sm aria-label="Forget card"')


def _set_reader(visit: Visit, value: int) -> None:
    if value != visit.controller.regulation.rfid_reader:
        visit.do(lambda: visit.controller.change(rfid_reader=value))


def sessions(visit: Visit) -> Update:
    """The latest charges."""
    columns = [
        {"name": name, "label": label, "field": name, "align": align}
        for name, label, align in (
            ("began", "Began", "left"),
            ("energy", "kWh", "right"),
            ("cost", "Cost", "right"),
            ("card", "Card", "left"),
        )
    ]
    with card("Sessions"):
        table = ui.table(columns=columns, rows=[], row_key="id").props("dense flat")
        table.classes("w-full")
        ui.button("CSV", icon="download").props("no-caps dense flat href=/sessions.csv")

    def update() -> None:
        found = islice(visit.controller.ledger.sessions.newest_first(), SHOWN)
        rows = [_row(visit, each) for each in found]
        if rows != table.rows:
            table.rows = rows

    return update


def _row(visit: Visit, session: Session) -> dict[str, Any]:
    cost = f"{Decimal(session.cost) / CENTS:.2f} {session.currency}" if session.cost else ""
    return {
        "id": session.id,
        "began": f"{visit.controller.local(session.began_s):%d.%m. %H:%M}",
        "energy": f"{session.energy_wh / WH_PER_KWH:.2f}",
        "cost": cost,
        "card": session.card,
    }
