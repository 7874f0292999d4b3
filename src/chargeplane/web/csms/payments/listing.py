"""The payments, searched and filtered."""

from __future__ import annotations

from typing import Final, get_args

from sqlalchemy import Connection

from chargeplane.payments.service import Payments
from chargeplane.storage.payment_records import PaymentReservationRecord, PaymentState
from chargeplane.storage.repositories import payments as stored
from chargeplane.storage.repositories.payments import PaymentFilter
from chargeplane.web.csms.paths import station_path
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

TITLES: Final[dict[str, str]] = {
    "Pending": mark("Waits for payment"),
    "Authorized": mark("Paid, waits for the plug"),
    "StartRequested": mark("Starts"),
    "Charging": mark("Charging"),
    "WaitingForDisconnect": mark("Waits to be unplugged"),
    "Completed": mark("Completed"),
    "Cancelled": mark("Cancelled"),
    "Failed": mark("Failed"),
    "StartRejected": mark("Start refused"),
    "StartTimeout": mark("Not started in time"),
    "Abandoned": mark("Given up"),
}
COLORS: Final[dict[str, str]] = {
    "Completed": "positive",
    "Charging": "primary",
    "WaitingForDisconnect": "primary",
    "Failed": "negative",
    "StartRejected": "negative",
    "StartTimeout": "negative",
}
REVIEW: Final = "review"


async def build(visit: Visit, _payments: Payments) -> None:
    """The list, the latest first."""
    options = {name: TITLES[name] for name in get_args(PaymentState)}
    made = Listing(
        visit,
        "payments",
        _columns(visit),
        lambda connection, asked: _read(connection, asked, visit.among),
        key=lambda each: each.id,
        filters=(
            Filter("state", mark("State"), options),
            Filter("review", mark("Review"), {REVIEW: mark("Look at this")}),
        ),
        sort="created_at",
        descending=True,
    )
    await made.refresh()


def _read(
    connection: Connection, asked: Asked, among: tuple[str, ...] | None
) -> Found[PaymentReservationRecord]:
    state = asked.filters.get("state")
    what = PaymentFilter(
        search=asked.search or None,
        state=next((each for each in get_args(PaymentState) if each == state), None),
        needs_review=True if asked.filters.get("review") == REVIEW else None,
        among=among,
    )
    return Found.of(stored.part(connection, what, asked.sorting, asked.window))


def _columns(visit: Visit) -> tuple[Column[PaymentReservationRecord], ...]:
    t = visit.t
    return (
        Column(
            name="created_at",
            title=mark("Created"),
            show=lambda each: t.moment(each.created_at),
            link=lambda each: f"/payments/{each.id}",
            export=lambda each: each.created_at,
            sortable=True,
        ),
        Column(
            name="station_id",
            title=mark("Station"),
            show=lambda each: each.station_id,
            link=lambda each: station_path(each.station_id),
            sortable=True,
        ),
        Column(name="evse_id", title=mark("Connector"), show=lambda each: str(each.evse_id)),
        Column(
            name="state",
            title=mark("State"),
            show=lambda each: t(TITLES[each.state]),
            color=lambda each: COLORS.get(each.state, "secondary"),
            sortable=True,
        ),
        Column(
            name="hold_minor",
            title=mark("Held"),
            show=lambda each: t.money(each.hold_minor, each.currency),
            export=lambda each: each.hold_minor,
            is_number=True,
        ),
        Column(
            name="captured_minor",
            title=mark("Taken"),
            show=lambda each: t.money(each.captured_minor, each.currency),
            export=lambda each: each.captured_minor,
            sortable=True,
            is_number=True,
        ),
        Column(
            name="energy_mwh",
            title=mark("Energy"),
            show=lambda each: t.energy(each.energy_mwh),
            export=lambda each: each.energy_mwh,
            sortable=True,
            is_number=True,
        ),
        Column(
            name="needs_review",
            title=mark("Review"),
            show=lambda each: t("Look at this") if each.needs_review else "",
            color=lambda each: "negative" if each.needs_review else None,
        ),
    )
