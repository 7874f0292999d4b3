"""What a charge costs by a tariff: a bill that grows with what the meter says (2.1 part 2 §I).

Pure functions of exact numbers. `advance` prices what was used since the last look, cut at every
moment at which another price begins to apply: exactly for times and durations, and for amounts of
energy as if energy had flowed evenly between two looks. Current and power count as they were at
the earlier look (I12.FR.31). Amounts are rounded only where they are shown.

`minIdleTime` and `maxIdleTime` are of the idle period at hand, which begins when charging stops:
"5 minutes after end of charging" (§1.2.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from chargeplane.domain.tariffs import EvseKind, Price, Tariff, TaxRate
from chargeplane.energy.tariff_conditions import (
    Offset,
    Situation,
    clock_times,
    first,
    local_moments,
    thresholds,
    uses,
)

ZERO: Final = Decimal(0)
PER_KWH: Final = Decimal(1000)
PER_MINUTE: Final = Decimal(60)
PERCENT: Final = Decimal(100)

Numbers = tuple[int | None, ...]


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What the meter of an EVSE says at a moment: Wh since the charge began, A of all phases, W."""

    at: datetime
    energy_wh: Decimal
    is_charging: bool
    current_a: Decimal = ZERO
    power_w: Decimal = ZERO


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """What does not change while a bill grows."""

    began: datetime  # the transaction, which may be before the bill
    evse_kind: EvseKind = "AC"
    payment_brand: str | None = None
    payment_recognition: str | None = None
    reserved_s: int | None = None  # how long the EVSE was reserved, if it was


class Part(msgspec.Struct, kw_only=True):
    """What has been counted by one tariff: prices times Wh, prices of minutes times seconds."""

    tariff: Tariff
    fixed: Decimal | None = None
    reservation_fixed: Decimal | None = None
    reservation_time: Decimal | None = None
    energy: Decimal = ZERO
    charging_time: Decimal = ZERO
    idle_time: Decimal = ZERO


class Period(msgspec.Struct, kw_only=True):
    """A time in which the same prices applied (2.1 ChargingPeriodType)."""

    start: datetime
    tariff_id: str
    prices: Numbers
    energy_wh: Decimal = ZERO
    charging_s: Decimal = ZERO
    idle_s: Decimal = ZERO
    current_a: tuple[Decimal, Decimal] | None = None  # the least and the most
    power_w: tuple[Decimal, Decimal] | None = None


class Bill(msgspec.Struct, kw_only=True):
    """A charge as it has been counted so far."""

    party: Party
    last: Usage
    parts: list[Part]
    periods: list[Period] = []
    charging_s: Decimal = ZERO
    idle_s: Decimal = ZERO
    idle_for_s: Decimal = ZERO  # the idle period at hand
    is_full: bool = False  # the maximum cost is reached: nothing is added any more


# Counting


def open_bill(tariff: Tariff, party: Party, usage: Usage, offset: Offset) -> Bill:
    """A bill with what is due at the start (I12.FR.06 to FR.08, FR.30)."""
    bill = Bill(party=party, last=usage, parts=[Part(tariff=tariff)])
    part, now = bill.parts[0], _situation(bill, usage, usage.at, offset)
    part.fixed = _fixed(tariff.fixed_fee, now)
    if party.reserved_s is not None:
        part.reservation_fixed = _fixed(tariff.reservation_fixed, now)
        timed = tariff.reservation_time
        number = None if timed is None else first(timed.prices, now)
        if timed is not None and number is not None:
            part.reservation_time = timed.prices[number].price_minute * party.reserved_s
    _open_period(bill, usage.at, usage, offset)
    return bill


def _fixed(tariff: Any, now: Situation) -> Decimal | None:
    number = None if tariff is None else first(tariff.prices, now)
    return None if number is None else tariff.prices[number].price_fixed


def change(bill: Bill, tariff: Tariff, usage: Usage, offset: Offset) -> None:
    """Count by another tariff from now on (I11.FR.08); fixed fees are due once (I12.FR.30)."""
    advance(bill, usage, offset)
    bill.parts.append(Part(tariff=tariff))
    bill.is_full = False
    _open_period(bill, usage.at, usage, offset)


def advance(bill: Bill, usage: Usage, offset: Offset) -> None:
    """Count what was used since the last look."""
    before = bill.last
    for start, end, energy_wh in _pieces(bill, usage, offset):
        _count(bill, start, end, energy_wh, offset)
    if usage.is_charging:
        bill.idle_for_s = ZERO
    bill.last = usage
    if usage.at >= before.at:
        _open_period(bill, usage.at, usage, offset)


def _pieces(
    bill: Bill, usage: Usage, offset: Offset
) -> Iterator[tuple[datetime, datetime, Decimal]]:
    """What was used, in pieces in which the same prices apply: start, end, and energy in Wh."""
    before = bill.last
    if usage.at <= before.at:
        if usage.energy_wh != before.energy_wh:
            yield before.at, before.at, usage.energy_wh - before.energy_wh
        return
    cuts = sorted(_cuts(bill, usage, offset))
    start, energy_wh = before.at, before.energy_wh
    for at, reached_wh in [*cuts, (usage.at, usage.energy_wh)]:
        yield start, at, reached_wh - energy_wh
        start, energy_wh = at, reached_wh


def _cuts(bill: Bill, usage: Usage, offset: Offset) -> set[tuple[datetime, Decimal]]:
    """The moments in between at which prices may change, each with the energy until then."""
    before, tariff = bill.last, bill.parts[-1].tariff
    length, flowed_wh = usage.at - before.at, usage.energy_wh - before.energy_wh
    moments = set(local_moments(before.at, usage.at, clock_times(tariff), offset))
    moments |= set(_due(tariff, "elapsed_s", bill.party.began, ZERO))
    if before.is_charging:
        moments |= set(_due(tariff, "charging_s", before.at, bill.charging_s))
    else:
        moments |= set(_due(tariff, "idle_s", before.at, bill.idle_for_s))
    found = {
        (at, before.energy_wh + flowed_wh * _seconds(at - before.at) / _seconds(length))
        for at in moments
        if before.at < at < usage.at
    }
    for reached_wh in thresholds(tariff, "energy_wh") if flowed_wh else ():
        share = (reached_wh - before.energy_wh) / flowed_wh
        if 0 < share < 1:
            found.add((before.at + length * float(share), reached_wh))
    return found


def _due(tariff: Tariff, what: str, since: datetime, done_s: Decimal) -> Iterator[datetime]:
    """When durations of which so much is over reach their thresholds."""
    for seconds in thresholds(tariff, what):
        yield since + timedelta(seconds=float(seconds - done_s))


def _count(bill: Bill, start: datetime, end: datetime, energy_wh: Decimal, offset: Offset) -> None:
    """Count a piece by the prices that apply from its start on."""
    period = _open_period(bill, start, bill.last, offset)
    seconds = _seconds(end - start)
    part, charging = bill.parts[-1], bill.last.is_charging
    energy, charged, idle = period.prices
    tariff, added = part.tariff, {}
    if tariff.energy is not None and energy is not None:
        added["energy"] = tariff.energy.prices[energy].price_kwh * energy_wh
    if tariff.charging_time is not None and charged is not None and charging:
        added["charging_time"] = tariff.charging_time.prices[charged].price_minute * seconds
    if tariff.idle_time is not None and idle is not None and not charging:
        added["idle_time"] = tariff.idle_time.prices[idle].price_minute * seconds
    _add(bill, part, added)
    period.energy_wh += energy_wh
    if charging:
        period.charging_s += seconds
        bill.charging_s += seconds
    else:
        period.idle_s += seconds
        bill.idle_s += seconds
        bill.idle_for_s += seconds
    bill.last = msgspec.structs.replace(
        bill.last, at=end, energy_wh=bill.last.energy_wh + energy_wh
    )


def _add(bill: Bill, part: Part, added: dict[str, Decimal]) -> None:
    """Add amounts, until the maximum cost is reached (I12.FR.39)."""
    if bill.is_full:
        return
    most = part.tariff.max_cost
    before = None if most is None else total(bill)
    for name, amount in added.items():
        setattr(part, name, getattr(part, name) + amount)
    if most is None or before is None:
        return
    share = _share_within(most, before, total(bill))
    if share is not None:
        bill.is_full = True
        for name, amount in added.items():
            setattr(part, name, getattr(part, name) - amount * (1 - share))


def _share_within(most: Price, before: Price, after: Price) -> Decimal | None:
    """How much of what was added fits below the maximum; None if it is not reached."""
    shares = [
        max(ZERO, (bound - low) / (high - low)) if high > low else ZERO
        for bound, low, high in (
            (most.excl_tax, before.excl_tax, after.excl_tax),
            (most.incl_tax, before.incl_tax, after.incl_tax),
        )
        if bound is not None and low is not None and high is not None and high >= bound
    ]
    return min(shares, default=None)


def _open_period(bill: Bill, at: datetime, usage: Usage, offset: Offset) -> Period:
    """The period in which something falls: the last one, or a new one (I12.FR.35, FR.36)."""
    tariff = bill.parts[-1].tariff
    now = _situation(bill, usage, at, offset)
    prices = tuple(
        None if part is None else first(part.prices, now)
        for part in (tariff.energy, tariff.charging_time, tariff.idle_time)
    )
    last = bill.periods[-1] if bill.periods else None
    if last is None or (last.tariff_id, last.prices) != (tariff.tariff_id, prices):
        if last is not None and last.start == at:
            bill.periods.pop()
        last = Period(start=at, tariff_id=tariff.tariff_id, prices=prices)
        bill.periods.append(last)
    if uses(tariff, "current_a"):
        last.current_a = _widened(last.current_a, usage.current_a)
    if uses(tariff, "power_w"):
        last.power_w = _widened(last.power_w, usage.power_w)
    return last


def _widened(reach: tuple[Decimal, Decimal] | None, value: Decimal) -> tuple[Decimal, Decimal]:
    low, high = reach or (value, value)
    return min(low, value), max(high, value)


def _situation(bill: Bill, usage: Usage, at: datetime, offset: Offset) -> Situation:
    party = bill.party
    return Situation(
        local=(at + offset(at)).replace(tzinfo=None),
        evse_kind=party.evse_kind,
        payment_brand=party.payment_brand,
        payment_recognition=party.payment_recognition,
        energy_wh=bill.last.energy_wh,
        current_a=usage.current_a,
        power_w=usage.power_w,
        elapsed_s=_seconds(at - party.began),
        charging_s=bill.charging_s,
        idle_s=ZERO if usage.is_charging else bill.idle_for_s,
    )


def _seconds(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)).scaleb(-6)


# Summing up


AMOUNTS: Final = {
    # Of a `Part`: what its prices are for, the member of the tariff, the word of TotalCostType.
    "fixed": (Decimal(1), "fixed_fee", "fixed"),
    "energy": (PER_KWH, "energy", "energy"),
    "charging_time": (PER_MINUTE, "charging_time", "chargingTime"),
    "idle_time": (PER_MINUTE, "idle_time", "idleTime"),
    "reservation_time": (PER_MINUTE, "reservation_time", "reservationTime"),
    "reservation_fixed": (Decimal(1), "reservation_fixed", "reservationFixed"),
}


def total(bill: Bill) -> Price:
    """The sum of all costs so far (I12.FR.17)."""
    prices = amounts(bill).values()
    return Price(
        excl_tax=sum((price.excl_tax or ZERO for price in prices), ZERO),
        incl_tax=sum((_with_taxes(price) for price in prices), ZERO),
    )


def _with_taxes(price: Price) -> Decimal:
    return (price.excl_tax or ZERO) if price.incl_tax is None else price.incl_tax


def amounts(bill: Bill) -> dict[str, Price]:
    """The costs by what they are for."""
    found: dict[str, Price] = {}
    for part in bill.parts:
        for name, (unit, member, _) in AMOUNTS.items():
            of_tariff = getattr(part.tariff, member)
            amount = getattr(part, name)
            if of_tariff is not None and amount is not None:
                price = taxed(amount / unit, of_tariff.tax_rates)
                found[name] = _sum(found[name], price) if name in found else price
    return found


def taxed(amount: Decimal, rates: tuple[TaxRate, ...] | None) -> Price:
    """An amount with its taxes, stack upon stack (I12.FR.13)."""
    if rates is None:
        return Price(excl_tax=amount)
    incl_tax = amount
    for stack in sorted({rate.stack or 0 for rate in rates}):
        percent = sum((rate.tax for rate in rates if (rate.stack or 0) == stack), ZERO)
        incl_tax += incl_tax * percent / PERCENT
    return Price(excl_tax=amount, incl_tax=incl_tax, tax_rates=rates)


def _sum(one: Price, other: Price) -> Price:
    """Both; taxes are named only if they are the same."""
    has_taxes = one.incl_tax is not None or other.incl_tax is not None
    return Price(
        excl_tax=(one.excl_tax or ZERO) + (other.excl_tax or ZERO),
        incl_tax=_with_taxes(one) + _with_taxes(other) if has_taxes else None,
        tax_rates=one.tax_rates if one.tax_rates == other.tax_rates else None,
    )
