"""The lists of tags that stations keep for when they are offline."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.domain.tokens import AuthorizationData
from chargeplane.storage.repositories import local_lists
from chargeplane.storage.repositories.local_lists import LocalListFilter, LocalListLine
from chargeplane.web.csms.asking import open_dialog
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

SENT: Final = "local_list.sent"
HELD: Final = {"yes": mark("With a list"), "no": mark("Without a list")}


async def build(visit: Visit) -> None:
    """Every station with the list that it holds."""
    buttons = ui.row().classes("w-full gap-2 mb-3")
    listing = _listing(visit)
    await listing.refresh()
    follow(visit, listing.refresh, SENT)
    if visit.may("operator"):
        with buttons:
            _button(visit, listing, mark("Send our tags"), "update_local_list", "send")
            _button(visit, listing, mark("Ask for the version"), "get_local_list_version", "help")


def _button(
    visit: Visit, listing: Listing[LocalListLine], title: str, operation: str, icon: str
) -> None:
    async def ask() -> None:
        if listing.selected:
            await open_dialog(visit, listing.selected, operation)
        else:
            ui.notify(visit.t("Choose stations first."), type="warning")

    ui.button(visit.t(title), icon=icon, on_click=ask).props("no-caps")


def _listing(visit: Visit) -> Listing[LocalListLine]:
    def read(connection: Connection, asked: Asked) -> Found[LocalListLine]:
        held = asked.filters.get("held")
        what = LocalListFilter(
            search=asked.search or None,
            has_list=held == "yes" if held else None,
            among=visit.among,
        )
        return Found.of(local_lists.part(connection, what, asked.sorting, asked.window))

    return Listing(
        visit,
        "local-lists",
        _columns(visit),
        read,
        key=lambda line: line.station_id,
        sort="station_id",
        filters=[Filter("held", mark("List"), HELD)],
        is_selectable=visit.may("operator"),
    )


def _columns(visit: Visit) -> list[Column[LocalListLine]]:
    t = visit.t
    return [
        Column(
            "station_id",
            mark("Station"),
            lambda line: line.station_id,
            sortable=True,
            link=lambda line: f"/local-lists/{quote(line.station_id, safe='')}",
        ),
        Column("name", mark("Name"), lambda line: line.name or "", sortable=True),
        Column(
            "online",
            mark("Connection"),
            lambda line: t("Online") if line.online else t("Offline"),
            color=lambda line: "positive" if line.online else "grey-8",
        ),
        Column(
            "version",
            mark("Version"),
            lambda line: t.number(line.version),
            export=lambda line: line.version,
            is_number=True,
            sortable=True,
        ),
        Column(
            "entries",
            mark("Tags"),
            lambda line: t.number(line.entries),
            export=lambda line: line.entries,
            is_number=True,
            sortable=True,
        ),
        Column(
            "updated_at",
            mark("Sent"),
            lambda line: t.moment(line.updated_at),
            export=lambda line: line.updated_at,
            sortable=True,
        ),
    ]


async def build_station(visit: Visit) -> None:
    """The list of one station."""
    t, station_id = visit.t, visit.path["station_id"]
    if not visit.user.sees(station_id):
        ui.label(t("You are not allowed to see this page.")).props("role=alert")
        return
    if visit.may("operator"):
        with ui.row().classes("w-full gap-2 mb-3"):
            for title, operation in (
                (t("Send our tags"), "update_local_list"),
                (t("Send any list"), "send_local_list"),
                (t("Ask for the version"), "get_local_list_version"),
            ):
                ask = partial(open_dialog, visit, (station_id,), operation)
                ui.button(title, on_click=ask).props("no-caps")
    place = ui.column().classes("w-full")

    async def show() -> None:
        found = await visit.read(local_lists.get, station_id)
        place.clear()
        with place:
            if found is None:
                ui.label(t("The station has no list that we know of."))
            else:
                sent = t.moment(found.updated_at)
                ui.label(t("Version {version}, sent {moment}.", version=found.version, moment=sent))
                _entries(visit, found.entries)

    await show()
    follow(visit, show, SENT, station_id=station_id)


def _entries(visit: Visit, entries: Sequence[AuthorizationData]) -> None:
    t = visit.t
    columns = [
        {"name": name, "label": label, "field": name, "align": "left", "sortable": True}
        for name, label in (
            ("tag", t("Tag")),
            ("type", t("Type")),
            ("status", t("State")),
            ("group", t("Group")),
            ("until", t("Until")),
        )
    ]
    rows = [_row(visit, each) for each in entries]
    search = ui.input(t("Search")).props("dense outlined clearable type=search")
    table = ui.table(columns=columns, rows=rows, row_key="tag", pagination=25)
    table.props(':grid="Quasar.Screen.lt.sm" flat bordered').classes("w-full")
    table.bind_filter_from(search, "value", backward=lambda text: text or "")


def _row(visit: Visit, entry: AuthorizationData) -> dict[str, str]:
    info = entry.id_token_info
    group = info.group_id_token if info else None
    return {
        "tag": entry.id_token.id_token,
        "type": entry.id_token.type,
        "status": info.status if info else "",
        "group": group.id_token if group else "",
        "until": visit.t.moment(info.cache_expiry_date_time) if info else "",
    }
