"""Everything that stations say, and who answers it: the blocks' tables as one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from chargeplane.csms import authorization, availability, metering, provisioning, transactions
from chargeplane.csms.registry import Station

Handler = Callable[[Station, Any], Awaitable[Any]]

BLOCKS = (provisioning, authorization, availability, transactions, metering)

HANDLERS: Mapping[type, Handler] = MappingProxyType(
    {request: handler for block in BLOCKS for request, handler in block.HANDLERS.items()}
)
