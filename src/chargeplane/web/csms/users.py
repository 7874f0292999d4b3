"""Who may sign in to these pages, with which role."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.access.users import User, user_of
from chargeplane.storage.access_records import Role
from chargeplane.storage.repositories import users as stored
from chargeplane.web.csms.dialogs import confirmed
from chargeplane.web.csms.entering import entered, entering, tell_once, text_field
from chargeplane.web.csms.tables import Asked, Column, Found, Listing, RowAction
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

ROLES: Final[dict[Role, str]] = {
    "viewer": mark("Viewer: looks"),
    "operator": mark("Operator: looks and asks stations"),
    "admin": mark("Administrator: changes everything"),
}


async def build(visit: Visit) -> None:
    """The list of users, and what can be done with them."""
    page = _Users(visit)
    await page.listing.refresh()


class _Fields:
    """What a user may do and see."""

    def __init__(self, visit: Visit, user: User | None) -> None:
        t = visit.t
        roles = {role: t(title) for role, title in ROLES.items()}
        self._role = ui.select(roles, label=t("Role"), value=user.role if user else "viewer")
        self._role.props("outlined dense").classes("w-full")
        self._stations = text_field(t("Stations"), " ".join((user and user.stations) or ()))
        self._stations.props["hint"] = t(
            "Those that are seen, parted by spaces, such as north-*; empty: all"
        )

    @property
    def role(self) -> Any:
        """The role that was chosen."""
        return self._role.value

    @property
    def stations(self) -> tuple[str, ...] | None:
        """The stations that were entered."""
        return tuple((entered(self._stations) or "").split()) or None


class _Users:
    """One open list of users."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._users, t = visit, visit.site.users, visit.t
        ui.button(t("New user"), icon="person_add", on_click=self._add).props("no-caps").classes(
            "mb-2"
        )
        self.listing: Listing[User] = Listing(
            visit,
            "users",
            self._columns(),
            self._read,
            key=lambda each: each.name,
            actions=(
                RowAction(mark("Change"), "edit", self._change),
                RowAction(mark("New password"), "key", self._reset),
                RowAction(mark("Disable"), "block", self._disable, lambda each: each.enabled),
                RowAction(
                    mark("Enable"), "check_circle", self._enable, lambda each: not each.enabled
                ),
                RowAction(mark("Remove"), "delete", self._remove),
            ),
        )

    def _columns(self) -> list[Column[User]]:
        t = self._visit.t
        return [
            Column(name="name", title=mark("Name"), show=lambda each: each.name),
            Column(name="role", title=mark("Role"), show=lambda each: t(ROLES[each.role])),
            Column(
                name="stations",
                title=mark("Stations"),
                show=lambda each: t("all") if each.stations is None else " ".join(each.stations),
            ),
            Column(
                name="state",
                title=mark("State"),
                show=self._state,
                color=lambda each: "positive" if each.enabled else "negative",
            ),
        ]

    def _state(self, user: User) -> str:
        t = self._visit.t
        if not user.enabled:
            return t("Disabled")
        return t("Has a one-time password") if user.must_change_password else t("Enabled")

    def _read(self, connection: Connection, asked: Asked) -> Found[User]:
        text = asked.search.lower()
        found = [user_of(each) for each in stored.all_users(connection)]
        found = [each for each in found if text in f"{each.name} {each.role}".lower()]
        return Found(found[asked.offset : asked.offset + asked.limit], len(found))

    async def _act(
        self, action: str, name: str, work: Callable[[], Awaitable[Any]], said: str | None = None
    ) -> Any:
        """Do something with a user; what it answers, True if that is nothing, None if it failed."""

        async def done() -> Any:
            found = await work()
            return True if found is None else found

        return await self._visit.act(
            action, done, least="admin", whole=True, about={"user": name}, said=said
        )

    async def _add(self) -> None:
        visit, t, made = self._visit, self._visit.t, list[str]()
        with entering(visit, t("New user"), t("Add")) as entry:
            field = text_field(t("Name"))
            fields = _Fields(visit, None)

        async def work() -> None:
            name = entered(field) or ""
            made.append(await self._users.add(name, fields.role, fields.stations))

        if await entry.until(lambda: self._act("add user", entered(field) or "", work)):
            tell_once(visit, t("The one-time password of {name}", name=entered(field)), made[-1])
        await self.listing.refresh()

    async def _change(self, user: User) -> None:
        visit, t = self._visit, self._visit.t
        with entering(visit, t("Change {name}", name=user.name), t("Save")) as entry:
            fields = _Fields(visit, user)

        async def work() -> None:
            await self._users.set_role(user.name, fields.role, fields.stations)

        await entry.until(lambda: self._act("change user", user.name, work, t("Saved.")))
        await self.listing.refresh()

    async def _reset(self, user: User) -> None:
        visit, t = self._visit, self._visit.t
        question = t("Give {name} a one-time password? The present one ends.", name=user.name)
        if not await confirmed(visit, question, t("New password")):
            return
        password = await self._act(
            "reset password", user.name, lambda: self._users.reset_password(user.name)
        )
        if password is not None:
            tell_once(visit, t("The one-time password of {name}", name=user.name), password)
        await self.listing.refresh()

    async def _disable(self, user: User) -> None:
        await self._set_enabled(user, enabled=False)

    async def _enable(self, user: User) -> None:
        await self._set_enabled(user, enabled=True)

    async def _set_enabled(self, user: User, *, enabled: bool) -> None:
        action = "enable user" if enabled else "disable user"
        said = self._visit.t("Saved.")
        await self._act(
            action, user.name, lambda: self._users.set_enabled(user.name, enabled), said
        )
        await self.listing.refresh()

    async def _remove(self, user: User) -> None:
        t = self._visit.t
        if await confirmed(self._visit, t("Remove {name}?", name=user.name), t("Remove")):
            await self._act(
                "remove user", user.name, lambda: self._users.remove(user.name), t("Removed.")
            )
            await self.listing.refresh()
