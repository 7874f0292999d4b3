"""What the stations that are online show, read so that it can be kept in memory.

`revisions` says in one lean query which stations there are and how far each has changed, whoever
changed it; `those` reads whole the ones that are asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, ScalarSelect, bindparam, select

from chargeplane.storage.prepared import Prepared
from chargeplane.storage.tables import connectors, stations, variables

FEW = 200  # stations that are read one by one; of more, all that are online are read at once


class LiveConnector(msgspec.Struct, frozen=True, gc=False):
    """The state of a connector and the last reading of its EVSE."""

    station_id: str
    evse_id: int
    connector_id: int
    status: str | None
    charging_state: str | None
    status_at: datetime | None
    energy_mwh: int | None
    power_w: float | None
    current_a: float | None
    soc_percent: float | None
    measured_at: datetime | None


class LiveStation(msgspec.Struct, gc=False):
    """A station that is online, with its connectors, less its own state (EVSE 0).

    The other three are variables as it told them, None if it has not.
    """

    id: str
    name: str | None
    subprotocol: str | None
    feature_profiles: str | None
    reservation_available: str | None
    reservation_enabled: str | None
    connectors: Sequence[LiveConnector] = ()


def _told(component: str, variable: str) -> ScalarSelect[str | None]:
    """Return what a station says of itself as a whole."""
    c = variables.c
    place = (c.component == component, c.component_instance == "", c.variable == variable)
    whole = (c.evse_id == 0, c.connector_id == 0, c.variable_instance == "")
    query = select(c.value).where(c.station_id == stations.c.id, c.attribute_type == "Actual")
    return query.where(*place, *whole).scalar_subquery()


_REVISIONS = Prepared(
    lambda *row: row,
    select(stations.c.id, stations.c.revision).where(stations.c.online).order_by(stations.c.id),
)
_STATIONS = select(
    stations.c.id,
    stations.c.name,
    stations.c.subprotocol,
    _told("OCPP16LegacyCtrlr", "SupportedFeatureProfiles"),
    _told("ReservationCtrlr", "Available"),
    _told("ReservationCtrlr", "Enabled"),
).where(stations.c.online)
_CONNECTORS = select(*(connectors.c[name] for name in LiveConnector.__struct_fields__)).where(
    connectors.c.evse_id > 0
)
_ALL = Prepared(LiveStation, _STATIONS), Prepared(LiveConnector, _CONNECTORS)
_ONE = (
    Prepared(LiveStation, _STATIONS.where(stations.c.id == bindparam("station"))),
    Prepared(LiveConnector, _CONNECTORS.where(connectors.c.station_id == bindparam("station"))),
)


def revisions(connection: Connection) -> Mapping[str, int]:
    """Return the stations that are online, in order; a number changes with what is shown."""
    return dict(_REVISIONS.all(connection, {}))


def those(connection: Connection, wanted: Collection[str]) -> tuple[LiveStation, ...]:
    """Return those of the wanted stations that are online; of many wanted, others too."""
    if len(wanted) > FEW:
        return _read(connection, _ALL, {})
    rows = ({"station": name} for name in wanted)
    return tuple(found for row in rows for found in _read(connection, _ONE, row))


def _read(
    connection: Connection,
    queries: tuple[Prepared[LiveStation], Prepared[LiveConnector]],
    row: Mapping[str, str],
) -> tuple[LiveStation, ...]:
    """Return stations with their connectors."""
    own = defaultdict[str, list[LiveConnector]](list)
    for connector in queries[1].all(connection, row):
        own[connector.station_id].append(connector)
    found = queries[0].all(connection, row)
    for station in found:
        station.connectors = own[station.id]
    return found
