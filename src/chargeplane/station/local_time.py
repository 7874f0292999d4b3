"""What the clocks on the wall show: for tariffs and for what drivers read (2.1 part 2 §3.1.1)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chargeplane.station.station import Station

OFFSET: Final = re.compile(r"([+-])(\d\d):([0-5]\d)")
NONE: Final = timedelta(0)


def offset(station: Station, at: datetime) -> timedelta:
    """What local time is ahead of UTC: by ClockCtrlr.TimeZone, else by its offsets, else not."""
    zone = _zone(station.model.text("ClockCtrlr/TimeZone"))
    if zone is not None:
        return at.astimezone(zone).utcoffset() or NONE
    changes = station.model.text("ClockCtrlr/NextTimeOffsetTransitionDateTime")
    after = _offset(station.model.text("ClockCtrlr/TimeOffset[NextTransition]"))
    if changes and after is not None and at >= datetime.fromisoformat(changes):
        return after
    return _offset(station.model.text("ClockCtrlr/TimeOffset")) or NONE


class LocalTime(tzinfo):
    """The local time of a station as a time zone."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def fromutc(self, dt: datetime) -> datetime:
        """The local time of a moment."""
        return dt + offset(self._station, dt.replace(tzinfo=UTC))

    def utcoffset(self, dt: datetime | None) -> timedelta:
        """What local time is ahead of UTC."""
        at = self._station.now() if dt is None else dt.replace(tzinfo=UTC)
        return offset(self._station, at - offset(self._station, at))

    def dst(self, _dt: datetime | None) -> timedelta:
        """How much of that is daylight saving: not known."""
        return NONE

    def tzname(self, _dt: datetime | None) -> str:
        """Its name."""
        return self._station.model.text("ClockCtrlr/TimeZone")


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _offset(text: str) -> timedelta | None:
    found = OFFSET.fullmatch("+00:00" if text == "Z" else text)
    if found is None:
        return None
    length = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -length if found[1] == "-" else length


def _is_offset(_station: Station, value: str) -> str | None:
    return None if not value or _offset(value) is not None else "InvalidValue"


def _is_zone(_station: Station, value: str) -> str | None:
    return None if not value or _zone(value) is not None else "InvalidValue"


CHECKS: dict[str, Any] = {
    "ClockCtrlr/TimeOffset": _is_offset,
    "ClockCtrlr/TimeZone": _is_zone,
}
