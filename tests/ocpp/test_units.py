"""Units of measured values, and numbers as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.ocpp.units import default_unit, normalise, number, text
from tests.ocpp.schemas import SOME


@pytest.mark.parametrize(
    ("value", "unit", "multiplier", "normal"),
    [
        (1.5, "Wh", 0, (1.5, "Wh")),
        (1.234567, "kWh", 0, (1234.567, "Wh")),
        (11.04, "kW", 0, (11040.0, "W")),
        (0.5, "kvarh", 0, (500.0, "varh")),
        (2, "kVAh", 0, (2000.0, "VAh")),
        (2, "kVA", 0, (2000.0, "VA")),
        (2, "kvar", 0, (2000.0, "var")),
        (5, "Wh", 3, (5000.0, "Wh")),
        (5, "kWh", -3, (5.0, "Wh")),
        (123456, "A", -3, (123.456, "A")),
        (0.1, "kWh", 0, (100.0, "Wh")),
        (300.0, "K", 0, (26.85, "Celsius")),
        (212.0, "Fahrenheit", 0, (100.0, "Celsius")),
        (36.5, "Celcius", 0, (36.5, "Celsius")),
        (90.0, "Deg", 0, (90.0, "Degree")),
        (-16.0, "A", 0, (-16.0, "A")),
        (7.0, "furlong", 0, (7.0, "furlong")),
    ],
)
def test_normalise(value: float, unit: str, multiplier: int, normal: tuple[float, str]) -> None:
    assert normalise(value, unit, multiplier) == normal


@pytest.mark.parametrize(
    ("measurand", "unit"),
    [
        ("Energy.Active.Import.Register", "Wh"),
        ("Energy.Reactive.Export.Interval", "varh"),
        ("Energy.Apparent.Net", "VAh"),
        ("Power.Active.Import", "W"),
        ("Power.Reactive.Export", "var"),
        ("Power.Offered", "W"),
        ("Power.Factor", None),
        ("Current.Import", "A"),
        ("Voltage", "V"),
        ("SoC", "Percent"),
        ("Frequency", "Hertz"),
        ("Temperature", "Celsius"),
        ("RPM", None),
        ("Display.PresentSOC", None),
    ],
)
def test_default_unit(measurand: str, unit: str | None) -> None:
    assert default_unit(measurand) == unit


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("12", 12.0),
        ("12.50", 12.5),
        ("12,5", 12.5),
        ("-0,25", -0.25),
        (" 7 ", 7.0),
        ("1e3", 1000.0),
        ("", None),
        ("n/a", None),
        ("nan", None),
        ("Infinity", None),
        ("1.234,5", None),
        ("1,234,5", None),
        ("1e999", None),
    ],
)
def test_number(said: str, value: float | None) -> None:
    assert number(said) == value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (12.0, "12"),
        (-3.5, "-3.5"),
        (0.1, "0.1"),
        (-0.0, "0"),
        (1e20, "100000000000000000000"),
        (0.00001234, "0.00001234"),
        (1.2345678901e-05, "0.000012345678901"),
    ],
)
def test_text(value: float, said: str) -> None:
    assert text(value) == said


@SOME
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_text_reads_as_the_same_number(value: float) -> None:
    said = text(value)
    assert "e" not in said
    assert number(said) == value
