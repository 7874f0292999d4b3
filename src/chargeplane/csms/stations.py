"""What operators decide about stations: let them in, change, adopt and remove them."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from chargeplane.access.passwords import hash_password
from chargeplane.csms.central import Central, Unit
from chargeplane.errors import Exists, Invalid, NotFound
from chargeplane.ocpp.dialects import DIALECTS
from chargeplane.storage.records import StationRecord
from chargeplane.storage.repositories import refused_stations, stations
from chargeplane.storage.repositories.stations import StationSettings

POLICY: Final = 1008  # RFC 6455 §7.4.1
SERVICE_RESTART: Final = 1012  # IANA's registry of RFC 6455 §11.7: come again
NAME: Final = re.compile(r"[^\x00-\x20/\x7f]{1,255}")
SHORTEST, LONGEST = 16, 40  # characters of a password (2.x A00.FR.205)

Password = str | None | UnsetType
"""A password as it is sent; None takes it away, UNSET leaves it."""


async def register(
    central: Central, station_id: str, settings: StationSettings, password: Password = UNSET
) -> None:
    """Let a station in; raises `Exists`, `Invalid`."""
    if NAME.fullmatch(station_id) is None:
        raise Invalid("a station's id has 1 to 255 characters and no spaces or slashes")
    checked = await _checked(settings, password)

    def work(unit: Unit) -> bool:
        added = stations.register(unit.connection, station_id, checked, unit.now)
        if added:
            refused_stations.forget(unit.connection, station_id)
            unit.emit("station.registered", station_id=station_id)
        return added

    if not await central.commit(work):
        raise Exists(f"{station_id} is registered already")


async def change(
    central: Central, station_id: str, settings: StationSettings, password: Password = UNSET
) -> None:
    """Change what is set; a station that is disabled is hung up.

    A pinned version holds from the next connection on. Raises `NotFound`, `Invalid`.
    """
    checked = await _checked(settings, password)

    def work(unit: Unit) -> StationRecord | None:
        changed = stations.change(unit.connection, station_id, checked)
        if changed is not None:
            unit.emit("station.changed", station_id=station_id)
        return changed

    if await central.commit(work) is None:
        raise NotFound(f"there is no station {station_id}")
    if settings.enabled is False:
        await hang_up(central, station_id, "disabled")


async def remove(central: Central, station_id: str) -> None:
    """Forget a station and what it holds, not what happened there; raises `NotFound`."""

    def work(unit: Unit) -> bool:
        removed = stations.remove(unit.connection, station_id)
        if removed:
            unit.emit("station.removed", station_id=station_id)
        return removed

    if not await central.commit(work):
        raise NotFound(f"there is no station {station_id}")
    await hang_up(central, station_id, "removed")


async def adopt(central: Central, station_id: str) -> None:
    """Accept a station that was refused or is pending; it is in with its next attempt.

    Raises `NotFound`.
    """
    accepted = StationSettings(registration="Accepted", enabled=True)

    def work(unit: Unit) -> bool:
        was_refused = refused_stations.forget(unit.connection, station_id)
        if was_refused and stations.register(unit.connection, station_id, accepted, unit.now):
            unit.emit("station.registered", station_id=station_id, registration="Accepted")
            return True
        changed = stations.change(unit.connection, station_id, accepted)
        if changed is not None:
            unit.emit("station.changed", station_id=station_id, registration="Accepted")
        return changed is not None

    if not await central.commit(work):
        raise NotFound(f"there is no refused or pending station {station_id}")


async def forget(central: Central, station_id: str) -> None:
    """Forget that a station was refused; raises `NotFound`."""

    def work(unit: Unit) -> bool:
        forgotten = refused_stations.forget(unit.connection, station_id)
        if forgotten:
            unit.emit("station.forgotten", station_id=station_id)
        return forgotten

    if not await central.commit(work):
        raise NotFound(f"{station_id} was not refused")


async def hang_up(central: Central, station_id: str, reason: str, code: int = POLICY) -> None:
    """Close the connection of a station, if this process has one."""
    here = central.stations.get(station_id)
    if here is not None:
        await here.connection.close(code, reason)


async def _checked(settings: StationSettings, password: Password) -> StationSettings:
    """A change as it is stored: a password as its hash; raises `Invalid`."""
    pinned = settings.pinned_version
    if pinned is not UNSET and pinned is not None and pinned not in DIALECTS:
        raise Invalid(f"pinned_version is one of {', '.join(DIALECTS)}")
    if password is UNSET:
        return settings
    if password is None:
        return replace(settings, password_hash=None)
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(f"a password has {SHORTEST} to {LONGEST} characters")
    hashed = await asyncio.to_thread(hash_password, password.encode())
    return replace(settings, password_hash=hashed)
