"""What charging costs at each connector, and the QR codes that lead drivers there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Final

import msgspec
from nicegui import ui

from chargeplane.payments.pricing import Prices, hold_minor
from chargeplane.payments.service import Payments
from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import connectors, stations
from chargeplane.storage.repositories.stations import StationFilter
from chargeplane.web.csms import dialogs
from chargeplane.web.csms.payments import qr
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

SHOWN: Final = 50
DECIMALS: Final = {
    "per_kwh": mark("Per kWh"),
    "session_fee": mark("Per charge"),
    "per_minute": mark("Per minute"),
    "max_energy_kwh": mark("Most energy in kWh"),
    "owner_session_fee": mark("Of it the owner's, per charge"),
    "commission_percent": mark("Operator's share in %"),
    "commission_per_kwh": mark("Operator's share per kWh"),
}
COUNTS: Final = {
    "free_minutes": mark("Minutes that cost nothing"),
    "max_minutes": mark("Most minutes that cost something"),
}
ANCHORS: Final = {
    "start": mark("From the start of the charge"),
    "idle": mark("Once the car draws nothing"),
}

Again = Callable[[], Awaitable[None]]
"""Shows a station again."""


async def build(visit: Visit, payments: Payments) -> None:
    """A station at a time."""
    t = visit.t
    page = await visit.read(stations.page, StationFilter(among=visit.among), Window(SHOWN))
    names = {each.id: each.name or each.id for each in page.items}
    if not names:
        ui.label(t("Nothing here."))
        return
    body = ui.column().classes("w-full gap-2")

    async def show(station_id: str) -> None:
        evses = await visit.read(connectors.of_station, station_id)
        kept = await payments.price_list(station_id)
        body.clear()
        with body:
            for evse_id in (0, *sorted({each.evse_id for each in evses if each.evse_id})):
                agreed = kept.get(evse_id) or await payments.prices_at(station_id, evse_id)
                place = _Place(visit, payments, station_id, evse_id)
                place.show(agreed, is_own=evse_id in kept, again=partial(show, station_id))

    choice = ui.select(names, label=t("Station"), with_input=True, value=next(iter(names)))
    choice.props("dense outlined").classes("min-w-64")
    choice.move(target_index=0)
    choice.on_value_change(lambda event: show(event.value) if event.value else None)
    await show(next(iter(names)))


class _Place:
    """A connector, or a station as a whole (EVSE 0)."""

    def __init__(self, visit: Visit, payments: Payments, station_id: str, evse_id: int) -> None:
        self._visit, self._payments = visit, payments
        self._station_id, self._evse_id = station_id, evse_id

    def show(self, agreed: Prices, *, is_own: bool, again: Again) -> None:
        t = self._visit.t
        with ui.card().classes("w-full flex-row flex-wrap items-center gap-3 py-2"):
            name = t("Connector {number}", number=self._evse_id)
            ui.label(name if self._evse_id else t("Whole station")).classes("font-medium w-32")
            ui.label(self._said(agreed)).classes("grow")
            if not is_own:
                ui.label(t("as above")).classes("quiet text-sm")
            if self._evse_id:
                qr.buttons(self._payments, self._station_id, self._evse_id)
            if self._visit.may("admin"):
                ui.button(t("Change"), on_click=partial(self._edit, agreed, again)).props(
                    "outline dense no-caps"
                )
                if is_own:
                    ui.button(t("Remove"), on_click=partial(self._remove, again)).props(
                        "flat dense no-caps color=negative"
                    )

    def _said(self, prices: Prices) -> str:
        t = self._visit.t
        if prices.is_free:
            return t("Free of charge")
        told = {
            mark("{price} per kWh"): prices.per_kwh,
            mark("{price} per charge"): prices.session_fee,
            mark("{price} per minute"): prices.per_minute,
        }
        parts = [
            t(text, price=t.price(value, prices.currency)) for text, value in told.items() if value
        ]
        try:
            held = t.money(hold_minor(prices), prices.currency)
        except ValueError:
            return " · ".join([*parts, t("nothing could be held: set the most energy or minutes")])
        return " · ".join([*parts, t("{amount} is held", amount=held)])

    async def _edit(self, prices: Prices, again: Again) -> None:
        t = self._visit.t
        fields: dict[str, ui.input] = {}
        with dialogs.titled(t("Prices in {currency}", currency=prices.currency.upper())) as dialog:
            with ui.element("div").classes("w-full grid grid-cols-1 sm:grid-cols-2 gap-2"):
                for name, title in {**DECIMALS, **COUNTS}.items():
                    field = ui.input(t(title), value=str(getattr(prices, name)))
                    fields[name] = field.props("inputmode=decimal dense outlined")
                anchors = {name: t(title) for name, title in ANCHORS.items()}
                anchor = ui.select(anchors, label=t("Minutes count"), value=prices.counts_from)
                anchor.props("dense outlined")
            dialogs.buttons(self._visit, dialog, t("Save"))
        is_meant = await dialog
        given = {name: (field.value or "0").replace(",", ".") for name, field in fields.items()}
        counted = anchor.value
        dialog.delete()
        if not is_meant:
            return
        new = _prices(prices, given, str(counted))
        if new is None:
            ui.notify(t("These are no prices."), type="negative")
            return
        await self._visit.act(
            "payment.prices",
            lambda: self._payments.set_prices(self._station_id, self._evse_id, new),
            station=self._station_id,
            least="admin",
            said=t("Saved"),
        )
        await again()

    async def _remove(self, again: Again) -> None:
        await self._visit.act(
            "payment.prices",
            lambda: self._payments.remove_prices(self._station_id, self._evse_id),
            station=self._station_id,
            least="admin",
            said=self._visit.t("Removed"),
        )
        await again()


def _prices(old: Prices, given: dict[str, str], counts_from: str) -> Prices | None:
    """The prices that somebody wrote; None if one is none."""
    try:
        amounts = {name: Decimal(given[name].strip()) for name in DECIMALS}
        counts = {name: int(given[name]) for name in COUNTS}
        changed = {**msgspec.structs.asdict(old), **amounts, **counts, "counts_from": counts_from}
        return msgspec.convert(changed, Prices)
    except (InvalidOperation, ValueError, msgspec.ValidationError):
        return None
