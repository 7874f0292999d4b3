"""What connectors say of themselves, and what a free one means for the transactions on it."""

from __future__ import annotations

from typing import Any, Final

from chargeplane.csms import transactions
from chargeplane.csms.central import Unit
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import Empty
from chargeplane.domain.station import StatusNotification
from chargeplane.storage.repositories import connectors, stations

NOT_CHARGING: Final = ("EVConnected", "Idle")  # 1.6 Preparing and Finishing


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
        if request.evse.id:
            _reconcile(unit, station.id, request)

    async with station.lock:
        await station.central.commit(work)
    return Empty()


def _reconcile(unit: Unit, station_id: str, request: StatusNotification) -> None:
    """Close what is over as the status shows.

    Nobody charges at a connector that is free, nor, since the last boot, at one that waits for
    somebody or has done. A status may overtake the end that a station still has to tell, which
    then replaces what is concluded here.
    """
    if request.connector_status == "Available":
        transactions.reconcile(unit, station_id, request.evse.id)
    elif request.charging_state in NOT_CHARGING:
        record = stations.get(unit.connection, station_id)
        if record is not None and record.boot_at is not None:
            transactions.reconcile(unit, station_id, request.evse.id, before=record.boot_at)


HANDLERS: dict[type, Any] = {StatusNotification: on_status}
