"""What connectors say of themselves, and what a free one means for the transactions on it."""

from __future__ import annotations

from typing import Any

from chargeplane.csms import transactions
from chargeplane.csms.central import Unit
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import Empty
from chargeplane.domain.station import StatusNotification
from chargeplane.storage.repositories import connectors


async def on_status(station: Station, request: StatusNotification) -> Empty:
    """Store a connector's state (2.x G01; 1.6 §4.9)."""

    def work(unit: Unit) -> None:
        record = connectors.set_status(unit.connection, station.id, request, unit.now)
        unit.emit(
            "connector.status",
            station_id=station.id,
            evse_id=record.evse_id,
            connector=record.connector_id,
            status=record.status,
            charging_state=record.charging_state,
            error_code=None if record.error_code == "NoError" else record.error_code,
            error_info=record.error_info,
        )
        # Nobody charges at a connector that is free. A status may overtake the end that a
        # station still has to tell, which then replaces what is concluded here.
        if request.connector_status == "Available" and request.evse.id:
            transactions.reconcile(unit, station.id, request.evse.id)

    async with station.lock:
        await station.central.commit(work)
    return Empty()


HANDLERS: dict[type, Any] = {StatusNotification: on_status}
