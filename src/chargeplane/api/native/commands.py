"""Asking stations: every operation as a route of its own, for one station or many."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any, Final
from uuid import uuid4

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from chargeplane.access.keys import Caller
from chargeplane.api import problems
from chargeplane.api.keys import Operator, Reader
from chargeplane.api.native import examples, schemas
from chargeplane.api.native.idempotency import ActingRoute
from chargeplane.api.native.parts import (
    AskedStation,
    CentralDep,
    Number,
    SafeId,
    SafeText,
    WindowDep,
    answer,
    listed,
    read_body,
)
from chargeplane.api.native.shapes import Outcome, StationSelection, TaskState
from chargeplane.api.native.tasks import Tasks
from chargeplane.api.problems import Refused, invalid, not_found
from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked, Task, error_of, send_many
from chargeplane.csms.operations import OPERATIONS, OperationEntry
from chargeplane.storage.paging import every
from chargeplane.storage.records import CommandRecord, CommandStatus
from chargeplane.storage.repositories import commands, stations
from chargeplane.storage.repositories.commands import CommandFilter
from chargeplane.storage.repositories.stations import StationFilter

WAIT: Final = 90.0  # s; longer than a station has to answer

router = APIRouter(tags=["commands"])
acting = APIRouter(tags=["commands"], route_class=ActingRoute)

Wait = Annotated[
    float,
    Query(ge=0, le=600, description="Seconds to wait for the answer; then 202 with the task's id."),
]
Timeout = Annotated[
    float | None,
    Query(gt=0, le=600, description="Seconds that the station has for each answer."),
]


@router.get("/commands", **schemas.documented(schemas.Commands))
async def list_commands(  # noqa: PLR0913, PLR0917 query parameters have names
    central: CentralDep,
    caller: Reader,
    window: WindowDep,
    station: SafeText | None = None,
    action: SafeText | None = None,
    asked_by: SafeText | None = None,
    task: SafeText | None = None,
    status: CommandStatus | None = None,
) -> Response:
    """A page of what stations were asked, the latest first."""
    wanted = CommandFilter(
        station_id=station,
        action=action,
        asked_by=asked_by,
        task=task,
        status=status,
        among=caller.stations,
    )
    return await listed(central, commands.page, wanted, wanted=window)


@router.get("/commands/{number}", **schemas.documented(CommandRecord))
async def show_command(central: CentralDep, caller: Reader, number: Number) -> Response:
    """A command and what the station said."""
    found = await central.database.read(commands.get, number)
    if found is None or not caller.sees(found.station_id):
        raise not_found(f"command {number}")
    return answer(found)


@router.get("/tasks/{task}", **schemas.documented(TaskState))
async def show_task(
    request: Request, central: CentralDep, caller: Reader, task: SafeId
) -> Response:
    """What became of asking one station or many: the outcomes once it is done."""
    stored = await central.database.read(commands.of_task, task)
    seen = tuple(each for each in stored if caller.sees(each.station_id))
    tasks: Tasks = request.app.state.tasks
    work = tasks.get(task)
    if work is None and not seen:
        raise not_found(f"task {task}")
    said = _recorded(seen) if work is None else _remembered(work)
    outcomes = {name: each for name, each in (said or {}).items() if caller.sees(name)}
    state = TaskState(task=task, done=said is not None, outcomes=outcomes, commands=seen)
    return answer(state)


def _remembered(work: asyncio.Task[Task]) -> dict[str, Outcome] | None:
    """The outcomes of a task of this process; None while it runs."""
    return _outcomes(work.result()) if work.done() else None


def _outcomes(task: Task) -> dict[str, Outcome]:
    return {name: _outcome(each) for name, each in task.outcomes.items()}


def _recorded(stored: Iterable[CommandRecord]) -> dict[str, Outcome] | None:
    """The outcomes as the commands of a task are recorded; None while one of them runs."""
    if any(each.status in commands.UNFINISHED for each in stored):
        return None
    return {
        each.station_id: _outcome(error_of(each.error) if each.error else each.answer)
        for each in stored
    }


def _outcome(said: Any) -> Outcome:
    if isinstance(said, Exception):
        return Outcome(problem=problems.describe(said))
    return Outcome(answer=said)


def _ask_one(entry: OperationEntry) -> Callable[..., Awaitable[Response]]:
    async def ask(
        request: Request,
        central: CentralDep,
        caller: Operator,
        station: AskedStation,
        wait: Wait = WAIT,
        timeout: Timeout = None,  # noqa: ASYNC109 it goes to the station's answer
    ) -> Response:
        wanted = await _read(request, entry)
        await _require_known(central, (station,))
        task = _begin(request, central, (station,), wanted, entry, _asked(caller, timeout))
        await asyncio.wait((task[1],), timeout=wait)
        if not task[1].done():
            return _under_way(task[0])
        said = task[1].result().outcomes[station]
        if isinstance(said, Exception):
            raise said
        return answer(said, task_id=task[0])

    ask.__doc__ = _about(entry)
    return ask


def _ask_many(entry: OperationEntry) -> Callable[..., Awaitable[Response]]:
    async def ask(  # noqa: PLR0913, PLR0917 parameters of a request have names
        request: Request,
        central: CentralDep,
        caller: Operator,
        station: Annotated[list[SafeText] | None, Query(description="Repeat for many.")] = None,
        search: SafeText | None = None,
        online: bool | None = None,  # noqa: FBT001 a query parameter has a name
        wait: Wait = WAIT,
        timeout: Timeout = None,  # noqa: ASYNC109 it goes to the stations' answers
    ) -> Response:
        wanted = await _read(request, entry)
        selection = StationSelection(search=search, online=online)
        names = await _selected(central, caller, station, selection)
        task = _begin(request, central, names, wanted, entry, _asked(caller, timeout))
        await asyncio.wait((task[1],), timeout=wait)
        if not task[1].done():
            return _under_way(task[0])
        outcomes = _outcomes(task[1].result())
        return answer(TaskState(task=task[0], done=True, outcomes=outcomes))

    ask.__doc__ = f"Many stations at once, by a list or a filter. {_about(entry)}"
    return ask


async def _selected(
    central: Central, caller: Caller, named: list[str] | None, selection: StationSelection
) -> tuple[str, ...]:
    """The stations that are meant; raises `Refused` if none is named, or one of others."""
    if named:
        strange = [name for name in named if not caller.sees(name)]
        if strange:
            raise Refused(403, "Forbidden", f"the key {caller.name} is not for {strange[0]}")
        await _require_known(central, named)
        return tuple(named)
    if selection.search is None and selection.online is None:
        raise invalid("say which stations: station, search or online")
    what = StationFilter(search=selection.search, online=selection.online, among=caller.stations)
    return tuple([each.id async for each in every(central.database, stations.page, what)])


async def _require_known(central: Central, names: Iterable[str]) -> None:
    """Raise `Refused` (404) if a station is not known, so that nothing is recorded of it."""
    for name in names:
        here = central.stations.get(name)
        if here is None and await central.database.read(stations.get, name) is None:
            raise not_found(f"station {name}")


def _asked(caller: Caller, timeout: float | None) -> Asked:
    return Asked(by=caller.name, task=uuid4().hex, timeout=timeout)


def _begin(
    request: Request,
    central: Central,
    names: tuple[str, ...],
    wanted: Any,
    entry: OperationEntry,
    asked: Asked,
) -> tuple[str, asyncio.Task[Task]]:
    assert asked.task is not None  # noqa: S101 it has just been given one
    tasks: Tasks = request.app.state.tasks
    work = send_many(central, names, wanted, asked, operation=_refusing(entry))
    return asked.task, tasks.start(asked.task, work)


def _refusing(entry: OperationEntry) -> Any:
    """An operation whose complaint about a value is an outcome like others."""

    async def run(central: Central, station_id: str, wanted: Any, asked: Asked) -> Any:
        try:
            return await entry.run(central, station_id, wanted, asked)
        except (ValueError, OverflowError) as error:
            # A moment without a zone, or a number that no column holds.
            raise problems.Unusable(str(error)) from error

    return run


def _under_way(task: str) -> Response:
    state = TaskState(task=task, done=False)
    return answer(state, 202, task_id=task, location=f"/v1/tasks/{task}")


async def _read(request: Request, entry: OperationEntry) -> Any:
    """The request of an operation; members that it does not have are refused."""
    sent = await read_body(request, dict)
    known = {field.encode_name for field in msgspec.structs.fields(entry.request)}
    unknown = sorted(set(sent) - known)
    if unknown:
        raise invalid(f"{entry.name} has no member {unknown[0]!r}")
    try:
        wanted: Any = msgspec.convert(sent, entry.request)
        msgspec.json.encode(wanted)  # an integer may be too large to be written again
    except (msgspec.ValidationError, OverflowError) as error:
        raise invalid(error) from None
    return wanted


def _about(entry: OperationEntry) -> str:
    return (entry.request.__doc__ or entry.name).strip()


def _add(entry: OperationEntry) -> None:
    answered = schemas.answer_of(entry)
    later = {202: {"description": "It is under way.", "content": schemas.content(TaskState)}}
    shared: dict[str, Any] = {
        "body": entry.request,
        "example": examples.request(entry.name),
        "also": later,
    }
    acting.add_api_route(
        f"/stations/{{station_id}}/commands/{entry.name}",
        _ask_one(entry),
        methods=["POST"],
        name=entry.name,
        summary=entry.name,
        operation_id=entry.name,
        **schemas.documented(answered, answered=examples.smallest(answered), **shared),
    )
    acting.add_api_route(
        f"/commands/{entry.name}",
        _ask_many(entry),
        methods=["POST"],
        name=f"{entry.name}_many",
        summary=f"{entry.name} of many stations",
        operation_id=f"{entry.name}_many",
        **schemas.documented(TaskState, **shared),
    )


for _entry in OPERATIONS.values():
    _add(_entry)
