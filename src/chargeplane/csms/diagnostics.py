"""Logs and diagnostics that stations upload."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import msgspec

from chargeplane.csms import jobs
from chargeplane.csms.central import Central
from chargeplane.csms.commands import BY_SYSTEM, Asked
from chargeplane.csms.registry import Station
from chargeplane.domain.diagnostics import GetLog, GetLogAnswer, LogStatusNotification
from chargeplane.domain.messages import Empty


async def get_log(
    central: Central, station_id: str, request: GetLog, asked: Asked = BY_SYSTEM
) -> GetLogAnswer:
    """Have a log uploaded under the number of a job (2.x N01; 1.6 §5.9); raises as `send` does.

    A 1.6 station without the security extension is asked for its diagnostics.
    """

    def ask(number: int) -> Awaitable[GetLogAnswer]:
        numbered = msgspec.structs.replace(request, request_id=number)
        plain = msgspec.structs.replace(request, request_id=None)
        return jobs.ask_numbered(central, station_id, numbered, plain, asked)

    details = {"action": "GetLog", **msgspec.to_builtins(request)}
    job = jobs.Job(kind="log", station_id=station_id, details=details)
    return await jobs.run(central, job, ask)


async def on_status(station: Station, request: LogStatusNotification) -> Empty:
    """Store how an upload goes (2.x N01; 1.6 §4.4)."""
    await jobs.note(station, "log", request)
    return Empty()


HANDLERS: dict[type, Any] = {
    LogStatusNotification: on_status,
}
OPERATIONS: dict[str, tuple[type, Any]] = {
    "get_log": (GetLog, get_log),
}
