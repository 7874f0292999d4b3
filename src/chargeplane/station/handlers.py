"""Everything that a central system can ask of a station, and who answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from chargeplane.station import (
    authorization,
    availability,
    data_transfer,
    provisioning,
    remote_control,
    smart_charging,
)
from chargeplane.station.station import Station

Handler = Callable[[Station, Any], Awaitable[Any]]

BLOCKS = (
    provisioning,
    authorization,
    availability,
    remote_control,
    smart_charging,
    data_transfer,
)

HANDLERS: Mapping[type, Handler] = MappingProxyType(
    {request: handler for block in BLOCKS for request, handler in block.HANDLERS.items()}
)
