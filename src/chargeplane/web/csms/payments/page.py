"""Payments of drivers without a contract: the list, totals by day, prices."""

from __future__ import annotations

from nicegui import ui

from chargeplane.payments.service import Payments
from chargeplane.web.csms.payments import listing, prices, privileges, totals
from chargeplane.web.csms.visit import Visit


async def build(visit: Visit) -> None:
    """Its parts as tabs."""
    t, payments = visit.t, visit.site.payments
    if payments is None:
        ui.label(t("Payments are off. They are switched on by the settings in [stripe]."))
        return
    with ui.tabs().props("align=left no-caps dense inline-label") as tabs:
        parts = {
            ui.tab("payments", t("Payments")): listing.build,
            ui.tab("totals", t("Totals")): totals.build,
            ui.tab("prices", t("Prices and QR codes")): prices.build,
        }
        if visit.sees_all:
            parts[ui.tab("free", t("Free of charge"))] = privileges.build
    with ui.tab_panels(tabs, value="payments").classes("w-full bg-transparent"):
        for tab, build_part in parts.items():
            with ui.tab_panel(tab).classes("p-0 pt-3"):
                await build_part(visit, payments)


def required(visit: Visit) -> Payments:
    """The payments of the site; a page that needs them is reached only while they are on."""
    payments = visit.site.payments
    if payments is None:
        raise LookupError("payments are off")
    return payments
