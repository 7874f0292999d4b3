"""What firmware updates and log uploads have in common: asked for once, told of many times."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
import structlog

from chargeplane.csms import notes
from chargeplane.csms.central import Central, Unit
from chargeplane.csms.commands import Asked, operate
from chargeplane.csms.registry import Station
from chargeplane.domain.messages import Json, Request
from chargeplane.errors import ChargeplaneError, Untranslatable
from chargeplane.ocpp.errors import OcppError
from chargeplane.storage.records import JobKind, JobRecord
from chargeplane.storage.repositories import jobs

R = TypeVar("R")

FOREIGN: Final = ("NotImplemented", "NotSupported")  # what a station says of a foreign action
IDLE: Final = "Idle"  # says that no job runs, and nothing about the last one (2.x L01.FR.20)

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a station is to be asked for: `details` tells a user what it was."""

    kind: JobKind
    station_id: str
    details: Json


async def run(central: Central, job: Job, ask: Callable[[int], Awaitable[R]]) -> R:
    """Store a job, ask for it under its number and store the answer; raises as `ask` does."""
    number = await central.commit(
        lambda unit: jobs.add(unit.connection, job.station_id, job.kind, job.details, unit.now)
    )
    try:
        answer = await ask(number)
    except ChargeplaneError as error:
        await _note(central, job, number, "Failed", error=str(error))
        raise
    said: Any = answer
    await _note(central, job, number, said.status, answer=said)
    return answer


async def ask_numbered(
    central: Central, station_id: str, request: Request[R], plain: Request[R], asked: Asked
) -> R:
    """Ask with a request id, and in the plain form where such requests are not known.

    So a 1.6 station without the security extension is asked by the core.
    """

    async def ask(station: Station) -> R:
        try:
            return await station.ask(request, asked.timeout)
        except (Untranslatable, OcppError) as error:
            if isinstance(error, OcppError) and error.code not in FOREIGN:
                raise
            with suppress(Untranslatable):
                answer = await station.ask(plain, asked.timeout)
                logger.info("asked in the plain form", station=station.id, reason=str(error))
                return answer
            raise

    return await operate(central, station_id, request, ask, asked)


async def note(station: Station, kind: JobKind, request: Any) -> None:
    """Store how far a job is and tell of it; what belongs to no known job is kept as it came."""

    def work(unit: Unit) -> None:
        job = jobs.find(unit.connection, station.id, kind, request.request_id)
        if job is None or request.status == IDLE:
            notes.keep(unit, station.id, f"{kind}.status", request)
        else:
            said = {"status_info": request.status_info, "locations": _locations(request)}
            _advance(unit, job, request.status, said)

    await station.central.commit(work)


def _locations(request: Any) -> list[str] | None:
    """Where a published firmware can be fetched from."""
    return getattr(request, "location", None)


async def _note(central: Central, job: Job, number: int, status: str, **said: Any) -> None:
    """Store what the station answered; the status stays if it has told more by now."""

    def work(unit: Unit) -> None:
        record = jobs.find(unit.connection, job.station_id, job.kind, number)
        if record is not None:
            new = record.status == "Requested"
            _advance(unit, record, status if new else record.status, said)

    await central.commit(work)


def _advance(unit: Unit, job: JobRecord, status: str, said: Mapping[str, Any]) -> None:
    told = {name: msgspec.to_builtins(value) for name, value in said.items() if value is not None}
    jobs.set_status(unit.connection, job.id, status, unit.now, {**job.details, **told})
    unit.emit(f"{job.kind}.status", station_id=job.station_id, job=job.id, status=status, **told)
