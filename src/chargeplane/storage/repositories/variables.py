"""The device model of stations, and the configuration keys of 1.x."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, not_, select

from chargeplane.domain.messages import Json
from chargeplane.domain.station import Evse
from chargeplane.domain.variables import AttributeType, Component, Variable
from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.records import Page, VariableRecord
from chargeplane.storage.repositories import stations
from chargeplane.storage.statements import equal, insert, many, mentions
from chargeplane.storage.tables import variables

_c = variables.c
_NO_EVSE = Evse(0)

_INSERT = insert(variables)
_KEEP_IF_UNSAID = ("mutability", "persistent", "constant", "characteristics")
_SAVE = _INSERT.on_conflict_do_update(
    index_elements=list(variables.primary_key),
    set_={n: _INSERT.excluded[n] for n in ("value", "reboot_required", "updated_at")}
    | {n: func.coalesce(_INSERT.excluded[n], _c[n]) for n in _KEEP_IF_UNSAID},
)


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute of a variable as a station told it; what it does not say is None."""

    component: Component
    variable: Variable
    type: AttributeType = "Actual"
    value: str | None = None
    mutability: str | None = None
    persistent: bool | None = None
    constant: bool | None = None
    characteristics: Json | None = None
    reboot_required: bool = False


class VariableFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which variables of a station; all conditions that are given hold."""

    station_id: str
    component: str | None = None
    variable: str | None = None
    evse_id: int | None = None
    is_changeable: bool | None = None
    reboot_required: bool | None = None
    search: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        given = equal(
            (_c.station_id, self.station_id),
            (_c.component, self.component),
            (_c.variable, self.variable),
            (_c.evse_id, self.evse_id),
            (_c.reboot_required, self.reboot_required),
        )
        if self.is_changeable is not None:
            fixed = func.coalesce(_c.mutability, "") == "ReadOnly"
            given.append(not_(fixed) if self.is_changeable else fixed)
        return given + mentions(self.search, (_c.component, _c.variable, _c.value))


def save(
    connection: Connection, station_id: str, attributes: Iterable[Attribute], now: datetime
) -> None:
    """Store values; what an attribute does not say of its nature stays as it is."""
    rows = [_row(station_id, attribute, now) for attribute in attributes]
    if rows:
        connection.execute(_SAVE, rows)
        stations.note_change(connection, station_id)


def of_station(connection: Connection, what: VariableFilter) -> tuple[VariableRecord, ...]:
    """Return all variables that match, in order."""
    query = select(variables).where(*what.conditions()).order_by(*variables.primary_key)
    return many(VariableRecord, connection.execute(query))


def page(connection: Connection, what: VariableFilter, window: Window) -> Page[VariableRecord]:
    """Return a page of the variables of a station, in order."""
    query = select(variables).where(*what.conditions())
    return fetch(connection, VariableRecord, query, tuple(variables.primary_key), window)


def count(connection: Connection, what: VariableFilter) -> int:
    """Count the variables of a station."""
    query = select(func.count()).select_from(variables).where(*what.conditions())
    return connection.execute(query).scalar_one()


def remove(connection: Connection, station_id: str, before: datetime) -> int:
    """Delete what a full report did not mention again since then; how many went."""
    statement = delete(variables).where(_c.station_id == station_id, _c.updated_at < before)
    stations.note_change(connection, station_id)
    return connection.execute(statement).rowcount


def _row(station_id: str, attribute: Attribute, now: datetime) -> dict[str, object]:
    """Lay an attribute out in columns."""
    component, variable = attribute.component, attribute.variable
    evse = component.evse or _NO_EVSE
    return {
        "station_id": station_id,
        "component": component.name,
        "component_instance": component.instance or "",
        "evse_id": evse.id,
        "connector_id": evse.connector_id or 0,
        "variable": variable.name,
        "variable_instance": variable.instance or "",
        "attribute_type": attribute.type,
        "value": attribute.value,
        "mutability": attribute.mutability,
        "persistent": attribute.persistent,
        "constant": attribute.constant,
        "characteristics": attribute.characteristics,
        "reboot_required": attribute.reboot_required,
        "updated_at": now,
    }
