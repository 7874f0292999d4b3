"""One webhook: the events that were sent to it, that wait, and that were given up."""

from __future__ import annotations

from typing import Any, Final

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.errors import NotFound
from chargeplane.storage.records import WebhookCallRecord
from chargeplane.storage.repositories import webhooks
from chargeplane.storage.repositories.webhooks import CallFilter
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing, RowAction
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

LARGEST: Final = 2**63 - 1
STATES: Final = {
    "queued": mark("Waits"),
    "delivered": mark("Accepted"),
    "dead": mark("Given up"),
}
COLORS: Final = {"queued": "primary", "delivered": "positive", "dead": "negative"}


async def build(visit: Visit) -> None:
    """The calls of the webhook of the number in the path."""
    number = visit.path["number"]
    is_number = number.isdecimal() and int(number) <= LARGEST
    webhook = await visit.read(webhooks.get, int(number)) if is_number else None
    if webhook is None:
        ui.label(visit.t("There is no such webhook.")).props("role=alert")
        return
    ui.label(webhook.url).classes("quiet mb-2").style("overflow-wrap: anywhere")
    page = _Calls(visit, webhook.id)
    await page.listing.refresh()


class _Calls:
    """One open list of calls."""

    def __init__(self, visit: Visit, number: int) -> None:
        self._visit, self._number = visit, number
        self.listing: Listing[WebhookCallRecord] = Listing(
            visit,
            "calls",
            self._columns(),
            self._read,
            key=lambda each: str(each.id),
            filters=(Filter("status", mark("State"), STATES),),
            is_searched=False,
            actions=(
                RowAction(
                    mark("Send again"), "replay", self._revive, lambda each: each.status == "dead"
                ),
            ),
            descending=True,
        )

    def _columns(self) -> list[Column[WebhookCallRecord]]:
        t = self._visit.t
        return [
            Column(
                name="event",
                title=mark("Event"),
                show=lambda each: str(each.event_id),
                export=lambda each: each.event_id,
            ),
            Column(name="kind", title=mark("What"), show=lambda each: each.kind),
            Column(
                name="status",
                title=mark("State"),
                show=lambda each: t(STATES[each.status]),
                color=lambda each: COLORS[each.status],
            ),
            Column(
                name="attempts",
                title=mark("Attempts"),
                show=lambda each: t.number(each.attempts),
                export=lambda each: each.attempts,
                is_number=True,
            ),
            Column(name="error", title=mark("Problem"), show=lambda each: each.error or ""),
            Column(
                name="due",
                title=mark("Next attempt"),
                show=lambda e: t.moment(e.due_at) if e.status == "queued" else "",
                export=lambda each: each.due_at,
            ),
            Column(
                name="finished",
                title=mark("Finished"),
                show=lambda each: t.moment(each.finished_at),
                export=lambda each: each.finished_at,
            ),
        ]

    def _read(self, connection: Connection, asked: Asked) -> Found[WebhookCallRecord]:
        status: Any = asked.filters.get("status") or None
        what = CallFilter(webhook_id=self._number, status=status)
        return Found.of(webhooks.calls_part(connection, what, asked.sorting, asked.window))

    async def _revive(self, call: WebhookCallRecord) -> None:
        visit, t = self._visit, self._visit.t

        async def work() -> None:
            now = visit.central.now()
            if not await visit.central.database.write(webhooks.revive, self._number, call.id, now):
                raise NotFound(t("This call was not given up."))

        await visit.act(
            "send again",
            work,
            least="admin",
            whole=True,
            about={"webhook": self._number, "event": call.event_id},
            said=t("It is sent again."),
        )
        await self.listing.refresh()
