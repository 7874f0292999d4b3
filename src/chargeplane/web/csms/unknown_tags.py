"""Tags that were presented somewhere but are not known, to be adopted or forgotten."""

from __future__ import annotations

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.csms import token_files, tokens
from chargeplane.csms.token_files import TokenRow
from chargeplane.storage.records import UnknownTokenRecord
from chargeplane.storage.repositories import tokens as stored
from chargeplane.web.csms import tags
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.tables import Asked, Column, Found, Listing
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark


async def build(visit: Visit) -> None:
    """The list of unknown tags."""
    page = _Unknown(visit)
    await page.listing.refresh()
    follow(visit, page.listing.refresh, "token.presented")


class _Unknown:
    """One open list of unknown tags."""

    def __init__(self, visit: Visit) -> None:
        self._visit, t = visit, visit.t
        ui.label(t("These tags were presented at a station and are not known.")).classes("quiet")
        if visit.may("admin"):
            with ui.row().classes("w-full items-center gap-2 my-2"):
                ui.label(t("Chosen tags:")).classes("quiet")
                for title, icon, work in (
                    (t("Adopt"), "add_task", self._adopt),
                    (t("Forget"), "delete", self._forget),
                ):
                    ui.button(title, icon=icon, on_click=work).props("flat dense no-caps")
        self.listing: Listing[UnknownTokenRecord] = Listing(
            visit,
            "unknown-tags",
            [
                Column(
                    name="key", title=mark("Tag"), show=lambda each: each.id_token, sortable=True
                ),
                Column(name="type", title=mark("Kind"), show=lambda each: each.type),
                Column(
                    name="station_id",
                    title=mark("Station"),
                    show=lambda each: each.station_id,
                    sortable=True,
                ),
                Column(
                    name="attempts",
                    title=mark("Attempts"),
                    show=lambda each: t.number(each.attempts),
                    export=lambda each: each.attempts,
                    sortable=True,
                    is_number=True,
                ),
                Column(
                    name="last_at",
                    title=mark("Last attempt"),
                    show=lambda each: t.moment(each.last_at),
                    export=lambda each: each.last_at,
                    sortable=True,
                ),
            ],
            self._read,
            key=lambda each: each.key,
            is_selectable=visit.may("admin"),
            sort="last_at",
            descending=True,
        )

    def _read(self, connection: Connection, asked: Asked) -> Found[UnknownTokenRecord]:
        search = asked.search or None
        return Found.of(stored.unknown_part(connection, search, asked.sorting, asked.window))

    def _chosen(self) -> list[UnknownTokenRecord]:
        chosen = [self.listing.items[key] for key in self.listing.selected]
        if not chosen:
            ui.notify(self._visit.t("Choose tags in the list first."), type="info")
        return chosen

    async def _adopt(self) -> None:
        """Adopt one with a form, several as they are."""
        chosen, visit = self._chosen(), self._visit
        if len(chosen) == 1:
            await tags.add(visit, chosen[0].id_token)
        elif chosen:
            rows = [TokenRow(id_token=each.id_token, type=each.type) for each in chosen]

            async def work() -> None:
                await visit.central.commit(lambda unit: token_files.save(unit, rows))

            await visit.act(
                "adopt tags",
                work,
                least="admin",
                whole=True,
                about={"tags": [each.key for each in chosen]},
                said=visit.t("Saved."),
            )
        await self.listing.refresh()

    async def _forget(self) -> None:
        keys, visit = [each.key for each in self._chosen()], self._visit

        async def work() -> None:
            await visit.central.commit(lambda unit: tokens.forget_unknown(unit, keys))

        if keys:
            await visit.act(
                "forget tags",
                work,
                least="admin",
                whole=True,
                about={"tags": keys},
                said=visit.t("Forgotten."),
            )
            await self.listing.refresh()
