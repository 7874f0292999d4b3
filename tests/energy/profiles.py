"""Charging profiles for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from chargeplane.domain.profiles import ChargingProfile, ChargingSchedule, ChargingSchedulePeriod
from chargeplane.energy.composite_values import Circumstances, Installed, StationFacts, Window

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = 3600
DAY = Window(NOON, NOON + timedelta(days=1))
PLAIN = StationFacts(per_phase=False)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def periods(*limits: Any) -> tuple[ChargingSchedulePeriod, ...]:
    """Periods of an hour each, from limits or what else they say."""
    return tuple(
        ChargingSchedulePeriod(
            **{"start_period": index * HOUR} | (said if isinstance(said, dict) else {"limit": said})
        )
        for index, said in enumerate(limits)
    )


def profile(*limits: Any, **changes: Any) -> ChargingProfile:
    """A TxDefaultProfile from noon on; changes are of the profile or its schedule."""
    of_schedule = set(ChargingSchedule.__struct_fields__)
    schedule: dict[str, Any] = {
        "charging_rate_unit": "A",
        "charging_schedule_period": periods(*limits),
        "start_schedule": NOON,
    }
    schedule |= {name: changes.pop(name) for name in of_schedule & changes.keys() - {"id"}}
    said: dict[str, Any] = {
        "id": 1,
        "stack_level": 0,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Absolute",
        "charging_schedule": (ChargingSchedule(**schedule),),
    }
    return ChargingProfile(**(said | changes))


def installed(*limits: Any, evse_id: int = 1, **changes: Any) -> Installed:
    return Installed(evse_id=evse_id, profile=profile(*limits, **changes))


def station(facts: StationFacts = PLAIN, **changes: Any) -> Circumstances:
    return Circumstances(facts=facts, **changes)
