"""Tariffs by which a station counts costs itself (2.1 part 2 §2.95 to §2.105), in exact numbers."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from chargeplane.domain.messages import MessageContent, Value

DayOfWeek = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
EvseKind = Literal["AC", "DC"]


class TaxRate(Value, frozen=True, kw_only=True):
    """A tax in percent; one of a higher stack is due on the price with all lower ones."""

    type: str
    tax: Decimal
    stack: int | None = None  # None is 0


class Price(Value, frozen=True, kw_only=True):
    """An amount without and with taxes; one of the two may be absent."""

    excl_tax: Decimal | None = None
    incl_tax: Decimal | None = None
    tax_rates: tuple[TaxRate, ...] | None = None


class FixedConditions(Value, frozen=True, kw_only=True):
    """When a price applies, looked at once; all that are given hold. Times are local."""

    start_time_of_day: str | None = None  # hh:mm
    end_time_of_day: str | None = None
    day_of_week: tuple[DayOfWeek, ...] | None = None
    valid_from_date: str | None = None  # YYYY-MM-DD
    valid_to_date: str | None = None  # that day is not part of it
    evse_kind: EvseKind | None = None
    payment_brand: str | None = None
    payment_recognition: str | None = None


class Conditions(Value, frozen=True, kw_only=True):
    """When a price applies; all that are given hold. Times of day are local.

    Wh, A of all phases, W and s; each from its minimum on and below its maximum. Of negative
    bounds, for energy that flows back, the minimum is the one closer to zero.
    """

    start_time_of_day: str | None = None
    end_time_of_day: str | None = None
    day_of_week: tuple[DayOfWeek, ...] | None = None
    valid_from_date: str | None = None
    valid_to_date: str | None = None
    evse_kind: EvseKind | None = None
    min_energy: Decimal | None = None
    max_energy: Decimal | None = None
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    min_time: int | None = None  # of the transaction
    max_time: int | None = None
    min_charging_time: int | None = None
    max_charging_time: int | None = None
    min_idle_time: int | None = None
    max_idle_time: int | None = None


class EnergyPrice(Value, frozen=True, kw_only=True):
    """A price for a kWh, without tax."""

    price_kwh: Decimal
    conditions: Conditions | None = None


class TimePrice(Value, frozen=True, kw_only=True):
    """A price for a minute, without tax."""

    price_minute: Decimal
    conditions: Conditions | None = None


class FixedPrice(Value, frozen=True, kw_only=True):
    """A price that is due once, without tax."""

    price_fixed: Decimal
    conditions: FixedConditions | None = None


class EnergyTariff(Value, frozen=True, kw_only=True):
    """Of the prices the first that applies counts."""

    prices: tuple[EnergyPrice, ...]
    tax_rates: tuple[TaxRate, ...] | None = None


class TimeTariff(Value, frozen=True, kw_only=True):
    """Of the prices the first that applies counts."""

    prices: tuple[TimePrice, ...]
    tax_rates: tuple[TaxRate, ...] | None = None


class FixedTariff(Value, frozen=True, kw_only=True):
    """Of the prices the first that applies counts."""

    prices: tuple[FixedPrice, ...]
    tax_rates: tuple[TaxRate, ...] | None = None


class Tariff(Value, frozen=True, kw_only=True):
    """What charging costs (2.1 TariffType)."""

    tariff_id: str
    currency: str  # ISO 4217
    valid_from: datetime | None = None
    description: tuple[MessageContent, ...] | None = None
    energy: EnergyTariff | None = None
    charging_time: TimeTariff | None = None
    idle_time: TimeTariff | None = None
    fixed_fee: FixedTariff | None = None
    reservation_time: TimeTariff | None = None
    reservation_fixed: FixedTariff | None = None
    min_cost: Price | None = None
    max_cost: Price | None = None
