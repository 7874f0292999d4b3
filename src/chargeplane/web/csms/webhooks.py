"""Programs to which events are sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.csms.webhooks import subscribe
from chargeplane.storage.records import WebhookRecord
from chargeplane.storage.repositories import webhooks
from chargeplane.web.csms.dialogs import confirmed
from chargeplane.web.csms.entering import entered, entering, tell_once, text_field
from chargeplane.web.csms.tables import Asked, Column, Found, Listing, RowAction
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark


async def build(visit: Visit) -> None:
    """The list of webhooks, never their secrets."""
    page = _Webhooks(visit)
    await page.listing.refresh()


class _Webhooks:
    """One open list of webhooks."""

    def __init__(self, visit: Visit) -> None:
        self._visit, t = visit, visit.t
        add = ui.button(t("New webhook"), icon="add", on_click=self._add)
        add.props("no-caps").classes("mb-2")
        self.listing: Listing[WebhookRecord] = Listing(
            visit,
            "webhooks",
            self._columns(),
            _read,
            key=lambda each: str(each.id),
            actions=(
                RowAction(
                    mark("Pause"), "pause", partial(self._turn, to=False), lambda e: e.enabled
                ),
                RowAction(
                    mark("Go on"),
                    "play_arrow",
                    partial(self._turn, to=True),
                    lambda each: not each.enabled,
                ),
                RowAction(mark("Delete"), "delete", self._delete),
            ),
        )

    def _columns(self) -> list[Column[WebhookRecord]]:
        t = self._visit.t
        return [
            Column(
                name="id",
                title=mark("Number"),
                show=lambda each: str(each.id),
                link=lambda each: f"/webhooks/{each.id}",
            ),
            Column(name="url", title=mark("URL"), show=lambda each: each.url),
            Column(
                name="kinds",
                title=mark("Events"),
                show=lambda each: " ".join(each.kinds) or t("all"),
            ),
            Column(
                name="station",
                title=mark("Station"),
                show=lambda each: each.station_id or t("all"),
            ),
            Column(
                name="state",
                title=mark("State"),
                show=lambda each: t("In force") if each.enabled else t("Pauses"),
                color=lambda each: "positive" if each.enabled else "grey-8",
            ),
            Column(
                name="created",
                title=mark("Made"),
                show=lambda each: t.moment(each.created_at),
                export=lambda each: each.created_at,
            ),
        ]

    async def _add(self) -> None:
        visit, t, made = self._visit, self._visit.t, list[str]()
        with entering(visit, t("New webhook"), t("Make")) as entry:
            url = text_field(t("URL"))
            kinds = text_field(t("Events"))
            kinds.props["hint"] = t(
                "Kinds parted by spaces, such as transaction.* station.online; empty: all"
            )
            station = text_field(t("Station"))
            station.props["hint"] = t("Empty: all")

        async def work() -> bool:
            record = await visit.central.database.write(
                subscribe,
                entered(url) or "",
                tuple((entered(kinds) or "").split()),
                entered(station),
                visit.central.now(),
            )
            made.append(record.secret)
            return True

        if await entry.until(lambda: self._act("make webhook", work, {"url": entered(url)})):
            tell_once(visit, t("The secret that signs the calls"), made[-1])
        await self.listing.refresh()

    async def _turn(self, webhook: WebhookRecord, *, to: bool) -> None:
        async def work() -> None:
            write = self._visit.central.database.write
            await write(partial(webhooks.set_enabled, number=webhook.id, enabled=to))

        action, said = "resume webhook" if to else "pause webhook", self._visit.t("Saved.")
        await self._act(action, work, {"webhook": webhook.id}, said)
        await self.listing.refresh()

    async def _delete(self, webhook: WebhookRecord) -> None:
        visit, t = self._visit, self._visit.t
        question = t("Delete this webhook? What waits for it is not sent.")
        if not await confirmed(visit, question, t("Delete")):
            return

        async def work() -> None:
            await visit.central.database.write(webhooks.remove, webhook.id)

        await self._act("delete webhook", work, {"webhook": webhook.id}, t("Deleted."))
        await self.listing.refresh()

    async def _act(
        self,
        action: str,
        work: Callable[[], Awaitable[Any]],
        about: dict[str, Any],
        said: str | None = None,
    ) -> Any:
        return await self._visit.act(
            action, work, least="admin", whole=True, about=about, said=said
        )


def _read(connection: Connection, asked: Asked) -> Found[WebhookRecord]:
    text = asked.search.lower()
    found = [each for each in webhooks.all_webhooks(connection) if text in each.url.lower()]
    return Found(found[asked.offset : asked.offset + asked.limit], len(found))
