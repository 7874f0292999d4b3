"""Tags that charge for nothing, at a station or everywhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from chargeplane.payments.service import Payments
from chargeplane.web.csms import dialogs
from chargeplane.web.csms.visit import Visit


async def build(visit: Visit, payments: Payments) -> None:
    """The list, with a way to add and remove."""
    t = visit.t
    ui.label(t("These tags charge without paying. A station can be free as a whole, too.")).classes(
        "quiet"
    )
    body = ui.column().classes("w-full gap-2")

    async def show() -> None:
        found = await payments.privileges()
        body.clear()
        with body:
            for each in found:
                with ui.card().classes("w-full flex-row items-center gap-3 py-2"):
                    ui.label(each.token_key).classes("font-medium")
                    ui.label(each.station_id or t("at all stations")).classes("grow quiet")
                    if visit.may("admin"):
                        remove = partial(_remove, visit, payments, each.token_key, each.station_id)
                        ui.button(t("Remove"), on_click=partial(_then, remove, show)).props(
                            "flat dense no-caps color=negative"
                        )
            if not found:
                ui.label(t("Nothing here."))

    if visit.may("admin"):
        add = partial(_add, visit, payments)
        ui.button(t("Add a tag"), icon="add", on_click=partial(_then, add, show)).props("no-caps")
    await show()


async def _then(work: Callable[[], Awaitable[None]], show: Callable[[], Awaitable[None]]) -> None:
    await work()
    await show()


async def _add(visit: Visit, payments: Payments) -> None:
    t = visit.t
    with dialogs.titled(t("Add a tag")) as dialog:
        tag = ui.input(t("Tag")).props("outlined")
        station = ui.input(t("Station (empty: all)")).props("outlined")
        dialogs.buttons(visit, dialog, t("Add"))
    is_meant, token, place = await dialog, tag.value or "", station.value or ""
    dialog.delete()
    if is_meant and token.strip():
        await visit.act(
            "payment.privilege",
            lambda: payments.add_privilege(token.strip(), place.strip() or None),
            station=place.strip() or None,
            least="admin",
            said=t("Saved"),
        )


async def _remove(visit: Visit, payments: Payments, token: str, station_id: str) -> None:
    await visit.act(
        "payment.privilege",
        lambda: payments.remove_privilege(token, station_id or None),
        station=station_id or None,
        least="admin",
        said=visit.t("Removed"),
    )
