"""Webhooks: events sent to programs, signed, until they are accepted.

The calls are those of Standard Webhooks: `webhook-id`, `webhook-timestamp` and
`webhook-signature`, an HMAC-SHA256 of both and the body, joined by full stops.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
from contextlib import suppress
from datetime import timedelta
from typing import Final

import httpx
import msgspec
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response

from chargeplane.api.events import is_of, of_record
from chargeplane.api.keys import WholeAdmin
from chargeplane.api.native import schemas, shapes
from chargeplane.api.native.parts import CentralDep, Number, WindowDep, answer, listed, read_body
from chargeplane.api.native.shapes import MadeWebhook, NewWebhook, WebhookChange
from chargeplane.api.problems import not_found
from chargeplane.bus.local import Subscription
from chargeplane.csms.central import Central
from chargeplane.csms.webhooks import PREFIX, subscribe
from chargeplane.errors import StorageError
from chargeplane.storage.records import WebhookCallRecord, WebhookCallStatus, WebhookRecord
from chargeplane.storage.repositories import events, webhooks
from chargeplane.storage.repositories.events import EventFilter
from chargeplane.storage.repositories.webhooks import CallFilter, NewCall

BATCH: Final = 500  # events looked at, and calls made, in one go
AT_ONCE: Final = 20  # calls side by side
PATIENCE: Final = 10.0  # s that a receiver has to answer
PERIOD: Final = 5.0  # s between looks when nothing happens
KEPT: Final = timedelta(days=7)  # how long calls that were accepted can be looked at
TIDY: Final = timedelta(hours=1)
# Seconds until a call that failed is made again; after the last one it is dead.
DELAYS: Final = (5, 30, 120, 600, 3600, 6 * 3600, 12 * 3600, 24 * 3600)

logger = structlog.get_logger()
router = APIRouter(tags=["webhooks"])


def sign(secret: str, name: str, moment: str, body: str) -> str:
    """The signature of a call."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    said = hmac.digest(key, f"{name}.{moment}.{body}".encode(), "sha256")
    return "v1," + base64.b64encode(said).decode()


async def _next_kept(news: Subscription) -> None:
    """Wait for an event that is kept, as only those are sent; not for ever, as calls become due."""
    # wait_for of Python 3.11 forgets to end if news come at that very moment.
    with suppress(TimeoutError):
        async with asyncio.timeout(PERIOD):
            while (await news.get()).id is None:
                pass


class Deliveries:
    """Brings events to webhooks."""

    def __init__(self, central: Central, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._central = central
        self._http = httpx.AsyncClient(transport=transport, timeout=PATIENCE, trust_env=False)
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._tidied_at = central.now() - TIDY

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with self._http:
            with self._central.bus.subscribe() as news:
                while True:
                    try:
                        await self.deliver()
                        await self._tidy()
                    except StorageError as error:
                        logger.warning("webhooks wait", reason=str(error))
                    await _next_kept(news)

    async def _tidy(self) -> None:
        """Forget the calls that were accepted long ago, once an hour."""
        now = self._central.now()
        if now - self._tidied_at >= TIDY:
            self._tidied_at = now
            await self._central.database.write(webhooks.forget_delivered, now - KEPT)

    async def deliver(self) -> int:
        """Queue what has happened and make the calls that are due; how many were made."""
        for webhook in await self._central.database.read(webhooks.all_webhooks):
            await self._enqueue(webhook)
        now = self._central.now()
        calls = await self._central.database.read(webhooks.due, now, BATCH)
        if calls:
            await self._make(calls)
        return len(calls)

    async def _enqueue(self, webhook: WebhookRecord) -> None:
        """Queue the calls of the events since the webhook was looked at."""
        wanted = EventFilter(station_id=webhook.station_id)
        last = webhook.last_event_id
        found = await self._central.database.read(events.since, last, wanted, BATCH)
        if not found:
            return
        calls = tuple(
            NewCall(
                webhook_id=webhook.id,
                event_id=each.id,
                kind=each.kind,
                body=msgspec.json.encode(of_record(each)).decode(),
            )
            for each in found
            if is_of(each.kind, webhook.kinds)
        )
        now, number, up_to = self._central.now(), webhook.id, found[-1].id
        await self._central.database.write(webhooks.enqueue, number, calls, up_to, now)
        if len(found) == BATCH:
            await self._enqueue(msgspec.structs.replace(webhook, last_event_id=up_to))

    async def _make(self, calls: tuple[WebhookCallRecord, ...]) -> None:
        known = {each.id: each for each in await self._central.database.read(webhooks.all_webhooks)}
        async with asyncio.TaskGroup() as group:
            for call in calls:
                if (webhook := known.get(call.webhook_id)) is not None:
                    group.create_task(self._call(webhook, call))

    async def _call(self, webhook: WebhookRecord, call: WebhookCallRecord) -> None:
        async with self._turn:
            error = await self._post(webhook, call)
        now, write = self._central.now(), self._central.database.write
        if error is None:
            await write(webhooks.delivered, call.id, now)
        elif call.attempts < len(DELAYS):
            due_at = now + timedelta(seconds=DELAYS[call.attempts])
            await write(webhooks.failed, call.id, error, due_at)
        else:
            logger.warning("webhook given up", webhook=webhook.id, call=call.id, error=error)
            await write(webhooks.give_up, call.id, error, now)

    async def _post(self, webhook: WebhookRecord, call: WebhookCallRecord) -> str | None:
        """Make a call; why it failed, or None."""
        name, moment = f"{webhook.id}-{call.event_id}", str(int(self._central.now().timestamp()))
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": moment,
            "webhook-signature": sign(webhook.secret, name, moment, call.body),
        }
        try:
            response = await self._http.post(webhook.url, content=call.body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return f"{type(error).__name__}: {error}"
        return None if response.is_success else f"HTTP {response.status_code}"


# Routes; no Idempotency-Key, because the answer holds a secret, which is told once.


@router.get("/webhooks", **schemas.documented([shapes.Webhook]))
async def list_webhooks(central: CentralDep, _caller: WholeAdmin) -> Response:
    """All webhooks."""
    found = await central.database.read(webhooks.all_webhooks)
    return answer([shapes.shown(shapes.Webhook, each) for each in found])


@router.post(
    "/webhooks",
    **schemas.documented(
        MadeWebhook,
        body=NewWebhook,
        example={"url": "https://example.com/charging", "kinds": ["transaction.*"]},
        status=201,
    ),
)
async def add_webhook(request: Request, central: CentralDep, _caller: WholeAdmin) -> Response:
    """Send events from now on to a URL; the secret that signs them is told this once."""
    sent = await read_body(request, NewWebhook)
    made = await central.database.write(
        subscribe, sent.url, sent.kinds, sent.station_id, central.now()
    )
    return answer(shapes.shown(MadeWebhook, made), 201)


@router.get("/webhooks/{number}", **schemas.documented(shapes.Webhook))
async def show_webhook(central: CentralDep, _caller: WholeAdmin, number: Number) -> Response:
    """A webhook, without its secret."""
    return _shown(number, await central.database.read(webhooks.get, number))


@router.patch(
    "/webhooks/{number}",
    **schemas.documented(shapes.Webhook, body=WebhookChange, example={"enabled": False}),
)
async def change_webhook(
    request: Request, central: CentralDep, _caller: WholeAdmin, number: Number
) -> Response:
    """Pause a webhook or let it go on; what happens meanwhile is sent later."""
    sent = await read_body(request, WebhookChange)
    return _shown(
        number,
        await central.database.write(webhooks.set_enabled, number, enabled=sent.enabled),
    )


@router.delete("/webhooks/{number}", **schemas.documented(status=204))
async def delete_webhook(central: CentralDep, _caller: WholeAdmin, number: Number) -> Response:
    """Send no more, nor what waits."""
    if not await central.database.write(webhooks.remove, number):
        raise not_found(f"webhook {number}")
    return Response(status_code=204)


@router.get("/webhooks/{number}/calls", **schemas.documented(schemas.WebhookCalls))
async def list_calls(
    central: CentralDep,
    _caller: WholeAdmin,
    window: WindowDep,
    number: Number,
    status: WebhookCallStatus | None = None,
) -> Response:
    """A page of a webhook's calls, the latest first; those that were given up are `dead`."""
    wanted = CallFilter(webhook_id=number, status=status)
    return await listed(central, webhooks.calls, wanted, wanted=window)


@router.post("/webhooks/{number}/calls/{call}/retry", **schemas.documented(status=204))
async def retry_call(
    central: CentralDep, _caller: WholeAdmin, number: Number, call: Number
) -> Response:
    """Make a dead call again."""
    if not await central.database.write(webhooks.revive, number, call, central.now()):
        raise not_found(f"dead call {call} of webhook {number}")
    return Response(status_code=204)


def _shown(number: int, found: WebhookRecord | None) -> Response:
    if found is None:
        raise not_found(f"webhook {number}")
    return answer(shapes.shown(shapes.Webhook, found))
