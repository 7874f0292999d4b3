"""Keeping parts of an open page up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import background_tasks, ui

from chargeplane.domain.events import Event
from chargeplane.web.csms.live import Change
from chargeplane.web.csms.visit import Visit

PAUSE_S: Final = 0.7  # between two readings at least


def follow_events(
    visit: Visit,
    concerns: Callable[[Event], bool],
    refresh: Callable[[], Awaitable[None]],
    pause_s: float = PAUSE_S,
) -> None:
    """Refresh the open page soon after an event that concerns it, but not too often.

    What happens while one waits is seen by the same reading.
    """
    client, turn = ui.context.client, asyncio.Lock()

    async def read() -> None:
        async with turn:
            with client:
                await refresh()
            await asyncio.sleep(pause_s)

    waiting: list[asyncio.Task[None]] = []

    def on_change(change: Change) -> None:
        waiting[:] = [each for each in waiting if not each.done()]
        is_queued = len(waiting) > 1  # one reads or pauses, one waits for its turn
        if not is_queued and any(concerns(each) for each in change.events):
            waiting.append(background_tasks.create(read()))

    client.on_delete(visit.site.live.watch(on_change))


def follow(
    visit: Visit, read: Callable[[], Awaitable[None]], *kinds: str, station_id: str | None = None
) -> None:
    """Read anew whenever an event of these kinds has happened, of one station or of any."""

    def concerns(event: Event) -> bool:
        return event.kind in kinds and station_id in {None, event.station_id}

    follow_events(visit, concerns, read)
