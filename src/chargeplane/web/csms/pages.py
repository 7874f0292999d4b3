"""All pages of a central system: one table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from chargeplane.storage.access_records import Role
from chargeplane.web import host
from chargeplane.web.csms import (
    about,
    audit,
    commands,
    energy,
    events,
    keys,
    local_lists,
    overview,
    refused,
    reports,
    reservations,
    settings,
    signing_in,
    stations,
    tag,
    tags,
    transaction,
    transactions,
    unknown_tags,
    users,
    webhook_calls,
    webhooks,
)
from chargeplane.web.csms.layout import MenuEntry, frame
from chargeplane.web.csms.payments import details as payment_details
from chargeplane.web.csms.payments import page as payments
from chargeplane.web.csms.profiles import editor as profiles_editor
from chargeplane.web.csms.profiles import page as profiles
from chargeplane.web.csms.site import Site
from chargeplane.web.csms.station import page as station
from chargeplane.web.csms.visit import Visit, begin
from chargeplane.web.texts import mark

SERVE_S: Final = 30.0  # the longest that a page may take to be made


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page: where it is, what it is called, who may see it, and what builds it."""

    path: str
    title: str
    icon: str
    build: Callable[[Visit], Awaitable[None]]
    least: Role = "viewer"
    whole: bool = False  # only for those who see all stations
    in_menu: bool = True

    def is_for(self, visit: Visit) -> bool:
        """Whether somebody may see the page."""
        return visit.may(self.least) and (visit.sees_all or not self.whole)


@asynccontextmanager
async def shown(site: Site, application: FastAPI) -> AsyncIterator[None]:
    """Show the pages of a central system for as long as the context lasts."""
    _register()
    application.add_api_route("/", _to_pages, methods=["GET"], include_in_schema=False)
    async with host.shown_by(application, site):
        yield


def _to_pages() -> RedirectResponse:
    return RedirectResponse(f"{host.PATH}/")


@cache
def _register() -> None:
    """Add all pages, once in a process."""
    signing_in.register()
    for entry in PAGES:
        _add(entry)


def _add(entry: PageEntry) -> None:
    @ui.page(entry.path, response_timeout=SERVE_S)
    async def page(request: Request) -> Response | None:
        visit = await begin(signing_in.site_of(request), request)
        if visit is None:
            return RedirectResponse(signing_in.sign_in_url(request))
        if visit.user.must_change_password:
            return RedirectResponse(host.PATH + signing_in.PASSWORD)
        title = visit.t(entry.title).format(**visit.path)
        with frame(visit, title, MENU):
            if entry.is_for(visit):
                await entry.build(visit)
            else:
                ui.label(visit.t("You are not allowed to see this page.")).props("role=alert")
        return None


PAGES: Final = (
    PageEntry("/", mark("Overview"), "dashboard", overview.build),
    PageEntry("/stations", mark("Stations"), "ev_station", stations.build),
    PageEntry("/stations/{station_id}", "{station_id}", "", station.build, in_menu=False),
    PageEntry("/stations/{station_id}/{tab}", "{station_id}", "", station.build, in_menu=False),
    PageEntry("/refused", mark("Refused stations"), "", refused.build, in_menu=False),
    PageEntry("/tags", mark("Tags"), "contactless", tags.build, whole=True),
    PageEntry(
        "/unknown-tags", mark("Unknown tags"), "", unknown_tags.build, whole=True, in_menu=False
    ),
    PageEntry("/tags/{key:path}", mark("Tag {key}"), "", tag.build, whole=True, in_menu=False),
    PageEntry("/transactions", mark("Transactions"), "receipt_long", transactions.build),
    PageEntry(
        "/transactions/{number}", mark("Transaction {number}"), "", transaction.build, in_menu=False
    ),
    PageEntry("/payments", mark("Payments"), "payments", payments.build),
    PageEntry("/payments/{payment_id}", mark("Payment"), "", payment_details.build, in_menu=False),
    PageEntry("/reports", mark("Reports"), "bar_chart", reports.build),
    PageEntry("/energy", mark("Energy"), "solar_power", energy.build),
    PageEntry("/reservations", mark("Reservations"), "event", reservations.build),
    PageEntry("/profiles", mark("Charging profiles"), "stacked_line_chart", profiles.build),
    PageEntry(
        "/profiles/{number}", mark("Charging profile"), "", profiles_editor.build, in_menu=False
    ),
    PageEntry("/local-lists", mark("Local lists"), "playlist_add_check", local_lists.build),
    PageEntry(
        "/local-lists/{station_id}",
        mark("Local list of {station_id}"),
        "",
        local_lists.build_station,
        in_menu=False,
    ),
    PageEntry("/commands", mark("Commands"), "terminal", commands.build),
    PageEntry(
        "/commands/{number}", mark("Command {number}"), "", commands.build_details, in_menu=False
    ),
    PageEntry("/events", mark("Events"), "notifications", events.build),
    PageEntry("/keys", mark("API keys"), "key", keys.build, "admin", whole=True),
    PageEntry("/webhooks", mark("Webhooks"), "webhook", webhooks.build, "admin", whole=True),
    PageEntry(
        "/webhooks/{number}",
        mark("Webhook {number}"),
        "",
        webhook_calls.build,
        "admin",
        whole=True,
        in_menu=False,
    ),
    PageEntry("/users", mark("Users"), "group", users.build, "admin", whole=True),
    PageEntry("/audit", mark("Audit"), "fact_check", audit.build, "admin", whole=True),
    PageEntry("/settings", mark("Settings"), "tune", settings.build, "admin", whole=True),
    PageEntry("/about", mark("About"), "info", about.build),
)

MENU: Final = tuple(
    MenuEntry(each.path, each.title, each.icon, each.is_for) for each in PAGES if each.in_menu
)
