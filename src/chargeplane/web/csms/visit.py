"""One browser that looks at a page: who it is, what it may do, and what it did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final, TypeVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from fastapi import Request
from nicegui import ui

from chargeplane.access import audit
from chargeplane.access.users import User
from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked
from chargeplane.domain.messages import Json
from chargeplane.errors import ChargeplaneError
from chargeplane.storage.access_records import Role
from chargeplane.web import texts
from chargeplane.web.csms.site import Site
from chargeplane.web.texts import Texts

T = TypeVar("T")

SESSION: Final = "chargeplane_session"
LANGUAGE: Final = "chargeplane_language"
ZONE: Final = "chargeplane_zone"  # told by the browser
THEME: Final = "chargeplane_theme"
DONE, REFUSED = "done", "refused"

logger = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Visit:
    """A page that is open."""

    site: Site
    user: User
    token: str
    t: Texts
    address: str
    theme: str
    path: Mapping[str, str]
    query: Mapping[str, str]

    @property
    def central(self) -> Central:
        """The central system."""
        return self.site.central

    @property
    def among(self) -> tuple[str, ...] | None:
        """The stations that are seen, as lists are asked for them; None: all."""
        return self.user.stations

    @property
    def sees_all(self) -> bool:
        """Whether no station is hidden from the user."""
        return self.user.stations is None

    def may(self, role: Role) -> bool:
        """Whether buttons of this role are shown; `act` checks it again."""
        return self.user.may(role)

    async def read(self, query: Callable[..., T], *arguments: Any) -> T:
        """Read from the database."""
        return await self.central.database.read(query, *arguments)

    def asked(self) -> Asked:
        """What a station is asked is asked in the user's name."""
        return Asked(by=self.user.name)

    async def act(  # noqa: PLR0913 they have names
        self,
        action: str,
        work: Callable[[], Awaitable[T]],
        *,
        station: str | Sequence[str] | None = None,
        least: Role = "operator",
        whole: bool = False,
        about: Json | None = None,
        said: str | None = None,
    ) -> T | None:
        """Do something in the user's name and write it down, or tell why not.

        `station` is what it concerns, one or many; `whole`: it concerns all, and is only for those
        who see all; `about` is written down too. `said` is told once it is done. None, and
        something is told, if it could not be done.
        """
        stations = (station,) if isinstance(station, str) else tuple(station or ())
        user = await self.site.sessions.find(self.token)
        if user is None:
            ui.navigate.to("/sign-in")
            return None
        is_seen = all(user.sees(each) for each in stations) and not (
            whole and user.stations is not None
        )
        if not user.may(least) or not is_seen:
            await self._note(action, stations, REFUSED, about)
            ui.notify(self.t("You are not allowed to do this."), type="negative")
            return None
        try:
            result = await work()
        except (ChargeplaneError, ValueError) as error:
            logger.info("page action failed", action=action, station=station, error=str(error))
            await self._note(action, stations, str(error), about)
            close = {"icon": "close", "color": "white", "aria-label": self.t("Close")}
            ui.notify(str(error), type="negative", actions=[close])
            return None
        await self._note(action, stations, DONE, about)
        if said is not None:
            ui.notify(said, type="positive")
        return result

    async def _note(
        self, action: str, stations: Sequence[str], outcome: str, about: Json | None
    ) -> None:
        entry = audit.Entry(
            at=self.central.now(),
            actor=self.user.name,
            action=action,
            station_id=stations[0] if len(stations) == 1 else None,
            address=self.address,
            outcome=outcome,
            details=about if len(stations) <= 1 else {"stations": list(stations)} | (about or {}),
        )
        await audit.note(self.central.database, entry)


async def begin(site: Site, request: Request) -> Visit | None:
    """The visit of whoever is signed in; None if nobody is."""
    token = request.cookies.get(SESSION, "")
    user = await site.sessions.find(token) if token else None
    if user is None:
        return None
    return Visit(
        site=site,
        user=user,
        token=token,
        t=reader(request),
        address=address(request),
        theme=request.cookies.get(THEME, "auto"),
        path=dict(request.path_params),
        query=dict(request.query_params),
    )


def reader(request: Request) -> Texts:
    """The language and the zone of a browser."""
    cookie, accepted = request.cookies.get(LANGUAGE), request.headers.get("accept-language", "")
    return Texts(texts.chosen(cookie, accepted), _zone(request.cookies.get(ZONE, "")))


def _zone(cookie: str) -> tzinfo:
    try:
        return ZoneInfo(unquote(cookie))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return ZoneInfo("UTC")


def address(request: Request) -> str:
    """Where a browser is."""
    return request.client.host if request.client else ""
