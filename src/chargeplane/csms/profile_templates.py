"""Charging profiles that are kept to be sent to stations, by number."""

from __future__ import annotations

from msgspec.structs import replace

from chargeplane.csms.central import Unit
from chargeplane.domain.profiles import ChargingProfile
from chargeplane.storage.records import ChargingProfileTemplateRecord
from chargeplane.storage.repositories import profile_templates


def keep(
    unit: Unit, name: str | None, profile: ChargingProfile, number: int | None = None
) -> ChargingProfileTemplateRecord:
    """Keep a profile under a number, in the place of what was there, or under the next one.

    Its own id becomes the number.
    """
    wanted = profile_templates.next_number(unit.connection) if number is None else number
    unit.emit("charging_profile_template.changed", number=wanted, name=name)
    kept = replace(profile, id=wanted)
    return profile_templates.save(unit.connection, name, kept, unit.now)


def forget(unit: Unit, number: int) -> bool:
    """Forget a profile; stations keep what they were sent. False if there is none."""
    removed = profile_templates.remove(unit.connection, number)
    if removed:
        unit.emit("charging_profile_template.removed", number=number)
    return removed
