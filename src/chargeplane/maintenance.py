"""What operators do with the data: back it up, forget what is old, take it elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TextIO

import msgspec

from chargeplane.config import Settings
from chargeplane.errors import ConfigurationError
from chargeplane.storage.database import Database
from chargeplane.storage.paging import every
from chargeplane.storage.records import (
    CommandRecord,
    EventRecord,
    MeterValueRecord,
    Record,
    StationRecord,
    TokenRecord,
    TransactionRecord,
)
from chargeplane.storage.repositories import (
    commands,
    events,
    meter_values,
    retention,
    stations,
    tokens,
    transactions,
)

SECRETS: Final = frozenset({"password_hash"})


async def backup(settings: Settings, target: Path) -> None:
    """Copy the database to a file; raises `StorageError`."""
    async with await _open(settings) as database:
        await database.backup(target)


async def prune(settings: Settings, what: str, days: int) -> int:
    """Forget the rows of a table that are older; how many went."""
    if what not in retention.AGES:
        raise ConfigurationError(f"{what}: one of {', '.join(retention.AGES)}")
    before = datetime.now(UTC) - timedelta(days=days)
    async with await _open(settings) as database:
        return await retention.prune(database, what, before)


async def export(settings: Settings, what: str, form: str, target: TextIO) -> None:
    """Write a whole list, as CSV with a heading or as JSON Lines."""
    if what not in LISTS:
        raise ConfigurationError(f"{what}: one of {', '.join(LISTS)}")
    if form not in FORMS:
        raise ConfigurationError(f"{form}: one of {', '.join(FORMS)}")
    record, page, everything = LISTS[what]
    names = [name for name in record.__struct_fields__ if name not in SECRETS]
    write = FORMS[form](names, target)
    async with await _open(settings) as database:
        async for each in every(database, page, everything):
            write(msgspec.to_builtins({name: getattr(each, name) for name in names}))


async def _open(settings: Settings) -> Database:
    return await Database.open(settings.storage.url.get_secret_value())


def _csv(names: list[str], target: TextIO) -> Callable[[dict[str, Any]], None]:
    writer = csv.DictWriter(target, names)
    writer.writeheader()

    def write(row: dict[str, Any]) -> None:
        writer.writerow({name: _cell(value) for name, value in row.items()})

    return write


def _cell(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, (dict, list)) else value


def _json_lines(names: list[str], target: TextIO) -> Callable[[dict[str, Any]], None]:
    del names

    def write(row: dict[str, Any]) -> None:
        target.write(msgspec.json.encode(row).decode() + "\n")

    return write


FORMS: Final = {"csv": _csv, "jsonl": _json_lines}

# The lists that can be taken elsewhere: their records, their pages, and the filter for all.
LISTS: Final[dict[str, tuple[type[Record], Any, Any]]] = {
    "stations": (StationRecord, stations.page, stations.StationFilter()),
    "tokens": (TokenRecord, tokens.page, tokens.TokenFilter()),
    "transactions": (TransactionRecord, transactions.page, transactions.TransactionFilter()),
    "meter_values": (MeterValueRecord, meter_values.page, meter_values.MeterValueFilter()),
    "commands": (CommandRecord, commands.page, commands.CommandFilter()),
    "events": (EventRecord, events.page, events.EventFilter()),
}
