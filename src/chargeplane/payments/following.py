"""Following what happens: every event that concerns a reservation, and a look on a schedule."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from sqlalchemy import Connection

from chargeplane.csms import commands
from chargeplane.domain.events import Event
from chargeplane.domain.transactions import RequestStopTransaction
from chargeplane.errors import ChargeplaneError
from chargeplane.payments import starting
from chargeplane.payments.advancing import advance
from chargeplane.payments.creating import TOKEN_LENGTH
from chargeplane.payments.desk import Desk
from chargeplane.payments.refunding import carry_out
from chargeplane.payments.reservations import OVER
from chargeplane.storage.repositories import payment_books, payments, transactions

KINDS: Final = frozenset(
    {
        "connector.status",
        "meter.values",
        "station.online",
        "transaction.ended",
        "transaction.reopened",
        "transaction.started",
        "transaction.updated",
    }
)
OWN: Final = "payment."
AT_ONCE: Final = 20  # reservations that are looked at side by side

logger = structlog.get_logger()


class Follower:
    """Takes reservations forward, each by itself, so that a slow station holds up nobody else."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._working: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._stations: frozenset[str] = frozenset()  # at which somebody pays

    async def run(self) -> None:
        """Reconcile at once and on a schedule, follow events meanwhile, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow())
                group.create_task(self._repeat())
        finally:
            self._again.clear()
            working = list(self._working.values())
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    async def _repeat(self) -> None:
        first = True
        while True:
            try:
                await self._find_stations()
                await reconcile(self._desk, thorough=first)
                first = False
            except ChargeplaneError as error:
                logger.error("payments not reconciled", error=str(error))
            except Exception:
                logger.exception("payments not reconciled")
            await asyncio.sleep(self._desk.rules.reconcile_interval.total_seconds())

    async def _follow(self) -> None:
        with self._desk.central.bus.subscribe() as news:
            async for event in news:
                try:
                    await self._take(event)
                except ChargeplaneError as error:
                    logger.error("event not followed", kind=event.kind, error=str(error))
                except Exception:
                    logger.exception("event not followed", kind=event.kind)

    async def _take(self, event: Event) -> None:
        if event.kind.startswith(OWN):
            await self._find_stations()
        if event.kind == "transaction.started":
            await stop_stray(self._desk, event)
        # Most events are of stations at which nobody pays, and must cost next to nothing.
        if event.kind in KINDS and event.station_id in self._stations:
            for number in await self._desk.central.database.read(_concerned, event):
                self._kick(number)

    async def _find_stations(self) -> None:
        found = await self._desk.central.database.read(payments.active)
        self._stations = frozenset(each.station_id for each in found)

    def _kick(self, number: str) -> None:
        """Look at a reservation soon; while it is looked at, once more afterwards."""
        if number in self._working:
            self._again.add(number)
            return
        task = asyncio.create_task(self._work(number), name=f"payment[{number}]")
        self._working[number] = task

    async def _work(self, number: str) -> None:
        try:
            await guarded(self._desk, number)
        finally:
            del self._working[number]
            if number in self._again:
                self._again.discard(number)
                self._kick(number)


async def reconcile(desk: Desk, *, thorough: bool = False) -> None:
    """Look at everything that is not finished; `thorough`: also what was put off or given up.

    Raises `StorageError`.
    """
    read = desk.central.database.read
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(number: str) -> None:
        async with turn:
            await guarded(desk, number, again=thorough)

    found = await read(payments.unfinished, desk.now, with_reviews=thorough)
    await asyncio.gather(*(one(record.id) for record in found))
    for asked in await read(payment_books.open_refunds):
        try:
            async with desk.lock(asked.reservation_id):
                await carry_out(desk, asked)
        except ChargeplaneError as error:
            logger.warning("refund refused", refund=asked.id, error=str(error))


async def guarded(desk: Desk, number: str, *, again: bool = False) -> None:
    """Take a reservation forward; what goes wrong with one is logged and concerns no other."""
    try:
        await advance(desk, number, again=again)
    except ChargeplaneError as error:
        logger.warning("payment not advanced", reservation=number, error=str(error))
    except Exception:
        logger.exception("payment not advanced", reservation=number)


async def stop_stray(desk: Desk, event: Event) -> None:
    """Stop what began with the token of a reservation too late, as after a cancel."""
    token = str(event.data.get("id_token") or "").lower()
    if len(token) != TOKEN_LENGTH or event.station_id is None or event.transaction_id is None:
        return
    record = await desk.central.database.read(payments.by_token, token)
    found = await desk.central.database.read(transactions.get, event.transaction_id)
    if record is None or found is None or found.state != "open":
        return
    if record.state in OVER or found.start_status not in starting.MAY_CHARGE:
        logger.warning("stopping what nobody pays for", reservation=record.id)
        request = RequestStopTransaction(transaction_id=found.name)
        commands.send_soon(desk.central, event.station_id, request)


def _concerned(connection: Connection, event: Event) -> tuple[str, ...]:
    """The reservations that an event may take forward."""
    return tuple(
        each.id
        for each in payments.active(connection)
        if each.station_id == event.station_id
        and event.evse_id in {None, 0, each.evse_id}
        and each.state != "Pending"
    )
