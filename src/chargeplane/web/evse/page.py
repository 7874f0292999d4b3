"""The page of a device, for a phone as well as for a desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse
from nicegui import app as pages
from nicegui import ui

from chargeplane.evse.device import Device
from chargeplane.evse.drivers.virtual import VirtualBoard
from chargeplane.web import host
from chargeplane.web.evse import car, charts, controls, lists, settings
from chargeplane.web.evse.parts import Update, Verify, Visit

EVERY_S: Final = 1.0
CHARTS_EVERY_S: Final = 10.0
NOT_HERE: Final = 404


@asynccontextmanager
async def shown(
    device: Device,
    application: FastAPI,
    *,
    verify: Verify | None = None,
    board: VirtualBoard | None = None,
) -> AsyncIterator[None]:
    """Show the page of a device at the root of its application for as long as the context lasts.

    With `verify` a PIN has to be told before anything is changed; the `board` is one to play with.
    """
    path = f"/evse/{device.serial}"

    @ui.page(path, title=device.name)
    def page(request: Request) -> None:
        if host.owner_of(request) is not device:
            raise HTTPException(NOT_HERE)
        is_locked = verify is not None
        build(Visit(device, verify or (lambda _: True), is_locked=is_locked, board=board))

    application.add_api_route("/", lambda: RedirectResponse(host.PATH + path), methods=["GET"])
    try:
        async with host.shown_by(application, device):
            yield
    finally:
        pages.remove_route(path)


def build(visit: Visit) -> None:
    """Put all parts on a page, and keep them up to date."""
    quick: list[Update] = []
    slow: list[Update] = []
    quick.append(_header(visit))
    ui.query(".nicegui-content").classes("p-0")
    with ui.column().classes("w-full max-w-5xl mx-auto gap-3 p-2"):
        with ui.grid().classes("w-full grid-cols-1 md:grid-cols-2 gap-3"):
            with ui.column().classes("w-full gap-3"):
                quick += [controls.now(visit), controls.mode(visit)]
                if visit.board is not None:
                    quick.append(car.car(visit, visit.board))
                quick.append(controls.times(visit))
            with ui.column().classes("w-full gap-3"):
                slow += [charts.powers(visit), charts.quarters(visit)]
            quick += [lists.cards(visit), lists.sessions(visit)]
        quick.append(settings.settings(visit))
        settings.more(visit)
    for updates, every_s in ((quick, EVERY_S), (slow, CHARTS_EVERY_S)):
        _keep_up(updates, every_s)


def _keep_up(updates: list[Update], every_s: float) -> None:
    def update() -> None:
        for each in updates:
            each()

    update()
    ui.timer(every_s, update)


def _header(visit: Visit) -> Update:
    with ui.header().classes("items-center justify-between px-3 py-2"):
        ui.label(visit.device.name).classes("text-lg")
        time = ui.label()
        if visit.is_locked:
            _lock(visit)

    def update() -> None:
        controller = visit.controller
        time.text = f"{controller.local(controller.clock()):%H:%M:%S}"

    return update


def _lock(visit: Visit) -> None:
    with ui.row().classes("items-center no-wrap gap-1") as row:
        pin = ui.input(placeholder="PIN", password=True).props("dense dark").classes("w-20")

        def unlock() -> None:
            if visit.verify(pin.value or ""):
                visit.is_locked = False
                row.delete()
            else:
                ui.notify("Wrong PIN", type="negative")

        button = ui.button(icon="lock_open", on_click=unlock)
        button.props("dense flat color=white aria-label=Unlock")
