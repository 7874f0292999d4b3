"""What stations were asked, by whom, and what they said."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.storage.records import CommandRecord, CommandStatus, StationRecord
from chargeplane.storage.repositories import commands
from chargeplane.storage.repositories.commands import CommandFilter
from chargeplane.web.csms.asking import Asking, known, open_dialog, show_json
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.paths import station_path
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

STATUSES: Final[dict[str, str]] = {
    "queued": mark("Waiting"),
    "sent": mark("Sent"),
    "answered": mark("Answered"),
    "failed": mark("Failed"),
}
COLORS: Final[dict[CommandStatus, str]] = {
    "queued": "grey-8",
    "sent": "secondary",
    "answered": "positive",
    "failed": "negative",
}
FINISHED: Final = "command.finished"
MOST: Final = 2**31 - 1


async def build(visit: Visit) -> None:
    """All commands."""
    if visit.may("operator"):
        ask = ui.button(visit.t("New command"), icon="send", on_click=lambda: open_dialog(visit))
        ask.props("no-caps").classes("mb-3")
    await show_list(visit)


async def build_tab(visit: Visit, station: StationRecord) -> None:
    """Ask a station, and what it was asked before."""
    if visit.may("operator"):
        with ui.card().classes("w-full mb-3"):
            Asking(visit, lambda: (station.id,), await known(visit, (station.id,)))
    await show_list(visit, station.id)


async def show_list(visit: Visit, station_id: str | None = None) -> None:
    """The commands of all stations or of one, kept up to date."""
    task = visit.query.get("task")
    if task is not None:
        ui.label(visit.t("Only those of one task.")).classes("quiet")

    def read(connection: Connection, asked: Asked) -> Found[CommandRecord]:
        what = CommandFilter(
            station_id=station_id,
            task=task,
            search=asked.search or None,
            status=asked.filters.get("status") or None,  # type: ignore[arg-type]
            among=visit.among,
        )
        return Found.of(commands.part(connection, what, asked.sorting, asked.window))

    listing = Listing(
        visit,
        "commands",
        [each for each in _columns(visit) if station_id is None or each.name != "station_id"],
        read,
        key=lambda record: str(record.id),
        sort="id",
        descending=True,
        filters=[Filter("status", mark("State"), STATUSES)],
    )
    await listing.refresh()
    follow(visit, listing.refresh, FINISHED, station_id=station_id)


def _columns(visit: Visit) -> list[Column[CommandRecord]]:
    t = visit.t
    return [
        Column(
            "id",
            mark("Time"),
            lambda record: t.moment(record.created_at),
            sortable=True,
            link=lambda record: f"/commands/{record.id}",
            export=lambda record: record.created_at,
        ),
        Column(
            "station_id",
            mark("Station"),
            lambda record: record.station_id,
            sortable=True,
            link=lambda record: station_path(record.station_id),
        ),
        Column("action", mark("Command"), lambda record: record.action, sortable=True),
        Column(
            "status",
            mark("State"),
            lambda record: t(STATUSES[record.status]),
            color=lambda record: COLORS[record.status],
        ),
        Column("said", mark("Answer"), _said, is_long=True),
        Column("asked_by", mark("Asked by"), lambda record: record.asked_by, sortable=True),
        Column(
            "duration_s",
            mark("Seconds"),
            lambda record: t.number(record.duration_s, 2),
            export=lambda record: record.duration_s,
            is_number=True,
            sortable=True,
        ),
    ]


def _said(record: CommandRecord) -> str:
    """The answer in a word."""
    if record.error:
        return record.error
    status = record.answer.get("status") if isinstance(record.answer, dict) else None
    return str(status or "")


async def build_details(visit: Visit) -> None:
    """A command: what was asked and what was said, and what others of its task said."""
    t, number = visit.t, visit.path["number"]
    is_number = number.isdecimal() and int(number) <= MOST
    found = await visit.read(commands.get, int(number)) if is_number else None
    if found is None or not visit.user.sees(found.station_id):
        ui.label(t("There is no such command.")).props("role=alert")
        return
    _facts(visit, found)
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3 mt-3"):
        with ui.card().classes("w-full"):
            ui.label(t("Request")).classes("font-medium")
            show_json(found.request)
        with ui.card().classes("w-full"):
            ui.label(t("Answer")).classes("font-medium")
            if found.error:
                ui.label(found.error).classes("text-negative")
            else:
                show_json(found.answer)
    if found.task:
        ui.link(t("All of this task"), f"/commands?task={quote(found.task)}").classes("plain mt-3")


def _facts(visit: Visit, found: CommandRecord) -> None:
    t = visit.t
    facts = (
        (t("Station"), found.station_id, station_path(found.station_id)),
        (t("Command"), found.action, None),
        (t("State"), t(STATUSES[found.status]), None),
        (t("Asked by"), found.asked_by, None),
        (t("Time"), t.moment(found.created_at), None),
        (t("Seconds"), t.number(found.duration_s, 2), None),
    )
    with ui.row().classes("w-full gap-6"):
        for title, value, link in facts:
            with ui.column().classes("gap-0"):
                ui.label(title).classes("quiet text-sm")
                ui.link(value, link).classes("plain") if link else ui.label(value)
