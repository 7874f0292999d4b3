"""Charging as fast as may be, because the driver asked for it (2.1 K21, K22)."""

from __future__ import annotations

from typing import Any

from chargeplane.ocpp.v2 import wire
from chargeplane.station import profile_store
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit


async def on_use(
    station: Station, request: wire.UsePriorityCharging
) -> wire.UsePriorityChargingResponse:
    """The driver asked for it, or not any more, by way of the central system (K21)."""
    evse = station.running(request.transaction_id)
    if evse is None:
        info = wire.StatusInfo(reason_code="TxNotFound")
        return wire.UsePriorityChargingResponse(status="Rejected", status_info=info)
    if not use(station, evse, activate=request.activate):
        info = wire.StatusInfo(reason_code="NotFound")
        return wire.UsePriorityChargingResponse(status="NoProfile", status_info=info)
    return wire.UsePriorityChargingResponse(status="Accepted")


def use(station: Station, evse: EvseUnit, *, activate: bool) -> bool:
    """The driver asks for it, or not any more; false if it cannot be had (K22.FR.01)."""
    if activate and not can_be_used(station, evse):
        return False
    _switch(station, evse, activated=activate)
    return True


def can_be_used(station: Station, evse: EvseUnit) -> bool:
    """Whether the transaction of an EVSE could have it."""
    return evse.transaction is not None and any(
        each.evse_id in (0, evse.id) and each.profile.charging_profile_purpose == "PriorityCharging"
        for each in profile_store.installed(station)
    )


def _switch(station: Station, evse: EvseUnit, *, activated: bool) -> None:
    transaction = evse.transaction
    if transaction is None or transaction.has_priority == activated:
        return
    transaction.has_priority = activated
    with station.documents.together():
        station.transactions[transaction.id] = transaction
        station.tell(
            wire.NotifyPriorityCharging(transaction_id=transaction.id, activated=activated)
        )
    profile_store.refresh(station)


def on_limits(station: Station, _none: None) -> None:
    """Tell that it has ended where its profile is gone."""
    for evse in station.evses:
        if not can_be_used(station, evse):
            _switch(station, evse, activated=False)


HANDLERS: dict[type, Any] = {wire.UsePriorityCharging: on_use}
ON_LIMITS = (on_limits,)
