"""What the pages say in each language, and how they write numbers, money and times."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from chargeplane.web.texts import LANGUAGES, Texts, chosen, major

AT = datetime(2026, 3, 29, 11, 5, 7, tzinfo=UTC)


def texts(language: str, zone: str = "UTC") -> Texts:
    return Texts(language, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("nl", "de", "nl"),
        (None, "de-AT,de;q=0.9,en;q=0.8", "de"),
        (None, "fr-FR,nl;q=0.5", "nl"),
        ("xx", "fr", "en"),
        (None, "", "en"),
    ],
)
def test_the_language_is_the_first_that_there_is(
    cookie: str | None, accepted: str, language: str
) -> None:
    assert chosen(cookie, accepted) == language


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Tags"), ("de", "Ladekarten"), ("nl", "Laadpassen")]
)
def test_a_text_in_each_language(language: str, said: str) -> None:
    assert texts(language)("Tags") == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_stand_in_their_places(language: str) -> None:
    said = texts(language)("Connector {number}", number=7)
    assert "7" in said
    assert "{" not in said


def test_what_no_catalogue_has_is_said_in_english() -> None:
    assert texts("de")("What nobody has written {name}", name="x") == ("What nobody has written x")


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["1,234.50 kWh", "11.0 kW", "42 %", "€12.34", "29/03/2026, 13:05", "13:05:07"]),
        ("de", ["1.234,50 kWh", "11,0 kW", "42 %", "12,34\xa0€", "29.03.26, 13:05", "13:05:07"]),
        ("nl", ["1.234,50 kWh", "11,0 kW", "42 %", "€\xa012,34", "29-03-2026, 13:05", "13:05:07"]),
    ],
)
def test_numbers_and_times(language: str, written: list[str]) -> None:
    t = texts(language, "Europe/Berlin")
    assert [
        t.energy(1_234_500_000),
        t.power(11_040),
        t.percent(42),
        t.money(1234, "eur"),
        t.moment(AT),
        t.clock(AT),
    ] == written


def test_what_is_not_known_is_nothing() -> None:
    t = texts("de")
    nothing = [t.energy(None), t.power(None), t.percent(None), t.money(None, "eur"), t.moment(None)]
    assert nothing == [""] * 5


@pytest.mark.parametrize(
    ("minor", "currency", "written"), [(500, "jpy", "JP¥500"), (1234, "usd", "US$12.34")]
)
def test_money_has_the_digits_of_its_currency(minor: int, currency: str, written: str) -> None:
    assert texts("en").money(minor, currency) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [("0.49", "€0.49"), ("0.495", "€0.495"), ("1", "€1.00"), ("0.0005", "€0.0005")],
)
def test_prices_have_all_their_digits(value: str, written: str) -> None:
    assert texts("en").price(Decimal(value), "eur") == written


def test_files_have_amounts_in_units_of_the_currency() -> None:
    assert (major(1234, "eur"), major(500, "JPY"), major(5, None)) == (
        Decimal("12.34"),
        Decimal(500),
        Decimal("0.05"),
    )
