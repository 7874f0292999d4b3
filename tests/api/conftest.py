"""The central system and the stations in memory, for the faces over it."""

from __future__ import annotations

from tests.csms.conftest import central, connect_station, fresh_database

__all__ = ["central", "connect_station", "fresh_database"]
