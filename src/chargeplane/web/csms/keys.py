"""Keys that programs show to use the HTTP faces."""

from __future__ import annotations

from typing import Final

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.access import keys
from chargeplane.errors import Exists, NotFound
from chargeplane.storage.records import ApiKeyRecord, Scope
from chargeplane.storage.repositories import api_keys
from chargeplane.web.csms.dialogs import confirmed
from chargeplane.web.csms.entering import entered, entering, tell_once, text_field
from chargeplane.web.csms.tables import Asked, Column, Found, Listing, RowAction
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

SCOPES: Final[dict[Scope, str]] = {
    "read": mark("Looks"),
    "operate": mark("Looks and asks stations"),
    "admin": mark("Changes everything"),
}


async def build(visit: Visit) -> None:
    """The list of keys, never the keys themselves."""
    page = _Keys(visit)
    await page.listing.refresh()


class _Keys:
    """One open list of keys."""

    def __init__(self, visit: Visit) -> None:
        self._visit, t = visit, visit.t
        ui.button(t("New key"), icon="add", on_click=self._add).props("no-caps").classes("mb-2")
        self.listing: Listing[ApiKeyRecord] = Listing(
            visit,
            "keys",
            [
                Column(name="name", title=mark("Name"), show=lambda each: each.name),
                Column(name="scope", title=mark("Scope"), show=lambda e: t(SCOPES[e.scope])),
                Column(
                    name="stations",
                    title=mark("Stations"),
                    show=lambda e: t("all") if e.stations is None else " ".join(e.stations),
                ),
                Column(
                    name="created",
                    title=mark("Made"),
                    show=lambda each: t.moment(each.created_at),
                    export=lambda each: each.created_at,
                ),
                Column(
                    name="state",
                    title=mark("State"),
                    show=lambda each: t("Revoked") if each.revoked_at else t("In force"),
                    color=lambda each: "grey-8" if each.revoked_at else "positive",
                ),
            ],
            _read,
            key=lambda each: each.name,
            actions=(
                RowAction(
                    mark("Revoke"), "block", self._revoke, lambda each: each.revoked_at is None
                ),
            ),
        )

    async def _add(self) -> None:
        visit, t, made = self._visit, self._visit.t, list[str]()
        with entering(visit, t("New key"), t("Make")) as entry:
            name = text_field(t("Name"))
            scopes = {each: t(title) for each, title in SCOPES.items()}
            scope = ui.select(scopes, label=t("Scope"), value="read")
            scope.props("outlined dense").classes("w-full")
            stations = text_field(t("Stations"))
            stations.props["hint"] = t("Those that it may see, parted by spaces; empty: all")

        async def work() -> bool:
            wanted = entered(name)
            if wanted is None:
                raise ValueError(t("A name is needed."))
            seen = tuple((entered(stations) or "").split()) or None
            found = await visit.central.commit(
                lambda unit: keys.create(unit.connection, wanted, scope.value, seen, unit.now)
            )
            if found is None:
                raise Exists(t("A key was named {name} before.", name=wanted))
            made.append(found[1])
            return True

        if await entry.until(
            lambda: visit.act(
                "make key", work, least="admin", whole=True, about={"key": entered(name)}
            )
        ):
            tell_once(visit, t("The key {name}", name=entered(name)), made[-1])
        await self.listing.refresh()

    async def _revoke(self, key: ApiKeyRecord) -> None:
        visit, t = self._visit, self._visit.t
        question = t("Revoke {name} for good? Programs that show it are refused.", name=key.name)
        if not await confirmed(visit, question, t("Revoke")):
            return

        async def work() -> None:
            if not await visit.central.commit(
                lambda unit: api_keys.revoke(unit.connection, key.name, unit.now)
            ):
                raise NotFound(t("{name} is not in force.", name=key.name))

        await visit.act(
            "revoke key",
            work,
            least="admin",
            whole=True,
            about={"key": key.name},
            said=t("Revoked."),
        )
        await self.listing.refresh()


def _read(connection: Connection, asked: Asked) -> Found[ApiKeyRecord]:
    text = asked.search.lower()
    found = [each for each in api_keys.all_keys(connection) if text in each.name.lower()]
    return Found(found[asked.offset : asked.offset + asked.limit], len(found))
