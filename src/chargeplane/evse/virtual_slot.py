"""A virtual slot for batteries: its EVSE charges what a program puts in."""

from __future__ import annotations

from msgspec.structs import replace

from chargeplane.evse.hardware import Battery
from chargeplane.evse.virtual import Car, VirtualEvse


class VirtualSlot:
    """A slot with a door, at a virtual EVSE."""

    def __init__(self, evse: VirtualEvse) -> None:
        self._evse = evse
        self._battery: Battery | None = None
        self._is_open = False

    # The driver's hands.

    def insert(self, battery: Battery, capacity_wh: float = 2000.0) -> None:
        """Put a battery in."""
        if not self._is_open or self._battery is not None:
            raise ValueError("no battery can be put in here")
        self._battery = battery
        self._evse.plug_in(Car(soc_percent=battery.soc_percent, capacity_wh=capacity_wh, phases=1))

    def take(self) -> Battery:
        """Take the battery out."""
        found = self.battery()
        if not self._is_open or found is None:
            raise ValueError("no battery can be taken out here")
        self._battery = None
        self._evse.plug_out()
        return found

    # The station's side: see `BatterySlot`.

    def battery(self) -> Battery | None:
        """The battery that is in it, as charged as it is now."""
        soc = self._evse.measure().soc_percent
        if self._battery is None or soc is None:
            return self._battery
        return replace(self._battery, soc_percent=soc)

    def open(self) -> None:
        """Open the door."""
        self._is_open = True

    def close(self) -> None:
        """Close the door."""
        self._is_open = False

    def is_open(self) -> bool:
        """Whether the door is open."""
        return self._is_open
