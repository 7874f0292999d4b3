"""Everything that stations say, and who answers it: the blocks' tables as one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from chargeplane.csms import (
    authorization,
    availability,
    battery_swap,
    certificates,
    customer_information,
    data_transfer,
    der,
    diagnostics,
    display,
    ev_schedules,
    firmware,
    metering,
    monitoring,
    provisioning,
    reservation,
    security,
    smart_charging,
    tariff_cost,
    transactions,
    variables,
)
from chargeplane.csms.registry import Station

Handler = Callable[[Station, Any], Awaitable[Any]]

BLOCKS = (
    authorization,
    availability,
    battery_swap,
    certificates,
    customer_information,
    data_transfer,
    der,
    diagnostics,
    display,
    ev_schedules,
    firmware,
    metering,
    monitoring,
    provisioning,
    reservation,
    security,
    smart_charging,
    tariff_cost,
    transactions,
    variables,
)

HANDLERS: Mapping[type, Handler] = MappingProxyType(
    {request: handler for block in BLOCKS for request, handler in block.HANDLERS.items()}
)
