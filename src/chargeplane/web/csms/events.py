"""What happens: all events, the latest first, live."""

from __future__ import annotations

from typing import Any

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.domain.events import Event
from chargeplane.storage.records import EventRecord
from chargeplane.storage.repositories import events as stored
from chargeplane.storage.repositories.events import EventFilter
from chargeplane.web.csms import happenings, periods
from chargeplane.web.csms.live import Change
from chargeplane.web.csms.paths import station_path
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.transactions import path_of
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

FILTERS = (
    Filter("kind", mark("What"), happenings.TITLES),
    Filter("station", mark("Station"), kind="text"),
    Filter("since", mark("From"), kind="day"),
    Filter("until", mark("To"), kind="day"),
)


async def build(visit: Visit) -> None:
    """The list of events, to which new ones are added while it is looked at."""
    page = _Events(visit)
    await page.listing.refresh()
    ui.context.client.on_delete(visit.site.live.watch(page.on_change))


class _Events:
    """One open list of events."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._client = visit, ui.context.client
        self.listing: Listing[EventRecord] = Listing(
            visit,
            "events",
            self._columns(),
            self._read,
            key=lambda each: str(each.id),
            filters=FILTERS,
            descending=True,
        )

    def _columns(self) -> list[Column[EventRecord]]:
        t = self._visit.t
        return [
            Column(
                name="at",
                title=mark("Time"),
                show=lambda each: t.moment(each.at),
                export=lambda each: each.at,
            ),
            Column(
                name="station",
                title=mark("Station"),
                show=lambda each: each.station_id or "",
                link=lambda each: station_path(each.station_id) if each.station_id else None,
            ),
            Column(
                name="evse",
                title=mark("EVSE"),
                show=lambda each: str(each.evse_id or ""),
                export=lambda each: each.evse_id,
            ),
            Column(
                name="kind",
                title=mark("What"),
                show=lambda each: happenings.title(t, each.kind),
                export=lambda each: each.kind,
            ),
            Column(
                name="details",
                title=mark("Details"),
                show=lambda each: happenings.details(each.data or {}),
            ),
            Column(
                name="charge",
                title=mark("Transaction"),
                show=lambda each: str(each.transaction_id or ""),
                link=lambda each: path_of(each.transaction_id) if each.transaction_id else None,
                export=lambda each: each.transaction_id,
            ),
        ]

    def _read(self, connection: Connection, asked: Asked) -> Found[EventRecord]:
        wanted = self._wanted(asked)
        return Found.of(stored.part(connection, wanted, asked.sorting, asked.window))

    def _wanted(self, asked: Asked) -> EventFilter:
        zone, kind = self._visit.t.zone, asked.filters.get("kind")
        return EventFilter(
            station_id=asked.filters.get("station") or None,
            kinds=(kind,) if kind else (),
            among=self._visit.among,
            search=asked.search or None,
            since=periods.since(asked.filters.get("since"), zone),
            until=periods.until(asked.filters.get("until"), zone),
        )

    def on_change(self, change: Change) -> None:
        """Show what is new, if the first page of all of it is looked at."""
        wanted = self._wanted(self.listing.asked)
        new = [_record(each) for each in change.events if self._is_shown(each, wanted)]
        if new:
            with self._client:
                self.listing.show_new(new[::-1])

    def _is_shown(self, event: Event, wanted: EventFilter) -> bool:
        """Whether an event is of the list, as the database would say."""
        text = (wanted.search or "").lower()
        said = f"{event.kind}\n{event.station_id or ''}".lower()
        return (
            event.id is not None
            and self._visit.user.sees(event.station_id or "")
            and wanted.station_id in {None, event.station_id}
            and (not wanted.kinds or event.kind in wanted.kinds)
            and text in said
            and (wanted.since is None or event.at >= wanted.since)
            and (wanted.until is None or event.at < wanted.until)
        )


def _record(event: Event) -> Any:
    return EventRecord(
        id=event.id or 0,
        at=event.at,
        kind=event.kind,
        station_id=event.station_id,
        evse_id=event.evse_id,
        transaction_id=event.transaction_id,
        data=event.data,
    )
