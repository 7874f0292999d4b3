"""One station: its head, and a tab for each side of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from nicegui import ui

from chargeplane.storage.access_records import Role
from chargeplane.storage.records import StationRecord
from chargeplane.storage.repositories import stations
from chargeplane.web.csms import commands, reservations
from chargeplane.web.csms.live import Change
from chargeplane.web.csms.paths import station_path
from chargeplane.web.csms.profiles import station as profiles
from chargeplane.web.csms.station import (
    certificates,
    facts,
    jobs,
    messages,
    security,
    state,
    transactions,
    variables,
)
from chargeplane.web.csms.stations import PRESENCE_COLORS, PRESENCES, presence
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: its place in the path, its title, what builds it, and who may see it."""

    name: str
    title: str
    build: Callable[[Visit, StationRecord], Awaitable[None]]
    least: Role = "viewer"


TABS: Final = (
    Tab("", mark("State"), state.build),
    Tab("variables", mark("Variables"), variables.build),
    Tab("transactions", mark("Transactions"), transactions.build),
    Tab("reservations", mark("Reservations"), reservations.build_tab),
    Tab("profiles", mark("Charging profiles"), profiles.build_tab),
    Tab("commands", mark("Commands"), commands.build_tab),
    Tab("jobs", mark("Firmware and logs"), jobs.build),
    Tab("security", mark("Security events"), security.build),
    Tab("certificates", mark("Certificates"), certificates.build),
    Tab("messages", mark("Messages"), messages.build),
    Tab("facts", mark("Facts and settings"), facts.build),
)
INTO_VIEW: Final = """
document.querySelector('main nav [aria-current]')?.scrollIntoView({inline:'center',block:'nearest'})
"""
ONLINE: Final = {"station.online": "online", "station.offline": "offline"}


async def build(visit: Visit) -> None:
    """Put the head, the tabs and the tab of the path on the page."""
    station_id = visit.path["station_id"]
    record = await visit.read(stations.get, station_id) if visit.user.sees(station_id) else None
    tab = next((each for each in TABS if each.name == visit.path.get("tab", "")), None)
    if record is None or tab is None:
        ui.label(visit.t("There is no such station.")).props("role=alert")
        return
    _head(visit, record)
    _show_tabs(visit, record, tab)
    if visit.may(tab.least):
        await tab.build(visit, record)
    else:
        ui.label(visit.t("You are not allowed to see this page.")).props("role=alert")


def _head(visit: Visit, station: StationRecord) -> None:
    t = visit.t
    about = (station.name, " ".join(filter(None, (station.vendor, station.model))))
    with ui.row().classes("w-full items-center gap-2 mb-2"):
        badge = ui.badge(t(PRESENCES[presence(station)]))
        badge.props(f"color={PRESENCE_COLORS[presence(station)]}").classes("text-sm px-2 py-1")
        ui.label(" · ".join(filter(None, (*about, station.location)))).classes("quiet")

    def on_change(change: Change) -> None:
        for event in change.events:
            if event.station_id == station.id and event.kind in ONLINE:
                badge.set_text(t(PRESENCES[ONLINE[event.kind]]))
                badge.props(f"color={PRESENCE_COLORS[ONLINE[event.kind]]}")

    ui.context.client.on_delete(visit.site.live.watch(on_change))


def _show_tabs(visit: Visit, station: StationRecord, shown: Tab) -> None:
    nav = ui.element("nav").classes(
        "w-full flex flex-nowrap sm:flex-wrap overflow-x-auto ruled mb-3"
    )
    nav.props["aria-label"] = visit.t("Sides of the station")
    with nav:
        for tab in (each for each in TABS if visit.may(each.least)):
            is_here = tab is shown
            look = "border-b-4 border-primary font-medium" if is_here else ""
            link = ui.link(visit.t(tab.title), station_path(station.id, tab.name))
            link.classes(f"px-3 py-2 whitespace-nowrap no-underline text-inherit {look}")
            if is_here:
                link.props("aria-current=page")
    ui.run_javascript(INTO_VIEW)
