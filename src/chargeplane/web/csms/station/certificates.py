"""The certificates of a station: those that it trusts and has, and those that it asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final, get_args

import msgspec
from nicegui import ui
from sqlalchemy import Connection

from chargeplane.csms.security import send_signed
from chargeplane.domain.certificates import (
    CertificateHashDataChain,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
    InstalledCertificates,
    RootUse,
)
from chargeplane.storage.paging import Window
from chargeplane.storage.records import CertificateRequestRecord, CommandRecord, StationRecord
from chargeplane.storage.repositories import certificate_requests, commands
from chargeplane.storage.repositories.commands import CommandFilter
from chargeplane.web.csms.dialogs import ask, buttons, confirmed, show_text, tell_status, titled
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.tables import Asked, Column, Found, Listing, RowAction
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import Texts, mark

COLORS: Final = {"Installed": "positive", "Signed": "positive", "Requested": "secondary"}


async def build(visit: Visit, station: StationRecord) -> None:
    """What is installed as it was last read, and below it the requests."""
    installed = _Installed(visit, station.id)
    await installed.refresh()
    _title(visit.t("Requests of the station"))
    listing = Listing(
        visit,
        "certificate-requests",
        _columns(visit.t),
        partial(_read, station.id),
        key=lambda each: str(each.id),
        actions=_actions(visit),
        is_searched=False,
    )
    await listing.refresh()
    follow(visit, listing.refresh, "certificate.request", station_id=station.id)


def _title(text: str) -> None:
    ui.label(text).classes("text-lg font-medium mt-4 mb-1").props("role=heading aria-level=2")


class _Installed:
    """What is installed; stations are asked for it, since they do not tell it."""

    def __init__(self, visit: Visit, station_id: str) -> None:
        self._visit, self._id, t = visit, station_id, visit.t
        _title(t("Installed certificates"))
        if visit.may("operator"):
            with ui.row().classes("gap-2 mb-2"):
                read = ui.button(t("Read from the station"), icon="sync", on_click=self._ask)
                self._button = read.props("no-caps")
                ui.button(t("Install"), icon="add", on_click=self._install).props("outline no-caps")
        self._when = ui.label().classes("quiet text-sm")
        self._box = ui.column().classes("w-full gap-2")

    async def refresh(self) -> None:
        """Show what the station said last."""
        t, found = self._visit.t, await self._visit.read(_last_told, self._id)
        said = t("Read {moment}", moment=t.moment(found.answered_at)) if found else ""
        self._when.set_text(said or t("Not read yet."))
        self._show(_chains(found))

    def _show(self, chains: Sequence[CertificateHashDataChain]) -> None:
        self._box.clear()
        with self._box:
            for chain in chains:
                with ui.card().classes("w-full flex-row items-center gap-3 px-3 py-2 no-wrap"):
                    self._card(chain)

    def _card(self, chain: CertificateHashDataChain) -> None:
        t, data = self._visit.t, chain.certificate_hash_data
        with ui.column().classes("gap-0 min-w-0 grow"):
            ui.label(chain.certificate_type).classes("font-medium")
            serial = t("Serial number {number}", number=data.serial_number)
            ui.label(serial).classes("quiet text-sm break-all")
            below = len(chain.child_certificate_hash_data or ())
            if below:
                ui.label(t("{count} certificates below it", count=below)).classes("quiet text-sm")
        if self._visit.may("admin"):
            remove = ui.button(icon="delete", on_click=partial(self._delete, chain))
            remove.props("flat round dense color=negative")
            remove.props["aria-label"] = t("Delete")

    async def _ask(self) -> None:
        self._button.props("loading")
        await ask(self._visit, self._id, "list_certificates", GetInstalledCertificateIds())
        self._button.props(remove="loading")
        await self.refresh()

    async def _delete(self, chain: CertificateHashDataChain) -> None:
        t, data = self._visit.t, chain.certificate_hash_data
        question = t("Delete the certificate {number}?", number=data.serial_number)
        if await confirmed(self._visit, question, t("Delete")):
            request = DeleteCertificate(certificate_hash_data=data)
            if await ask(self._visit, self._id, "delete_certificate", request) is not None:
                await self._ask()

    async def _install(self) -> None:
        t = self._visit.t
        with titled(t("Install a root certificate")) as dialog:
            kind = ui.select(list(get_args(RootUse)), label=t("Use"), value="CSMSRootCertificate")
            kind.props("outlined dense").classes("w-full")
            pem = ui.textarea(t("Certificate (PEM)")).props("outlined").classes("w-full")
            buttons(self._visit, dialog, t("Install"))
        if await dialog:
            request = InstallCertificate(
                certificate_type=kind.value, certificate=(pem.value or "").strip()
            )
            await ask(self._visit, self._id, "install_certificate", request)
        dialog.delete()


def _last_told(connection: Connection, station_id: str) -> CommandRecord | None:
    """When the station was last asked what is installed, and what it said."""
    what = CommandFilter(
        station_id=station_id, action=GetInstalledCertificateIds.__name__, status="answered"
    )
    return next(iter(commands.page(connection, what, Window(1)).items), None)


def _chains(told: CommandRecord | None) -> Sequence[CertificateHashDataChain]:
    if told is None:
        return ()
    answer = msgspec.convert(told.answer, InstalledCertificates)
    return answer.certificate_hash_data_chain or ()


# Requests


def _read(station_id: str, connection: Connection, asked: Asked) -> Found[CertificateRequestRecord]:
    page = certificate_requests.page(connection, station_id, asked.window)
    return Found(page.items, certificate_requests.count(connection, station_id))


def _actions(visit: Visit) -> list[RowAction[CertificateRequestRecord]]:
    shown = RowAction(mark("Show"), "description", partial(_show, visit))
    signed = RowAction(
        mark("Send the signed certificate"),
        "upload_file",
        partial(_send, visit),
        lambda each: each.status not in {"Installed", "Rejected"},
    )
    return [shown, signed] if visit.may("admin") else [shown]


async def _show(visit: Visit, request: CertificateRequestRecord) -> None:
    texts = [each for each in (request.error, request.csr, request.chain) if each]
    show_text(visit, visit.t("Certificate request {number}", number=request.id), *texts)


async def _send(visit: Visit, request: CertificateRequestRecord) -> None:
    """Send a chain that was signed elsewhere."""
    t = visit.t
    with titled(t("Send the signed certificate")) as dialog:
        pem = ui.textarea(t("Certificate with its chain (PEM)"), value=request.chain or "")
        pem.props("outlined").classes("w-full")
        buttons(visit, dialog, t("Send"))
    if await dialog:
        chain = (pem.value or "").strip()
        answer = await visit.act(
            "command.certificate_signed",
            lambda: send_signed(visit.central, request.id, chain, visit.asked()),
            station=request.station_id,
            least="admin",
        )
        if answer is not None:
            tell_status(visit, answer.status, answer.status_info)
    dialog.delete()


def _columns(t: Texts) -> list[Column[CertificateRequestRecord]]:
    return [
        Column(
            name="created",
            title=mark("Time"),
            show=lambda each: t.moment(each.created_at),
            export=lambda each: each.created_at,
        ),
        Column(name="type", title=mark("Type"), show=lambda each: each.certificate_type or ""),
        Column(
            name="status",
            title=mark("State"),
            show=lambda each: each.status,
            color=lambda each: COLORS.get(each.status, "negative"),
        ),
        Column(name="error", title=mark("Error"), show=lambda each: each.error or "", is_long=True),
    ]
