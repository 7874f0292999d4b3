"""The limit on the sum of the mains that a tariff by capacity gives now."""

from __future__ import annotations

from datetime import datetime

from chargeplane.energy.capacity import (
    CapacityMode,
    Peak,
    flanders_limit_a,
    interval_limit_a,
)
from chargeplane.evse.settings import DeviceSettings
from chargeplane.storage.documents import Documents

PEAK = "peak"


class Capacity:
    """Follows the tariff; the peak of the month survives a power cut."""

    def __init__(self, documents: Documents) -> None:
        self._kept = documents.collection("capacity", Peak)
        self._peak = self._kept.get(PEAK, Peak())

    @property
    def peak_w(self) -> float:
        """The highest quarter-hour mean of the month so far, in W."""
        return self._peak.peak_w

    def limit_a(self, settings: DeviceSettings, now: datetime, import_wh: int | None) -> int | None:
        """The limit in A; None: it is that of the settings. `now` is aware, in local time."""
        match settings.capacity_mode:
            case CapacityMode.INTERVAL:
                return interval_limit_a(settings.intervals, now.hour * 60 + now.minute)
            case CapacityMode.FLANDERS if import_wh is not None:
                return self._flanders_a(now, import_wh)
        return None

    def _flanders_a(self, now: datetime, import_wh: int) -> int:
        peak, limit_a = flanders_limit_a(self._peak, now, import_wh)
        if peak != self._peak:
            self._peak = self._kept[PEAK] = peak
        return limit_a
