"""What charging at a connector costs: what is held before, what is taken after, who gets it.

Prices are exact decimals in the currency's major unit, amounts are integers in its minor unit. Each
part of an amount is rounded by itself, half away from zero, as OCPP.Core does; what a driver was
told is therefore the sum of what is told of the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta

from chargeplane.domain.messages import Value

NOTHING: Final = Decimal(0)
DIGITS: Final = 2  # of a currency's minor unit, unless it is said
MWH_PER_KWH: Final = 1_000_000
WHOLE_PERCENT: Final = 100
MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)

Count = Annotated[int, Meta(ge=0)]
NoCharge = Literal["NoEnergy", "BelowMinimumEnergy", "BelowMinimumAmount"]


class Interval(Value, frozen=True):
    """From a moment to a later one, both aware."""

    begin: datetime
    end: datetime


class DailyWindow(Value, frozen=True, kw_only=True):
    """A part of every day, over midnight if it ends before it begins, by the clocks of a zone."""

    begin: time
    end: time
    zone: str

    def __post_init__(self) -> None:
        """Refuse a window of no length, which could as well be a whole day."""
        if self.begin == self.end:
            raise ValueError("a daily window ends at another time than it begins")

    def on(self, day: date) -> Interval:
        """The window that begins on a day; of a clock hour that comes twice it has both."""
        zone, last = ZoneInfo(self.zone), day if self.end > self.begin else day + DAY
        begin = datetime.combine(day, self.begin, zone)
        end = datetime.combine(last, self.end, zone).replace(fold=1)
        return Interval(begin.astimezone(UTC), end.astimezone(UTC))


class Prices(Value, frozen=True, kw_only=True):
    """What a connector costs, and who gets how much of it.

    `per_minute` counts from the start of the charge or only while an EV that charges no longer
    occupies the connector; the first `free_minutes` cost nothing, and no more than `max_minutes`
    cost anything. The operator's commission is a share, or where there is none an amount per kWh.
    """

    currency: str = "eur"
    digits: Annotated[int, Meta(ge=0, le=3)] = DIGITS
    per_kwh: Decimal = NOTHING
    session_fee: Decimal = NOTHING
    per_minute: Decimal = NOTHING
    free_minutes: Count = 0
    max_minutes: Count = 0
    counts_from: Literal["start", "idle"] = "start"
    max_energy_kwh: Decimal = NOTHING
    owner_session_fee: Decimal = NOTHING
    commission_percent: Decimal = NOTHING
    commission_per_kwh: Decimal = NOTHING

    def __post_init__(self) -> None:
        """Refuse what is no price."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, Decimal) and not (value.is_finite() and value >= 0):
                raise ValueError(f"{name} is no price")
        if self.commission_percent > WHOLE_PERCENT:
            raise ValueError("commission_percent is more than all")

    @property
    def is_free(self) -> bool:
        """Whether nothing costs anything."""
        return self.per_kwh == self.session_fee == self.per_minute == NOTHING


class Terms(Value, frozen=True, kw_only=True):
    """What holds for all connectors: what is too little to be paid, and when minutes are free."""

    min_energy_kwh: Decimal = Decimal(1)
    min_amount_minor: Count = 50  # a provider's least charge
    free_window: DailyWindow | None = None


class Use(Value, frozen=True, kw_only=True):
    """What a driver used. The energy is None while it is not known, or is no amount.

    `idle` are the times within the charge in which the EV drew nothing of its own accord.
    """

    energy_mwh: int | None
    started_at: datetime
    stopped_at: datetime
    disconnected_at: datetime | None = None
    idle: tuple[Interval, ...] = ()


class Bill(Value, frozen=True, kw_only=True):
    """An amount with its parts, in minor units; with a reason nothing is to be taken."""

    energy_minor: int = 0
    session_minor: int = 0
    time_minor: int = 0
    minutes: int = 0  # that cost something
    no_charge: NoCharge | None = None

    @property
    def amount_minor(self) -> int:
        """The sum; what is taken is no more than what is held."""
        return self.energy_minor + self.session_minor + self.time_minor


class Split(Value, frozen=True, kw_only=True):
    """Who gets an amount, in minor units."""

    gross_minor: int
    commission_minor: int
    owner_minor: int


def hold_minor(prices: Prices) -> int:
    """The amount to be held before a charge: its parts at their most.

    Raises `ValueError` if the prices bound nothing, so that nothing can be held for it.
    """
    minutes = max(0, prices.max_minutes - prices.free_minutes)
    held = sum(
        _minor(each, prices)
        for each in (
            prices.max_energy_kwh * prices.per_kwh,
            minutes * prices.per_minute,
            prices.session_fee,
        )
    )
    if not held:
        raise ValueError("the prices allow no amount to be held")
    return held


def bill(prices: Prices, terms: Terms, use: Use) -> Bill:
    """What a driver owes for what was used."""
    if use.energy_mwh is None or use.energy_mwh < 0:
        return Bill(no_charge="NoEnergy")
    energy_kwh = Decimal(use.energy_mwh) / MWH_PER_KWH
    if energy_kwh < terms.min_energy_kwh:
        return Bill(no_charge="BelowMinimumEnergy")
    minutes = minutes_to_pay(prices, terms, use)
    found = Bill(
        energy_minor=_minor(energy_kwh * prices.per_kwh, prices),
        session_minor=_minor(prices.session_fee, prices),
        time_minor=_minor(minutes * prices.per_minute, prices),
        minutes=minutes,
    )
    if found.amount_minor < max(terms.min_amount_minor, 1):
        return Bill(no_charge="BelowMinimumAmount")
    return found


def minutes_to_pay(prices: Prices, terms: Terms, use: Use) -> int:
    """The minutes that cost something; one that has begun counts."""
    spans = [Interval(use.started_at, use.stopped_at)]
    if prices.counts_from == "idle":
        spans = [*use.idle, Interval(use.stopped_at, use.disconnected_at or use.stopped_at)]
    spent = sum((_outside(each, terms.free_window) for each in spans), timedelta())
    minutes = -(-spent // MINUTE)
    return min(max(0, minutes - prices.free_minutes), prices.max_minutes)


def split(prices: Prices, gross_minor: int, energy_mwh: int) -> Split:
    """Divide what was taken between the operator and the owner of the connector."""
    share = prices.commission_percent
    if share:
        commission = _rounded(gross_minor * share / WHOLE_PERCENT)
    else:
        energy_kwh = Decimal(energy_mwh) / MWH_PER_KWH
        commission = _minor(energy_kwh * prices.commission_per_kwh, prices)
    commission = min(commission, gross_minor)
    owner = gross_minor - commission - _minor(prices.owner_session_fee, prices)
    return Split(gross_minor=gross_minor, commission_minor=commission, owner_minor=max(0, owner))


def major(prices: Prices, minor: int) -> float:
    """An amount in the currency's major unit, as OCPP tells it."""
    return float(Decimal(minor).scaleb(-prices.digits))


def _minor(amount: Decimal, prices: Prices) -> int:
    return _rounded(amount.scaleb(prices.digits))


def _rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def _outside(span: Interval, window: DailyWindow | None) -> timedelta:
    """How much of a span no daily window covers; nothing of one that ends before it begins."""
    covered = _covered(span, window) if window else ()
    inside = sum((each.end - each.begin for each in covered), timedelta())
    return max(timedelta(), span.end - span.begin) - inside


def _covered(span: Interval, window: DailyWindow) -> Iterator[Interval]:
    """The parts of a span within the windows of its days, none of them twice."""
    reached = span.begin
    for each in _windows(span, window):
        begin, end = max(each.begin, reached), min(each.end, span.end)
        if begin < end:
            yield Interval(begin, end)
            reached = end


def _windows(span: Interval, window: DailyWindow) -> Iterable[Interval]:
    zone = ZoneInfo(window.zone)
    first, last = span.begin.astimezone(zone).date() - DAY, span.end.astimezone(zone).date()
    return (window.on(first + number * DAY) for number in range((last - first).days + 1))
