"""Reservations: which there are, make one, give some up."""

from __future__ import annotations

from functools import partial
from typing import Final

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.csms import reservation
from chargeplane.domain.reservations import CancelReservation
from chargeplane.errors import NotAllowed
from chargeplane.storage.records import ReservationRecord, StationRecord
from chargeplane.storage.repositories import reservations
from chargeplane.storage.repositories.reservations import ACTIVE, ReservationFilter
from chargeplane.web.csms.asking import open_dialog
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.paths import station_path
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

STATUSES: Final[dict[str, str]] = {
    "Accepted": mark("Reserved"),
    "Requested": mark("Asked for"),
    "Used": mark("Used"),
    "Cancelled": mark("Cancelled"),
    "Expired": mark("Expired"),
    "Removed": mark("Removed"),
    "NoTransaction": mark("Not used"),
    "Occupied": mark("Was occupied"),
    "Faulted": mark("Was faulted"),
    "Unavailable": mark("Was unavailable"),
    "Rejected": mark("Rejected"),
    "Failed": mark("Not reached"),
}
COLORS: Final = {ACTIVE: "positive", "Requested": "secondary", "Used": "grey-8"}
CHANGED: Final = "reservation.changed"


async def build(visit: Visit) -> None:
    """The reservations of all stations."""
    await show(visit)


async def build_tab(visit: Visit, station: StationRecord) -> None:
    """The reservations of one station."""
    await show(visit, station.id)


async def show(visit: Visit, station_id: str | None = None) -> None:
    """The list, with what can be done."""
    buttons = ui.row().classes("w-full gap-2 mb-3")
    listing = _listing(visit, station_id)
    await listing.refresh()
    follow(visit, listing.refresh, CHANGED, station_id=station_id)
    if not visit.may("operator"):
        return
    stations = None if station_id is None else (station_id,)
    with buttons:
        make = ui.button(visit.t("Reserve"), icon="add")
        make.on_click(lambda: open_dialog(visit, stations, "reserve_now")).props("no-caps")
        cancel = ui.button(visit.t("Cancel those chosen"), icon="event_busy")
        cancel.on_click(partial(_cancel, visit, listing)).props("no-caps outline")


def _listing(visit: Visit, station_id: str | None) -> Listing[ReservationRecord]:
    def read(connection: Connection, asked: Asked) -> Found[ReservationRecord]:
        what = ReservationFilter(
            station_id=station_id,
            search=asked.search or None,
            status=asked.filters.get("status") or None,
            among=visit.among,
        )
        return Found.of(reservations.part(connection, what, asked.sorting, asked.window))

    return Listing(
        visit,
        "reservations",
        [each for each in _columns(visit) if station_id is None or each.name != "station_id"],
        read,
        key=lambda record: str(record.id),
        sort="id",
        descending=True,
        filters=[Filter("status", mark("State"), STATUSES)],
        is_selectable=visit.may("operator"),
    )


def _columns(visit: Visit) -> list[Column[ReservationRecord]]:
    t = visit.t
    return [
        Column("id", mark("Number"), lambda each: str(each.id), sortable=True),
        Column(
            "station_id",
            mark("Station"),
            lambda each: each.station_id,
            sortable=True,
            link=lambda each: station_path(each.station_id),
        ),
        Column("evse", mark("EVSE"), lambda each: str(each.evse_id or t("Any"))),
        Column("id_token", mark("Tag"), lambda each: each.id_token, sortable=True),
        Column("group", mark("Group"), lambda each: each.group_id or ""),
        Column(
            "status",
            mark("State"),
            lambda each: t(STATUSES.get(each.status, each.status)),
            color=lambda each: COLORS.get(each.status, "negative"),
        ),
        Column(
            "expires_at",
            mark("Until"),
            lambda each: t.moment(each.expires_at),
            export=lambda each: each.expires_at,
            sortable=True,
        ),
        Column(
            "made",
            mark("Made"),
            lambda each: t.moment(each.created_at),
            export=lambda each: each.created_at,
        ),
    ]


async def _cancel(visit: Visit, listing: Listing[ReservationRecord]) -> None:
    chosen = [listing.items[key] for key in listing.selected if key in listing.items]
    if not chosen:
        ui.notify(visit.t("Choose reservations first."), type="warning")
    for each in chosen:
        done = visit.t("Reservation {number} is cancelled.", number=each.id)
        work = partial(_give_up, visit, each)
        await visit.act("reservation.cancel", work, station=each.station_id, said=done)
    await listing.refresh()


async def _give_up(visit: Visit, record: ReservationRecord) -> None:
    """Ask the station; raises `NotAllowed` if it does not give the reservation up."""
    request = CancelReservation(reservation_id=record.id)
    answer = await reservation.cancel_reservation(
        visit.central, record.station_id, request, visit.asked()
    )
    if answer.status != "Accepted":
        raise NotAllowed(visit.t("The station said {answer}.", answer=answer.status))
