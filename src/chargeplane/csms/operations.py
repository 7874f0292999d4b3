"""Everything that a station can be asked: one table by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from chargeplane.csms import (
    battery_swap,
    certificates,
    commands,
    customer_information,
    data_transfer,
    der,
    diagnostics,
    display,
    firmware,
    local_list,
    monitoring,
    remote_control,
    reservation,
    security,
    smart_charging,
    tariff_cost,
    variables,
)
from chargeplane.csms.central import Central
from chargeplane.csms.commands import BY_SYSTEM, Asked, Operation
from chargeplane.domain.messages import Json, Value
from chargeplane.domain.tariff_cost import ConnectorUnplugged
from chargeplane.ocpp.dialects import DIALECTS

BLOCKS: Final = (
    variables,
    remote_control,
    local_list,
    reservation,
    smart_charging,
    monitoring,
    firmware,
    diagnostics,
    security,
    certificates,
    data_transfer,
    display,
    tariff_cost,
    customer_information,
    der,
    battery_swap,
)

WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class OperationEntry:
    """An operation: its name, what it is given, and what does it."""

    name: str
    request: type
    run: Operation


class RawCall(Value, frozen=True, kw_only=True):
    """Any call as raw JSON, known to us or not."""

    action: str
    payload: Json


async def call(
    central: Central, station_id: str, request: RawCall, asked: Asked = BY_SYSTEM
) -> Json:
    """Make a raw call."""
    return await commands.call(central, station_id, request.action, request.payload, asked)


def snake(name: str) -> str:
    """The name of an operation: `RequestStartTransaction` is `request_start_transaction`."""
    return WORDS.sub("_", name).lower()


def _entries() -> Iterator[OperationEntry]:
    """The blocks' operations, and plainly all else that some version can ask a station."""
    named = {name: entry for block in BLOCKS for name, entry in block.OPERATIONS.items()}
    by_request = dict(named.values())
    for request in _requests():
        named.setdefault(snake(request.__name__), (request, by_request.get(request, commands.send)))
    named["call"] = (RawCall, call)
    for name, (request, run) in sorted(named.items()):
        yield OperationEntry(name, request, run)


def _requests() -> Iterator[type]:
    """Every request that only a central system puts, whatever the version."""
    actions = [action for dialect in DIALECTS.values() for action in dialect.actions]
    # A DataTransfer of 1.x carries what in other versions is an action of the station.
    said = {r for action in actions if action.sender == "station" for r in action.requests}
    said.add(ConnectorUnplugged)
    for action in actions:
        if action.sender != "station":
            yield from (request for request in action.requests if request not in said)


OPERATIONS: Mapping[str, OperationEntry] = MappingProxyType(
    {entry.name: entry for entry in _entries()}
)
