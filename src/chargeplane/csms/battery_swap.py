"""Stations that swap batteries (2.1 S)."""

from __future__ import annotations

from typing import Any

import msgspec

from chargeplane.csms import notes
from chargeplane.csms.central import Central
from chargeplane.csms.commands import BY_SYSTEM, Asked, send
from chargeplane.domain.messages import StatusInfo, Value
from chargeplane.domain.tokens import Token
from chargeplane.ocpp.v2 import wire


class RequestBatterySwap(Value, frozen=True, kw_only=True):
    """For whom batteries are to be swapped."""

    id_token: Token


class Swap(Value, frozen=True, kw_only=True):
    """Whether the station swaps; its events will carry the request id."""

    request_id: int
    status: wire.GenericStatusEnum
    status_info: StatusInfo | None = None


async def request_battery_swap(
    central: Central, station_id: str, wanted: RequestBatterySwap, asked: Asked = BY_SYSTEM
) -> Swap:
    """Start a swap from afar (2.1 S02); raises as `send` does."""
    token = msgspec.convert(wanted.id_token, wire.IdToken, from_attributes=True)
    request = wire.RequestBatterySwap(request_id=notes.new_id(), id_token=token)
    answer = await send(central, station_id, request, asked)
    return Swap(
        request_id=request.request_id,
        status=answer.status,
        status_info=notes.info(answer),
    )


HANDLERS: dict[type, Any] = {
    # S03: a swap is only told of; it was allowed when its token was authorised.
    wire.BatterySwap: notes.keeper("battery.swap", wire.BatterySwapResponse),
}
OPERATIONS: dict[str, tuple[type, Any]] = {
    "request_battery_swap": (RequestBatterySwap, request_battery_swap),
}
