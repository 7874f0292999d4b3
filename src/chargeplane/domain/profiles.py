"""Charging profiles and schedules. Limits are in A or W, as the schedule's unit says."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chargeplane.domain.messages import Json, Message, Outcome, Request, StatusInfo, Value

Purpose = Literal[
    "ChargingStationExternalConstraints",
    "ChargingStationMaxProfile",
    "TxDefaultProfile",
    "TxProfile",
    "PriorityCharging",
    "LocalGeneration",
]
RateUnit = Literal["W", "A"]


class FrequencyPoint(Value, frozen=True, kw_only=True):
    """A point of the curve from grid frequency in Hz to power in W (2.1 V2XFreqWattPointType)."""

    frequency: float
    power: float


class SignalPoint(Value, frozen=True, kw_only=True):
    """A point of the curve from AFRR signal to power in W (2.1 V2XSignalWattPointType)."""

    signal: int
    power: float


class ChargingSchedulePeriod(Value, frozen=True, kw_only=True):
    """From `start_period` (s after the start of the schedule) until the next period.

    Limits and setpoints count per phase where the unit is A, in total where
    it is W; the `_l2` and `_l3` ones are for the other phases. All but
    `limit`, `number_phases` and `phase_to_use` is 2.1.
    """

    start_period: int
    limit: float | None = None
    limit_l2: float | None = None
    limit_l3: float | None = None
    number_phases: int | None = None
    phase_to_use: int | None = None
    discharge_limit: float | None = None
    discharge_limit_l2: float | None = None
    discharge_limit_l3: float | None = None
    setpoint: float | None = None
    setpoint_l2: float | None = None
    setpoint_l3: float | None = None
    setpoint_reactive: float | None = None
    setpoint_reactive_l2: float | None = None
    setpoint_reactive_l3: float | None = None
    preconditioning_request: bool | None = None
    evse_sleep: bool | None = None
    v2x_baseline: float | None = None
    operation_mode: str | None = None
    v2x_freq_watt_curve: tuple[FrequencyPoint, ...] | None = None
    v2x_signal_watt_curve: tuple[SignalPoint, ...] | None = None


class LimitAtSoc(Value, frozen=True, kw_only=True):
    """A limit that holds above a state of charge in percent (2.1)."""

    soc: int
    limit: float


class ChargingSchedule(Value, frozen=True, kw_only=True):
    """Periods of limits, in `charging_rate_unit`; `duration` in s, None: until the end."""

    charging_rate_unit: RateUnit
    charging_schedule_period: tuple[ChargingSchedulePeriod, ...]
    id: int = 0  # 1.x has no ids of schedules
    start_schedule: datetime | None = None
    duration: int | None = None
    min_charging_rate: float | None = None
    sales_tariff: Json | None = None
    limit_at_soc: LimitAtSoc | None = None  # this and what follows: 2.1
    power_tolerance: float | None = None
    signature_id: int | None = None
    digest_value: str | None = None
    use_local_time: bool | None = None
    randomized_delay: int | None = None
    absolute_price_schedule: Json | None = None
    price_level_schedule: Json | None = None


class ChargingProfile(Value, frozen=True, kw_only=True):
    """Limits for a station, its transactions or one of them (2.x K; 1.6 §3.13)."""

    id: int
    stack_level: int
    charging_profile_purpose: Purpose
    charging_profile_kind: Literal["Absolute", "Recurring", "Relative", "Dynamic"]
    charging_schedule: tuple[ChargingSchedule, ...]
    recurrency_kind: Literal["Daily", "Weekly"] | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: str | None = None
    max_offline_duration: int | None = None  # this and what follows: 2.1
    invalid_after_offline_duration: bool | None = None
    dyn_update_interval: int | None = None
    dyn_update_time: datetime | None = None
    price_schedule_signature: str | None = None


class SetChargingProfileAnswer(Message, frozen=True, kw_only=True):
    """Whether the profile is installed. NotSupported is 1.x only."""

    status: Literal["Accepted", "Rejected", "NotSupported"]
    status_info: StatusInfo | None = None


class SetChargingProfile(Message, Request[SetChargingProfileAnswer], frozen=True, kw_only=True):
    """Install a profile; EVSE 0 is the whole station (2.x K01; 1.6 §5.16)."""

    evse_id: int
    charging_profile: ChargingProfile


class ClearChargingProfileAnswer(Message, frozen=True, kw_only=True):
    """Unknown: no profile matched."""

    status: Literal["Accepted", "Unknown"]
    status_info: StatusInfo | None = None


class ProfileCriteria(Value, frozen=True, kw_only=True):
    """Which profiles to clear: all that match everything given."""

    evse_id: int | None = None
    charging_profile_purpose: Purpose | None = None
    stack_level: int | None = None


class ClearChargingProfile(Message, Request[ClearChargingProfileAnswer], frozen=True, kw_only=True):
    """Remove profiles by id or by criteria (2.x K10; 1.6 §5.5)."""

    charging_profile_id: int | None = None
    charging_profile_criteria: ProfileCriteria | None = None


class CompositeSchedule(Value, frozen=True, kw_only=True):
    """The limits that follow from all profiles; `duration` in s."""

    evse_id: int
    duration: int
    schedule_start: datetime
    charging_rate_unit: RateUnit
    charging_schedule_period: tuple[ChargingSchedulePeriod, ...]


class CompositeScheduleAnswer(Outcome, frozen=True, kw_only=True):
    """The schedule, if it could be made."""

    schedule: CompositeSchedule | None = None


class GetCompositeSchedule(Message, Request[CompositeScheduleAnswer], frozen=True, kw_only=True):
    """Which limits hold for the next `duration` seconds (2.x K08; 1.6 §5.7)?"""

    duration: int
    evse_id: int
    charging_rate_unit: RateUnit | None = None
