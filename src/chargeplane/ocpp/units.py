"""Units of measured values: normalised when read, so that nobody has to ask again.

Normal are Wh, W, varh, var, VAh, VA, A, V, Percent, Celsius, Hertz; units
not known here stay as they are. What was sent is kept beside the value, but
for spellings of the same unit.
"""

from __future__ import annotations

from decimal import Decimal
from math import isfinite

SCALE = {
    "kWh": ("Wh", 1000.0),
    "kvarh": ("varh", 1000.0),
    "kVAh": ("VAh", 1000.0),
    "kW": ("W", 1000.0),
    "kvar": ("var", 1000.0),
    "kVA": ("VA", 1000.0),
}
RENAME = {"Celcius": "Celsius", "Deg": "Degree"}  # 1.6J errata §2.1: both spellings must be read

UNUSUAL = frozenset((*SCALE, "K", "Fahrenheit"))

# 2.0.1 part 2 §3.62: Wh is the default of energies only; the others follow from the measurand.
BY_MEASURAND = {
    "Energy.Active": "Wh",
    "Energy.Reactive": "varh",
    "Energy.Apparent": "VAh",
    "EnergyRequest": "Wh",
    "Power.Active": "W",
    "Power.Reactive": "var",
    "Power.Offered": "W",
    "Power.Import": "W",
    "Power.Export": "W",
    "Current": "A",
    "Voltage": "V",
    "SoC": "Percent",
    "Frequency": "Hertz",
    "Temperature": "Celsius",
}


def normalise(value: float, unit: str, multiplier: int = 0) -> tuple[float, str]:
    """A value in its normal unit, to a millionth."""
    name, factor = SCALE.get(unit, (RENAME.get(unit, unit), 1.0))
    if multiplier:
        factor *= 10.0**multiplier
    if factor != 1.0:
        value = round(value * factor, 6)
    if name == "K":
        return round(value - 273.15, 6), "Celsius"
    if name == "Fahrenheit":
        return round((value - 32) / 1.8, 6), "Celsius"
    return value, name


def default_unit(measurand: str) -> str | None:
    """The unit of a measurand where none was sent; None for those without any (Power.Factor)."""
    if measurand == "Power.Factor":
        return None
    parts = measurand.split(".")
    return BY_MEASURAND.get(".".join(parts[:2])) or BY_MEASURAND.get(parts[0])


def number(text: str) -> float | None:
    """A finite number, or None; a decimal comma is read as a point."""
    try:
        value = float(text)
    except ValueError:
        return number(text.replace(",", ".")) if "," in text else None
    return value if isfinite(value) else None


def text(value: float) -> str:
    """The shortest text that reads as the same number, without exponent or needless `.0`."""
    if value == int(value):
        return str(int(value))
    shown = repr(value)
    return f"{Decimal(shown):f}" if "e" in shown else shown
