"""The states of a connector, as a table.

The states are the words of 1.6 §4.9; `SAID` gives each in the words of the
vocabulary. A connector out of service or faulted is so whatever the car does.
"""

from __future__ import annotations

from typing import Literal

from chargeplane.domain.station import ChargingState, ConnectorStatus

State = Literal[
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEV",
    "SuspendedEVSE",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
]


def state_of(  # noqa: PLR0913 the six facts that decide
    *,
    faulted: bool,
    operative: bool,
    plugged_in: bool,
    authorized: bool,
    transaction: Literal["none", "running", "ended"],
    flow: Literal["charging", "ev", "evse"],
    reserved: bool,
) -> State:
    """The state that follows from what is so; the first rule that matches decides."""
    if faulted:
        return "Faulted"
    if transaction == "running":
        return RUNNING[flow]
    if not operative:
        return "Unavailable"
    if plugged_in:
        return "Finishing" if transaction == "ended" else "Preparing"
    if authorized:
        return "Preparing"
    return "Reserved" if reserved else "Available"


RUNNING: dict[str, State] = {"charging": "Charging", "ev": "SuspendedEV", "evse": "SuspendedEVSE"}

SAID: dict[State, tuple[ConnectorStatus, ChargingState | None]] = {
    "Available": ("Available", None),
    "Preparing": ("Occupied", "EVConnected"),
    "Charging": ("Occupied", "Charging"),
    "SuspendedEV": ("Occupied", "SuspendedEV"),
    "SuspendedEVSE": ("Occupied", "SuspendedEVSE"),
    "Finishing": ("Occupied", "Idle"),
    "Reserved": ("Reserved", None),
    "Unavailable": ("Unavailable", None),
    "Faulted": ("Faulted", None),
}
