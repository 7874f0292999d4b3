"""Keeping parts of an open page up to date."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import background_tasks, ui

from chargeplane.web.csms.live import Change
from chargeplane.web.csms.visit import Visit


def follow(
    visit: Visit, read: Callable[[], Awaitable[None]], *kinds: str, station_id: str | None = None
) -> None:
    """Read anew whenever an event of these kinds has happened, of one station or of any."""

    def on_change(change: Change) -> None:
        if any(
            each.kind in kinds and station_id in {None, each.station_id} for each in change.events
        ):
            background_tasks.create(read())

    ui.context.client.on_delete(visit.site.live.watch(on_change))
