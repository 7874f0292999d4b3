"""Which charging profiles a station takes, and what is looked at before it takes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec

from chargeplane.domain.profiles import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Purpose,
    RateUnit,
)
from chargeplane.energy.composite_values import Circumstances, Installed, Running

Origin = Literal["SetChargingProfile", "RequestStartTransaction", "External"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Which profiles a station takes: its SmartChargingCtrlr variables, in 1.6 the keys of §9.4.

    `replaces_levels` is 1.6's way: a profile takes the place of another of the
    same stack level and purpose, which 2.x refuses unless their validity does
    not overlap.
    """

    max_stack_level: int = 10
    max_periods: int = 1024
    max_profiles: int = 100
    rate_units: frozenset[RateUnit] = frozenset({"A", "W"})
    additional_purposes: frozenset[Purpose] = frozenset()
    operation_modes: frozenset[str] = frozenset()  # V2XSupportedOperationModes
    dynamic_profiles: bool = False
    max_offline_duration: bool = False
    local_time: bool = False
    randomized_delay: bool = False
    limit_at_soc: bool = False
    evse_sleep: bool = False
    supply_phases: int = 3
    phase_switching: bool = False  # ACPhaseSwitchingSupported
    dc_evses: frozenset[int] = frozenset()
    dc_input_phase_control: frozenset[int] = frozenset()
    max_external_id: int | None = None  # MaxExternalConstraintsId
    update_interval_s: int = 0  # ChargingProfileUpdateRateLimit
    replaces_levels: bool = False
    needs_transaction_id: bool = True
    needs_start: bool = True  # absolute and recurring profiles, and relative ones must not have it
    negative_limits: bool = True
    several_schedules: bool = False  # what the EV negotiates by ISO 15118 (K01.FR.34)


RULES_1X: Final = Rules(
    replaces_levels=True, needs_transaction_id=False, needs_start=False, negative_limits=False
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile that is to be installed beside others; `new.installed_at` is the present."""

    new: Installed
    held: Sequence[Installed]
    circumstances: Circumstances
    rules: Rules
    origin: Origin = "SetChargingProfile"

    @property
    def profile(self) -> ChargingProfile:
        """The profile itself."""
        return self.new.profile

    @property
    def others(self) -> list[Installed]:
        """What stays installed, which is not what the profile replaces."""
        gone = replaced(self.new, self.held, self.rules)
        return [each for each in self.held if each not in gone]

    @property
    def running(self) -> Running | None:
        """The transaction on its EVSE."""
        return self.circumstances.transactions.get(self.new.evse_id)

    def of_purpose(self, *purposes: Purpose) -> bool:
        """Whether the profile has one of these purposes."""
        return self.profile.charging_profile_purpose in purposes

    def schedules(self, wrong: Callable[[ChargingSchedule], object]) -> bool:
        """Whether it is so for one of the schedules."""
        return any(wrong(schedule) for schedule in self.profile.charging_schedule)

    def periods(self, wrong: Callable[[ChargingSchedulePeriod], object]) -> bool:
        """Whether it is so for one of the periods."""
        return self.schedules(lambda one: any(map(wrong, one.charging_schedule_period)))


class Check(NamedTuple):
    """What may be wrong: its reason code, which rule says so, and how it is seen."""

    reason_code: str
    rule: str
    is_wrong: Callable[[Candidate], bool]


def replaced(new: Installed, held: Sequence[Installed], rules: Rules) -> list[Installed]:
    """What goes when the profile is installed: that with its id (K01.FR.05), its like in 1.6."""
    return [
        each
        for each in held
        if each.profile.id == new.profile.id
        or (rules.replaces_levels and each.evse_id == new.evse_id and _is_like(each, new))
    ]


def _is_like(one: Installed, other: Installed) -> bool:
    return (
        one.profile.stack_level == other.profile.stack_level
        and one.profile.charging_profile_purpose == other.profile.charging_profile_purpose
    )


def prepared(new: Installed) -> Installed:
    """The profile as it is kept: a dynamic one counts as updated when installed (K28.FR.05)."""
    profile = new.profile
    if profile.charging_profile_kind != "Dynamic" or profile.dyn_update_time is not None:
        return new
    profile = msgspec.structs.replace(profile, dyn_update_time=new.installed_at)
    return msgspec.structs.replace(new, profile=profile)


def updated(each: Installed, values: Mapping[str, float], now: datetime) -> Installed:
    """A dynamic profile with new limits or setpoints, by their names (K28.FR.06, 08, 09)."""
    schedule = each.profile.charging_schedule[0]
    period = msgspec.structs.replace(schedule.charging_schedule_period[0], **values)
    schedule = msgspec.structs.replace(schedule, charging_schedule_period=(period,))
    profile = msgspec.structs.replace(
        each.profile, charging_schedule=(schedule,), dyn_update_time=now
    )
    return msgspec.structs.replace(each, profile=profile)
