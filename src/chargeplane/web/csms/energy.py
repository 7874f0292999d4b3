"""The EVSE controllers of this process: what mains, sun and car have, and where their page is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from nicegui import ui

from chargeplane.energy.states import STATE_TEXTS, error_text
from chargeplane.evse.device import Device
from chargeplane.web.csms import charts
from chargeplane.web.csms.charts import Series
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import W_PER_KW, mark

EVERY_S: Final = 2.0
CHART_EVERY_S: Final = 20.0
WH_PER_MWH: Final = 1000
PLACES: Final = {"mains": mark("Mains"), "solar": mark("Sun"), "ev": mark("Car")}


async def build(visit: Visit) -> None:
    """A card for each device."""
    devices = [each for each in visit.site.devices if visit.user.sees(_station_of(each))]
    if not devices:
        ui.label(visit.t("No EVSE controller runs in this process."))
        return
    quick, slow = [], []
    for device in devices:
        with ui.card().classes("w-full mb-3"):
            quick.append(_now(visit, device))
            slow.append(_powers(visit, device))
    for updates, every_s in ((quick, EVERY_S), (slow, CHART_EVERY_S)):
        _keep_up(updates, every_s)


def _station_of(device: Device) -> str:
    return device.station.id if device.station else device.name


def _keep_up(updates: list[Callable[[], None]], every_s: float) -> None:
    def update() -> None:
        for each in updates:
            each()

    update()
    ui.timer(every_s, update)


def _now(visit: Visit, device: Device) -> Callable[[], None]:
    t, controller = visit.t, device.controller
    with ui.row().classes("w-full items-center gap-3"):
        ui.label(device.name).classes("text-lg font-medium")
        state = ui.label()
        ui.space()
        ui.link(t("Open its page"), device.url).classes("plain")
    figures = {}
    with ui.row().classes("w-full gap-6"):
        for place, title in PLACES.items():
            with ui.column().classes("gap-0"):
                figures[place] = ui.label().classes("text-xl font-medium")
                ui.label(t(title)).classes("quiet text-sm")
        with ui.column().classes("gap-0"):
            charged = ui.label().classes("text-xl font-medium")
            ui.label(t("Charged")).classes("quiet text-sm")
    error = ui.label().classes("text-negative font-medium").props("role=alert")

    def update() -> None:
        status, ledger = controller.status, controller.ledger
        state.set_text(f"{controller.mode.name.capitalize()} · {STATE_TEXTS[status.state][0]}")
        for place, label in figures.items():
            label.set_text(t.power(ledger.power_w(place)) or "-")  # type: ignore[arg-type]
        charged.set_text(t.energy(ledger.charged_wh * WH_PER_MWH))
        error.set_text(error_text(status.errors) if status.errors else "")
        error.set_visibility(bool(status.errors))

    return update


def _powers(visit: Visit, device: Device) -> Callable[[], None]:
    t = visit.t
    series = [Series(t(title), "kW") for title in PLACES.values()]
    draw = charts.lines(visit, t("Power of mains, sun and car"), series)

    def update() -> None:
        minutes = list(device.controller.ledger.history.minutes())
        moments = [datetime.fromtimestamp(each.at_s, UTC) for each in minutes]
        draw(
            [
                [(at, _kw(getattr(each, name))) for at, each in zip(moments, minutes, strict=True)]
                for name in ("mains_w", "solar_w", "car_w")
            ]
        )

    return update


def _kw(watts: float | None) -> float | None:
    return None if watts is None else watts / W_PER_KW
