"""Stations: what operators set, what they said at their boot, and who is connected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select, true, update

from chargeplane.domain.station import BootNotification
from chargeplane.storage.deferred import later
from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.prepared import Prepared, execute_many
from chargeplane.storage.records import AllowListMode, Page, Registration, StationRecord
from chargeplane.storage.repositories.overview import State, stations_in
from chargeplane.storage.statements import changes, equal, insert, mentions, one, upsert, within
from chargeplane.storage.tables import stations
from chargeplane.storage.types import UtcDateTime

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_SORTS: dict[str, ColumnElement[Any]] = {
    "id": stations.c.id,
    "name": func.coalesce(stations.c.name, ""),
    "model": func.coalesce(stations.c.model, ""),
    "last_seen": func.coalesce(stations.c.last_seen_at, bindparam(None, _EPOCH, UtcDateTime)),
}
_SEARCHED = tuple(stations.c[n] for n in ("id", "name", "vendor", "model", "serial_number"))


class StationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator decides about a station; what is UNSET stays as it is."""

    name: str | UnsetType | None = UNSET
    comment: str | UnsetType | None = UNSET
    location: str | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    registration: Registration | UnsetType = UNSET
    password_hash: str | UnsetType | None = UNSET
    min_security_profile: int | UnsetType = UNSET
    pinned_version: str | UnsetType | None = UNSET
    heartbeat_interval_s: int | UnsetType | None = UNSET
    soap_endpoint: str | UnsetType | None = UNSET
    free_vend: bool | UnsetType = UNSET
    allow_list_mode: AllowListMode | UnsetType = UNSET


class StationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which stations; all conditions that are given hold."""

    search: str | None = None
    online: bool | None = None
    registration: Registration | None = None
    enabled: bool | None = None
    state: State | None = None  # of a connector
    sort: Literal["id", "name", "model", "last_seen"] = "id"
    descending: bool = False
    among: tuple[str, ...] | None = None  # only these stations

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        given = equal(
            (stations.c.online, self.online),
            (stations.c.registration, self.registration),
            (stations.c.enabled, self.enabled),
        )
        if self.state is not None:
            given.append(stations.c.id.in_(stations_in(self.state)))
        return given + within(stations.c.id, self.among) + mentions(self.search, _SEARCHED)


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """A connection of a station and the process (`node`) that holds it."""

    connected_at: datetime
    node: str
    subprotocol: str
    security_profile: int
    remote_address: str | None = None


_CHANGED = {"revision": stations.c.revision + 1}
_GET = Prepared(StationRecord, select(stations).where(stations.c.id == bindparam("station")))
_BOOT = Prepared(
    StationRecord,
    upsert(
        stations,
        *("vendor", "model", "serial_number", "firmware_version", "iccid", "imsi"),
        *("charge_box_serial_number", "meter_type", "meter_serial_number"),
        *("boot_reason", "boot_at", "last_seen_at"),
    ).returning(stations),
)
_CONNECT = Prepared(
    StationRecord,
    update(stations)
    .where(stations.c.id == bindparam("station"))
    .values({name: bindparam(name) for name in Presence.__struct_fields__})
    .values(online=true(), last_seen_at=bindparam("seen"), **_CHANGED)
    .returning(stations),
)
_NOTE_CHANGE = update(stations).where(stations.c.id == bindparam("station")).values(_CHANGED)
_SEEN = (
    update(stations)
    .where(stations.c.id == bindparam("station"))
    .values(last_seen_at=bindparam("at"))
)


def get(connection: Connection, station_id: str) -> StationRecord | None:
    """Return a station."""
    return _GET.one(connection, {"station": station_id})


def page(connection: Connection, what: StationFilter, window: Window) -> Page[StationRecord]:
    """Return a page of stations in the order that the filter names."""
    query = select(stations).where(*what.conditions())
    keys = dict.fromkeys((_SORTS[what.sort], stations.c.id))
    return fetch(connection, StationRecord, query, tuple(keys), window, descending=what.descending)


def count(connection: Connection, what: StationFilter) -> int:
    """Count stations."""
    query = select(func.count()).select_from(stations).where(*what.conditions())
    return connection.execute(query).scalar_one()


def register(
    connection: Connection, station_id: str, settings: StationSettings, now: datetime
) -> bool:
    """Add a station; False if it is there already, and then it stays as it is."""
    row = {"id": station_id, **_born(now), **changes(settings)}
    statement = insert(stations).values(row).on_conflict_do_nothing().returning(stations.c.id)
    return connection.execute(statement).one_or_none() is not None


def change(
    connection: Connection, station_id: str, settings: StationSettings
) -> StationRecord | None:
    """Set what is given; None if there is no such station."""
    values = changes(settings)
    if not values:
        return get(connection, station_id)
    statement = update(stations).where(stations.c.id == station_id).values(values | _CHANGED)
    return one(StationRecord, connection.execute(statement.returning(stations)))


def boot(
    connection: Connection,
    station_id: str,
    notification: BootNotification,
    now: datetime,
    registration: Registration = "Accepted",
) -> StationRecord:
    """Store what a station says of itself; one that is not known yet gets the registration."""
    about = notification.charging_station
    row = {
        "id": station_id,
        "registration": registration,
        "vendor": about.vendor_name,
        "model": about.model,
        "serial_number": about.serial_number,
        "firmware_version": about.firmware_version,
        "iccid": about.modem.iccid if about.modem else None,
        "imsi": about.modem.imsi if about.modem else None,
        "charge_box_serial_number": about.charge_box_serial_number,
        "meter_type": about.meter_type,
        "meter_serial_number": about.meter_serial_number,
        "boot_reason": notification.reason,
        "boot_at": now,
        "last_seen_at": now,
        **_born(now),
    }
    (booted,) = _BOOT.all(connection, row)
    note_change(connection, station_id)
    return booted


def _born(now: datetime) -> dict[str, Any]:
    """Return what a new row begins with: a revision that no earlier row of its name has had."""
    return {"created_at": now, "revision": int(now.timestamp() * 1e6)}


def note_change(connection: Connection, station_id: str) -> None:
    """Count a change of what is stored of a station elsewhere: its connectors, its variables."""
    later(connection, _NOTE_CHANGE, {"station": station_id})


def connect(connection: Connection, station_id: str, presence: Presence) -> StationRecord | None:
    """Note that a station is connected; a newer connection takes the place of an older one."""
    row = {"station": station_id, "seen": presence.connected_at}
    return _CONNECT.one(connection, row | msgspec.structs.asdict(presence))


def disconnect(
    connection: Connection, station_id: str, connected_at: datetime, now: datetime
) -> bool:
    """Note that the connection of that moment is gone; False if a newer one has replaced it."""
    statement = (
        update(stations)
        .where(stations.c.id == station_id, stations.c.connected_at == connected_at)
        .where(stations.c.online)
        .values(online=False, node=None, disconnected_at=now)
    )
    return connection.execute(statement).rowcount > 0


def disconnect_all(connection: Connection, node: str, now: datetime) -> tuple[str, ...]:
    """Note that a process holds no connection any more, as at its start; the stations' ids."""
    statement = (
        update(stations)
        .where(stations.c.node == node, stations.c.online)
        .values(online=False, node=None, disconnected_at=now)
        .returning(stations.c.id)
    )
    return tuple(connection.execute(statement).scalars())


def note_seen(connection: Connection, seen: Mapping[str, datetime]) -> None:
    """Store when stations were last heard of, many at once."""
    rows = [{"station": station_id, "at": at} for station_id, at in seen.items()]
    if rows:
        execute_many(connection, _SEEN, rows)


def remove(connection: Connection, station_id: str) -> bool:
    """Delete a station with its connectors, variables, profiles and list, not what happened."""
    return connection.execute(delete(stations).where(stations.c.id == station_id)).rowcount > 0
