"""Webhooks, and the events that are on their way to them.

The table of events is the durable source: each webhook remembers up to which
event it was looked at, and what concerns it becomes a call in the same
transaction that moves this mark.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, select, update

from chargeplane.storage import paging
from chargeplane.storage.paging import Part, Sorting, Window, fetch
from chargeplane.storage.records import (
    Page,
    WebhookCallRecord,
    WebhookCallStatus,
    WebhookRecord,
)
from chargeplane.storage.statements import equal, insert, many, one
from chargeplane.storage.tables import webhook_calls, webhooks

_w = webhooks.c
_c = webhook_calls.c


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """Where events are to be sent, and which: `kinds` empty means all."""

    url: str
    secret: str
    last_event_id: int
    kinds: tuple[str, ...] = ()
    station_id: str | None = None


class CallFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls; all conditions that are given hold."""

    webhook_id: int | None = None
    status: WebhookCallStatus | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        return equal((_c.webhook_id, self.webhook_id), (_c.status, self.status))


class NewCall(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is to be sent."""

    webhook_id: int
    event_id: int
    kind: str
    body: str


def add(connection: Connection, webhook: NewWebhook, now: datetime) -> WebhookRecord:
    """Keep a webhook."""
    row = msgspec.structs.asdict(webhook) | {"created_at": now}
    statement = insert(webhooks).values(row).returning(webhooks)
    return WebhookRecord(*connection.execute(statement).one())


def get(connection: Connection, number: int) -> WebhookRecord | None:
    """Return a webhook."""
    return one(WebhookRecord, connection.execute(select(webhooks).where(_w.id == number)))


def all_webhooks(connection: Connection) -> tuple[WebhookRecord, ...]:
    """Return all webhooks."""
    return many(WebhookRecord, connection.execute(select(webhooks).order_by(_w.id)))


def remove(connection: Connection, number: int) -> bool:
    """Delete a webhook with its calls."""
    return connection.execute(delete(webhooks).where(_w.id == number)).rowcount > 0


def set_enabled(connection: Connection, number: int, *, enabled: bool) -> WebhookRecord | None:
    """Pause a webhook or let it go on; None if there is none."""
    statement = update(webhooks).where(_w.id == number).values(enabled=enabled)
    return one(WebhookRecord, connection.execute(statement.returning(webhooks)))


def enqueue(
    connection: Connection, number: int, calls: tuple[NewCall, ...], up_to: int, now: datetime
) -> None:
    """Queue calls of a webhook and note up to which event it was looked at."""
    fresh = {"status": "queued", "attempts": 0, "due_at": now, "created_at": now}
    rows = [msgspec.structs.asdict(call) | fresh for call in calls]
    if rows:
        connection.execute(insert(webhook_calls).on_conflict_do_nothing(), rows)
    connection.execute(update(webhooks).where(_w.id == number).values(last_event_id=up_to))


def due(connection: Connection, now: datetime, limit: int) -> tuple[WebhookCallRecord, ...]:
    """Return the calls that are to be made now, the longest overdue first."""
    query = (
        select(webhook_calls)
        .join(webhooks, _w.id == _c.webhook_id)
        .where(_w.enabled, _c.status == "queued", _c.due_at <= now)
        .order_by(_c.due_at, _c.id)
        .limit(limit)
    )
    return many(WebhookCallRecord, connection.execute(query))


def delivered(connection: Connection, number: int, now: datetime) -> None:
    """Note that a call was accepted."""
    values = {"status": "delivered", "attempts": _c.attempts + 1, "error": None}
    _set(connection, number, values | {"finished_at": now})


def failed(connection: Connection, number: int, error: str, due_at: datetime) -> None:
    """Note why a call failed, and when it is made again."""
    _set(connection, number, {"attempts": _c.attempts + 1, "error": error, "due_at": due_at})


def give_up(connection: Connection, number: int, error: str, now: datetime) -> None:
    """Note that a call is not made any more."""
    values = {"status": "dead", "attempts": _c.attempts + 1, "error": error}
    _set(connection, number, values | {"finished_at": now})


def revive(connection: Connection, webhook_id: int, number: int, now: datetime) -> bool:
    """Queue a dead call again; False if there is none."""
    statement = update(webhook_calls).where(
        _c.id == number, _c.webhook_id == webhook_id, _c.status == "dead"
    )
    fresh = {"status": "queued", "attempts": 0, "due_at": now, "finished_at": None}
    return connection.execute(statement.values(fresh)).rowcount > 0


def forget_delivered(connection: Connection, before: datetime) -> int:
    """Delete calls that were accepted before then; how many went."""
    old = delete(webhook_calls).where(_c.status == "delivered", _c.finished_at < before)
    return connection.execute(old).rowcount


def calls(connection: Connection, what: CallFilter, window: Window) -> Page[WebhookCallRecord]:
    """Return a page of calls, the latest first."""
    query = select(webhook_calls).where(*what.conditions())
    return fetch(connection, WebhookCallRecord, query, (_c.id,), window, descending=True)


def calls_part(
    connection: Connection, what: CallFilter, sorting: Sorting, window: Window
) -> Part[WebhookCallRecord]:
    """Return some calls, sorted by their numbers."""
    query = select(webhook_calls).where(*what.conditions())
    return paging.part(connection, WebhookCallRecord, query, {"id": _c.id}, sorting, window)


def _set(connection: Connection, number: int, values: dict[str, object]) -> None:
    connection.execute(update(webhook_calls).where(_c.id == number).values(values))
