"""Charging profiles that stations hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from chargeplane.domain.profiles import ChargingProfile, ProfileCriteria
from chargeplane.storage.records import ChargingProfileRecord, ProfileSource
from chargeplane.storage.statements import equal, many, other_columns, upsert
from chargeplane.storage.tables import charging_profiles

_c = charging_profiles.c
_SAVE = upsert(charging_profiles, *other_columns(charging_profiles))


def save(
    connection: Connection,
    station_id: str,
    evse_id: int,
    profile: ChargingProfile,
    source: ProfileSource,
    now: datetime,
) -> None:
    """Store a profile in the place of the station's profile with the same id."""
    row = {
        "station_id": station_id,
        "profile_id": profile.id,
        "evse_id": evse_id,
        "purpose": profile.charging_profile_purpose,
        "stack_level": profile.stack_level,
        "source": source,
        "profile": profile,
        "updated_at": now,
    }
    connection.execute(_SAVE, row)


def of_station(
    connection: Connection, station_id: str, evse_id: int | None = None
) -> tuple[ChargingProfileRecord, ...]:
    """Return the profiles of a station or of one EVSE (0: the whole station)."""
    query = select(charging_profiles).where(
        *equal((_c.station_id, station_id), (_c.evse_id, evse_id))
    )
    rows = connection.execute(query.order_by(_c.evse_id, _c.stack_level, _c.profile_id))
    return many(ChargingProfileRecord, rows)


def clear(
    connection: Connection,
    station_id: str,
    profile_id: int | None = None,
    criteria: ProfileCriteria | None = None,
) -> int:
    """Delete the profiles that match everything given, as the station did; how many went."""
    wanted = criteria or ProfileCriteria()
    statement = delete(charging_profiles).where(
        *equal(
            (_c.station_id, station_id),
            (_c.profile_id, profile_id),
            (_c.evse_id, wanted.evse_id),
            (_c.purpose, wanted.charging_profile_purpose),
            (_c.stack_level, wanted.stack_level),
        )
    )
    return connection.execute(statement).rowcount


def replace_reported(
    connection: Connection,
    station_id: str,
    profiles: Iterable[tuple[int, ChargingProfile]],
    now: datetime,
) -> None:
    """Store what the station reports, by EVSE, as all that it holds."""
    clear(connection, station_id)
    for evse_id, profile in profiles:
        save(connection, station_id, evse_id, profile, "station", now)
