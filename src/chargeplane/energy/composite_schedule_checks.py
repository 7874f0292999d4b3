"""What may be wrong with the schedules of a charging profile and their periods."""

from __future__ import annotations

from itertools import pairwise
from math import inf, isfinite
from typing import Final

from chargeplane.domain.profiles import ChargingSchedule, ChargingSchedulePeriod
from chargeplane.energy.composite_rules import Candidate, Check

NUMBERS: Final = ("limit", "discharge_limit", "setpoint", "setpoint_reactive")

# 2.1 part 2 table 95 and K01.FR.111-113
MODES_OF: Final = {
    "PriorityCharging": {"ChargingOnly"},
    "ChargingStationMaxProfile": {"ChargingOnly"},
    "ChargingStationExternalConstraints": {"ChargingOnly", "ExternalLimits", "ExternalSetpoint"},
    "LocalGeneration": {"ChargingOnly", "ExternalLimits"},
}
# 2.1 part 2 Q §2.2, limits and setpoints per operation mode: what must be there, what may be
SAID_IN: Final[dict[str, tuple[set[str], set[str]]]] = {
    "ChargingOnly": ({"limit"}, {"limit"}),
    "CentralSetpoint": ({"setpoint"}, set(NUMBERS)),
    "CentralFrequency": ({"setpoint"}, {"limit", "discharge_limit", "setpoint"}),
    "ExternalSetpoint": (set(), {"limit", "discharge_limit", "setpoint", "setpoint_reactive"}),
    "ExternalLimits": (set(), {"limit", "discharge_limit"}),
    "LocalFrequency": (set(), set()),
    "LocalLoadBalancing": (set(), {"limit", "discharge_limit"}),
    "Idle": (set(), set()),
}

# Schedules


def _wrong_count(c: Candidate) -> bool:
    """Whether there are more schedules, or periods of a dynamic one, than there may be."""
    dynamic = c.profile.charging_profile_kind == "Dynamic"
    several = c.rules.several_schedules and not dynamic
    return (
        (len(c.profile.charging_schedule) != 1 and not several)
        or c.schedules(lambda one: not one.charging_schedule_period)
        or (dynamic and c.schedules(lambda one: len(one.charging_schedule_period) != 1))
    )


def _wrong_start(c: Candidate) -> bool:
    """Whether it lacks a start, or has one where it starts with the transaction."""
    kind = c.profile.charging_profile_kind
    if not c.rules.needs_start or kind == "Dynamic":
        return False
    return c.schedules(lambda one: (one.start_schedule is None) == (kind != "Relative"))


def _out_of_order(c: Candidate) -> bool:
    def wrong(schedule: ChargingSchedule) -> bool:
        starts = [period.start_period for period in schedule.charging_schedule_period]
        return starts[0] != 0 or any(a >= b for a, b in pairwise(starts))

    return c.schedules(wrong)


def _wrong_delay(c: Candidate) -> bool:
    """Whether delays are drawn that are not supported or not for transactions (K01.FR.95, 124)."""
    tx = c.of_purpose("TxProfile", "TxDefaultProfile") or c.origin == "External"
    return not (tx and c.rules.randomized_delay) and c.schedules(lambda one: one.randomized_delay)


# Periods


def _not_a_number(c: Candidate) -> bool:
    def wrong(value: ChargingSchedule | ChargingSchedulePeriod) -> bool:
        members = (getattr(value, name) for name in value.__struct_fields__)
        return any(isinstance(each, float) and not isfinite(each) for each in members)

    at_soc = c.schedules(lambda one: one.limit_at_soc and not isfinite(one.limit_at_soc.limit))
    return at_soc or c.schedules(wrong) or c.periods(wrong)


def _negative(c: Candidate) -> bool:
    return not c.rules.negative_limits and c.periods(lambda one: (one.limit or 0) < 0)


def _unsupported_phases(c: Candidate) -> bool:
    most = c.rules.supply_phases
    return not _is_dc(c) and c.periods(lambda one: (one.number_phases or 0) > most)


def _is_dc(c: Candidate) -> bool:
    evses = set(c.circumstances.facts.evse_ids)
    return c.new.evse_id in c.rules.dc_evses or (c.new.evse_id == 0 and evses <= c.rules.dc_evses)


def _phases_of_dc(c: Candidate) -> bool:
    evses = {c.new.evse_id} if c.new.evse_id else set(c.circumstances.facts.evse_ids)
    if not _is_dc(c) or evses <= c.rules.dc_input_phase_control:
        return False
    return c.periods(lambda one: (one.number_phases, one.phase_to_use) != (None, None))


def _wrong_phase(c: Candidate) -> bool:
    """Whether a phase is chosen that cannot be, or for more than one (K01.FR.19, 20, 48)."""

    def wrong(period: ChargingSchedulePeriod) -> bool:
        chosen = period.phase_to_use is not None
        return chosen and (period.number_phases != 1 or not c.rules.phase_switching)

    return not _is_dc(c) and c.periods(wrong)


def _conflicting_phases(c: Candidate) -> bool:
    """Whether phases have values of their own that may not, or lack that of L1."""
    may = c.of_purpose("TxProfile") or c.origin == "External"

    def wrong(period: ChargingSchedulePeriod) -> bool:
        return any(
            (getattr(period, f"{name}_l2"), getattr(period, f"{name}_l3")) != (None, None)
            and (not may or getattr(period, name) is None)
            for name in NUMBERS
        )

    return c.periods(wrong)


def _mode(period: ChargingSchedulePeriod) -> str:
    return period.operation_mode or "ChargingOnly"


def _wrong_mode(c: Candidate) -> bool:
    """Whether an operation mode is not for the purpose, or not supported (K01.FR.114, 115)."""
    supported = c.rules.operation_modes | {"ChargingOnly"}
    allowed = MODES_OF.get(c.profile.charging_profile_purpose, supported)
    return c.periods(lambda one: _mode(one) not in supported & allowed)


def _wrong_numbers(c: Candidate) -> bool:
    """Whether limits or setpoints are missing or not for the mode (Q08.FR.04, Q10.FR.02)."""

    def wrong(period: ChargingSchedulePeriod) -> bool:
        needed, allowed = SAID_IN.get(_mode(period), (set(), set(NUMBERS)))
        said = {name for name in NUMBERS if getattr(period, name) is not None}
        return not needed <= said <= allowed

    return c.periods(wrong)


def _no_curve(c: Candidate) -> bool:
    def wrong(period: ChargingSchedulePeriod) -> bool:
        curve = period.v2x_freq_watt_curve or ()
        return _mode(period) == "LocalFrequency" and (
            len(curve) < 2 or period.v2x_baseline is None  # noqa: PLR2004 a line has two ends
        )

    return c.periods(wrong)


def _frequency_in_a(c: Candidate) -> bool:
    return c.schedules(
        lambda one: (
            one.charging_rate_unit == "A"
            and any(_mode(each) == "LocalFrequency" for each in one.charging_schedule_period)
        )
    )


def _setpoint_beyond(c: Candidate) -> bool:
    def wrong(period: ChargingSchedulePeriod) -> bool:
        low = -inf if period.discharge_limit is None else period.discharge_limit
        high = inf if period.limit is None else period.limit
        return period.setpoint is not None and not low <= period.setpoint <= high

    return c.periods(wrong)


SCHEDULE_CHECKS: Final = (
    Check("InvalidSchedule", "K01.FR.34, K28.FR.01: too many schedules or periods", _wrong_count),
    Check(
        "TooManyElements",
        "there are more periods than fit",
        lambda c: c.schedules(lambda one: len(one.charging_schedule_period) > c.rules.max_periods),
    ),
    Check(
        "UnsupportedRateUnit",
        "K01.FR.26: this unit is not supported",
        lambda c: c.schedules(lambda one: one.charging_rate_unit not in c.rules.rate_units),
    ),
    Check("InvalidSchedule", "K01.FR.40, 41: startSchedule is missing or too much", _wrong_start),
    Check("InvalidSchedule", "K01.FR.31, 35: periods start at 0 and in order", _out_of_order),
    Check(
        "InvalidSchedule",
        "K01.FR.70: priority charging has no duration",
        lambda c: (
            c.of_purpose("PriorityCharging") and c.schedules(lambda one: one.duration is not None)
        ),
    ),
    Check(
        "InvalidSchedule",
        "K01.FR.123: local time is not supported",
        lambda c: not c.rules.local_time and c.schedules(lambda one: one.use_local_time),
    ),
    Check("InvalidSchedule", "K01.FR.95, 124: there is no randomizedDelay here", _wrong_delay),
    Check(
        "InvalidSchedule",
        "K01.FR.125: limitAtSoC is not supported",
        lambda c: not c.rules.limit_at_soc and c.schedules(lambda one: one.limit_at_soc),
    ),
    Check(
        "InvalidSchedule",
        "K01.FR.126: the EVSE does not sleep",
        lambda c: not c.rules.evse_sleep and c.periods(lambda one: one.evse_sleep),
    ),
    Check("InvalidSchedule", "numbers are finite", _not_a_number),
    Check("InvalidSchedule", "limits are not negative", _negative),
    Check("NoPhaseForDC", "K01.FR.44: DC has no phases", _phases_of_dc),
    Check("InvalidSchedule", "K01.FR.19, 20, 48: the phase cannot be chosen", _wrong_phase),
    Check("InvalidSchedule", "K01.FR.43: there are fewer phases", _unsupported_phases),
    Check("PhaseConflict", "K01.FR.144, 146: no values for L2 and L3 here", _conflicting_phases),
    Check("InvalidOperationMode", "K01.FR.114, 115: not this operation mode", _wrong_mode),
    Check("NoFreqWattCurve", "Q08.FR.03: v2xFreqWattCurve or v2xBaseline is missing", _no_curve),
    Check("InvalidSchedule", "Q08.FR.05: LocalFrequency counts in W", _frequency_in_a),
    Check("InvalidSchedule", "Q §2.2: limits and setpoints are not of the mode", _wrong_numbers),
    Check("InvalidSchedule", "V2X.05: the setpoint is beyond the limits", _setpoint_beyond),
)
