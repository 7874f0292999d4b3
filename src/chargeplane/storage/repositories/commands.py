"""Commands: what stations were asked to do, and what they said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from chargeplane.storage import paging
from chargeplane.storage.paging import Part, Sorting, Window, fetch
from chargeplane.storage.records import CommandRecord, CommandStatus, Page
from chargeplane.storage.statements import equal, insert, many, mentions, one, within
from chargeplane.storage.tables import commands

_c = commands.c
_ADD = insert(commands).returning(_c.id)
_SENT = (
    update(commands)
    .where(_c.id == bindparam("number"))
    .values(status="sent", sent_at=bindparam("at"))
)
_FINISH = (
    update(commands)
    .where(_c.id == bindparam("number"))
    .values(
        status=bindparam("outcome"),
        answer=bindparam("said"),
        error=bindparam("reason"),
        answered_at=bindparam("at"),
        duration_s=bindparam("seconds"),
    )
)
_SEARCHED = (_c.station_id, _c.action, _c.asked_by, _c.task)
SORTED = {name: _c[name] for name in ("id", "station_id", "action", "asked_by", "duration_s")}
UNFINISHED: tuple[CommandStatus, ...] = ("queued", "sent")


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What a station is asked to do. `task` is shared by commands that were asked for at once."""

    station_id: str
    action: str
    asked_by: str
    request: Any
    task: str | None = None


class CommandFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which commands; all conditions that are given hold."""

    station_id: str | None = None
    task: str | None = None
    action: str | None = None
    asked_by: str | None = None
    status: CommandStatus | None = None
    search: str | None = None
    among: tuple[str, ...] | None = None  # only these stations

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        names = ("station_id", "task", "action", "asked_by", "status")
        given = equal(*((_c[name], getattr(self, name)) for name in names))
        return given + within(_c.station_id, self.among) + mentions(self.search, _SEARCHED)


def add(connection: Connection, command: Command, now: datetime) -> int:
    """Store a command that waits to be sent; its number."""
    row = msgspec.structs.asdict(command) | {"status": "queued", "created_at": now}
    number: int = connection.execute(_ADD, row).scalar_one()
    return number


def set_sent(connection: Connection, number: int, at: datetime) -> None:
    """Store when a command was sent."""
    connection.execute(_SENT, {"number": number, "at": at})


def answered(
    connection: Connection, number: int, answer: Any, at: datetime, duration_s: float
) -> None:
    """Store the answer of the station."""
    _finish(connection, number, "answered", (answer, None), (at, duration_s))


def failed(
    connection: Connection, number: int, error: str, at: datetime, duration_s: float
) -> None:
    """Store why there is no answer."""
    _finish(connection, number, "failed", (None, error), (at, duration_s))


def fail_unfinished(connection: Connection, error: str, at: datetime) -> int:
    """Give up the commands that an earlier run of the program left; how many there were."""
    statement = (
        update(commands)
        .where(_c.status.in_(UNFINISHED))
        .values(status="failed", error=error, answered_at=at)
    )
    return connection.execute(statement).rowcount


def get(connection: Connection, number: int) -> CommandRecord | None:
    """Return a command by its number."""
    return one(CommandRecord, connection.execute(select(commands).where(_c.id == number)))


def of_task(connection: Connection, task: str) -> tuple[CommandRecord, ...]:
    """Return the commands that were asked for at once, in their order."""
    query = select(commands).where(_c.task == task).order_by(_c.id)
    return many(CommandRecord, connection.execute(query))


def page(connection: Connection, what: CommandFilter, window: Window) -> Page[CommandRecord]:
    """Return a page of commands, the latest first."""
    query = select(commands).where(*what.conditions())
    return fetch(connection, CommandRecord, query, (_c.id,), window, descending=True)


def part(
    connection: Connection, what: CommandFilter, sorting: Sorting, window: Window
) -> Part[CommandRecord]:
    """Return some commands, sorted by one of `SORTED`, else by number."""
    query = select(commands).where(*what.conditions())
    return paging.part(connection, CommandRecord, query, SORTED, sorting, window)


def _finish(
    connection: Connection,
    number: int,
    outcome: CommandStatus,
    said: tuple[Any, str | None],
    when: tuple[datetime, float],
) -> None:
    """Store the end of a command: answer and error, moment and seconds."""
    row = {
        "number": number,
        "outcome": outcome,
        "said": said[0],
        "reason": said[1],
        "at": when[0],
        "seconds": when[1],
    }
    connection.execute(_FINISH, row)
