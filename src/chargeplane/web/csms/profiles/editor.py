"""One charging profile that is kept: its fields, its periods, and how it looks over time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta
from msgspec.structs import replace
from nicegui import ui

from chargeplane.csms import profile_templates as templates
from chargeplane.domain.messages import Value
from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ClearChargingProfile,
    Purpose,
    RateUnit,
    SetChargingProfile,
)
from chargeplane.storage.records import ChargingProfileTemplateRecord
from chargeplane.storage.repositories import profile_templates
from chargeplane.web.csms.asking import open_dialog
from chargeplane.web.csms.dialogs import titled
from chargeplane.web.csms.fields import Reading
from chargeplane.web.csms.forms import Form
from chargeplane.web.csms.profiles import drawing
from chargeplane.web.csms.profiles.periods import FIRST, Periods
from chargeplane.web.csms.visit import Visit

NEW: Final = "new"
MOST: Final = 2**31 - 1
HOUR_S: Final = 3600
BLANK: Final = ChargingProfile(
    id=0,
    stack_level=0,
    charging_profile_purpose="TxDefaultProfile",
    charging_profile_kind="Recurring",
    recurrency_kind="Daily",
    charging_schedule=(
        ChargingSchedule(charging_rate_unit="A", charging_schedule_period=(FIRST,)),
    ),
)


class Outline(Value, frozen=True, kw_only=True):
    """What is asked for of a profile beside its periods; `hours` is how long it lasts."""

    name: Annotated[str, Meta(max_length=255)] | None = None
    purpose: Purpose
    stack_level: Annotated[int, Meta(ge=0)] = 0
    kind: Literal["Absolute", "Recurring", "Relative", "Dynamic"]
    recurrency: Literal["Daily", "Weekly"] | None = None
    start: datetime | None = None
    hours: Annotated[float, Meta(gt=0, le=24 * 366)] | None = None
    unit: RateUnit = "A"
    valid_from: datetime | None = None
    valid_to: datetime | None = None


async def build(visit: Visit) -> None:
    """The editor of a profile that is kept, or of a new one."""
    t, number = visit.t, visit.path["number"]
    found = None
    if number != NEW:
        is_number = number.isdecimal() and int(number) <= MOST
        found = await visit.read(profile_templates.get, int(number)) if is_number else None
        if found is None:
            ui.label(t("There is no such charging profile.")).props("role=alert")
            return
    Editor(visit, found)


class Editor:
    """The parts of an open editor."""

    def __init__(self, visit: Visit, found: ChargingProfileTemplateRecord | None) -> None:
        self._visit, self._found = visit, found
        self._profile = found.profile if found else BLANK
        self._unit = ""  # of the drawing
        self._buttons()
        t = visit.t
        with ui.element("div").classes("w-full grid grid-cols-1 lg:grid-cols-2 gap-3"):
            with ui.card().classes("w-full"):
                name = found.name if found else None
                initial = _outline(name, self._profile)
                self._form = Form(t, Outline, initial=initial, on_change=self._draw)
            with ui.column().classes("w-full gap-3"):
                with ui.card().classes("w-full"):
                    self._picture = ui.column().classes("w-full")
                with ui.card().classes("w-full"):
                    ui.label(t("Periods")).classes("font-medium")
                    ui.label(t("Times count from the start of the schedule.")).classes("quiet")
                    self._periods = Periods(t, self._draw)
        self._periods.show(self._first.charging_schedule_period)
        self._draw()

    @property
    def _first(self) -> ChargingSchedule:
        return (self._profile.charging_schedule or BLANK.charging_schedule)[0]

    def _buttons(self) -> None:
        visit, t, found = self._visit, self._visit.t, self._found
        if not visit.may("operator"):
            return
        with ui.row().classes("w-full gap-2 mb-3"):
            ui.button(t("Save"), icon="save", on_click=self._save).props("no-caps")
            every = ui.button(t("All fields"), icon="list", on_click=self._show_every_field)
            every.props("no-caps outline")
            if found is None:
                return
            for title, icon, work in (
                (t("Send to stations"), "send", self._send),
                (t("Clear from stations"), "layers_clear", self._clear),
                (t("Delete"), "delete", self._forget),
            ):
                ui.button(title, icon=icon, on_click=work).props("no-caps outline")

    def _entered(self, reading: Reading) -> tuple[str | None, ChargingProfile] | None:
        """The name and the profile as they are entered; None if something is wrong."""
        said = self._form.value() if reading.is_told else self._form.glance()
        periods = self._periods.read(reading)
        if said is None or reading.faults:
            return None
        schedule = replace(
            self._first,
            charging_rate_unit=said.unit,
            charging_schedule_period=periods,
            start_schedule=None if said.kind == "Relative" else said.start,
            duration=None if said.hours is None else round(said.hours * HOUR_S),
        )
        profile = replace(
            self._profile,
            stack_level=said.stack_level,
            charging_profile_purpose=said.purpose,
            charging_profile_kind=said.kind,
            recurrency_kind=said.recurrency if said.kind == "Recurring" else None,
            valid_from=said.valid_from,
            valid_to=said.valid_to,
            charging_schedule=(schedule, *self._profile.charging_schedule[1:]),
        )
        return said.name, profile

    def _draw(self) -> None:
        entered = self._entered(Reading(is_told=False))
        if entered is None:
            return
        profile = entered[1]
        schedule = profile.charging_schedule[0]
        if schedule.charging_rate_unit != self._unit:
            self._unit = schedule.charging_rate_unit
            self._picture.clear()
            with self._picture:
                self._put = drawing.chart(self._visit, self._unit)
        self._put(drawing.of_profile(drawing.now(self._visit), profile, schedule))

    def _show_every_field(self) -> None:
        """Let fields be changed that are rarely needed, in a dialog."""
        entered, t = self._entered(Reading()), self._visit.t
        if entered is None:
            return
        name, profile = entered
        with titled(t("All fields"), is_wide=True) as dialog:
            form = Form(t, ChargingProfile, initial=profile)
            use_it = ui.button(t("Use")).props("no-caps").classes("self-end")

        def use() -> None:
            changed = form.value()
            if changed is not None:
                self._profile = changed
                self._form.show(_outline(name, changed))
                self._periods.show(self._first.charging_schedule_period)
                self._draw()
                dialog.close()

        use_it.on_click(use)
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _save(self) -> None:
        entered = self._entered(Reading())
        if entered is None:
            return
        name, profile = entered
        number = self._found.id if self._found else None
        central = self._visit.central

        async def work() -> ChargingProfileTemplateRecord:
            return await central.commit(lambda unit: templates.keep(unit, name, profile, number))

        said = self._visit.t("The charging profile is saved.")
        kept = await self._visit.act("charging_profile.save", work, said=said)
        if kept is not None and self._found is None:
            ui.navigate.to(f"/profiles/{kept.id}")

    async def _send(self) -> None:
        entered = self._entered(Reading())
        if entered is not None:
            request = SetChargingProfile(evse_id=0, charging_profile=entered[1])
            await open_dialog(self._visit, None, "set_charging_profile", request)

    async def _clear(self) -> None:
        request = ClearChargingProfile(charging_profile_id=self._profile.id)
        await open_dialog(self._visit, None, "clear_charging_profile", request)

    async def _forget(self) -> None:
        central, number = self._visit.central, self._profile.id

        async def work() -> bool:
            await central.commit(lambda unit: templates.forget(unit, number))
            return True

        if await self._visit.act("charging_profile.delete", work):
            ui.navigate.to("/profiles")


def _outline(name: str | None, profile: ChargingProfile) -> Outline:
    schedule = profile.charging_schedule[0] if profile.charging_schedule else None
    return Outline(
        name=name,
        purpose=profile.charging_profile_purpose,
        stack_level=profile.stack_level,
        kind=profile.charging_profile_kind,
        recurrency=profile.recurrency_kind,
        start=schedule.start_schedule if schedule else None,
        hours=schedule.duration / HOUR_S if schedule and schedule.duration else None,
        unit=schedule.charging_rate_unit if schedule else "A",
        valid_from=profile.valid_from,
        valid_to=profile.valid_to,
    )
