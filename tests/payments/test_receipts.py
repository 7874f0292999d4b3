from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chargeplane.payments.pricing import Bill
from chargeplane.payments.receipts import Receipt, mail, rows


def receipt(**changes: Any) -> Receipt:
    given = {
        "reservation_id": "0f8b",
        "station": "Köln <Dom>",
        "connector": 2,
        "started_at": datetime(2026, 7, 1, 10, tzinfo=UTC),
        "stopped_at": datetime(2026, 7, 1, 12, 30, tzinfo=UTC),
        "energy_mwh": 12_345_678,
        "bill": Bill(energy_minor=605, session_minor=50, time_minor=200, minutes=40),
        "captured_minor": 855,
        "held_minor": 4520,
        "currency": "eur",
        "zone": "Europe/Berlin",
        **changes,
    }
    return Receipt(**given)


@pytest.mark.parametrize(
    ("language", "energy", "paid"),
    [
        ("en", ("Energy", "12.346 kWh"), ("Paid", "€8.55")),
        ("de", ("Energie", "12,346 kWh"), ("Bezahlt", "8,55\xa0€")),
        ("nl", ("Energie", "12,346 kWh"), ("Betaald", "€\xa08,55")),
        (None, ("Energy", "12.346 kWh"), ("Paid", "€8.55")),
        ("fr", ("Energy", "12.346 kWh"), ("Paid", "€8.55")),
    ],
)
def test_a_receipt_speaks_the_language_of_the_driver(
    language: str | None, energy: tuple[str, str], paid: tuple[str, str]
) -> None:
    shown = list(rows(receipt(), language))
    assert energy in shown
    assert paid in shown


def test_the_parts_add_up_and_times_are_local() -> None:
    shown = dict(rows(receipt(), "de"))
    parts = [shown["Für Energie"], shown["Je Ladevorgang"], shown["Für Zeit (40 min)"]]
    assert parts == ["6,05\xa0€", "0,50\xa0€", "2,00\xa0€"]
    assert shown["Beginn"] == "2026-07-01 12:00 MESZ"


def test_what_costs_nothing_is_left_out() -> None:
    shown = dict(rows(receipt(bill=Bill(energy_minor=855)), "en"))
    assert [name for name in shown if name.startswith(("For", "Per"))] == ["For energy"]


def test_a_currency_without_a_minor_unit() -> None:
    shown = dict(rows(receipt(currency="jpy", digits=0), "en"))
    assert shown["Paid"].endswith("855")


def test_the_mail_has_text_and_html() -> None:
    made = mail(receipt(station="Köln\r\nBcc: x@y.example <Dom>"), "ann@example.com", "nl")
    assert made["Subject"] == "Bon voor uw laadbeurt bij Köln Bcc: x@y.example <Dom>"
    assert made["Bcc"] is None
    text, html = made.iter_parts()
    assert "Betaald: €\xa08,55" in text.get_content()
    assert '<html lang="nl">' in html.get_content()
    assert "&lt;Dom&gt;" in html.get_content()
