"""What the pages say, in the language of who reads them, and how they write numbers and times.

The catalogues are in `locale/`; `tools/texts.py` keeps them complete. What is not in one is shown
in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale
from babel.dates import format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, get_currency_precision

LANGUAGES: Final = {"en": "English", "de": "Deutsch", "nl": "Nederlands"}
LOCALES: Final = {"en": "en_GB"}  # where a day has 24 hours
FALLBACK_CURRENCY: Final = "EUR"
FALLBACK: Final = "en"
CATALOGUES: Final = Path(__file__).parent / "locale"
MWH_PER_KWH: Final = 1_000_000
W_PER_KW: Final = 1000


def mark(text: str) -> str:
    """Let a text of a table be found by the catalogues; it is translated where it is shown."""
    return text


def chosen(cookie: str | None, accepted: str) -> str:
    """The language of a cookie, else the first of an `Accept-Language` that there is."""
    wanted = [cookie or "", *(part.partition(";")[0] for part in accepted.split(","))]
    known = (each.strip().lower()[:2] for each in wanted)
    return next((each for each in known if each in LANGUAGES), FALLBACK)


def major(minor: int, currency: str | None) -> Decimal:
    """An amount of minor units in units of the currency, as files have it."""
    digits = get_currency_precision((currency or FALLBACK_CURRENCY).upper())
    return Decimal(minor).scaleb(-digits)


@cache
def _catalogue(language: str) -> NullTranslations:
    path = CATALOGUES / language / "LC_MESSAGES" / "chargeplane.po"
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@dataclass(frozen=True, slots=True)
class Texts:
    """The words and forms of one reader; called with an English text it gives the reader's."""

    language: str
    zone: tzinfo

    def __call__(self, text: str, **values: object) -> str:
        """The text in the reader's language, with values in the place of `{names}`."""
        said = _catalogue(self.language).gettext(text)
        return said.format(**values) if values else said

    @property
    def locale(self) -> Locale:
        """How the reader's language writes numbers and times."""
        return Locale.parse(LOCALES.get(self.language, self.language))

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with so many digits; nothing if it is not known."""
        pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return "" if value is None else format_decimal(value, pattern, locale=self.locale)

    def energy(self, value_mwh: float | None) -> str:
        """Energy in kWh."""
        return "" if value_mwh is None else f"{self.number(value_mwh / MWH_PER_KWH, 2)} kWh"

    def power(self, value_w: float | None) -> str:
        """Power in kW."""
        return "" if value_w is None else f"{self.number(value_w / W_PER_KW, 1)} kW"

    def percent(self, value: float | None) -> str:
        """A share."""
        return "" if value is None else f"{self.number(value)} %"

    def money(self, minor: int | None, currency: str | None) -> str:
        """An amount of minor units."""
        if minor is None:
            return ""
        code = (currency or FALLBACK_CURRENCY).upper()
        return str(format_currency(major(minor, code), code, locale=self.locale))

    def price(self, value: Decimal, currency: str) -> str:
        """A price, which may have more digits than coins."""
        code, digits = currency.upper(), -int(value.normalize().as_tuple().exponent)
        places = "0" * max(digits, get_currency_precision(code))
        pattern = f"¤#,##0.{places}" if self.language == FALLBACK else f"#,##0.{places} ¤"
        shown = format_currency(
            value, code, pattern if places else None, locale=self.locale, currency_digits=False
        )
        return str(shown)

    def moment(self, at: datetime | None) -> str:
        """A day with its time, in the reader's zone."""
        return "" if at is None else _written(at.astimezone(self.zone), self.locale)

    def clock(self, at: datetime) -> str:
        """A time of day, in the reader's zone."""
        return str(format_time(at.astimezone(self.zone), "medium", locale=self.locale))


def _written(at: datetime, locale: Locale) -> str:
    return str(format_datetime(at, "short", locale=locale))
