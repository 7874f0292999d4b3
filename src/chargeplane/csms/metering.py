"""Readings outside of transactions, and how readings of any kind are stored."""

from __future__ import annotations

from typing import Any

from chargeplane.csms.central import Unit
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import Empty
from chargeplane.domain.readings import MeterValues, Reading
from chargeplane.storage.measured import Measured
from chargeplane.storage.repositories import connectors, meter_values
from chargeplane.storage.repositories import transactions as stored


def store(
    unit: Unit,
    station_id: str,
    evse_id: int,
    readings: tuple[Reading, ...],
    transaction_id: int | None = None,
) -> Measured | None:
    """Store readings, the latest also at its connector and transaction; None if there are none."""
    connection = unit.connection
    latest = meter_values.append(connection, station_id, evse_id, readings, transaction_id)
    if latest is None:
        return None
    connectors.set_measured(connection, station_id, evse_id, latest)
    if transaction_id is not None:
        stored.set_measured(connection, transaction_id, latest)
    unit.emit(
        "meter.values",
        station_id=station_id,
        evse_id=evse_id,
        transaction_id=transaction_id,
        lasting=False,
        measured_at=latest.measured_at,
        energy_mwh=latest.import_mwh,
        power_w=latest.power_w,
        current_a=latest.current_a,
        soc_percent=latest.soc_percent,
    )
    return latest


async def on_meter_values(station: Station, request: MeterValues) -> Empty:
    """Store the readings of an EVSE or, as EVSE 0, of the main meter (2.x J01; 1.6 §4.7)."""
    await station.central.commit(
        lambda unit: store(unit, station.id, request.evse_id, request.readings)
    )
    return Empty()


HANDLERS: dict[type, Any] = {MeterValues: on_meter_values}
