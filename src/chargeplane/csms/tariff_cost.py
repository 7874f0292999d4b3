"""What charging costs: prices shown, costs told, tariffs set, payments settled."""

from __future__ import annotations

from typing import Any

import structlog

from chargeplane.csms import notes, providers
from chargeplane.csms.commands import send
from chargeplane.csms.registry import Station
from chargeplane.domain.tariff_cost import CostUpdated, FinalCost
from chargeplane.domain.tokens import SetUserPrice
from chargeplane.ocpp.v2 import wire

UNCHECKED = wire.StatusInfo(reason_code="NotEnabled")
FAILED = wire.StatusInfo(reason_code="InternalError")

logger = structlog.get_logger()


async def on_settlement(
    station: Station, request: wire.NotifySettlement
) -> wire.NotifySettlementResponse:
    """Store a settled, refused or cancelled payment (2.1 C19 to C22)."""
    await station.central.commit(
        lambda unit: notes.keep(unit, station.id, "payment.settlement", request)
    )
    receipts = providers.of(station.central).receipts
    if receipts is None:
        return wire.NotifySettlementResponse()
    try:
        # C21.FR.03
        return await receipts.receipt(station.id, request)
    except Exception as error:  # noqa: BLE001 a provider may raise anything
        logger.warning("no receipt", station=station.id, error=str(error))
        return wire.NotifySettlementResponse()


async def on_vat_number(
    station: Station, request: wire.VatNumberValidation
) -> wire.VatNumberValidationResponse:
    """Store a VAT number and have it checked (2.1 C18.FR.08, C18.FR.09)."""
    await station.central.commit(
        lambda unit: notes.keep(unit, station.id, "payment.vat_number", request)
    )
    company, info = await _company(station, request.vat_number)
    return wire.VatNumberValidationResponse(
        vat_number=request.vat_number,
        evse_id=request.evse_id,  # C18.FR.10
        status="Accepted" if company else "Rejected",
        company=company,
        status_info=info,
    )


async def _company(
    station: Station, vat_number: str
) -> tuple[wire.Address | None, wire.StatusInfo | None]:
    """The company of a VAT number, or why it is not known whether there is one."""
    vat = providers.of(station.central).vat
    if vat is None:
        return None, UNCHECKED
    try:
        return await vat.company(vat_number), None
    except Exception as error:  # noqa: BLE001 a provider may raise anything
        logger.warning("VAT number not checked", station=station.id, error=str(error))
        return None, FAILED


HANDLERS: dict[type, Any] = {
    wire.NotifySettlement: on_settlement,
    wire.VatNumberValidation: on_vat_number,
}
OPERATIONS: dict[str, tuple[type, Any]] = {
    "cost_updated": (CostUpdated, send),
    "set_user_price": (SetUserPrice, send),
    "final_cost": (FinalCost, send),
    "set_default_tariff": (wire.SetDefaultTariff, send),
    "get_tariffs": (wire.GetTariffs, send),
    "clear_tariffs": (wire.ClearTariffs, send),
    "change_transaction_tariff": (wire.ChangeTransactionTariff, send),
    "notify_web_payment_started": (wire.NotifyWebPaymentStarted, send),
}
