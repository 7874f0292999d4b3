"""What a charging station needs of the hardware of an EVSE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """What the meter of an EVSE shows: energy in Wh since ever, W, A and V per phase."""

    energy_wh: float
    power_w: float
    currents_a: tuple[float, ...]
    voltages_v: tuple[float, ...]
    soc_percent: float | None = None  # where the car tells it


class Hardware(Protocol):
    """The pilot, contactor, lock and meter of one EVSE."""

    def is_plugged_in(self) -> bool:
        """Whether a car is connected (IEC 61851 state B, C or D)."""
        ...

    def connector_in_use(self) -> int:
        """The connector that the car has, or had last; 1 where there is only one."""
        ...

    def wants_energy(self) -> bool:
        """Whether the car asks for energy (IEC 61851 state C or D)."""
        ...

    def allow(self, limit_a: float) -> None:
        """Offer so many A per phase, closing the contactor; 0 opens it."""
        ...

    def unlock(self) -> bool:
        """Open the lock of the connector; whether it is open now."""
        ...

    def measure(self) -> Measurement:
        """Read the meter."""
        ...

    def on_change(self, notify: Callable[[], None]) -> None:
        """Call `notify` whenever the car is plugged in or out, or changes its mind."""
        ...
