"""The charging profiles of a station, and the composite schedule that follows from them."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from nicegui import ui

from chargeplane.csms import notes
from chargeplane.csms.commands import send
from chargeplane.domain.profiles import (
    ClearChargingProfile,
    CompositeScheduleAnswer,
    GetCompositeSchedule,
    ProfileCriteria,
    SetChargingProfile,
)
from chargeplane.errors import NotAllowed
from chargeplane.ocpp.v2 import wire
from chargeplane.storage.paging import Window
from chargeplane.storage.records import ChargingProfileRecord, StationRecord
from chargeplane.storage.repositories import charging_profiles, connectors, profile_templates
from chargeplane.web.csms.asking import open_dialog, show_json
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.profiles import drawing
from chargeplane.web.csms.visit import Visit

CHANGED: Final = (
    "charging_profile.set",
    "charging_profiles.cleared",
    "charging_profiles.reported",
)
HOUR_S: Final = 3600
HOURS: Final = (1, 6, 12, 24)
OFFERED: Final = Window(100)


async def build_tab(visit: Visit, station: StationRecord) -> None:
    """Everything about the limits of a station."""
    station_id = station.id
    if visit.may("operator"):
        await _buttons(visit, station_id)
        await _composite(visit, station_id)
    place = ui.column().classes("w-full gap-2")

    async def show() -> None:
        found = await visit.read(charging_profiles.of_station, station_id)
        place.clear()
        with place:
            ui.label(visit.t("Installed profiles")).classes("text-lg font-medium mt-3")
            if not found:
                ui.label(visit.t("None that we know of."))
            for each in found:
                _installed(visit, station_id, each)

    await show()
    follow(visit, show, *CHANGED, station_id=station_id)


async def _buttons(visit: Visit, station_id: str) -> None:
    t, here = visit.t, (station_id,)
    every = wire.GetChargingProfiles(
        request_id=notes.new_id(), charging_profile=wire.ChargingProfileCriterion()
    )
    with ui.row().classes("w-full gap-2 mb-3"):
        for title, icon, operation, initial in (
            (t("Set a limit"), "speed", "set_charging_limit", None),
            (t("Set a profile"), "add_chart", "set_charging_profile", None),
            (t("Clear profiles"), "layers_clear", "clear_charging_profile", None),
            (t("Read from the station"), "sync", "get_charging_profiles", every),
        ):
            ask = partial(open_dialog, visit, here, operation, initial)
            ui.button(title, icon=icon, on_click=ask).props("no-caps outline")
        await _templates(visit, station_id)


async def _templates(visit: Visit, station_id: str) -> None:
    """Send a profile that is kept."""
    page = await visit.read(profile_templates.page, OFFERED)
    if not page.items:
        return
    with ui.button(visit.t("Send a kept profile"), icon="send").props("no-caps outline"), ui.menu():
        for each in page.items:
            request = SetChargingProfile(evse_id=0, charging_profile=each.profile)
            work = partial(open_dialog, visit, (station_id,), "set_charging_profile", request)
            ui.menu_item(f"{each.id} {each.name or ''}", work)


async def _composite(visit: Visit, station_id: str) -> None:
    t = visit.t
    states = await visit.read(connectors.of_stations, (station_id,))
    evses = {0: t("Whole station")} | {each.evse_id: str(each.evse_id) for each in states}
    with ui.card().classes("w-full"):
        ui.label(t("Composite schedule")).classes("font-medium")
        with ui.row().classes("items-center gap-2"):
            evse = ui.select(evses, label=t("EVSE"), value=0)
            hours = ui.select({each: f"{each} h" for each in HOURS}, label=t("Time"), value=24)
            unit = ui.select(["A", "W"], label=t("Unit"), value="A")
            for each in (evse, hours, unit):
                each.props("dense outlined").classes("min-w-24")
            ask = ui.button(t("Ask the station"), icon="timeline").props("no-caps")
        place = ui.column().classes("w-full").props("aria-live=polite")

    async def work() -> None:
        request = GetCompositeSchedule(
            evse_id=evse.value, duration=hours.value * HOUR_S, charging_rate_unit=unit.value
        )
        asked = partial(_asked, visit, station_id, request)
        answer = await visit.act("command.get_composite_schedule", asked, station=station_id)
        if answer is not None and answer.schedule is not None:
            place.clear()
            with place:
                put = drawing.chart(visit, answer.schedule.charging_rate_unit)
                put(drawing.of_composite(answer.schedule))

    ask.on_click(work)


async def _asked(
    visit: Visit, station_id: str, request: GetCompositeSchedule
) -> CompositeScheduleAnswer:
    """The station's answer; raises `NotAllowed` if it has no schedule."""
    answer: Any = await send(visit.central, station_id, request, visit.asked())
    if answer.schedule is None:
        raise NotAllowed(visit.t("The station said {answer}.", answer=answer.status))
    found: CompositeScheduleAnswer = answer
    return found


def _installed(visit: Visit, station_id: str, record: ChargingProfileRecord) -> None:
    t, profile = visit.t, record.profile
    place = t("EVSE {number}", number=record.evse_id) if record.evse_id else t("Whole station")
    title = f"{place} · {record.purpose} · {t('level')} {record.stack_level}"
    said = f"{t('Number')} {record.profile_id} · {t.moment(record.updated_at)}"
    with ui.expansion(title, caption=said).classes("w-full border border-gray-400 rounded"):
        for schedule in profile.charging_schedule:
            put = drawing.chart(visit, schedule.charging_rate_unit, "h-48")
            put(drawing.of_profile(drawing.now(visit), profile, schedule))
        with ui.expansion(t("All of it")).classes("w-full"):
            show_json(profile)
        if visit.may("operator"):
            request = ClearChargingProfile(
                charging_profile_id=profile.id,
                charging_profile_criteria=ProfileCriteria(evse_id=record.evse_id),
            )
            clear = partial(open_dialog, visit, (station_id,), "clear_charging_profile", request)
            ui.button(t("Clear"), icon="delete", on_click=clear).props("no-caps outline")
