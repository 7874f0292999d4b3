"""Stations and transactions as people and programs are shown them, without secrets."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from chargeplane.storage.paging import Window
from chargeplane.storage.repositories import connectors, stations, transactions
from chargeplane.storage.repositories.stations import StationFilter
from chargeplane.storage.repositories.transactions import TransactionFilter

SECRETS = frozenset({"password_hash"})
EVERY_STATION, EVERY_TRANSACTION, FIRST = StationFilter(), TransactionFilter(), Window()


def read_stations(
    connection: Connection,
    wanted: StationFilter = EVERY_STATION,
    window: Window = FIRST,
) -> dict[str, Any]:
    """A page of stations with their connectors, as JSON shows it."""
    page = stations.page(connection, wanted, window)
    states = connectors.of_stations(connection, tuple(station.id for station in page.items))
    items = [
        {
            **_shown(station),
            "connectors": [_shown(each) for each in states if each.station_id == station.id],
        }
        for station in page.items
    ]
    return {"items": items, "cursor": page.cursor}


def read_transactions(
    connection: Connection,
    wanted: TransactionFilter = EVERY_TRANSACTION,
    window: Window = FIRST,
) -> dict[str, Any]:
    """A page of transactions, as JSON shows it."""
    page = transactions.page(connection, wanted, window)
    items = [{**_shown(each), "energy_mwh": each.energy_mwh} for each in page.items]
    return {"items": items, "cursor": page.cursor}


def _shown(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__ if name not in SECRETS}
