"""Sends events to a webhook endpoint, signed: https://docs.stripe.com/webhooks."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Final

import httpx
import structlog
from stripe import WebhookSignature

from chargeplane.payments.stand_in.faults import Faults
from chargeplane.payments.stand_in.objects import Event

TRIES: Final = 5
PAUSE: Final = 0.2  # s before the second try; each is twice as long as the one before
TIMEOUT: Final = 10.0  # s that the endpoint has to answer

logger = structlog.get_logger()


class Deliveries:
    """Sends each event until it is accepted, in the order in which they happened."""

    def __init__(self, secret: str, faults: Faults) -> None:
        self.url: str | None = None  # of the endpoint; without one nothing is sent
        self._secret = secret
        self._faults = faults
        self._waiting: deque[Event] = deque()
        self._news = asyncio.Event()

    def put(self, event: Event) -> None:
        """Send an event soon."""
        self._waiting.append(event)
        self._news.set()

    def let_go(self) -> None:
        """Send what was held, the last one first."""
        self._faults.hold_events = False
        self._waiting.reverse()
        self._news.set()

    async def run(self) -> None:
        """Send what happens for as long as it runs."""
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            while True:
                await self._news.wait()
                self._news.clear()
                while self._waiting and not self._faults.hold_events:
                    await self._send_all(client, self._waiting.popleft())

    async def _send_all(self, client: httpx.AsyncClient, event: Event) -> None:
        for _ in range(1 + self._faults.repeats):
            if self.url is not None:
                await self._send(client, self.url, event)

    async def _send(self, client: httpx.AsyncClient, url: str, event: Event) -> None:
        body = json.dumps(event.shown(), indent=2)
        for attempt in range(TRIES):
            signature = WebhookSignature.generate_signature_header(body, self._secret)
            headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
            try:
                answer = await client.post(url, content=body, headers=headers)
            except httpx.HTTPError as error:
                reason = type(error).__name__
            else:
                if answer.is_success:
                    return
                reason = str(answer.status_code)
            await asyncio.sleep(PAUSE * 2**attempt)
        logger.warning("event not delivered", kind=event.kind, event=event.id, reason=reason)
