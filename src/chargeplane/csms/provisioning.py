"""Boot, heartbeat, and what follows a boot."""

from __future__ import annotations

from typing import Any

from chargeplane.csms.central import Unit
from chargeplane.csms.registry import Station
from chargeplane.domain.station import BootAnswer, BootNotification, Heartbeat, HeartbeatAnswer
from chargeplane.storage.records import StationRecord
from chargeplane.storage.repositories import stations


async def on_boot(station: Station, request: BootNotification) -> BootAnswer:
    """Store who the station is; accept it, or not yet, as an operator has decided (2.x B01-B03)."""

    def work(unit: Unit) -> StationRecord:
        record = stations.boot(unit.connection, station.id, request, unit.now)
        unit.emit(
            "station.booted",
            station_id=station.id,
            vendor=record.vendor,
            model=record.model,
            firmware=record.firmware_version,
            reason=request.reason,
            registration=record.registration,
        )
        return record

    record = await station.central.commit(work)
    station.registration = record.registration
    interval = record.heartbeat_interval_s or station.central.settings.heartbeat_interval
    station.heartbeat_interval = interval
    return BootAnswer(
        status=record.registration, current_time=station.central.now(), interval=interval
    )


async def on_heartbeat(station: Station, request: Heartbeat) -> HeartbeatAnswer:
    """Tell the time (2.x G02)."""
    del request
    return HeartbeatAnswer(current_time=station.central.now())


HANDLERS: dict[type, Any] = {
    BootNotification: on_boot,
    Heartbeat: on_heartbeat,
}
