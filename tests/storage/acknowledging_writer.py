"""Starts transactions, and prints the number of each when it is acknowledged, until killed."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from datetime import UTC, datetime

from sqlalchemy import Connection

from chargeplane.domain.readings import Reading, Sample
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import meter_values, transactions

START = datetime(2026, 1, 1, tzinfo=UTC)
READING = Reading(START, (Sample(1.0),))


def start(connection: Connection, station: str, key: str) -> int:
    """Start a transaction with a reading, which comes late in the group."""
    wanted = transactions.TransactionStart(
        station_id=station, evse_id=1, started_at=START, start_key=key
    )
    transaction, _ = transactions.start(connection, wanted, START)
    meter_values.append(connection, key, 1, (READING,), transaction.id)
    return transaction.id


async def station(database: Database, name: str) -> None:
    """Start one transaction after the other."""
    for n in itertools.count():
        number = await database.write(start, name, f"{name}/{n}")
        os.write(1, f"{number}\n".encode())


async def main(url: str, run: str) -> None:
    """Let some stations write at once."""
    database = await Database.open(url)
    await asyncio.gather(*(station(database, f"{run}/{n}") for n in range(20)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
