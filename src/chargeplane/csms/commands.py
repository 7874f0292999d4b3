"""Asking stations to do something, with a record of who asked, what was said and how long it took.

An operation is one command, however many messages it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, Final, Protocol, TypeVar, overload
from uuid import uuid4

import msgspec
import structlog

from chargeplane.csms.central import Central, Unit
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import Json, Request
from chargeplane.errors import (
    AnswerTimeout,
    ChargeplaneError,
    Disconnected,
    NoAnswer,
    NotConnected,
    QueueFull,
    StorageError,
    Untranslatable,
)
from chargeplane.ocpp.action import Wire
from chargeplane.ocpp.errors import OcppError, received
from chargeplane.storage.repositories import commands
from chargeplane.storage.repositories.commands import Command

R = TypeVar("R")

SYSTEM: Final = "system"  # asks on its own account, as after a boot
AT_ONCE: Final = 200  # stations that one task asks side by side

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks, for which task (a group of commands), and how long each answer may take (s)."""

    by: str = SYSTEM
    task: str | None = None
    timeout: float | None = None


BY_SYSTEM: Final = Asked()


class Operation(Protocol):
    """Something that a station can be asked to do."""

    async def __call__(
        self, central: Central, station_id: str, request: Any, asked: Asked, /
    ) -> Any:
        """The station's answer; raises Untranslatable, OcppError, NoAnswer."""
        ...


@overload
async def send(
    central: Central, station_id: str, request: Request[R], asked: Asked = BY_SYSTEM
) -> R: ...


@overload
async def send(
    central: Central, station_id: str, request: Wire, asked: Asked = BY_SYSTEM
) -> Any: ...


async def send(central: Central, station_id: str, request: Any, asked: Asked = BY_SYSTEM) -> Any:
    """Put a request to a station and record it; raises Untranslatable, OcppError, NoAnswer.

    A station that is not connected raises `NotConnected` at once.
    """

    async def ask(station: Station) -> Any:
        return await station.ask(request, asked.timeout)

    return await operate(central, station_id, request, ask, asked)


async def call(
    central: Central, station_id: str, action: str, payload: Json, asked: Asked = BY_SYSTEM
) -> Json:
    """Make any call as raw JSON and record it; raises OcppError, NoAnswer."""

    async def ask(station: Station) -> Json:
        return await station.peer.call(action, payload, asked.timeout)

    return await recorded(central, _command(station_id, action, payload, asked), ask)


async def operate(
    central: Central,
    station_id: str,
    request: Any,
    work: Callable[[Station], Awaitable[R]],
    asked: Asked = BY_SYSTEM,
    *,
    shown: Any = None,
) -> R:
    """Do something with a station, recorded as one command of the request's name.

    `shown` is what is recorded in place of a request that holds secrets.
    """
    command = _command(station_id, type(request).__name__, shown or request, asked)
    return await recorded(central, command, work)


async def recorded(
    central: Central, command: Command, work: Callable[[Station], Awaitable[R]]
) -> R:
    """Run the work with the connected station between the two halves of its record."""

    def begin(unit: Unit) -> int:
        number = commands.add(unit.connection, command, unit.now)
        commands.set_sent(unit.connection, number, unit.now)
        return number

    number = await central.commit(begin)
    began = monotonic()
    try:
        answer = await work(central.stations.require(command.station_id))
    except BaseException as error:
        reason = _reason(error)
        # A caller who gives up is not kept waiting, but the record is finished.
        await asyncio.shield(_finish(central, command, number, monotonic() - began, error=reason))
        raise
    await _finish(central, command, number, monotonic() - began, answer=answer)
    return answer


def _reason(error: BaseException) -> str:
    """What is recorded of an error; `error_of` reads it."""
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def error_of(reason: str) -> ChargeplaneError:
    """An error like the one that a command recorded; details of OCPP errors are not."""
    kind, _, said = reason.partition(": ")
    if kind == OcppError.__name__:
        code, _, description = said.partition(": ")
        return received(code, description)
    return KINDS[kind](said) if kind in KINDS else ChargeplaneError(reason)


KINDS: Final = {
    kind.__name__: kind
    for kind in (
        *(AnswerTimeout, Disconnected, NoAnswer, NotConnected),
        *(QueueFull, StorageError, Untranslatable),
    )
}


async def _finish(
    central: Central,
    command: Command,
    number: int,
    seconds: float,
    *,
    answer: Any = None,
    error: str | None = None,
) -> None:
    """Record the end; what the station did is not undone by a disk that is full."""
    said = msgspec.to_builtins(answer)

    def work(unit: Unit) -> None:
        if error is None:
            commands.answered(unit.connection, number, said, unit.now, seconds)
        else:
            commands.failed(unit.connection, number, error, unit.now, seconds)
        unit.emit(
            "command.finished",
            station_id=command.station_id,
            command=number,
            action=command.action,
            task=command.task,
            error=error,
            seconds=seconds,
        )

    try:
        await central.commit(work)
    except StorageError:
        logger.exception("end of a command not recorded", command=number)


def _command(station_id: str, action: str, request: Any, asked: Asked) -> Command:
    said = msgspec.to_builtins(request)
    return Command(
        station_id=station_id, action=action, asked_by=asked.by, request=said, task=asked.task
    )


# What nobody waits for


def send_soon(
    central: Central, station_id: str, request: Any, *, operation: Operation | None = None
) -> None:
    """Ask once the handler that decides so has answered; a failure is logged and recorded."""

    async def ask() -> None:
        try:
            await (operation or send)(central, station_id, request, BY_SYSTEM)
        except ChargeplaneError as error:
            name = type(request).__name__
            logger.warning("not answered", station=station_id, request=name, reason=str(error))

    task = asyncio.create_task(ask())
    _soon.add(task)
    task.add_done_callback(_soon.discard)


_soon: set[asyncio.Task[None]] = set()  # the event loop itself does not hold them


# Many stations


@dataclass(frozen=True, slots=True)
class Task:
    """What became of asking many stations: each one's answer, or why there is none."""

    id: str
    outcomes: Mapping[str, Any]


async def send_many(
    central: Central,
    station_ids: Iterable[str],
    request: Any,
    asked: Asked = BY_SYSTEM,
    *,
    operation: Operation = send,
) -> Task:
    """Ask many stations side by side as one task; one that fails does not disturb the others."""
    task = asked.task or uuid4().hex
    mine = replace(asked, task=task)
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(station_id: str) -> Any:
        async with turn:
            try:
                return await operation(central, station_id, request, mine)
            except ChargeplaneError as error:
                return error

    names = tuple(dict.fromkeys(station_ids))
    async with asyncio.TaskGroup() as group:
        asking = {name: group.create_task(one(name)) for name in names}
    return Task(task, {name: one_asked.result() for name, one_asked in asking.items()})
