"""Prices and progress in a driver's words: values become texts here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_time
from babel.numbers import format_currency, format_decimal

from chargeplane.payments.outcomes import Progress
from chargeplane.payments.pricing import MWH_PER_KWH, Prices, Terms, hold_minor
from chargeplane.storage.payment_records import PaymentState
from chargeplane.web.pay.words import LOCALES, WORDS

Row = tuple[str, str]
STEPS: Final[Mapping[PaymentState, str]] = MappingProxyType(
    {
        "Pending": "pay",
        "Authorized": "plug",
        "StartRequested": "start",
        "Charging": "charge",
        "WaitingForDisconnect": "unplug",
        "Completed": "done",
        "Cancelled": "cancelled",
    }
)


class Teller:
    """Tells things in one language."""

    def __init__(self, language: str, zone: str) -> None:
        self.language = language
        self.words = WORDS[language]
        self._locale = LOCALES[language]
        self._zone = ZoneInfo(zone)

    def __getitem__(self, name: str) -> str:
        return self.words[name]

    # Values

    def price(self, amount: Decimal, prices: Prices) -> str:
        """A price, with more digits than the currency has where it needs them."""
        return format_currency(
            amount, prices.currency.upper(), locale=self._locale, decimal_quantization=False
        )

    def money(self, minor: int, prices: Prices) -> str:
        """An amount."""
        return self.price(Decimal(minor).scaleb(-prices.digits), prices)

    def energy(self, energy_mwh: int) -> str:
        """An energy in kWh."""
        return f"{self._number(Decimal(energy_mwh) / MWH_PER_KWH, '0.00')} kWh"

    def _number(self, value: Decimal | float, pattern: str) -> str:
        return format_decimal(value, format=pattern, locale=self._locale)

    def clock(self, moment: datetime) -> str:
        """The time of the day."""
        return format_time(moment, "HH:mm", tzinfo=self._zone, locale=self._locale)

    # Prices

    def prices(self, prices: Prices) -> Iterator[Row]:
        """What it costs; nothing of what costs nothing."""
        if prices.per_kwh:
            yield self["per_kwh"], self.price(prices.per_kwh, prices)
        if prices.session_fee:
            yield self["per_charge"], self.price(prices.session_fee, prices)
        if prices.per_minute:
            yield self["per_minute"], self.price(prices.per_minute, prices)
        if not prices.is_free:
            kwh = self._number(prices.max_energy_kwh, "0.##")
            yield self["limit"], f"{kwh} kWh"
            yield self["held"], self.money(hold_minor(prices), prices)

    def conditions(self, prices: Prices, terms: Terms) -> Iterator[str]:
        """What else holds, in sentences."""
        if prices.is_free:
            return
        if prices.per_minute:
            yield f"{self['per_minute']}: {'; '.join(self._minutes(prices, terms))}."
        if terms.min_energy_kwh:
            energy = f"{self._number(terms.min_energy_kwh, '0.##')} kWh"
            yield self["minimum_energy"].format(energy=energy)
        if terms.min_amount_minor:
            amount = self.money(terms.min_amount_minor, prices)
            yield self["minimum_amount"].format(amount=amount)

    def _minutes(self, prices: Prices, terms: Terms) -> Iterator[str]:
        yield self["from_idle" if prices.counts_from == "idle" else "from_start"]
        if prices.free_minutes:
            yield self["after_free"].format(minutes=prices.free_minutes)
        if terms.free_window:
            window = terms.free_window
            yield self["free_window"].format(
                begin=f"{window.begin:%H:%M}", end=f"{window.end:%H:%M}", zone=window.zone
            )

    # Progress

    def step(self, found: Progress) -> str:
        """Where a driver is: one of the words that begin with `step_`."""
        record = found.reservation
        if record.state == "Authorized" and record.start_sent_at and not record.awaiting_plug:
            return "start"
        if record.state == "WaitingForDisconnect" and record.due_minor is not None:
            return "settling"
        return STEPS.get(record.state, "error")

    def help(self, found: Progress) -> str:
        """What a driver is to do or to know."""
        deadline = found.reservation.start_deadline_at
        time = self.clock(deadline) if deadline else ""
        return self[f"step_{self.step(found)}_help"].format(time=time)

    def values(self, found: Progress) -> dict[str, str]:
        """What is measured, by the names of the words for it."""
        record, charge = found.reservation, found.transaction
        shown: dict[str, str] = {}
        if found.energy_mwh is not None and record.started_at is not None:
            shown["energy"] = self.energy(found.energy_mwh)
        if charge is not None and charge.state == "open" and charge.last_power_w is not None:
            shown["power"] = f"{self._number(charge.last_power_w / 1000, '0.0')} kW"
        if charge is not None and charge.last_soc_percent is not None:
            shown["battery"] = f"{charge.last_soc_percent:.0f} %"
        if record.started_at is not None:
            shown["duration"] = _span((record.stopped_at or found.now) - record.started_at)
        if found.bill is not None and record.captured_minor is None:
            shown["cost"] = self.money(found.bill.amount_minor, found.prices)
        if record.captured_minor:
            shown["paid"] = self.money(record.captured_minor, found.prices)
        if found.refunded_minor:
            shown["refunded"] = self.money(found.refunded_minor, found.prices)
        return shown


def _span(span: timedelta) -> str:
    minutes = max(0, span // timedelta(minutes=1))
    return f"{minutes // 60}:{minutes % 60:02}"
