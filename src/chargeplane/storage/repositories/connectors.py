"""Connectors: their last known state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from chargeplane.domain.station import ErrorInfo, StatusNotification
from chargeplane.storage.deferred import later
from chargeplane.storage.measured import Measured
from chargeplane.storage.prepared import Prepared
from chargeplane.storage.records import ConnectorRecord
from chargeplane.storage.repositories.stations import note_change
from chargeplane.storage.statements import many, upsert
from chargeplane.storage.tables import connectors

_NO_ERROR = ErrorInfo()

_KEY = (
    connectors.c.station_id == bindparam("station"),
    connectors.c.evse_id == bindparam("evse"),
    connectors.c.connector_id == bindparam("connector"),
)
_GET = Prepared(ConnectorRecord, select(connectors).where(*_KEY))
_SET_STATUS = Prepared(
    ConnectorRecord,
    upsert(
        connectors,
        *("status", "charging_state", "status_at"),
        *("error_code", "error_info", "error_vendor_id", "error_vendor_code"),
    ).returning(connectors),
)
_SET_CHARGING_STATE = update(connectors).where(*_KEY).values(charging_state=bindparam("state"))
_MEASURED = ("energy_mwh", "power_w", "current_a", "soc_percent")
_SET_MEASURED = (
    update(connectors)
    .where(*_KEY[:2])
    .values(
        {name: func.coalesce(bindparam(f"new_{name}"), connectors.c[name]) for name in _MEASURED}
    )
    .values(measured_at=bindparam("at"))
)


def get(
    connection: Connection, station_id: str, evse_id: int, connector_id: int
) -> ConnectorRecord | None:
    """Return a connector."""
    key = {"station": station_id, "evse": evse_id, "connector": connector_id}
    return _GET.one(connection, key)


def of_station(connection: Connection, station_id: str) -> tuple[ConnectorRecord, ...]:
    """Return all connectors of a station, its own state (EVSE 0) first."""
    return of_stations(connection, (station_id,))


def of_stations(
    connection: Connection, station_ids: tuple[str, ...]
) -> tuple[ConnectorRecord, ...]:
    """Return all connectors of some stations, in order."""
    query = select(connectors).where(connectors.c.station_id.in_(station_ids))
    return many(ConnectorRecord, connection.execute(query.order_by(*connectors.primary_key)))


def count_by_status(connection: Connection) -> Mapping[str, int]:
    """Count the connectors in each status, less the stations themselves."""
    query = (
        select(connectors.c.status, func.count())
        .where(connectors.c.evse_id > 0, connectors.c.status.is_not(None))
        .group_by(connectors.c.status)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def set_status(
    connection: Connection, station_id: str, notification: StatusNotification, now: datetime
) -> ConnectorRecord:
    """Store a status as it is said; a connector that is heard of first is added.

    A connector that is not named is the station (0) of EVSE 0, else 1.
    """
    evse, error = notification.evse, notification.error or _NO_ERROR
    row = {
        "station_id": station_id,
        "evse_id": evse.id,
        "connector_id": connector_of(evse.id, evse.connector_id),
        "status": notification.connector_status,
        "charging_state": notification.charging_state,
        "status_at": notification.timestamp or now,
        "error_code": error.code,
        "error_info": error.info,
        "error_vendor_id": error.vendor_id,
        "error_vendor_code": error.vendor_error_code,
    }
    (connector,) = _SET_STATUS.all(connection, row)
    note_change(connection, station_id)
    return connector


def set_charging_state(
    connection: Connection, station_id: str, evse_id: int, connector_id: int | None, state: str
) -> None:
    """Store the charging state that a 2.x transaction tells."""
    connector = connector_of(evse_id, connector_id)
    row = {"station": station_id, "evse": evse_id, "connector": connector, "state": state}
    later(connection, _SET_CHARGING_STATE, row)
    note_change(connection, station_id)


def set_measured(connection: Connection, station_id: str, evse_id: int, measured: Measured) -> None:
    """Store the last reading of an EVSE at its connectors; what it does not say stays."""
    row = {
        "station": station_id,
        "evse": evse_id,
        "new_energy_mwh": measured.import_mwh,
        "new_power_w": measured.power_w,
        "new_current_a": measured.current_a,
        "new_soc_percent": measured.soc_percent,
        "at": measured.measured_at,
    }
    later(connection, _SET_MEASURED, row)
    note_change(connection, station_id)


def connector_of(evse_id: int, connector_id: int | None) -> int:
    """Return the connector that is meant where none is named."""
    return (1 if evse_id else 0) if connector_id is None else connector_id
