"""Firmware updates and log uploads of a station: begun here, and how far they are."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, Final

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.domain.diagnostics import GetLog, LogParameters
from chargeplane.domain.firmware import Firmware, UpdateFirmware
from chargeplane.storage.records import JobRecord, StationRecord
from chargeplane.storage.repositories import jobs
from chargeplane.storage.repositories.jobs import JobFilter
from chargeplane.web.csms.dialogs import ask, buttons, pretty, show_text, titled
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing, RowAction
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import Texts, mark

KINDS: Final = {"firmware": mark("Firmware"), "log": mark("Log")}
LOGS: Final = {
    "DiagnosticsLog": mark("Diagnostics"),
    "SecurityLog": mark("Security events"),
    "DataCollectorLog": mark("Data collector"),
}
DONE: Final = frozenset({"Installed", "Uploaded", "Published"})
FAILED: Final = frozenset(
    {
        *("Failed", "Rejected", "DownloadFailed", "InstallationFailed", "InvalidSignature"),
        *("InstallVerificationFailed", "InvalidCertificate", "RevokedCertificate"),
        *("BadMessage", "NotSupportedOperation", "PermissionDenied", "UploadFailure"),
        *("PublishFailed", "InvalidChecksum", "AcceptedCanceled"),
    }
)


async def build(visit: Visit, station: StationRecord) -> None:
    """The latest first; how far a job is is seen at once."""
    if visit.may("operator"):
        with ui.row().classes("gap-2 mb-2"):
            for title, icon, begin in (
                (visit.t("Update the firmware"), "system_update_alt", _update),
                (visit.t("Fetch a log"), "description", _fetch),
            ):
                button = ui.button(title, icon=icon, on_click=partial(begin, visit, station.id))
                button.props("outline no-caps")
    listing = Listing(
        visit,
        "jobs",
        _columns(visit.t),
        partial(_read, station.id),
        key=lambda each: str(each.id),
        filters=(Filter("kind", mark("Kind"), KINDS),),
        actions=(RowAction(mark("Details"), "info", partial(_show, visit)),),
        is_searched=False,
    )
    await listing.refresh()
    kinds = ("firmware.status", "log.status", "command.finished")
    follow(visit, listing.refresh, *kinds, station_id=station.id)


def _read(station_id: str, connection: Connection, asked: Asked) -> Found[JobRecord]:
    kind = asked.filters.get("kind") or None
    what = JobFilter(station_id=station_id, kind=kind)  # type: ignore[arg-type]
    page = jobs.page(connection, what, asked.window)
    return Found(page.items, jobs.count(connection, what))


async def _show(visit: Visit, job: JobRecord) -> None:
    show_text(visit, f"{visit.t(KINDS[job.kind])} {job.id}", pretty(job.details))


async def _update(visit: Visit, station_id: str) -> None:
    t = visit.t
    with titled(t("Update the firmware")) as dialog:
        location = _text(t("Address of the file (URL)"))
        with ui.element("div").classes("w-full grid grid-cols-1 sm:grid-cols-2 gap-3"):
            retrieve = _moment(t("Fetch it at (empty: now)"))
            install = _moment(t("Install it at (empty: then)"))
            retries, interval = _retries(t)
        with ui.expansion(t("Signed firmware")).classes("w-full"):
            certificate = _long(t("Certificate of the signer (PEM)"))
            signature = _text(t("Signature (base64)"))
        buttons(visit, dialog, t("Update"))
    if await dialog:
        firmware = Firmware(
            location=(location.value or "").strip(),
            retrieve_date_time=_at(visit, retrieve.value) or visit.central.now(),
            install_date_time=_at(visit, install.value),
            signing_certificate=certificate.value or None,
            signature=signature.value or None,
        )
        request = UpdateFirmware(
            firmware=firmware, retries=_whole(retries), retry_interval=_whole(interval)
        )
        await ask(visit, station_id, "update_firmware", request)
    dialog.delete()


async def _fetch(visit: Visit, station_id: str) -> None:
    t = visit.t
    with titled(t("Fetch a log")) as dialog:
        location = _text(t("Folder to upload to (URL)"))
        kind = ui.select(
            {name: t(title) for name, title in LOGS.items()}, label=t("Log"), value="DiagnosticsLog"
        ).props("outlined dense")
        kind.classes("w-full")
        with ui.element("div").classes("w-full grid grid-cols-1 sm:grid-cols-2 gap-3"):
            oldest, latest = _moment(t("From")), _moment(t("To"))
            retries, interval = _retries(t)
        buttons(visit, dialog, t("Fetch"))
    if await dialog:
        parameters = LogParameters(
            remote_location=(location.value or "").strip(),
            oldest_timestamp=_at(visit, oldest.value),
            latest_timestamp=_at(visit, latest.value),
        )
        request = GetLog(
            log=parameters,
            log_type=kind.value,
            retries=_whole(retries),
            retry_interval=_whole(interval),
        )
        await ask(visit, station_id, "get_log", request)
    dialog.delete()


def _text(label: str) -> ui.input:
    return ui.input(label).props("outlined dense").classes("w-full")


def _long(label: str) -> ui.textarea:
    return ui.textarea(label).props("outlined dense").classes("w-full")


def _moment(label: str) -> ui.input:
    return ui.input(label).props("outlined dense stack-label type=datetime-local")


def _retries(t: Texts) -> tuple[ui.number, ui.number]:
    return (
        ui.number(t("Attempts"), min=0, precision=0).props("outlined dense"),
        ui.number(t("Seconds between them"), min=0, precision=0).props("outlined dense"),
    )


def _at(visit: Visit, text: str | None) -> datetime | None:
    """A moment as the browser's field has it, in the reader's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=visit.t.zone) if text else None


def _whole(field: ui.number) -> int | None:
    return None if field.value is None else int(field.value)


def _color(job: JobRecord) -> str:
    if job.status in DONE:
        return "positive"
    return "negative" if job.status in FAILED else "secondary"


def _location(job: JobRecord) -> str:
    """What it is about; both requests say it at a place of their own."""
    details: dict[str, Any] = job.details
    within = details.get("firmware") or details.get("log") or details
    return str(within.get("location") or within.get("remote_location") or "")


def _columns(t: Texts) -> list[Column[JobRecord]]:
    return [
        Column(
            name="started",
            title=mark("Started"),
            show=lambda each: t.moment(each.created_at),
            export=lambda each: each.created_at,
        ),
        Column(name="kind", title=mark("Kind"), show=lambda each: t(KINDS[each.kind])),
        Column(name="status", title=mark("State"), show=lambda each: each.status, color=_color),
        Column(name="location", title=mark("Address"), show=_location, is_long=True),
        Column(
            name="updated",
            title=mark("Last news"),
            show=lambda each: t.moment(each.updated_at),
            export=lambda each: each.updated_at,
        ),
    ]
