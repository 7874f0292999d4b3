"""Receipts for drivers, in their language, as a mail with plain text and HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from email.message import EmailMessage
from html import escape
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal

from chargeplane.domain.messages import Value
from chargeplane.payments.pricing import MWH_PER_KWH, Bill
from chargeplane.payments.reservations import agreed_prices, bill_of
from chargeplane.storage.payment_records import PaymentReservationRecord

DEFAULT: Final = "en"

Row = tuple[str, str]


class Receipt(Value, frozen=True, kw_only=True):
    """What a driver is told of a charge that is over."""

    reservation_id: str
    station: str
    connector: int
    started_at: datetime
    stopped_at: datetime
    energy_mwh: int
    bill: Bill
    captured_minor: int
    held_minor: int
    currency: str
    digits: int = 2
    zone: str = "UTC"


class _Words(Value, frozen=True, kw_only=True):
    locale: str
    subject: str
    station: str
    begin: str
    end: str
    energy: str
    for_energy: str
    for_session: str
    for_time: str
    paid: str
    held: str
    number: str
    closing: str


WORDS: Final[Mapping[str, _Words]] = MappingProxyType(
    {
        "en": _Words(
            locale="en_GB",
            subject="Receipt for your charge at {station}",
            station="Charging station",
            begin="Begin",
            end="End",
            energy="Energy",
            for_energy="For energy",
            for_session="Per charge",
            for_time="For time ({minutes} min)",
            paid="Paid",
            held="It was held before, and the rest is free again",
            number="Number",
            closing="Thank you for charging here.",
        ),
        "de": _Words(
            locale="de_DE",
            subject="Beleg für Ihren Ladevorgang an {station}",
            station="Ladestation",
            begin="Beginn",
            end="Ende",
            energy="Energie",
            for_energy="Für Energie",
            for_session="Je Ladevorgang",
            for_time="Für Zeit ({minutes} min)",
            paid="Bezahlt",
            held="Vorher reserviert; der Rest ist wieder frei",
            number="Nummer",
            closing="Danke, dass Sie hier geladen haben.",
        ),
        "nl": _Words(
            locale="nl_NL",
            subject="Bon voor uw laadbeurt bij {station}",
            station="Laadstation",
            begin="Begin",
            end="Einde",
            energy="Energie",
            for_energy="Voor energie",
            for_session="Per laadbeurt",
            for_time="Voor tijd ({minutes} min)",
            paid="Betaald",
            held="Vooraf gereserveerd; de rest is weer vrij",
            number="Nummer",
            closing="Bedankt voor het laden.",
        ),
    }
)
PAGE: Final = """<!doctype html><html lang="{language}"><body>
<h1 style="font:600 1.25rem sans-serif">{title}</h1>
<table style="font:1rem sans-serif;border-collapse:collapse">{rows}</table>
<p style="font:1rem sans-serif">{closing}</p></body></html>"""
ROW: Final = '<tr><th align="left" style="padding:.25rem 1rem .25rem 0">{0}</th><td>{1}</td></tr>'


def receipt_of(record: PaymentReservationRecord, station: str, zone: str) -> Receipt | None:
    """The receipt of a reservation; None as long as nothing was taken."""
    bill = bill_of(record)
    if record.state != "Completed" or bill is None or not record.captured_minor:
        return None
    begin = record.started_at or record.created_at
    return Receipt(
        reservation_id=record.id,
        station=station,
        connector=record.evse_id,
        started_at=begin,
        stopped_at=record.stopped_at or begin,
        energy_mwh=record.energy_mwh or 0,
        bill=bill,
        captured_minor=record.captured_minor,
        held_minor=record.hold_minor,
        currency=record.currency,
        digits=agreed_prices(record).digits,
        zone=zone,
    )


def mail(receipt: Receipt, to: str, language: str | None) -> EmailMessage:
    """A receipt as a mail without a sender; an unknown language is English."""
    known = _known(language)
    words, shown = WORDS[known], list(rows(receipt, known))
    message = EmailMessage()
    message["To"] = to
    message["Subject"] = " ".join(words.subject.format(station=receipt.station).split())
    lines = [f"{name}: {value}" for name, value in shown]
    message.set_content("\n".join([*lines, "", words.closing, ""]))
    html = PAGE.format(
        language=known,
        title=escape(message["Subject"]),
        rows="".join(ROW.format(*map(escape, row)) for row in shown),
        closing=escape(words.closing),
    )
    message.add_alternative(html, subtype="html")
    return message


def rows(receipt: Receipt, language: str | None) -> Iterator[Row]:
    """What a receipt says, as names with values."""
    words = WORDS[_known(language)]
    yield words.station, f"{receipt.station} / {receipt.connector}"
    yield words.begin, _moment(receipt.started_at, receipt, words)
    yield words.end, _moment(receipt.stopped_at, receipt, words)
    kwh = Decimal(receipt.energy_mwh) / MWH_PER_KWH
    yield words.energy, f"{format_decimal(kwh, format='0.000', locale=words.locale)} kWh"
    parts = (
        (words.for_energy, receipt.bill.energy_minor),
        (words.for_session, receipt.bill.session_minor),
        (words.for_time.format(minutes=receipt.bill.minutes), receipt.bill.time_minor),
    )
    for name, minor in parts:
        if minor:
            yield name, _money(minor, receipt, words)
    yield words.paid, _money(receipt.captured_minor, receipt, words)
    yield words.held, _money(receipt.held_minor, receipt, words)
    yield words.number, receipt.reservation_id


def _known(language: str | None) -> str:
    return language if language is not None and language in WORDS else DEFAULT


def _moment(moment: datetime, receipt: Receipt, words: _Words) -> str:
    return format_datetime(
        moment, "yyyy-MM-dd HH:mm zzz", tzinfo=ZoneInfo(receipt.zone), locale=words.locale
    )


def _money(minor: int, receipt: Receipt, words: _Words) -> str:
    amount = Decimal(minor).scaleb(-receipt.digits)
    return format_currency(amount, receipt.currency.upper(), locale=words.locale)
