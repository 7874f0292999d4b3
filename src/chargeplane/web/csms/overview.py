"""The first page: what needs attention, how every connector is, power and energy of today."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

from nicegui import background_tasks, ui

from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import events, overview
from chargeplane.storage.repositories.events import EventFilter
from chargeplane.storage.repositories.overview import Alarm, Summary, Tile, TileFilter
from chargeplane.web import host
from chargeplane.web.csms import charts, happenings, states
from chargeplane.web.csms.charts import Bars, Points, Series
from chargeplane.web.csms.happenings import NOISE
from chargeplane.web.csms.live import Change
from chargeplane.web.csms.paths import station_path
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import MWH_PER_KWH, W_PER_KW, mark

TILES: Final = 60
NEWS: Final = 8
EVERY_S: Final = 60.0  # that charts are drawn anew
ALARM_KINDS: Final = frozenset(
    {"connector.status", "station.online", "station.offline", "station.refused", "station.pending"}
)
ALARM_TITLES: Final = {
    "offline": mark("Offline while charging"),
    "faulted": mark("Faulted"),
    "pending": mark("Waits to be adopted"),
    "refused": mark("Was refused"),
}
ALARM_ICONS: Final = {
    "offline": "cloud_off",
    "faulted": "error",
    "pending": "hourglass_top",
    "refused": "block",
}
STYLE: Final = """
.tiles { display: grid; gap: 8px; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); }
.tile { color: #fff !important; border-radius: 8px; padding: 8px 10px; text-decoration: none;
  display: flex; flex-direction: column; min-height: 84px; overflow: hidden; }
.tile b { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.tile .state { margin-top: auto; font-weight: 500; }
.tile .figures { white-space: nowrap; min-height: 1.4em; }
"""


async def build(visit: Visit) -> None:
    """Put everything on the page and keep it up to date."""
    ui.add_css(STYLE)
    parts = _Parts(visit)
    await parts.read_all()
    stop = visit.site.live.watch(parts.on_change, lambda: parts.shown)
    ui.context.client.on_delete(stop)
    ui.timer(EVERY_S, parts.draw)


class _Parts:
    """The parts of one open overview."""

    def __init__(self, visit: Visit) -> None:
        self._visit, t = visit, visit.t
        self._client = ui.context.client
        self._tiles: list[Tile] = []
        self._drawn_figures: Summary | None = None
        self._drawn_alarms: tuple[Alarm, ...] = ()
        self._what, self._offset, self._total = TileFilter(among=visit.among), 0, 0
        self._news: deque[str] = deque(maxlen=NEWS)
        self.shown: frozenset[str] = frozenset()
        self._alarms = ui.column().classes("w-full gap-1 mb-3")
        self._counts = ui.row().classes("w-full gap-2 mb-3")
        self._choices()
        self._grid = ui.html("", sanitize=False).classes("w-full").props("role=list")
        with ui.row().classes("w-full items-center justify-center gap-2"):
            self._pages = ui.pagination(1, 1, direction_links=True)
            self._pages.on_value_change(lambda event: self._turn(event.value))
        with ui.element("div").classes("w-full grid grid-cols-1 lg:grid-cols-2 gap-3 mt-3"):
            self._power, self._energy_title, self._energy = self._charts()
        with ui.card().classes("w-full mt-3"):
            ui.label(t("Latest events")).classes("font-medium")
            self._feed = ui.html("", sanitize=False).classes("w-full").props("aria-live=polite")

    def _choices(self) -> None:
        """What tiles are searched and filtered by."""
        t = self._visit.t
        names = {"": t("All"), **{str(name): t(each) for name, each in states.TITLES.items()}}
        with ui.row().classes("w-full items-center gap-2 mb-2"):
            search = ui.input(t("Search")).props(
                "dense outlined clearable debounce=300 type=search"
            )
            search.on_value_change(lambda event: self._choose(search=event.value or None))
            state = ui.select(names, label=t("State"), value="").props("dense outlined")
            state.classes("min-w-32")
            state.on_value_change(lambda event: self._choose(state=event.value or None))

    def _charts(
        self,
    ) -> tuple[Callable[[Sequence[Points]], None], ui.label, Callable[[Bars], None]]:
        """The power of the last day, the title of today's energy, and its bars."""
        t = self._visit.t
        with ui.card().classes("w-full") as card:
            ui.label(t("Power of the last 24 hours")).classes("font-medium")
            series = [Series(t("Power"), "kW", is_filled=True)]
            power = charts.lines(self._visit, t("Power of all charges"), series, "h-48")
        card.set_visibility(self._visit.sees_all)
        with ui.card().classes("w-full"):
            title = ui.label().classes("font-medium")
            about = t("Energy of today's charges by the hour of their start")
            energy = charts.bars(self._visit, about, "kWh", "h-48")
        return power, title, energy

    async def read_all(self) -> None:
        """Read everything that is shown."""
        await self._read_tiles()
        await self._read_figures()
        await self._read_alarms()
        await self._read_news()
        await self.draw()

    def on_change(self, change: Change) -> None:
        """Show what changed."""
        for event in change.events:
            if event.kind not in NOISE and self._visit.user.sees(event.station_id or ""):
                self._news.appendleft(happenings.line(self._visit.t, event))
        tiles = [new for each in self._tiles for new in _renewed(each, change)]
        with self._client:
            self._feed.set_content("".join(self._news))
            if tiles != self._tiles:
                self._tiles = tiles
                self._show_tiles()
        background_tasks.create(self._follow(change))

    async def _follow(self, change: Change) -> None:
        await self._read_figures()
        if any(event.kind in ALARM_KINDS or "station" in event.kind for event in change.events):
            await self._read_alarms()

    async def draw(self) -> None:
        """Draw the charts."""
        t = self._visit.t
        live, now = self._visit.site.live, self._visit.central.now().astimezone(t.zone)
        if self._visit.among is None:
            powers = [*live.powers, (now, (await live.summary()).power_w)]
            self._power([[(at, watts / W_PER_KW) for at, watts in powers]])
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        found = await self._visit.read(overview.delivered, midnight, self._visit.among)
        hours = [0.0] * 24
        for at, energy in found:
            hours[at.astimezone(t.zone).hour] += energy / MWH_PER_KWH
        self._energy([(f"{hour}", value) for hour, value in enumerate(hours)])
        total = sum(energy for _, energy in found)
        self._energy_title.set_text(t("Energy today: {energy}", energy=t.energy(total)))

    async def _read_news(self) -> None:
        kinds = tuple(kind for kind in happenings.TITLES if kind not in NOISE)
        what = EventFilter(kinds=kinds, among=self._visit.among)
        found = await self._visit.read(events.page, what, Window(NEWS))
        self._news.extend(happenings.line(self._visit.t, each) for each in found.items)
        self._feed.set_content("".join(self._news))

    async def _choose(self, **changes: str | None) -> None:
        now = {"search": self._what.search, "state": self._what.state, **changes}
        self._what = TileFilter(among=self._visit.among, **now)  # type: ignore[arg-type]
        self._offset = 0
        await self._read_tiles()

    async def _turn(self, page: int) -> None:
        self._offset = (page - 1) * TILES
        await self._read_tiles()

    async def _read_tiles(self) -> None:
        page = await self._visit.read(
            overview.tiles, self._what, Window(TILES, offset=self._offset)
        )
        self._total = await self._visit.read(overview.count, self._what)
        self._tiles = list(page.items)
        self.shown = frozenset(each.station_id for each in self._tiles)
        self._pages.max = max(1, -(-self._total // TILES))
        self._pages.set_visibility(self._total > TILES)
        self._show_tiles()

    def _show_tiles(self) -> None:
        said = "".join(self._tile(each) for each in self._tiles)
        nothing = f'<p class="quiet">{escape(self._visit.t("No connectors here."))}</p>'
        self._grid.set_content(f'<div class="tiles">{said}</div>' if said else nothing)

    def _tile(self, tile: Tile) -> str:
        t = self._visit.t
        name = tile.station_name or tile.station_id
        outlet = tile.connector_name or f"{t('Connector')} {tile.evse_id}"
        state = t(states.TITLES[tile.state])
        figures = [t.power(tile.power_w), t.percent(tile.soc_percent), t.energy(tile.energy_mwh)]
        shown = [each for each in figures if each] if tile.transaction_id else []
        link = host.PATH + station_path(tile.station_id)
        return (
            f'<a class="tile" role="listitem" href="{link}" data-state="{tile.state}"'
            f' style="background:{states.COLORS[tile.state]}"'
            f' data-place="{escape(tile.station_id)}/{tile.evse_id}">'
            f"<b>{escape(name)}</b><span>{escape(outlet)}</span>"
            f'<span class="state">{escape(state)}</span>'
            f'<span class="figures">{escape(" · ".join(shown[:2]))}</span></a>'
        )

    async def _read_figures(self) -> None:
        t, found = self._visit.t, await self._visit.site.live.summary(self._visit.among)
        if found == self._drawn_figures:
            return
        self._drawn_figures = found
        figures = (
            (t("Online"), f"{t.number(found.online)} / {t.number(found.stations)}", None),
            (t("Charging"), t.number(found.charges), "Charging"),
            (t("Available"), t.number(found.connectors.get("Available", 0)), "Available"),
            (t("Faulted"), t.number(found.connectors.get("Faulted", 0)), "Faulted"),
            (t("Offline"), t.number(found.stations - found.online), "Offline"),
            (t("Power"), t.power(found.power_w), None),
        )
        with self._client:
            self._counts.clear()
            with self._counts:
                for title, value, _ in figures:
                    with ui.card().classes("px-4 py-2 gap-0 min-w-24 grow"):
                        ui.label(value).classes("text-xl font-medium")
                        ui.label(title).classes("quiet text-sm")

    async def _read_alarms(self) -> None:
        found = await self._visit.site.live.alarms(self._visit.among)
        if found == self._drawn_alarms:
            return
        self._drawn_alarms = found
        with self._client:
            self._alarms.clear()
            with self._alarms:
                for alarm in found[:TILES]:
                    self._alarm(alarm)

    def _alarm(self, alarm: Alarm) -> None:
        t = self._visit.t
        place = alarm.station_id if not alarm.evse_id else f"{alarm.station_id} / {alarm.evse_id}"
        path = "/refused" if alarm.kind == "refused" else station_path(alarm.station_id)
        link = ui.link(target=path).classes("no-underline w-full text-inherit")
        with link, ui.card().classes("w-full flex-row items-center gap-3 px-3 py-2 no-wrap"):
            ui.icon(ALARM_ICONS[alarm.kind]).classes("text-2xl text-negative").props(
                "aria-hidden=true"
            )
            with ui.column().classes("gap-0 min-w-0"):
                ui.label(f"{place}: {t(ALARM_TITLES[alarm.kind])}").classes("font-medium")
                ui.label(" · ".join(filter(None, (alarm.text, t.moment(alarm.at))))).classes(
                    "quiet text-sm"
                )


def _renewed(tile: Tile, change: Change) -> list[Tile]:
    told = change.tiles.get(tile.station_id)
    if told is None:
        return [tile]
    place = (tile.evse_id, tile.connector_id)
    return [each for each in told if (each.evse_id, each.connector_id) == place]
