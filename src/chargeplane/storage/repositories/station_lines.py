"""Stations as lists show them: each with its connectors."""

from __future__ import annotations

from collections import defaultdict

import msgspec
from sqlalchemy import Connection

from chargeplane.storage.paging import Window
from chargeplane.storage.records import StationRecord
from chargeplane.storage.repositories import overview, stations
from chargeplane.storage.repositories.overview import Tile
from chargeplane.storage.repositories.stations import StationFilter


class StationLine(msgspec.Struct, frozen=True):
    """A station and its connectors as they are now."""

    station: StationRecord
    tiles: tuple[Tile, ...]


def page(
    connection: Connection, what: StationFilter, window: Window
) -> tuple[tuple[StationLine, ...], int]:
    """Return some stations in the order that the filter names, and how many there are in all."""
    found = stations.page(connection, what, window).items
    tiles = defaultdict[str, list[Tile]](list)
    for tile in overview.tiles_of(connection, tuple(each.id for each in found)):
        tiles[tile.station_id].append(tile)
    lines = tuple(StationLine(each, tuple(tiles[each.id])) for each in found)
    return lines, stations.count(connection, what)
