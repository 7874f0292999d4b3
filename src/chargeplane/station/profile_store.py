"""The charging profiles that a station holds; whatever changes them lets the limits follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from chargeplane.energy.composite_values import Installed
from chargeplane.station.station import Station
from chargeplane.storage.documents import Collection

EVER: Final = datetime.min.replace(tzinfo=UTC)


def _held(station: Station) -> Collection[Installed]:
    """The profiles by the text of their id."""
    return station.documents.collection("profiles", Installed)


def installed(station: Station) -> list[Installed]:
    """All profiles, those that were installed last at the end."""
    return sorted(_held(station).values(), key=lambda each: each.installed_at or EVER)


def find(station: Station, profile_id: int) -> Installed | None:
    """The profile with an id."""
    return _held(station).get(str(profile_id))


def count(station: Station) -> int:
    """How many there are."""
    return len(_held(station))


def change(
    station: Station, *, gone: Iterable[Installed] = (), new: Iterable[Installed] = ()
) -> None:
    """Remove some profiles and keep others in their place, at once and as a whole."""
    held = _held(station)
    with station.documents.together():
        for each in gone:
            held.pop(str(each.profile.id), None)
        for each in new:
            held[str(each.profile.id)] = each
    refresh(station)


def refresh(station: Station) -> None:
    """Let everything that follows from the profiles be computed anew, and count at once.

    What counts is told when what is being done now is done, such as an answer or an event.
    """
    station.limits_epoch += 1
    follow(station)


def follow(station: Station) -> None:
    """Let the limits count as they are now."""
    station.alarm("limits", 0, lambda _station: station.signals.limits.emit(None))
