"""Vendor-specific messages."""

from __future__ import annotations

from typing import Any

from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.station.station import Station


async def on_transfer(station: Station, request: DataTransfer) -> DataTransferAnswer:
    """Know no vendor: its extensions are not implemented here (P01.FR.05; 1.6 §4.3)."""
    del station, request
    return DataTransferAnswer(status="UnknownVendorId")


HANDLERS: dict[type, Any] = {DataTransfer: on_transfer}
