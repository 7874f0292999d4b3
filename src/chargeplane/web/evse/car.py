"""The virtual car of a virtual device: plug it in and out."""

from __future__ import annotations

from nicegui import ui

from chargeplane.evse.car import CARS
from chargeplane.evse.drivers.virtual import VirtualBoard
from chargeplane.web.evse.parts import Update, Visit, card


def car(visit: Visit, board: VirtualBoard) -> Update:
    """A car of a kind, with so much in its battery."""
    with card("Virtual car"), ui.row().classes("w-full items-center justify-between no-wrap"):
        kind = ui.select(list(CARS), value="plain").props("dense outlined").classes("w-32")
        soc = ui.number("SoC [%]", value=40, min=0, max=100, format="%d").props("dense")
        button = ui.button(on_click=lambda: visit.do(plug)).props("no-caps dense")

    def plug() -> None:
        if board.car is None:
            board.plug_in(CARS[kind.value](soc_percent=float(soc.value or 0)))
        else:
            board.plug_out()
        update()

    def update() -> None:
        plugged = board.car
        button.text = "Plug in" if plugged is None else f"Plug out ({plugged.soc_percent:.0f} %)"

    return update
