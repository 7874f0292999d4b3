"""Where pages are that others lead to."""

from __future__ import annotations

from urllib.parse import quote


def station_path(station_id: str, tab: str = "") -> str:
    """Where the page of a station is; an id may hold anything."""
    return f"/stations/{quote(station_id, safe='')}" + (f"/{tab}" if tab else "")
