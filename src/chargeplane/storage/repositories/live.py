"""All stations that are online with their connectors, in one lean query."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, and_, select

from chargeplane.storage.prepared import Prepared
from chargeplane.storage.tables import connectors, stations


class LiveConnector(msgspec.Struct, frozen=True, gc=False):
    """A connector of a station that is online; `evse_id` is None if it has told of none yet."""

    station_id: str
    station_name: str | None
    evse_id: int | None
    connector_id: int | None
    status: str | None
    charging_state: str | None
    status_at: datetime | None
    energy_mwh: int | None
    power_w: float | None
    current_a: float | None
    soc_percent: float | None
    measured_at: datetime | None


_NAMES = LiveConnector.__struct_fields__[2:]
_ONLINE = Prepared(
    LiveConnector,
    select(stations.c.id, stations.c.name, *(connectors.c[name] for name in _NAMES))
    .select_from(
        stations.outerjoin(
            connectors, and_(connectors.c.station_id == stations.c.id, connectors.c.evse_id > 0)
        )
    )
    .where(stations.c.online)
    .order_by(stations.c.id, connectors.c.evse_id, connectors.c.connector_id),
)


def online(connection: Connection) -> tuple[LiveConnector, ...]:
    """Return the connectors of all stations that are online, in order."""
    return _ONLINE.all(connection, {})
