"""Vendor-specific messages: who answers them, by vendor and name of the message (2.x P01)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chargeplane.domain.station import DataTransfer, DataTransferAnswer
from chargeplane.domain.variables import Component
from chargeplane.station.definition import flag
from chargeplane.station.station import AnswerVendor, Station

ENABLED: Final = "CustomImplementationEnabled"


def serve(station: Station, vendor_id: str, answers: Mapping[str | None, AnswerVendor]) -> None:
    """Answer a vendor's messages by their names; None answers those of other names, or of none.

    The central system can turn a vendor off by the variable that 2.x has for it.
    """
    station.vendors = {**station.vendors, vendor_id: answers}
    row = flag(f"{ENABLED}[{vendor_id}]", default=True)
    station.model.define(Component("CustomizationCtrlr"), row)


async def on_transfer(station: Station, request: DataTransfer) -> DataTransferAnswer:
    """Let whoever serves the vendor answer, else those who run the station (2.x P01; 1.6 §5.6)."""
    answers = station.vendors.get(request.vendor_id)
    if answers is not None and not _is_enabled(station, request.vendor_id):
        return DataTransferAnswer(status="UnknownVendorId")
    if answers is None:
        if station.answer_vendor is None:
            return DataTransferAnswer(status="UnknownVendorId")  # P01.FR.05
        return await station.answer_vendor(request)
    answer = answers.get(request.message_id) or answers.get(None)
    if answer is None:
        return DataTransferAnswer(status="UnknownMessageId")  # P01.FR.06
    return await answer(request)


def _is_enabled(station: Station, vendor_id: str) -> bool:
    return station.model.flag(f"CustomizationCtrlr/{ENABLED}[{vendor_id}]")


HANDLERS: dict[type, Any] = {DataTransfer: on_transfer}
