"""What happened, for everyone who wants to know: pages, streams, webhooks."""

from __future__ import annotations

from datetime import datetime

from chargeplane.domain.messages import Json, Value


class Event(Value, frozen=True, kw_only=True):
    """One thing that happened; `id` counts up and is None for what is not kept."""

    kind: str  # "station.online", "transaction.started", ...
    at: datetime
    data: Json
    station_id: str | None = None
    evse_id: int | None = None
    transaction_id: int | None = None
    id: int | None = None
