"""Asking a station to do something, with a record of who asked, what was said and how long it took."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar, overload

import msgspec
from chargeplane.csms.central import Central, Unit
from chargeplane.domain.messages import Json, Request
from chargeplane.errors import ChargeplaneError
from chargeplane.ocpp.action import Wire
from chargeplane.storage.repositories import commands

R = TypeVar("R")

SYSTEM: Final = "system"  # asks on its own account, as after a boot


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks, for which task (a group of commands), and how long the answer may take (s)."""

    by: str = SYSTEM
    task: str | None = None
    timeout: float | None = None


class Operation(Protocol):
    """Something that a station can be asked to do."""

    async def __call__(
        self, central: Central, station_id: str, request: Any, asked: Asked, /
    ) -> Any:
        """The station's answer; raises Untranslatable, OcppError, NoAnswer."""
        ...


@overload
async def send(
    central: Central, station_id: str, request: Request[R], asked: Asked = Asked()
) -> R: ...


@overload
async def send(central: Central, station_id: str, request: Wire, asked: Asked = Asked()) -> Any: ...


async def send(central: Central, station_id: str, request: Any, asked: Asked = Asked()) -> Any:
    """Ask a station and record it; raises Untranslatable, OcppError, NoAnswer.

    A station that is not connected raises `NotConnected` at once.
    """
    name = type(request).__name__
    said = msgspec.to_builtins(request)

    async def ask() -> Any:
        return await central.stations.require(station_id).ask(request, asked.timeout)

    return await recorded(central, station_id, name, said, ask, asked)


async def call(
    central: Central, station_id: str, action: str, payload: Json, asked: Asked = Asked()
) -> Json:
    """Make any call as raw JSON and record it; raises OcppError, NoAnswer."""

    async def ask() -> Json:
        station = central.stations.require(station_id)
        return await station.peer.call(action, payload, asked.timeout)

    return await recorded(central, station_id, action, payload, ask, asked)


async def recorded(  # noqa: PLR0913, PLR0917 what a record consists of
    central: Central,
    station_id: str,
    name: str,
    said: Any,
    ask: Callable[[], Awaitable[R]],
    asked: Asked,
) -> R:
    """Run `ask` between the two halves of its record."""
    number = await central.commit(
        lambda unit: commands.create(
            unit.connection,
            station_id,
            name,
            said,
            asked_by=asked.by,
            task=asked.task,
            now=unit.now,
        )
    )
    began = central.now()
    try:
        answer = await ask()
    except ChargeplaneError as error:
        reason = f"{type(error).__name__}: {error}"
        await _finish(central, station_id, number, began, error=reason)
        raise
    await _finish(central, station_id, number, began, answer=msgspec.to_builtins(answer))
    return answer


async def _finish(  # noqa: PLR0913 the two ways to end, by name
    central: Central,
    station_id: str,
    number: int,
    began: datetime,
    *,
    answer: Any = None,
    error: str | None = None,
) -> None:
    def work(unit: Unit) -> None:
        commands.finish(
            unit.connection, number, answer=answer, error=error, sent_at=began, now=unit.now
        )
        unit.emit(
            "command.finished", station_id=station_id, command=number, answer=answer, error=error
        )

    await central.commit(work)
