"""What a central system does by itself: clean up after a restart, note who was seen, prune."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from chargeplane.csms import reservation
from chargeplane.csms.central import Central, Unit
from chargeplane.errors import StorageError
from chargeplane.storage.repositories import (
    commands,
    idempotency,
    refused_stations,
    retention,
    stations,
    tokens,
)

PERIOD: Final = 60.0  # s
CUT_OFF: Final = "Disconnected: the server restarted"  # as a command records an error
STRANGERS: Final = 10_000  # unknown stations and tokens that are remembered

logger = structlog.get_logger()


async def start_afresh(central: Central) -> None:
    """Forget what an earlier run of this process left: connections, open commands, claims."""

    def work(unit: Unit) -> None:
        for station_id in stations.disconnect_all(unit.connection, central.node, unit.now):
            unit.emit("station.offline", station_id=station_id, reason="the server restarted")
        commands.fail_unfinished(unit.connection, CUT_OFF, unit.now)
        idempotency.release_unfinished(unit.connection, central.node)

    await central.commit(work)


async def keep_house(central: Central) -> None:
    """Note who was seen and drop what is old, again and again, until cancelled."""
    while True:
        await asyncio.sleep(PERIOD)
        try:
            await central.database.write(_note_seen, _seen_lately(central))
            await central.database.write(_forget_strangers)
            await reservation.expire(central)
            await retention.prune(central.database, "messages", _oldest_message(central))
        except StorageError as error:
            logger.error("housekeeping failed", error=str(error))


def _seen_lately(central: Central) -> dict[str, datetime]:
    since = central.now() - timedelta(seconds=2 * PERIOD)
    return {s.id: s.last_seen for s in central.stations if s.last_seen > since}


def _note_seen(connection: Connection, seen: dict[str, datetime]) -> None:
    stations.note_seen(connection, seen)


def _oldest_message(central: Central) -> datetime:
    return central.now() - timedelta(days=central.settings.message_log_retention_days)


def _forget_strangers(connection: Connection) -> None:
    refused_stations.keep_latest(connection, STRANGERS)
    tokens.keep_latest_unknown(connection, STRANGERS)
