"""Security events that a station reported."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection

from chargeplane.storage.records import SecurityEventRecord, StationRecord
from chargeplane.storage.repositories import security_events
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.tables import Asked, Column, Found, Listing
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import Texts, mark


async def build(visit: Visit, station: StationRecord) -> None:
    """The latest first; a new one is seen at once."""
    listing = Listing(
        visit,
        "security-events",
        _columns(visit.t),
        partial(_read, station.id),
        key=lambda each: str(each.id),
        is_searched=False,
    )
    await listing.refresh()
    follow(visit, listing.refresh, "security.event", station_id=station.id)


def _read(station_id: str, connection: Connection, asked: Asked) -> Found[SecurityEventRecord]:
    page = security_events.page(connection, station_id, asked.window)
    return Found(page.items, security_events.count(connection, station_id))


def _columns(t: Texts) -> list[Column[SecurityEventRecord]]:
    return [
        Column(
            name="at",
            title=mark("Time"),
            show=lambda each: t.moment(each.at),
            export=lambda each: each.at,
        ),
        Column(name="type", title=mark("Type"), show=lambda each: each.type),
        Column(
            name="info",
            title=mark("Details"),
            show=lambda each: each.tech_info or "",
            is_long=True,
        ),
        Column(
            name="received",
            title=mark("Received"),
            show=lambda each: t.moment(each.received_at),
            export=lambda each: each.received_at,
        ),
    ]
