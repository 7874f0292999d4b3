"""One payment: what was agreed, every step, what was taken and given back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from nicegui import ui

from chargeplane.payments.outcomes import Details
from chargeplane.payments.provider import RefundReason
from chargeplane.payments.service import Payments
from chargeplane.storage.payment_records import PaymentReservationRecord
from chargeplane.web.csms import dialogs
from chargeplane.web.csms.following import follow_events
from chargeplane.web.csms.paths import station_path
from chargeplane.web.csms.payments.listing import TITLES
from chargeplane.web.csms.payments.page import required
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

REASONS: Final[dict[str, str]] = {
    "requested_by_customer": mark("The driver asked for it"),
    "duplicate": mark("Paid twice"),
    "fraudulent": mark("Fraud"),
}
TIMES: Final = {
    "created_at": mark("Created"),
    "authorized_at": mark("Paid"),
    "started_at": mark("Charge started"),
    "stopped_at": mark("Charge ended"),
    "disconnected_at": mark("Unplugged"),
    "settled_at": mark("Settled"),
}
FACTS: Final = {
    "charge_tag": mark("Tag"),
    "id_token": mark("One-time tag"),
    "email": mark("E-mail"),
    "checkout_id": mark("Checkout"),
    "payment_id": mark("Payment"),
    "stop_reason": mark("Why it was stopped"),
    "failure_message": mark("Failure"),
    "last_error": mark("Last error"),
}
CANCELLABLE: Final = {"Pending", "Authorized", "StartRequested"}


async def build(visit: Visit) -> None:
    """The page of the payment that the address names."""
    payments = required(visit)
    found = await payments.details(visit.path["payment_id"])
    if found is None or not visit.user.sees(found.reservation.station_id):
        ui.label(visit.t("There is no such payment.")).props("role=alert")
        return
    with ui.column().classes("w-full gap-3") as body:
        _show(visit, payments, found)

    async def again() -> None:
        fresh = await payments.details(found.reservation.id)
        if fresh is not None:
            body.clear()
            with body:
                _show(visit, payments, fresh)

    number = found.reservation.id
    follow_events(visit, lambda event: event.data.get("reservation") == number, again)


def _show(visit: Visit, payments: Payments, found: Details) -> None:
    t, record = visit.t, found.reservation
    with ui.card().classes("w-full"):
        with ui.row().classes("w-full items-center gap-3"):
            ui.label(t(TITLES[record.state])).classes("text-lg font-medium")
            ui.link(record.station_id, station_path(record.station_id)).classes("plain")
            ui.label(t("Connector {number}", number=record.evse_id))
            ui.space()
            _buttons(visit, payments, found)
        if record.needs_review:
            ui.label(t("Look at this")).classes("text-negative font-medium").props("role=alert")
        _facts(visit, _amounts(visit, found))
        _facts(visit, {title: t.moment(getattr(record, name)) for name, title in TIMES.items()})
        _facts(visit, {title: getattr(record, name) for name, title in FACTS.items()})
    steps = [(t.moment(each.at), t(TITLES[each.to_state]), each.reason) for each in found.steps]
    _table(visit, mark("Steps"), (mark("Time"), mark("State"), mark("Reason")), steps)
    refunds = [
        (
            t.moment(each.created_at),
            t.money(each.amount_minor, record.currency),
            t(REASONS.get(each.reason, each.reason)),
            each.status,
            each.asked_by,
        )
        for each in found.refunds
    ]
    titles = (mark("Time"), mark("Amount"), mark("Reason"), mark("State"), mark("Asked by"))
    if refunds:
        _table(visit, mark("Refunds"), titles, refunds)


def _amounts(visit: Visit, found: Details) -> dict[str, str]:
    t, record = visit.t, found.reservation
    back = sum(each.amount_minor for each in found.refunds if each.status != "failed")
    return {
        mark("Held"): t.money(record.hold_minor, record.currency),
        mark("Owed"): t.money(record.due_minor, record.currency),
        mark("Taken"): t.money(record.captured_minor, record.currency),
        mark("Given back"): t.money(back, record.currency) if back else "",
        mark("Energy"): t.energy(record.energy_mwh),
    }


def _facts(visit: Visit, facts: Mapping[str, str | None]) -> None:
    with ui.element("dl").classes("w-full grid grid-cols-2 md:grid-cols-4 gap-x-4 gap-y-2"):
        for title, value in facts.items():
            if value:
                with ui.element("div"):
                    with ui.element("dt").classes("quiet text-sm"):
                        ui.label(visit.t(title))
                    with ui.element("dd").classes("break-all"):
                        ui.label(value)


def _table(
    visit: Visit, title: str, titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> None:
    with ui.card().classes("w-full"):
        ui.label(visit.t(title)).classes("font-medium")
        columns = [
            {"name": str(n), "label": visit.t(each), "field": str(n), "align": "left"}
            for n, each in enumerate(titles)
        ]
        cells = [{str(n): each for n, each in enumerate(row)} for row in rows]
        ui.table(columns=columns, rows=cells).classes("w-full").props("flat dense wrap-cells")


def _buttons(visit: Visit, payments: Payments, found: Details) -> None:
    t, record = visit.t, found.reservation

    def button(text: str, run: Callable[[], Awaitable[None]]) -> None:
        ui.button(text, on_click=run).props("outline no-caps dense").classes("px-2")

    if visit.may("operator"):
        if record.state == "Charging":
            button(t("Stop charging"), lambda: _stop(visit, payments, record))
        if record.state in CANCELLABLE:
            button(t("Cancel payment"), lambda: _cancel(visit, payments, record))
    if visit.may("admin") and record.captured_minor:
        button(t("Refund"), lambda: _refund(visit, payments, found))


async def _stop(visit: Visit, payments: Payments, record: PaymentReservationRecord) -> None:
    done = await visit.act(
        "payment.stop", lambda: payments.stop(record.id), station=record.station_id
    )
    if done is not None:
        dialogs.tell_status(visit, done.status)


async def _cancel(visit: Visit, payments: Payments, record: PaymentReservationRecord) -> None:
    action = visit.t("Cancel payment")
    if await dialogs.confirmed(visit, visit.t("Cancel payment and let go of the money?"), action):
        reason = f"cancelled by {visit.user.name}"
        await visit.act(
            "payment.cancel",
            lambda: payments.cancel(record.id, reason),
            station=record.station_id,
            said=visit.t("Cancelled"),
        )


async def _refund(visit: Visit, payments: Payments, found: Details) -> None:
    t, record = visit.t, found.reservation
    digits = int(record.prices.get("digits", 2))
    back = sum(each.amount_minor for each in found.refunds if each.status != "failed")
    left = (record.captured_minor or 0) - back
    with dialogs.titled(t("Refund")) as dialog:
        amount = ui.input(
            t("Amount in {currency}", currency=record.currency.upper()),
            value=str(Decimal(left).scaleb(-digits)),
        ).props("inputmode=decimal outlined")
        reasons = {name: t(title) for name, title in REASONS.items()}
        reason = ui.select(reasons, label=t("Reason"), value="requested_by_customer")
        reason.props("outlined").classes("w-full")
        dialogs.buttons(visit, dialog, t("Refund"))
    wanted = await dialog
    minor, why = minor_of(amount.value or "", digits), _reason(reason.value)
    dialog.delete()
    if not wanted:
        return
    if minor is None:
        ui.notify(t("This is no amount."), type="negative")
        return
    await visit.act(
        "payment.refund",
        lambda: payments.refund(record.id, minor, why, visit.user.name),
        station=record.station_id,
        least="admin",
        said=t("The refund is on its way."),
    )


def minor_of(text: str, digits: int) -> int | None:
    """An amount as somebody writes it in minor units; None if it is none."""
    try:
        value = Decimal(text.strip().replace(",", ".")).scaleb(digits)
    except InvalidOperation:
        return None
    return int(value) if value.is_finite() and value == value.to_integral() and value > 0 else None


def _reason(value: object) -> RefundReason:
    known: tuple[RefundReason, ...] = ("duplicate", "fraudulent", "requested_by_customer")
    return next((each for each in known if each == value), "requested_by_customer")
