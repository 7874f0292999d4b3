"""What operators decide about a station, as a form."""

from __future__ import annotations

import secrets
from typing import Any, Final

from msgspec import UNSET
from nicegui import ui

from chargeplane.csms import stations as operators
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.storage.records import StationRecord
from chargeplane.storage.repositories.stations import StationSettings
from chargeplane.web.csms.dialogs import buttons, titled
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

PASSWORD_BYTES: Final = 16  # written in hexadecimal digits, which suit every version
PROFILES: Final = {
    0: mark("0: none"),
    1: mark("1: password"),
    2: mark("2: password and TLS"),
    3: mark("3: certificate and TLS"),
}
REGISTRATIONS: Final = {
    "Accepted": mark("Accepted"),
    "Pending": mark("Pending"),
    "Rejected": mark("Rejected"),
}
MODES: Final = {"any": mark("Any tag"), "listed": mark("Only tags that name this station")}
ANY_VERSION: Final = ""


async def register(visit: Visit) -> str | None:
    """Let somebody register a station; its id if they did."""
    with titled(visit.t("Register a station")) as dialog:
        name = ui.input(visit.t("Id")).props("outlined dense autofocus").classes("w-full")
        form = _Form(visit, None)
        buttons(visit, dialog, visit.t("Register"))
    try:
        while await dialog:
            station_id = (name.value or "").strip()
            if await visit.act(
                "register station",
                lambda: _registered(visit, station_id, form),  # noqa: B023 awaited at once
                station=station_id,
                least="admin",
                said=visit.t("{station} is registered.", station=station_id),
            ):
                return station_id
    finally:
        dialog.delete()
    return None


async def edit(visit: Visit, station: StationRecord) -> bool:
    """Let somebody change a station; whether they did."""
    with titled(visit.t("Change {station}", station=station.id)) as dialog:
        form = _Form(visit, station)
        buttons(visit, dialog, visit.t("Save"))
    try:
        while await dialog:
            if await visit.act(
                "change station",
                lambda: _changed(visit, station.id, form),
                station=station.id,
                least="admin",
                said=visit.t("Saved."),
            ):
                return True
    finally:
        dialog.delete()
    return False


async def _registered(visit: Visit, station_id: str, form: _Form) -> bool:
    await operators.register(visit.central, station_id, form.settings(), form.password())
    return True


async def _changed(visit: Visit, station_id: str, form: _Form) -> bool:
    await operators.change(visit.central, station_id, form.settings(), form.password())
    return True


class _Form:
    """The fields; those of a station that is there show what it has."""

    def __init__(self, visit: Visit, station: StationRecord | None) -> None:
        self._t = visit.t
        self._texts = {
            "name": self._text(visit.t("Name"), station.name if station else None),
            "comment": self._text(visit.t("Comment"), station.comment if station else None),
            "location": self._text(visit.t("Location"), station.location if station else None),
        }
        self._make_password(station)
        with ui.element("div").classes("w-full grid grid-cols-1 sm:grid-cols-2 gap-3"):
            self._make_choices(station)
        with ui.row().classes("w-full gap-4"):
            self._enabled = ui.checkbox(
                visit.t("Enabled"), value=station.enabled if station else True
            )
            self._free = ui.checkbox(
                visit.t("Free charging for everybody"), value=bool(station and station.free_vend)
            )

    def settings(self) -> StationSettings:
        """What was entered."""
        texts = {name: (each.value or "").strip() or None for name, each in self._texts.items()}
        heartbeat = self._heartbeat.value
        return StationSettings(
            **texts,
            enabled=bool(self._enabled.value),
            free_vend=bool(self._free.value),
            registration=self._registration.value,
            min_security_profile=int(self._profile.value),
            pinned_version=self._version.value or None,
            heartbeat_interval_s=None if heartbeat is None else max(1, int(heartbeat)),
            soap_endpoint=(self._endpoint.value or "").strip() or None,
            allow_list_mode=self._mode.value,
        )

    def password(self) -> Any:
        """The password as it is to be: kept, taken away or a new one."""
        if self._no_password is not None and self._no_password.value:
            return None
        return self._password.value or UNSET

    def _text(self, label: str, value: str | None) -> ui.input:
        return ui.input(label, value=value or "").props("outlined dense").classes("w-full")

    def _make_password(self, station: StationRecord | None) -> None:
        t = self._t
        has_one = station is not None and station.password_hash is not None
        hint = t("Set; leave empty to keep it.") if has_one else t("16 to 40 characters")
        self._password = ui.input(t("Password")).props(
            f'outlined dense autocomplete=off hint="{hint}"'
        )
        with self._password.classes("w-full").add_slot("append"):
            make = ui.button(icon="casino", on_click=self._make_up).props("flat round dense")
            make.props["aria-label"] = t("Make up a password")
        self._no_password = ui.checkbox(t("Without a password")) if has_one else None

    def _make_up(self) -> None:
        self._password.value = secrets.token_hex(PASSWORD_BYTES)

    def _make_choices(self, station: StationRecord | None) -> None:
        t = self._t
        self._registration = self._choice(
            t("Registration"), REGISTRATIONS, station.registration if station else "Accepted"
        )
        self._profile = self._choice(
            t("Least security profile"), PROFILES, station.min_security_profile if station else 0
        )
        versions = {ANY_VERSION: t("Newest of both"), **{each: f"OCPP {each}" for each in DIALECTS}}
        pinned = station.pinned_version if station else None
        self._version = self._choice(t("OCPP version"), versions, pinned or ANY_VERSION)
        self._mode = self._choice(
            t("Who may charge"), MODES, station.allow_list_mode if station else "any"
        )
        self._heartbeat = ui.number(
            t("Heartbeat interval (s)"),
            value=station.heartbeat_interval_s if station else None,
            min=1,
            max=86_400,
            precision=0,
        ).props("outlined dense")
        self._endpoint = self._text(t("SOAP address"), station.soap_endpoint if station else None)

    def _choice(self, label: str, options: dict[Any, str], value: Any) -> ui.select:
        shown = {key: self._t(text) for key, text in options.items()}
        return ui.select(shown, label=label, value=value).props("outlined dense").classes("w-full")
