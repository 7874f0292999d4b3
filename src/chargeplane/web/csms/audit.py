"""Who did what on these pages and by the command line, and what was refused."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection

from chargeplane.storage.access_records import AuditNoteRecord
from chargeplane.storage.repositories import audit_notes
from chargeplane.storage.repositories.audit_notes import AuditFilter
from chargeplane.web.csms import periods
from chargeplane.web.csms.paths import station_path
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.transactions import PERIOD
from chargeplane.web.csms.visit import DONE, REFUSED, Visit
from chargeplane.web.texts import Texts, mark

OUTCOMES: Final = {DONE: mark("Done"), REFUSED: mark("Refused")}


async def build(visit: Visit) -> None:
    """The list of all notes, the latest first."""

    def read(connection: Connection, asked: Asked) -> Found[AuditNoteRecord]:
        zone = visit.t.zone
        what = AuditFilter(
            actor=asked.filters.get("actor") or None,
            action=asked.filters.get("action") or None,
            station_id=asked.filters.get("station") or None,
            search=asked.search or None,
            since=periods.since(asked.filters.get("since"), zone),
            until=periods.until(asked.filters.get("until"), zone),
        )
        return Found.of(audit_notes.part(connection, what, asked.sorting, asked.window))

    listing: Listing[AuditNoteRecord] = Listing(
        visit,
        "audit",
        _columns(visit.t),
        read,
        key=lambda each: str(each.id),
        filters=(
            Filter("actor", mark("Who"), kind="text"),
            Filter("action", mark("Action"), kind="text"),
            Filter("station", mark("Station"), kind="text"),
            *PERIOD,
        ),
        descending=True,
    )
    await listing.refresh()


def _columns(t: Texts) -> list[Column[AuditNoteRecord]]:
    return [
        Column(
            name="at",
            title=mark("Time"),
            show=lambda each: t.moment(each.at),
            export=lambda each: each.at,
        ),
        Column(name="actor", title=mark("Who"), show=lambda each: each.actor),
        Column(name="action", title=mark("Action"), show=lambda each: each.action),
        Column(
            name="station",
            title=mark("Station"),
            show=lambda each: each.station_id or "",
            link=lambda each: station_path(each.station_id) if each.station_id else None,
        ),
        Column(name="details", title=mark("Details"), show=_details),
        Column(
            name="outcome",
            title=mark("Outcome"),
            show=lambda each: t(OUTCOMES.get(each.outcome, each.outcome)),
            color=lambda each: "positive" if each.outcome == DONE else None,
        ),
        Column(name="address", title=mark("Address"), show=lambda each: each.address or ""),
    ]


def _details(each: AuditNoteRecord) -> str:
    values = (each.details or {}).items()
    return ", ".join(f"{name}: {_said(value)}" for name, value in values)


def _said(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
