"""Vendor-specific messages."""

from __future__ import annotations

from typing import Any

from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.station.station import Station


async def on_transfer(station: Station, request: DataTransfer) -> DataTransferAnswer:
    """Let those who run the station answer, who know its vendors (2.x P02; 1.6 §5.6)."""
    if station.answer_vendor is None:
        return DataTransferAnswer(status="UnknownVendorId")
    return await station.answer_vendor(request)


HANDLERS: dict[type, Any] = {DataTransfer: on_transfer}
