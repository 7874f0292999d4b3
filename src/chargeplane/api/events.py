"""Events: as a stream (server-sent events) that is resumed where it broke off, and as a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Header, Query
from fastapi.responses import Response, StreamingResponse

from chargeplane.api.keys import Reader
from chargeplane.api.native import schemas
from chargeplane.api.native.parts import (
    LARGEST,
    CentralDep,
    QueryNumber,
    SafeText,
    WindowDep,
    listed,
)
from chargeplane.bus.local import Subscription
from chargeplane.csms.central import Central
from chargeplane.domain.events import Event
from chargeplane.storage.records import EventRecord
from chargeplane.storage.repositories import events
from chargeplane.storage.repositories.events import EventFilter

KEEPALIVE: Final = 15.0  # s of silence after which a comment shows that the stream lives
BATCH: Final = 500

router = APIRouter(tags=["events"])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events; `kinds` empty: all; `transaction.*` means all of a group."""

    kinds: tuple[str, ...] = ()
    station_id: str | None = None
    transaction_id: int | None = None
    among: tuple[str, ...] | None = None

    def takes(self, event: Event) -> bool:
        """Whether an event is wanted."""
        return (
            is_of(event.kind, self.kinds)
            and self.station_id in {None, event.station_id}
            and self.transaction_id in {None, event.transaction_id}
            and (self.among is None or event.station_id in self.among)
        )

    def stored(self) -> EventFilter:
        """What the database can look for."""
        return EventFilter(
            station_id=self.station_id, transaction_id=self.transaction_id, among=self.among
        )


def is_of(kind: str, kinds: tuple[str, ...]) -> bool:
    """Whether a kind is one of those, or of a group of them (`station.*`); none: any is."""
    group = kind.partition(".")[0] + ".*"
    return not kinds or kind in kinds or group in kinds


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        "default": schemas.PROBLEM,
    },
)
async def stream_events(
    central: CentralDep,
    caller: Reader,
    kind: Annotated[list[SafeText] | None, Query(description="Repeat for several.")] = None,
    station: SafeText | None = None,
    transaction: QueryNumber | None = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST)] = None,
) -> Response:
    """Events as they happen; with `Last-Event-ID` those since then come first."""
    wanted = Wanted(tuple(kind or ()), station, transaction, caller.stations)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        stream(central, wanted, last_event_id), headers=headers, media_type="text/event-stream"
    )


@router.get("/events/history", **schemas.documented(schemas.Events))
async def list_events(
    central: CentralDep,
    caller: Reader,
    window: WindowDep,
    kind: Annotated[list[SafeText] | None, Query(description="Repeat for several.")] = None,
    station: SafeText | None = None,
    transaction: QueryNumber | None = None,
) -> Response:
    """A page of what happened, the latest first."""
    wanted = EventFilter(
        kinds=tuple(kind or ()),
        station_id=station,
        transaction_id=transaction,
        among=caller.stations,
    )
    return await listed(central, events.page, wanted, wanted=window)


async def stream(
    central: Central, wanted: Wanted, last: int | None, keepalive: float = KEEPALIVE
) -> AsyncGenerator[bytes, None]:
    """The events after the number, or from now on, as server-sent events; never ends."""
    with central.bus.subscribe() as news:
        if last is None:
            last = await central.database.read(events.last_number)
        yield b": hello\n\n"  # so that the listener knows that it is heard
        async for event in _stored(central, wanted, last):
            last = event.id or last
            yield _said(event)
        async for live in _live(central, wanted, news, last, keepalive):
            yield live


async def _live(
    central: Central, wanted: Wanted, news: Subscription, last: int, keepalive: float
) -> AsyncIterator[bytes]:
    """What is published; what was lost because the listener lagged is read again."""
    dropped = 0
    while True:
        try:
            async with asyncio.timeout(keepalive):
                event = await news.get()
        except TimeoutError:
            yield b": alive\n\n"
            continue
        if news.dropped > dropped:
            dropped = news.dropped
            async for missed in _stored(central, wanted, last):
                last = missed.id or last
                yield _said(missed)
        if event.id is not None and event.id <= last:
            continue  # it came from the database already
        last = event.id or last
        if wanted.takes(event):
            yield _said(event)


async def _stored(central: Central, wanted: Wanted, last: int) -> AsyncIterator[Event]:
    """The kept events after the number, read batch by batch."""
    while True:
        found = await central.database.read(events.since, last, wanted.stored(), BATCH)
        for record in found:
            last = record.id
            event = of_record(record)
            if wanted.takes(event):
                yield event
        if len(found) < BATCH:
            return


def of_record(record: EventRecord) -> Event:
    """A stored event as it was published."""
    values: dict[str, Any] = {
        name: getattr(record, name) for name in Event.__struct_fields__ if name != "data"
    }
    return Event(**values, data=record.data or {})


def _said(event: Event) -> bytes:
    number = b"" if event.id is None else b"id: %d\n" % event.id
    data = msgspec.json.encode(event)
    return b"%sevent: %s\ndata: %s\n\n" % (number, event.kind.encode(), data)
