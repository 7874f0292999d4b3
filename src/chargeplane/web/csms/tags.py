"""All tags: to be found, made, changed together, taken from files and written to them."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import quote

from nicegui import events, ui
from sqlalchemy import Connection

from chargeplane.csms import token_files, tokens
from chargeplane.storage.paging import every
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import tokens as stored
from chargeplane.storage.repositories.tokens import TokenFilter
from chargeplane.web.csms.dialogs import confirmed
from chargeplane.web.csms.entering import entered, entering, text_field
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.tag_form import TagForm
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

LARGEST: Final = 20_000_000  # bytes of a file
STATES: Final = {"blocked": mark("Blocked"), "expired": mark("Expired")}
BLOCKED, EXPIRED, USABLE = mark("Blocked"), mark("Expired"), mark("Usable")
COLORS: Final = {BLOCKED: "negative", EXPIRED: "grey-8", USABLE: "positive"}


async def build(visit: Visit) -> None:
    """The list of tags, with what can be done to them."""
    page = _Tags(visit)
    await page.listing.refresh()


def path_of(key: str) -> str:
    """Where the page of a tag is."""
    return f"/tags/{quote(key, safe='')}"


def standing(record: TokenRecord, now: datetime) -> str:
    """Whether a tag may charge, in a word."""
    if record.blocked:
        return BLOCKED
    return EXPIRED if record.expires_at is not None and record.expires_at <= now else USABLE


async def add(visit: Visit, id_token: str = "") -> bool:
    """Let somebody add a tag; whether they did."""
    t = visit.t
    with entering(visit, t("New tag"), t("Add")) as entry:
        form = TagForm(visit, None, id_token)

    async def save() -> bool:
        row = form.row()
        await visit.central.commit(lambda unit: token_files.add(unit, row))
        return True

    return await entry.until(
        lambda: visit.act(
            "add tag",
            save,
            least="admin",
            whole=True,
            about={"tag": form.id_token},
            said=t("Saved."),
        )
    )


class _Tags:
    """One open list of tags."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        if visit.may("admin"):
            self._buttons()
        self.listing: Listing[TokenRecord] = Listing(
            visit,
            "tags",
            self._columns(),
            self._read,
            key=lambda each: each.key,
            filters=(
                Filter("state", mark("State"), STATES),
                Filter("group", mark("Group"), kind="text"),
            ),
            is_selectable=visit.may("admin"),
            sort="key",
        )

    def _columns(self) -> list[Column[TokenRecord]]:
        t = self._visit.t
        return [
            Column(
                name="key",
                title=mark("Tag"),
                show=lambda each: each.id_token,
                link=lambda each: path_of(each.key),
                sortable=True,
            ),
            Column(
                name="name", title=mark("Name"), show=lambda each: each.name or "", sortable=True
            ),
            Column(
                name="group_key",
                title=mark("Group"),
                show=lambda each: each.group_id or "",
                sortable=True,
            ),
            Column(
                name="state",
                title=mark("State"),
                show=lambda each: t(self._standing(each)),
                color=lambda each: COLORS[self._standing(each)],
            ),
            Column(
                name="expires_at",
                title=mark("Valid until"),
                show=lambda each: t.moment(each.expires_at),
                export=lambda each: each.expires_at,
                sortable=True,
            ),
            Column(name="comment", title=mark("Comment"), show=lambda each: each.comment or ""),
        ]

    def _standing(self, record: TokenRecord) -> str:
        return standing(record, self._visit.central.now())

    def _read(self, connection: Connection, asked: Asked) -> Found[TokenRecord]:
        state, group = asked.filters.get("state"), asked.filters.get("group")
        what = TokenFilter(
            search=asked.search or None,
            group_key=group.lower() if group else None,
            blocked=True if state == "blocked" else None,
            expired_at=self._visit.central.now() if state == "expired" else None,
        )
        return Found.of(stored.part(connection, what, asked.sorting, asked.window))

    def _buttons(self) -> None:
        t = self._visit.t
        with ui.row().classes("w-full items-center gap-2 mb-2"):
            ui.button(t("New tag"), icon="add", on_click=self._add).props("no-caps")
            for title, icon, work in (
                (t("Read a file"), "upload_file", self._import),
                (t("Write a file"), "save_alt", self._export),
                (t("Unknown tags"), "help", lambda: ui.navigate.to("/unknown-tags")),
            ):
                ui.button(title, icon=icon, on_click=work).props("flat no-caps")
        with ui.row().classes("w-full items-center gap-2 mb-2"):
            ui.label(t("Chosen tags:")).classes("quiet")
            for title, icon, work in (
                (t("Block"), "block", lambda: self._set_blocked(blocked=True)),
                (t("Unblock"), "check_circle", lambda: self._set_blocked(blocked=False)),
                (t("Group"), "group_work", self._group),
                (t("Delete"), "delete", self._delete),
            ):
                ui.button(title, icon=icon, on_click=work).props("flat dense no-caps")

    async def _add(self) -> None:
        if await add(self._visit):
            await self.listing.refresh()

    async def _set_blocked(self, *, blocked: bool) -> None:
        keys, visit = self._chosen(), self._visit

        async def work() -> None:
            await visit.central.commit(lambda unit: tokens.set_blocked(unit, keys, blocked=blocked))

        if keys:
            name = "block tags" if blocked else "unblock tags"
            await visit.act(
                name,
                work,
                least="admin",
                whole=True,
                about={"tags": keys},
                said=visit.t("Saved."),
            )
            await self.listing.refresh()

    async def _group(self) -> None:
        keys, visit, t = self._chosen(), self._visit, self._visit.t
        if not keys:
            return
        with entering(visit, t("Group of {count} tags", count=len(keys)), t("Save")) as entry:
            group = text_field(t("Group"), hint=t("Empty: none"))

        async def save() -> bool:
            name = entered(group)
            await visit.central.commit(lambda unit: tokens.set_group(unit, keys, name))
            return True

        if await entry.until(
            lambda: visit.act(
                "group tags",
                save,
                least="admin",
                whole=True,
                about={"tags": keys, "group": entered(group)},
                said=t("Saved."),
            )
        ):
            await self.listing.refresh()

    async def _delete(self) -> None:
        keys, visit, t = self._chosen(), self._visit, self._visit.t
        question = t("Delete {count} tags? Their charges stay.", count=len(keys))
        if not keys or not await confirmed(visit, question, t("Delete")):
            return

        async def work() -> None:
            await visit.central.commit(lambda unit: tokens.remove(unit, keys))

        await visit.act(
            "delete tags",
            work,
            least="admin",
            whole=True,
            about={"tags": keys},
            said=t("Deleted."),
        )
        await self.listing.refresh()

    def _chosen(self) -> list[str]:
        keys = self.listing.selected
        if not keys:
            ui.notify(self._visit.t("Choose tags in the list first."), type="info")
        return keys

    async def _import(self) -> None:
        visit, t, found = self._visit, self._visit.t, list[bytes]()

        async def take(event: events.UploadEventArguments) -> None:
            found[:] = [await event.file.read()]

        with entering(visit, t("Read a file of tags"), t("Read")) as entry:
            ui.label(
                t("CSV whose first line names the columns; id_token is needed, others may be:")
            )
            ui.label(", ".join(token_files.COLUMNS[1:])).classes("quiet text-sm")
            upload = ui.upload(
                label=t("File"),
                auto_upload=True,
                max_files=1,
                max_file_size=LARGEST,
                on_upload=take,
            )
            upload.props("accept=.csv,text/csv flat bordered").classes("w-full")

        async def save() -> int:
            if not found:
                raise ValueError(t("Choose a file first."))
            rows = token_files.read(found[0])
            return await visit.central.commit(lambda unit: token_files.save(unit, rows))

        if await entry.until(
            lambda: visit.act("read tags", save, least="admin", whole=True, said=t("Saved."))
        ):
            await self.listing.refresh()

    async def _export(self) -> None:
        records = [
            each async for each in every(self._visit.central.database, stored.page, TokenFilter())
        ]
        ui.download(token_files.write(records), "tags.csv", "text/csv")
