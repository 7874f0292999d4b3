"""The stations: found, registered, chosen and asked together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Any, Final, get_args

from msgspec.structs import replace
from nicegui import background_tasks, ui
from sqlalchemy import Connection

from chargeplane.csms import stations as operators
from chargeplane.csms.commands import send_many
from chargeplane.csms.operations import OPERATIONS
from chargeplane.domain.events import Event
from chargeplane.domain.station import ChangeAvailability, Reset
from chargeplane.storage.paging import Window
from chargeplane.storage.records import StationRecord
from chargeplane.storage.repositories import station_lines
from chargeplane.storage.repositories.overview import State
from chargeplane.storage.repositories.station_lines import StationLine
from chargeplane.storage.repositories.stations import StationFilter, StationSettings
from chargeplane.web.csms import states, station_form
from chargeplane.web.csms.asking import open_dialog
from chargeplane.web.csms.dialogs import GOOD, confirmed
from chargeplane.web.csms.live import Change
from chargeplane.web.csms.paths import station_path
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import Texts, mark

SORTS: Final = {"id", "name", "model", "last_seen"}
PRESENCES: Final = {
    "online": mark("Online"),
    "offline": mark("Offline"),
    "pending": mark("Pending"),
    "rejected": mark("Rejected"),
    "disabled": mark("Disabled"),
}
PRESENCE_FILTERS: Final[dict[str, dict[str, Any]]] = {
    "online": {"online": True},
    "offline": {"online": False},
    "pending": {"registration": "Pending"},
    "rejected": {"registration": "Rejected"},
    "disabled": {"enabled": False},
}
PRESENCE_COLORS: Final = {
    "online": "positive",
    "offline": "grey-9",
    "pending": "orange-10",
    "rejected": "negative",
    "disabled": "grey-8",
}
FILTERS: Final = (
    Filter("presence", mark("Connection"), PRESENCES),
    Filter("state", mark("Connectors"), {name: states.TITLES[name] for name in get_args(State)}),
)
MEMBERSHIP: Final = frozenset({"station.registered", "station.removed"})
CHANGED: Final = frozenset({"station.changed", "station.booted"})
BATCH: Final = {
    "reset": ("reset", Reset(type="OnIdle")),
    "in": ("change_availability", ChangeAvailability(operational_status="Operative")),
    "out": ("change_availability", ChangeAvailability(operational_status="Inoperative")),
}


async def build(visit: Visit) -> None:
    """Put the list on the page and keep it up to date."""
    page = _Page(visit)
    await page.listing.refresh()
    stop = visit.site.live.watch(page.on_change, page.shown)
    ui.context.client.on_delete(stop)


def presence(station: StationRecord) -> str:
    """How a station is connected, by a name of `PRESENCES`."""
    if not station.enabled:
        return "disabled"
    if station.registration != "Accepted":
        return station.registration.lower()
    return "online" if station.online else "offline"


class _Page:
    """One open list."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._client = ui.context.client
        with ui.row().classes("w-full items-center gap-2 mb-2"):
            self._make_head()
        self.listing = Listing(
            visit,
            "stations",
            _columns(visit.t),
            partial(_read, visit.among),
            key=lambda line: line.station.id,
            filters=FILTERS,
            is_selectable=visit.may("operator"),
            sort="id",
        )

    def _make_head(self) -> None:
        t = self._visit.t
        if self._visit.may("admin"):
            ui.button(t("Register a station"), icon="add", on_click=self._register).props("no-caps")
        if self._visit.may("operator"):
            with (
                ui.button(t("With the selected"), icon="checklist").props("outline no-caps"),
                ui.menu(),
            ):
                self._make_menu()
        ui.button(
            t("Refused stations"), icon="block", on_click=lambda: ui.navigate.to("/refused")
        ).props("flat no-caps")

    def _make_menu(self) -> None:
        t = self._visit.t
        self._item(t("Restart when idle"), partial(self._ask, "reset", t("Restart when idle")))
        self._item(t("Put in service"), partial(self._ask, "in", t("Put in service")))
        self._item(t("Put out of service"), partial(self._ask, "out", t("Put out of service")))
        self._item(t("Any command"), self._command)
        if self._visit.may("admin"):
            ui.separator()
            self._item(t("Enable"), partial(self._enable, is_on=True))
            self._item(t("Disable"), partial(self._enable, is_on=False))
            self._item(t("Delete"), self._delete)

    def _item(self, title: str, run: Callable[[], Awaitable[None]]) -> None:
        ui.menu_item(title, run)

    async def _register(self) -> None:
        station_id = await station_form.register(self._visit)
        if station_id is not None:
            ui.navigate.to(station_path(station_id))

    def _chosen(self) -> list[str]:
        chosen = self.listing.selected
        if not chosen:
            ui.notify(self._visit.t("Select stations first."), type="info")
        return chosen

    async def _command(self) -> None:
        chosen = self._chosen()
        if chosen:
            await open_dialog(self._visit, chosen)

    async def _ask(self, name: str, title: str) -> None:
        visit, chosen = self._visit, self._chosen()
        question = visit.t("{action}: {count} stations?", action=title, count=len(chosen))
        if not chosen or not await confirmed(visit, question, title):
            return
        operation, request = BATCH[name]
        run = OPERATIONS[operation].run
        task = await visit.act(
            f"command.{operation}",
            lambda: send_many(visit.central, chosen, request, visit.asked(), operation=run),
            station=chosen,
        )
        if task is not None:
            good = sum(_is_good(each) for each in task.outcomes.values())
            text = visit.t("{good} of {count} accepted.", good=good, count=len(chosen))
            ui.notify(text, type="positive" if good == len(chosen) else "info")

    async def _enable(self, *, is_on: bool) -> None:
        settings = StationSettings(enabled=is_on)
        await self._each(
            "change station", lambda name: operators.change(self._visit.central, name, settings)
        )

    async def _delete(self) -> None:
        t, chosen = self._visit.t, self._chosen()
        question = t("Delete {count} stations? What happened there is kept.", count=len(chosen))
        if chosen and await confirmed(self._visit, question, t("Delete")):
            await self._each(
                "remove station", lambda name: operators.remove(self._visit.central, name)
            )

    async def _each(self, action: str, work: Callable[[str], Awaitable[None]]) -> None:
        for name in self._chosen():
            await self._visit.act(action, partial(work, name), station=name, least="admin")
        await self.listing.refresh()

    def shown(self) -> Collection[str]:
        """The stations that are shown."""
        return self.listing.items.keys()

    def on_change(self, change: Change) -> None:
        """Show what changed of the stations that are shown; nothing is read for it."""
        if any(self._is_news(each) for each in change.events):
            background_tasks.create(self._refresh())
            return
        online = {
            each.station_id: each.kind == "station.online"
            for each in change.events
            if each.kind in {"station.online", "station.offline"}
        }
        with self._client:
            self.listing.replace(
                {
                    name: StationLine(
                        replace(line.station, online=online.get(name, line.station.online)),
                        change.tiles.get(name, line.tiles),
                    )
                    for name, line in self.listing.items.items()
                    if name in change.stations
                }
            )

    def _is_news(self, event: Event) -> bool:
        """Whether an event changes what only the database has."""
        is_shown = event.station_id in self.listing.items
        return event.kind in MEMBERSHIP or (is_shown and event.kind in CHANGED)

    async def _refresh(self) -> None:
        with self._client:
            await self.listing.refresh()


def _is_good(outcome: Any) -> bool:
    return getattr(outcome, "status", None) in GOOD


def _read(
    among: tuple[str, ...] | None, connection: Connection, asked: Asked
) -> Found[StationLine]:
    what = StationFilter(
        search=asked.search or None,
        state=asked.filters.get("state") or None,  # type: ignore[arg-type]
        sort=asked.sort if asked.sort in SORTS else "id",  # type: ignore[arg-type]
        descending=asked.descending,
        among=among,
        **PRESENCE_FILTERS.get(asked.filters.get("presence", ""), {}),
    )
    return Found(*station_lines.page(connection, what, Window(asked.limit, offset=asked.offset)))


def _columns(t: Texts) -> list[Column[StationLine]]:
    return [
        Column(
            name="id",
            title=mark("Id"),
            show=lambda line: line.station.id,
            link=lambda line: station_path(line.station.id),
            sortable=True,
        ),
        Column(
            name="name",
            title=mark("Name"),
            show=lambda line: line.station.name or "",
            sortable=True,
        ),
        Column(
            name="presence",
            title=mark("Connection"),
            show=lambda line: t(PRESENCES[presence(line.station)]),
            color=lambda line: PRESENCE_COLORS[presence(line.station)],
        ),
        Column(name="state", title=mark("Connectors"), show=partial(_states, t)),
        Column(
            name="power",
            title=mark("Power"),
            show=lambda line: t.power(_power(line)),
            export=_power,
            is_number=True,
        ),
        Column(
            name="model",
            title=mark("Model"),
            show=lambda line: " ".join(filter(None, (line.station.vendor, line.station.model))),
            sortable=True,
        ),
        Column(
            name="firmware",
            title=mark("Firmware"),
            show=lambda line: line.station.firmware_version or "",
        ),
        Column(
            name="protocol",
            title=mark("Protocol"),
            show=lambda line: line.station.subprotocol or "",
        ),
        Column(
            name="last_seen",
            title=mark("Last seen"),
            show=lambda line: t.moment(line.station.last_seen_at),
            export=lambda line: line.station.last_seen_at,
            sortable=True,
        ),
    ]


def _states(t: Texts, line: StationLine) -> str:
    counted = Counter(each.state for each in line.tiles)
    shown = (name for name in states.TITLES if counted[name])
    return ", ".join(f"{counted[name]} {t(states.TITLES[name])}" for name in shown)


def _power(line: StationLine) -> float | None:
    known = [
        each.power_w for each in line.tiles if each.transaction_id and each.power_w is not None
    ]
    return sum(known) if known else None
