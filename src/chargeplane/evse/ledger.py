"""What meters said, and what follows from it: energy, sessions, history, a limit by capacity."""

from __future__ import annotations

from typing import Final, Literal

from chargeplane.evse.capacity import Capacity
from chargeplane.evse.history import History
from chargeplane.evse.readings import NEVER, MeterReading
from chargeplane.evse.sessions import EnergyCounter, Sessions, power_w
from chargeplane.storage.documents import Documents

Place = Literal["mains", "ev", "circuit", "solar"]

METERED: Final[tuple[Place, ...]] = ("mains", "ev", "circuit")  # what the regulation looks at


class Ledger:
    """The books of one EVSE."""

    def __init__(self, documents: Documents) -> None:
        self.readings: dict[Place, MeterReading] = {}
        self.sessions = Sessions(documents)
        self.history = History(documents)
        self.capacity = Capacity(documents)
        self._counter = EnergyCounter()
        self._counted_wh = 0.0
        self._total_wh = sum(each.energy_wh for each in self.sessions.newest_first())

    @property
    def charged_wh(self) -> int:
        """What the car was given that is plugged in, or was last."""
        last = self.sessions.last
        return 0 if last is None else round(last.energy_wh)

    @property
    def register_wh(self) -> int:
        """The register of the EV meter, or without one what was counted since ever."""
        ev = self.readings.get("ev")
        return round(self._total_wh) if ev is None or ev.import_wh is None else ev.import_wh

    @property
    def mains_import_wh(self) -> int | None:
        """What was taken from the grid since ever, if a meter tells it."""
        mains = self.readings.get("mains")
        return None if mains is None else mains.import_wh

    def take(self, place: Place, reading: MeterReading) -> bool:
        """A meter was read; whether its currents are new."""
        last = self.readings.get(place)
        self.readings[place] = reading
        if place == "ev":
            self._counted_wh += self._counter.wh(reading)
        return reading.at != NEVER and (last is None or reading.at != last.at)

    def pass_second(self, now_s: float, *, is_charging: bool, mode: str) -> None:
        """Let a second pass."""
        counted_wh, self._counted_wh = self._counted_wh, 0.0
        self._total_wh += counted_wh
        self.sessions.follow(
            self.readings.get("ev"), counted_wh, is_charging=is_charging, mode=mode
        )
        self.history.add(now_s, self.power_w("mains"), self.power_w("solar"), self.power_w("ev"))

    def power_w(self, place: Place) -> float | None:
        """The power that a meter showed last."""
        reading = self.readings.get(place)
        return None if reading is None or reading.at == NEVER else power_w(reading)
