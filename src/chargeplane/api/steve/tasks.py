"""Operations, and what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from chargeplane.api.steve.forms import Form, Number
from chargeplane.api.steve.operations import (
    STEVE_OPERATIONS,
    Ask,
    BadInput,
    Context,
    Show,
    SteveOperation,
)
from chargeplane.api.steve.shared import Face, FaceDep, UserDep, found, shown
from chargeplane.csms.central import Central
from chargeplane.csms.commands import Asked, Task, error_of, send_many
from chargeplane.csms.notes import new_id
from chargeplane.csms.operations import OPERATIONS
from chargeplane.domain.messages import Json
from chargeplane.errors import ChargeplaneError
from chargeplane.ocpp.errors import OcppError
from chargeplane.storage.records import CommandRecord
from chargeplane.storage.repositories import commands

router = APIRouter()


@router.post("/operations/{name}")
async def operate(face: FaceDep, user: UserDep, name: str, request: Request) -> Response:
    """Run an operation and wait for the answers, for a while."""
    operation = found(STEVE_OPERATIONS.get(name), f"Operation {name}")
    form = operation.form.model_validate_json(await request.body())
    boxes = dict.fromkeys(form.charge_box_id_list)
    if not any(face.central.stations.get(box) for box in boxes):
        raise BadInput("No stations are eligible for communication")
    asks = {box: await _ask(face, user, operation, form, box) for box in boxes}
    number = new_id()
    running = _begin(face, number, asks, user)
    done, _ = await asyncio.wait({running}, timeout=face.settings.patience)
    if not done:
        return shown(await _recorded(face, number, operation.show))
    outcomes = {box: _said(each) for box, each in running.result().outcomes.items()}
    return shown(_result(number, outcomes, operation.show))


def _begin(face: Face, number: int, asks: Mapping[str, Ask], user: str) -> asyncio.Task[Task]:
    """Ask each station what is meant for it, whether or not anybody waits."""

    async def run(central: Central, box: str, ask: Mapping[str, Ask], asked: Asked) -> Any:
        operation, request = ask[box]
        return await OPERATIONS[operation].run(central, box, request, asked)

    asked = Asked(by=user, task=str(number))
    work = send_many(face.central, asks, asks, asked, operation=run)
    running = asyncio.create_task(work, name=f"steve[{number}]")
    face.running[number] = running
    running.add_done_callback(lambda _: face.running.pop(number))
    return running


async def _ask(face: Face, user: str, operation: SteveOperation, form: Form, box: str) -> Ask:
    context = Context(central=face.central, station_id=box, asked=Asked(by=user))
    return await operation.make(context, form)


@router.get("/tasks/{number}")
async def show_task(face: FaceDep, number: Number) -> Response:
    """What became of an operation so far."""
    return shown(await _recorded(face, number, None))


Outcome = tuple[str, Any]
"""What there is of a station: one of the lists of a result, and what is entered there."""

ANSWERED, ERROR, EXCEPTION, WAITING = (
    "successResponses",
    "errorResponses",
    "exceptions",
    "waiting",
)


def _said(outcome: Any) -> Outcome:
    if isinstance(outcome, OcppError):
        return ERROR, {
            "errorCode": outcome.spelling,
            "errorDescription": outcome.description,
            "errorDetails": outcome.details or None,
        }
    if isinstance(outcome, ChargeplaneError):
        return EXCEPTION, {"exceptionMessage": f"{type(outcome).__name__}: {outcome}"}
    return ANSWERED, msgspec.to_builtins(outcome)


async def _recorded(face: Face, number: int, show: Show | None) -> Json:
    """A task as its commands are recorded."""
    records = await face.central.database.read(commands.of_task, str(number))
    is_running = number in face.running
    if not (records or is_running):
        raise HTTPException(404, f"Task {number} is not known")
    outcomes = {record.station_id: _written(record) for record in records}
    known = SHOWN.get(records[0].action) if records else None
    result = _result(number, outcomes, show or known or _as_it_is)
    return {**result, "taskFinished": result["taskFinished"] and not is_running}


def _written(record: CommandRecord) -> Outcome:
    if record.status == "answered":
        return ANSWERED, record.answer
    return (WAITING, None) if record.error is None else _said(error_of(record.error))


def _as_it_is(answer: Json) -> Any:
    return answer


SHOWN: Final[Mapping[str, Show]] = {
    "GetVariables": STEVE_OPERATIONS["GetConfiguration"].show,
    "GetBaseReport": STEVE_OPERATIONS["GetConfiguration"].show,
    "SetVariables": STEVE_OPERATIONS["ChangeConfiguration"].show,
    "UpdateLocalList": STEVE_OPERATIONS["SendLocalList"].show,
    "RequestStartTransaction": STEVE_OPERATIONS["RemoteStartTransaction"].show,
    "RequestStopTransaction": STEVE_OPERATIONS["RemoteStopTransaction"].show,
    **{name: operation.show for name, operation in STEVE_OPERATIONS.items()},
}


def _result(number: int, outcomes: Mapping[str, Outcome], show: Show) -> Json:
    """A task as SteVe words it."""
    result: dict[str, Any] = {
        "taskId": number,
        "taskFinished": all(kind != WAITING for kind, _ in outcomes.values()),
        ANSWERED: [],
        ERROR: [],
        EXCEPTION: [],
    }
    for box, (kind, said) in outcomes.items():
        if kind == ANSWERED:
            result[kind].append({"chargeBoxId": box, "response": show(said)})
        elif kind != WAITING:
            result[kind].append({"chargeBoxId": box, **said})
    return result
