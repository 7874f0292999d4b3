"""One tag: what is known of it, and its charges."""

from __future__ import annotations

from nicegui import ui

from chargeplane.csms import token_files, tokens
from chargeplane.storage.records import TokenRecord
from chargeplane.storage.repositories import tokens as stored
from chargeplane.storage.repositories.transactions import TransactionFilter
from chargeplane.web.csms import tags, transactions
from chargeplane.web.csms.dialogs import confirmed
from chargeplane.web.csms.tag_form import TagForm
from chargeplane.web.csms.visit import Visit


async def build(visit: Visit) -> None:
    """The form of the tag, and the list of its charges."""
    key = visit.path["key"].lower()
    record = await visit.read(stored.get, key)
    if record is None:
        ui.label(visit.t("This tag is not known.")).props("role=alert")
    else:
        _Tag(visit, record)
    ui.label(visit.t("Transactions")).classes("text-lg font-medium mt-4")
    await transactions.show(visit, TransactionFilter(token_key=key, among=visit.among))


class _Tag:
    """The form of one open tag."""

    def __init__(self, visit: Visit, record: TokenRecord) -> None:
        self._visit, self._key, t = visit, record.key, visit.t
        word = tags.standing(record, visit.central.now())
        ui.badge(t(word), color=tags.COLORS[word]).classes("mb-2")
        with ui.card().classes("w-full max-w-3xl gap-3"):
            self._form = TagForm(visit, record)
            if visit.may("admin"):
                with ui.row().classes("w-full justify-end gap-2"):
                    delete = ui.button(t("Delete"), icon="delete", on_click=self._delete)
                    delete.props("flat no-caps color=negative")
                    ui.button(t("Save"), icon="save", on_click=self._save).props("no-caps")

    async def _save(self) -> None:
        async def work() -> None:
            row = self._form.row()
            await self._visit.central.commit(lambda unit: token_files.save(unit, [row]))

        said = self._visit.t("Saved.")
        about = {"tag": self._key}
        await self._visit.act("change tag", work, least="admin", whole=True, about=about, said=said)

    async def _delete(self) -> None:
        visit, t = self._visit, self._visit.t
        if not await confirmed(visit, t("Delete this tag? Its charges stay."), t("Delete")):
            return

        async def work() -> bool:
            await visit.central.commit(lambda unit: tokens.remove(unit, [self._key]))
            return True

        about = {"tag": self._key}
        if await visit.act("delete tag", work, least="admin", whole=True, about=about):
            ui.navigate.to("/tags")
