"""How the states of connectors look and what they are called."""

from __future__ import annotations

from typing import Final

from chargeplane.storage.repositories.overview import State
from chargeplane.web.texts import mark

# Colours with a contrast of at least 4.5 to white text (WCAG 2.2 §1.4.3).
COLORS: Final[dict[State, str]] = {
    "Available": "#1b7a3d",
    "Charging": "#1257a8",
    "Suspended": "#7a4b00",
    "Occupied": "#8a3d0b",
    "Reserved": "#6a3d9a",
    "Unavailable": "#555f6b",
    "Faulted": "#b3261e",
    "Offline": "#3b4148",
    "Unknown": "#555f6b",
}
TITLES: Final[dict[State, str]] = {
    "Available": mark("Available"),
    "Charging": mark("Charging"),
    "Suspended": mark("Suspended"),
    "Occupied": mark("Occupied"),
    "Reserved": mark("Reserved"),
    "Unavailable": mark("Unavailable"),
    "Faulted": mark("Faulted"),
    "Offline": mark("Offline"),
    "Unknown": mark("Unknown"),
}
