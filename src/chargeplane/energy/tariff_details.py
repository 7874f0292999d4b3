"""A bill as messages tell it, and whether a tariff makes sense (2.1 part 2 §I)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, Literal

from chargeplane.domain.messages import Json
from chargeplane.domain.tariffs import Price, Tariff, TaxRate
from chargeplane.energy.tariff import AMOUNTS, ZERO, Bill, Period, amounts, total
from chargeplane.energy.tariff_conditions import flaw

SHOWN: Final = Decimal("0.000001")  # 2.1 part 2 §2.1.4: six decimal places

Kind = Literal["NormalCost", "MinCost", "MaxCost"]


def final_total(bill: Bill) -> tuple[Kind, Price]:
    """What the charge costs if it ends now: at least the minimum (I12.FR.38)."""
    sums, least = total(bill), bill.parts[-1].tariff.min_cost
    if least is not None and any(
        bound is not None and (sum_ or ZERO) < bound
        for bound, sum_ in ((least.excl_tax, sums.excl_tax), (least.incl_tax, sums.incl_tax))
    ):
        return "MinCost", least
    return ("MaxCost" if bill.is_full else "NormalCost"), sums


def details(bill: Bill, *, is_final: bool) -> Json:
    """The breakdown as CostDetailsType; periods and minimum come with the end only (I12.FR.02)."""
    said: Json = {"totalCost": _total_cost(bill, is_final=is_final), "totalUsage": _usage(bill)}
    periods = [_period(bill, each) for each in bill.periods]
    return {"chargingPeriods": periods, **said} if is_final and periods else said


def _total_cost(bill: Bill, *, is_final: bool) -> Json:
    kind, sums = final_total(bill)
    said: Json = {"currency": bill.parts[-1].tariff.currency, "typeOfCost": kind}
    if kind == "MinCost" and is_final:
        return {**said, "fixed": _said(sums), "total": _said(sums, taxes=False)}
    if kind == "MinCost":
        said["typeOfCost"], sums = "NormalCost", total(bill)
    prices = amounts(bill)
    for name, (_, _, word) in AMOUNTS.items():
        if name in prices:
            said[word] = _said(prices[name])
    return {**said, "total": _said(sums, taxes=False)}


def _said(price: Price, *, taxes: bool = True) -> Json:
    said: Json = {}
    for word, amount in (("exclTax", price.excl_tax), ("inclTax", price.incl_tax)):
        if amount is not None:
            said[word] = shown(amount)
    if taxes and price.tax_rates:
        said["taxRates"] = [_rate(rate) for rate in price.tax_rates]
    return said


def _rate(rate: TaxRate) -> Json:
    said: Json = {"type": rate.type, "tax": float(rate.tax)}
    return said if rate.stack is None else {**said, "stack": rate.stack}


def shown(amount: Decimal) -> float:
    """An amount as messages say it."""
    return float(amount.quantize(SHOWN).normalize())


def _usage(bill: Bill) -> Json:
    said: Json = {
        "energy": shown(sum((each.energy_wh for each in bill.periods), ZERO)),
        "chargingTime": round(bill.charging_s),
        "idleTime": round(bill.idle_s),
    }
    reserved_s = bill.party.reserved_s
    return said if reserved_s is None else {**said, "reservationTime": reserved_s}


def _period(bill: Bill, period: Period) -> Json:
    tariff = next(part.tariff for part in bill.parts if part.tariff.tariff_id == period.tariff_id)
    volumes: list[tuple[str, Decimal]] = []
    if tariff.energy is not None:
        volumes.append(("Energy", period.energy_wh))
    if tariff.charging_time is not None:
        volumes.append(("ChargingTime", period.charging_s))
    if tariff.idle_time is not None:
        volumes.append(("IdleTIme", period.idle_s))  # so spelled in the official schema
    for word, reach in (("Current", period.current_a), ("Power", period.power_w)):
        if reach is not None:
            volumes += [(f"Min{word}", reach[0]), (f"Max{word}", reach[1])]
    said: Json = {"tariffId": period.tariff_id, "startPeriod": period.start}
    if volumes:
        said["dimensions"] = [{"type": kind, "volume": shown(v)} for kind, v in volumes]
    return said


# Whether a tariff makes sense


def problem(tariff: Tariff) -> str | None:
    """What is wrong with a tariff, or None (I07.FR.05)."""
    if len(tariff.currency) != 3 or not tariff.currency.isalpha():  # noqa: PLR2004 ISO 4217
        return f"currency {tariff.currency!r}"
    parts = [getattr(tariff, member) for _, member, _ in AMOUNTS.values()]
    if not any(parts):
        return "no price"
    return next(filter(None, map(_problem, filter(None, parts))), None)


def _problem(part: Any) -> str | None:
    conditions = [price.conditions for price in part.prices if price.conditions is not None]
    return next(filter(None, map(flaw, conditions)), None)


def has_conditions(tariff: Tariff) -> bool:
    """Whether a price of a tariff has conditions."""
    return any(price.conditions is not None for price in prices(tariff))


def most_prices(tariff: Tariff) -> int:
    """How many prices the part of a tariff has that has the most (TariffCostCtrlr.MaxElements)."""
    parts = [getattr(tariff, member) for _, member, _ in AMOUNTS.values()]
    return max((len(part.prices) for part in parts if part is not None), default=0)


def prices(tariff: Tariff) -> Iterator[Any]:
    """All prices of a tariff."""
    for _, member, _ in AMOUNTS.values():
        part = getattr(tariff, member)
        yield from part.prices if part is not None else ()
