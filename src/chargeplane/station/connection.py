"""The link of a station to its central system, kept up for as long as the station runs."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from chargeplane.errors import ChargeplaneError, NotConnected
from chargeplane.net.websocket import Connection, connect
from chargeplane.ocpp.dialects import BY_SUBPROTOCOL, DIALECTS
from chargeplane.ocpp.peer import Peer
from chargeplane.station import availability, provisioning, transactions
from chargeplane.station.handlers import HANDLERS
from chargeplane.station.station import Connector, Station

# 2.x part 4 §5.4: RetryBackOffWaitMinimum, -RandomRange, -RepeatTimes; short, for a virtual one.
WAIT_MINIMUM: Final = 1.0
RANDOM_RANGE: Final = 1.0
REPEAT_TIMES: Final = 5

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where to connect, in which versions (best first), with which password."""

    url: str  # the endpoint, without the station's id
    versions: Iterable[str] = ("2.1", "2.0.1", "1.6")
    password: bytes | None = None


async def run(station: Station, link: Link) -> None:
    """Connect, boot and serve; after a lost connection again, after a reset from the start."""
    station.on_answer = lambda event, answer: transactions.on_answer(station, event, answer)
    station.on_limits = partial(transactions.settle_all, station)
    for connector in station.connectors:
        connector.hardware.on_change(partial(_settle_soon, station, connector))
    failures = 0
    try:
        while True:
            try:
                connection = await _connect(station, link)
            except NotConnected as error:
                logger.info("no connection", station=station.id, reason=str(error))
                await asyncio.sleep(_wait(failures))
                failures += 1
                continue
            failures = 0
            await _serve(station, connection)
    finally:
        await station.stop()


def _settle_soon(station: Station, connector: Connector) -> None:
    station.spawn(transactions.settle(station, connector), "settle")


def _wait(failures: int) -> float:
    """How long to wait before the next attempt (2.x part 4 §5.4)."""
    doubled = WAIT_MINIMUM * 2 ** min(failures, REPEAT_TIMES)
    return float(doubled + random.uniform(0, RANDOM_RANGE))  # noqa: S311 spreads load, no secret


async def _connect(station: Station, link: Link) -> Connection:
    credentials = None if link.password is None else (station.id, link.password)
    offered = [DIALECTS[version].subprotocol for version in link.versions]
    return await connect(f"{link.url}/{station.id}", offered, credentials=credentials)


async def _serve(station: Station, connection: Connection) -> None:
    """Talk until the connection is lost or the station restarts."""
    dialect = BY_SUBPROTOCOL[connection.subprotocol]
    peer = Peer(dialect, HANDLERS, station, connection.send, other_side="csms")
    station.peer = peer
    jobs = [
        asyncio.create_task(_read(peer, connection), name=f"station[{station.id}].read"),
        asyncio.create_task(_speak(station), name=f"station[{station.id}].speak"),
        asyncio.create_task(station.reset_wanted.wait(), name=f"station[{station.id}].reset"),
    ]
    try:
        await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
    finally:
        station.peer = None
        peer.disconnected()
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await connection.close()
    if station.reset_wanted.is_set():
        station.reset_wanted.clear()
        station.accepted.clear()
    logger.info("disconnected", station=station.id, reason=connection.closing)


async def _read(peer: Peer[Station], connection: Connection) -> None:
    async for frame in connection.frames():
        await peer.receive(frame)


async def _speak(station: Station) -> None:
    """Boot if need be, then tell what waits and keep alive."""
    try:
        if not station.accepted.is_set():
            await provisioning.boot(station)
        for connector in station.connectors:
            await availability.report(station, connector)
        async with asyncio.TaskGroup() as group:
            group.create_task(station.queue.deliver())
            group.create_task(provisioning.keep_alive(station))
    except* ChargeplaneError as errors:
        logger.info("stopped speaking", station=station.id, reason=str(errors.exceptions[0]))
