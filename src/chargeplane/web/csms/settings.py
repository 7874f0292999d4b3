"""The settings in force, secrets masked."""

from __future__ import annotations

from typing import Final

import msgspec
from nicegui import ui
from sqlalchemy import Connection

from chargeplane.config.loading import DEFAULT, describe, toml_value
from chargeplane.web.csms.tables import Asked, Column, Filter, Found, Listing
from chargeplane.web.csms.visit import Visit
from chargeplane.web.texts import mark

ORIGINS: Final = {"set": mark("Set by somebody"), "usual": mark("As usual")}


class SettingShown(msgspec.Struct, frozen=True):
    """A setting as the page has it."""

    name: str
    value: str
    usual: str
    meaning: str
    origin: str

    @property
    def is_set(self) -> bool:
        """Whether somebody chose it."""
        return self.value != self.usual


async def build(visit: Visit) -> None:
    """The list of all settings."""
    ui.label(visit.t("They are changed in the file of settings and read at the start.")).classes(
        "quiet mb-2"
    )
    rows = shown(visit)

    def read(_: Connection, asked: Asked) -> Found[SettingShown]:
        wanted = [each for each in rows if _is_wanted(each, asked)]
        return Found(wanted[asked.offset : asked.offset + asked.limit], len(wanted))

    listing: Listing[SettingShown] = Listing(
        visit,
        "settings",
        [
            Column(name="name", title=mark("Setting"), show=lambda each: each.name),
            Column(name="value", title=mark("Value"), show=lambda each: each.value),
            Column(
                name="origin",
                title=mark("Origin"),
                show=lambda each: each.origin,
                color=lambda each: "primary" if each.is_set else None,
            ),
            Column(name="meaning", title=mark("Meaning"), show=lambda each: each.meaning),
        ],
        read,
        key=lambda each: each.name,
        filters=(Filter("origin", mark("Origin"), ORIGINS),),
    )
    await listing.refresh()


def shown(visit: Visit) -> list[SettingShown]:
    """All settings in the order of their sections."""
    values = visit.site.settings.model_dump(mode="json")
    found = []
    for each in describe():
        section, _, key = each.name.partition(".")
        value = toml_value(values[section][key])
        usual = visit.t("usual value") if value == each.default else visit.t("set")
        origin = visit.site.origins.get(each.name, DEFAULT)
        said = usual if origin == DEFAULT else origin
        found.append(SettingShown(each.name, value, each.default, each.description, said))
    return found


def _is_wanted(each: SettingShown, asked: Asked) -> bool:
    text, origin = asked.search.lower(), asked.filters.get("origin")
    is_found = text in f"{each.name} {each.meaning}".lower()
    return is_found and (not origin or (origin == "set") == each.is_set)
