"""Charging profiles that are kept to be sent to stations, by number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from chargeplane.domain.profiles import ChargingProfile
from chargeplane.storage import paging
from chargeplane.storage.paging import Part, Sorting, Window, fetch
from chargeplane.storage.records import ChargingProfileTemplateRecord, Page
from chargeplane.storage.statements import mentions, one, upsert
from chargeplane.storage.tables import charging_profile_templates

_c = charging_profile_templates.c
SORTED = {name: _c[name] for name in ("id", "name", "updated_at")}
_SAVE = upsert(charging_profile_templates, "name", "profile", "updated_at")


def next_number(connection: Connection) -> int:
    """Return the number after the highest that is in use."""
    highest: int | None = connection.execute(select(func.max(_c.id))).scalar_one()
    return (highest or 0) + 1


def save(
    connection: Connection, name: str | None, profile: ChargingProfile, now: datetime
) -> ChargingProfileTemplateRecord:
    """Keep a profile under its id, in the place of what was kept there."""
    row = {"id": profile.id, "name": name, "profile": profile, "created_at": now}
    statement = _SAVE.values(row | {"updated_at": now}).returning(charging_profile_templates)
    return ChargingProfileTemplateRecord(*connection.execute(statement).one())


def get(connection: Connection, number: int) -> ChargingProfileTemplateRecord | None:
    """Return a template."""
    query = select(charging_profile_templates).where(_c.id == number)
    return one(ChargingProfileTemplateRecord, connection.execute(query))


def page(connection: Connection, window: Window) -> Page[ChargingProfileTemplateRecord]:
    """Return a page of the templates by number."""
    query = select(charging_profile_templates)
    return fetch(connection, ChargingProfileTemplateRecord, query, (_c.id,), window)


def part(
    connection: Connection, search: str | None, sorting: Sorting, window: Window
) -> Part[ChargingProfileTemplateRecord]:
    """Return some templates, those with such a name, sorted by one of `SORTED`, else by number."""
    query = select(charging_profile_templates).where(*mentions(search, (_c.name,)))
    record = ChargingProfileTemplateRecord
    return paging.part(connection, record, query, SORTED, sorting, window)


def remove(connection: Connection, number: int) -> bool:
    """Delete a template; stations keep what they were sent."""
    statement = delete(charging_profile_templates).where(_c.id == number)
    return connection.execute(statement).rowcount > 0
