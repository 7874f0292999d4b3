"""Where events are sent: subscriptions of programs. `api/webhooks.py` makes the calls."""

from __future__ import annotations

import base64
import re
import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from chargeplane.errors import Invalid
from chargeplane.storage.records import WebhookRecord
from chargeplane.storage.repositories import events, webhooks

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 24
URL: Final = re.compile(r"https?://[^\s/]+\S*")
LONGEST: Final = 2000  # characters of a URL


def subscribe(
    connection: Connection,
    url: str,
    kinds: tuple[str, ...],
    station_id: str | None,
    now: datetime,
) -> WebhookRecord:
    """Send events from now on to a URL; no `kinds` means all. Raises `Invalid` for a bad URL.

    The record has the secret that signs the calls (Standard Webhooks); it is shown only once.
    """
    if len(url) > LONGEST or not URL.fullmatch(url):
        raise Invalid(f"{url[:100]!r} is not a URL of http or https")
    new = webhooks.NewWebhook(
        url=url,
        secret=PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode(),
        kinds=kinds,
        station_id=station_id,
        last_event_id=events.last_number(connection),
    )
    return webhooks.add(connection, new, now)
