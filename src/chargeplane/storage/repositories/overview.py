"""How the whole network is now: states of connectors, power, and what needs attention."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, not_, select

from chargeplane.storage.paging import Window, fetch
from chargeplane.storage.records import Page, Record
from chargeplane.storage.statements import equal, many, mentions, within
from chargeplane.storage.tables import (
    IS_OPEN,
    connectors,
    refused_stations,
    stations,
    transactions,
)

State = Literal[
    "Offline",
    "Faulted",
    "Unavailable",
    "Charging",
    "Suspended",
    "Occupied",
    "Reserved",
    "Available",
    "Unknown",
]
AlarmKind = Literal["offline", "faulted", "pending", "refused"]

_c, _t, _s = connectors.c, transactions.c, stations.c

# The first that holds is the state.
_STATES: Final[Mapping[State, ColumnElement[bool]]] = {
    "Offline": not_(_s.online),
    "Faulted": _c.status == "Faulted",
    "Unavailable": _c.status == "Unavailable",
    "Charging": and_(_c.status == "Occupied", _c.charging_state == "Charging"),
    "Suspended": and_(
        _c.status == "Occupied", _c.charging_state.in_(("SuspendedEV", "SuspendedEVSE"))
    ),
    "Occupied": _c.status == "Occupied",
    "Reserved": _c.status == "Reserved",
    "Available": _c.status == "Available",
}
_STATE: Final = case(
    *((condition, literal(name)) for name, condition in _STATES.items()), else_=literal("Unknown")
)
_TOGETHER: Final = connectors.join(stations, _s.id == _c.station_id)


class Tile(Record, frozen=True):
    """A connector as it is now, with the charge that is open there."""

    station_id: str
    evse_id: int
    connector_id: int
    station_name: str | None
    connector_name: str | None
    state: State
    error_code: str | None
    power_w: float | None
    soc_percent: float | None
    transaction_id: int | None
    started_at: datetime | None
    energy_mwh: int | None
    id_token: str | None


class TileFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which connectors; all conditions that are given hold."""

    search: str | None = None
    state: State | None = None
    station_id: str | None = None
    among: tuple[str, ...] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        given = equal((_STATE, self.state), (_c.station_id, self.station_id))
        given += within(_c.station_id, self.among)
        return [*given, *mentions(self.search, (_s.id, _s.name, _s.location, _c.name))]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The network in figures."""

    stations: int
    online: int
    connectors: Mapping[State, int]
    charges: int
    power_w: float


class Alarm(Record, frozen=True):
    """Something that wants to be looked at; the text is the station's or the server's own."""

    kind: AlarmKind
    station_id: str
    evse_id: int | None
    at: datetime | None
    text: str | None


def tiles(connection: Connection, what: TileFilter, window: Window) -> Page[Tile]:
    """Return a page of connectors in their order."""
    keys = (_c.station_id, _c.evse_id, _c.connector_id)
    return fetch(connection, Tile, _tiles().where(*what.conditions()), keys, window)


def tiles_of(connection: Connection, station_ids: tuple[str, ...]) -> tuple[Tile, ...]:
    """Return all connectors of some stations, in order."""
    query = _tiles().where(_c.station_id.in_(station_ids))
    query = query.order_by(_c.station_id, _c.evse_id, _c.connector_id)
    return many(Tile, connection.execute(query))


def count(connection: Connection, what: TileFilter) -> int:
    """Count connectors."""
    query = select(func.count()).select_from(_TOGETHER).where(_c.evse_id > 0, *what.conditions())
    return connection.execute(query).scalar_one()


def _tiles() -> Select[Any]:
    """Connectors with the latest charge that is open at their EVSE."""
    latest = (
        select(func.max(_t.id).label("id"))
        .where(IS_OPEN)
        .group_by(_t.station_id, _t.evse_id)
        .subquery()
    )
    charge = select(transactions).join(latest, latest.c.id == _t.id).subquery()
    t = charge.c
    at_this = and_(
        t.station_id == _c.station_id,
        t.evse_id == _c.evse_id,
        func.coalesce(t.connector_id, _c.connector_id) == _c.connector_id,
    )
    return (
        select(
            *(_c.station_id, _c.evse_id, _c.connector_id, _s.name, _c.name, _STATE, _c.error_code),
            *(t.last_power_w, t.last_soc_percent, t.id, t.started_at),
            *(t.last_energy_mwh - t.start_energy_mwh, t.id_token),
        )
        .select_from(_TOGETHER.outerjoin(charge, at_this))
        .where(_c.evse_id > 0)
    )


def stations_in(state: State) -> Select[Any]:
    """The ids of the stations that have a connector in a state."""
    return select(_c.station_id).select_from(_TOGETHER).where(*equal((_STATE, state)))


def summary(connection: Connection, among: tuple[str, ...] | None = None) -> Summary:
    """Count stations, connectors and charges, and add up the power of the charges."""
    presence = select(_s.online, func.count()).where(*within(_s.id, among)).group_by(_s.online)
    counted = {bool(online): number for online, number in connection.execute(presence)}
    states = (
        select(_STATE, func.count())
        .select_from(_TOGETHER)
        .where(_c.evse_id > 0, *within(_c.station_id, among))
        .group_by(_STATE)
    )
    open_ones = (
        select(func.count(), func.coalesce(func.sum(case((_s.online, _t.last_power_w))), 0.0))
        .select_from(transactions.join(stations, _s.id == _t.station_id))
        .where(IS_OPEN, *within(_t.station_id, among))
    )
    charges, power_w = connection.execute(open_ones).one()
    return Summary(
        stations=sum(counted.values()),
        online=counted.get(True, 0),
        connectors={row[0]: row[1] for row in connection.execute(states)},
        charges=charges,
        power_w=float(power_w),
    )


def delivered(
    connection: Connection, since: datetime, among: tuple[str, ...] | None = None
) -> tuple[tuple[datetime, int], ...]:
    """Return when each charge since a moment began, and the energy that it has delivered."""
    end = func.coalesce(_t.stop_energy_mwh, _t.last_energy_mwh)
    query = select(_t.started_at, end - _t.start_energy_mwh).where(
        _t.started_at >= since, end >= _t.start_energy_mwh, *within(_t.station_id, among)
    )
    return tuple((at, energy) for at, energy in connection.execute(query))


def alarms(
    connection: Connection, among: tuple[str, ...] | None = None, limit: int = 50
) -> tuple[Alarm, ...]:
    """Return what wants to be looked at, so many of each kind, the gravest kind first."""
    queries = (_lost, _faulted, _pending, _refused)
    return tuple(
        Alarm(*row) for query in queries for row in connection.execute(query(among).limit(limit))
    )


def _lost(among: tuple[str, ...] | None) -> Select[Any]:
    """Charges at stations that are not connected."""
    return (
        select(literal("offline"), _t.station_id, _t.evse_id, _s.disconnected_at, _t.id_token)
        .select_from(transactions.join(stations, _s.id == _t.station_id))
        .where(IS_OPEN, not_(_s.online), *within(_t.station_id, among))
        .order_by(_s.disconnected_at)
    )


def _faulted(among: tuple[str, ...] | None) -> Select[Any]:
    """What is broken, the station itself (EVSE 0) included."""
    told = func.coalesce(_c.error_info, _c.error_vendor_code, _c.error_code)
    return (
        select(literal("faulted"), _c.station_id, _c.evse_id, _c.status_at, told)
        .select_from(_TOGETHER)
        .where(_c.status == "Faulted", _s.online, *within(_c.station_id, among))
        .order_by(_c.status_at)
    )


def _pending(among: tuple[str, ...] | None) -> Select[Any]:
    """Stations that wait to be adopted."""
    return (
        select(literal("pending"), _s.id, literal(None), _s.last_seen_at, _s.model)
        .where(_s.registration == "Pending", *within(_s.id, among))
        .order_by(_s.id)
    )


def _refused(among: tuple[str, ...] | None) -> Select[Any]:
    """Stations that were not let in."""
    r = refused_stations.c
    return (
        select(literal("refused"), r.station_id, literal(None), r.last_at, r.reason)
        .where(*within(r.station_id, among))
        .order_by(r.last_at.desc())
    )
