"""Vendors' own messages, in both directions."""

from __future__ import annotations

from typing import Any

import structlog

from chargeplane.csms import notes
from chargeplane.csms.central import Central, Unit
from chargeplane.csms.commands import BY_SYSTEM, Asked, operate
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import Empty
from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.domain.tariff_cost import ConnectorUnplugged
from chargeplane.errors import ChargeplaneError
from chargeplane.storage.records import Direction
from chargeplane.storage.repositories import data_transfers

logger = structlog.get_logger()


async def on_transfer(station: Station, request: DataTransfer) -> DataTransferAnswer:
    """Have a vendor's message answered by the handler of that vendor (2.x P02; 1.6 §4.3)."""
    answer = await _answer(station, request)
    await _store(station.central, station.id, "in", request, answer)
    return answer


async def _answer(station: Station, request: DataTransfer) -> DataTransferAnswer:
    handler = station.central.vendors.get(request.vendor_id)
    if handler is None:
        # 2.x P02.FR.06, 1.6 §4.3
        return DataTransferAnswer(status="UnknownVendorId")
    try:
        return await handler(station.id, request)
    except Exception:
        logger.exception("vendor handler failed", station=station.id, vendor=request.vendor_id)
        return DataTransferAnswer(status="Rejected")


async def data_transfer(
    central: Central, station_id: str, request: DataTransfer, asked: Asked = BY_SYSTEM
) -> DataTransferAnswer:
    """Send a vendor's message (2.x P01; 1.6 §5.6); raises as `send` does."""

    async def ask(station: Station) -> DataTransferAnswer:
        try:
            answer = await station.ask(request, asked.timeout)
        except ChargeplaneError:
            await _store(central, station_id, "out", request, None)
            raise
        await _store(central, station_id, "out", request, answer)
        return answer

    return await operate(central, station_id, request, ask, asked)


async def on_unplugged(station: Station, request: ConnectorUnplugged) -> Empty:
    """Store when the cable was taken out (1.6 California pricing)."""
    await station.central.commit(
        lambda unit: notes.keep(unit, station.id, "connector.unplugged", request)
    )
    return Empty()


async def _store(
    central: Central,
    station_id: str,
    direction: Direction,
    request: DataTransfer,
    answer: DataTransferAnswer | None,
) -> None:
    def work(unit: Unit) -> None:
        number = data_transfers.append(
            unit.connection, station_id, direction, request, answer, unit.now
        )
        unit.emit(
            "data_transfer",
            station_id=station_id,
            transfer=number,
            direction=direction,
            vendor_id=request.vendor_id,
            message_id=request.message_id,
            data=request.data,
            status=answer.status if answer else None,
        )

    await central.commit(work)


HANDLERS: dict[type, Any] = {
    DataTransfer: on_transfer,
    ConnectorUnplugged: on_unplugged,
}
OPERATIONS: dict[str, tuple[type, Any]] = {
    "data_transfer": (DataTransfer, data_transfer),
}
