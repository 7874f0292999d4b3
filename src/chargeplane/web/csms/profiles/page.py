"""The charging profiles that are kept to be sent to stations."""

from __future__ import annotations

from nicegui import ui
from sqlalchemy import Connection

from chargeplane.storage.records import ChargingProfileTemplateRecord
from chargeplane.storage.repositories import profile_templates
from chargeplane.web.csms.following import follow
from chargeplane.web.csms.tables import Asked, Column, Found, Listing
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

CHANGED = ("charging_profile_template.changed", "charging_profile_template.removed")


async def build(visit: Visit) -> None:
    """The list."""
    if visit.may("operator"):
        new = ui.button(visit.t("New profile"), icon="add").props("no-caps").classes("mb-3")
        new.on_click(lambda: ui.navigate.to("/profiles/new"))

    def read(connection: Connection, asked: Asked) -> Found[ChargingProfileTemplateRecord]:
        search = asked.search or None
        found = profile_templates.part(connection, search, asked.sorting, asked.window)
        return Found.of(found)

    listing = Listing(
        visit,
        "charging-profiles",
        _columns(visit),
        read,
        key=lambda each: str(each.id),
        sort="id",
    )
    await listing.refresh()
    follow(visit, listing.refresh, *CHANGED)


def _columns(visit: Visit) -> list[Column[ChargingProfileTemplateRecord]]:
    return [
        Column("id", mark("Number"), lambda each: str(each.id), link=_link, sortable=True),
        Column("name", mark("Name"), lambda each: each.name or "", link=_link, sortable=True),
        Column("purpose", mark("Purpose"), lambda each: each.profile.charging_profile_purpose),
        Column("kind", mark("Kind"), _kind),
        Column("level", mark("Stack level"), lambda each: str(each.profile.stack_level)),
        Column(
            "updated_at",
            mark("Changed"),
            lambda each: visit.t.moment(each.updated_at),
            export=lambda each: each.updated_at,
            sortable=True,
        ),
    ]


def _link(record: ChargingProfileTemplateRecord) -> str:
    return f"/profiles/{record.id}"


def _kind(record: ChargingProfileTemplateRecord) -> str:
    profile = record.profile
    return " ".join(filter(None, (profile.charging_profile_kind, profile.recurrency_kind)))
