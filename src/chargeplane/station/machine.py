"""The states of a connector and the facts of a charge, as tables.

The states are the words of 1.6 §4.9; `SAID` gives each in the words of the vocabulary. A connector
that is out of service or faulted is so whatever the car does, unless a charge runs.
"""

from __future__ import annotations

from typing import Final, Literal

from chargeplane.domain.station import ChargingState, ConnectorStatus
from chargeplane.domain.transactions import StoppedReason, TriggerReason

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
Fact = Literal[
    "ParkingBayOccupancy",
    "EVConnected",
    "Authorized",
    "PowerPathClosed",
    "DataSigned",
    "EnergyTransfer",
]
"""What TxStartPoint and TxStopPoint name (2.x part 2 appendices)."""


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
    """The state that follows from what is so; the first rule that matches decides.

    An EVSE that is reserved stays so, whoever plugs in, until the right token comes (2.x G01.FR.09;
    1.6 §4.9 F2).
    """
    if faulted:
        return "Faulted"
    held = reserved and not authorized
    if transaction == "running" and not held:
        return RUNNING[flow]
    if not operative:
        return "Unavailable"
    if held:
        return "Reserved"
    if plugged_in:
        return "Finishing" if transaction == "ended" else "Preparing"
    return "Preparing" if authorized else "Available"


def facts_of(
    *,
    parked: bool,
    plugged_in: bool,
    authorized: bool,
    usable: bool,
    signs: bool,
    flows: bool,
) -> frozenset[Fact]:
    """What is so of a charge; power can flow where all that it needs is there.

    A meter that `signs` does so as soon as power can flow.
    """
    closed = plugged_in and authorized and usable
    so: dict[Fact, bool] = {
        "ParkingBayOccupancy": parked,
        "EVConnected": plugged_in,
        "Authorized": authorized,
        "PowerPathClosed": closed,
        "DataSigned": closed and signs,
        "EnergyTransfer": closed and flows,
    }
    return frozenset(fact for fact, is_so in so.items() if is_so)


RUNNING: Final[dict[str, State]] = {
    "charging": "Charging",
    "ev": "SuspendedEV",
    "evse": "SuspendedEVSE",
}

SAID: Final[dict[State, tuple[ConnectorStatus, ChargingState | None]]] = {
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

# Which fact that came or went gives its trigger to an event, and its reason to an end; the first
# that did decides (2.x E01 to E07).
CAME: Final[dict[Fact, TriggerReason]] = {
    "Authorized": "Authorized",
    "EVConnected": "CablePluggedIn",
    "ParkingBayOccupancy": "EVDetected",
    "DataSigned": "SignedDataReceived",
}
WENT: Final[dict[Fact, tuple[TriggerReason, StoppedReason]]] = {
    "EVConnected": ("EVCommunicationLost", "EVDisconnected"),
    "Authorized": ("StopAuthorized", "Local"),
    "PowerPathClosed": ("AbnormalCondition", "Other"),
    "EnergyTransfer": ("ChargingStateChanged", "StoppedByEV"),
    "ParkingBayOccupancy": ("EVDeparted", "Local"),
}
