"""What the chargers of some makers do their own way, as data by vendor and model."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How a station differs from what the specification says; nothing by default."""

    refuses_connector_limits: bool = False  # takes charging limits for connector 0 only


NONE: Final = Quirks()

# Vendor, model (patterns in lower case, as in file names), quirks. The first match counts.
QUIRKS: Final[tuple[tuple[str, str, Quirks], ...]] = (
    ("keba*", "*", Quirks(refuses_connector_limits=True)),
)


def quirks_of(vendor: str | None, model: str | None) -> Quirks:
    """The quirks of a station that calls itself so at its boot; case does not count."""
    who, what = (vendor or "").strip().lower(), (model or "").strip().lower()
    for vendors, models, quirks in QUIRKS:
        if fnmatchcase(who, vendors) and fnmatchcase(what, models):
            return quirks
    return NONE
