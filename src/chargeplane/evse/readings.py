"""What a meter says at a time."""

from __future__ import annotations

import math
from typing import Final, Literal

import msgspec

from chargeplane.errors import NoMeasurement

Phases = tuple[int, int, int]
NO_CURRENT: Final[Phases] = (0, 0, 0)
NEVER: Final = -math.inf


class MeterReading(msgspec.Struct, frozen=True, kw_only=True):
    """Currents in 0.1 A, positive for what is taken, and whatever else the meter knows.

    `at` and `energy_at` are s of the clock that the meter was read by.
    """

    at: float  # of currents and power
    currents_da: Phases = NO_CURRENT
    power_w: int | None = None
    powers_w: Phases | None = None  # per phase
    import_wh: int | None = None
    export_wh: int | None = None
    energy_at: float | None = None
    voltages_v: tuple[float, ...] | None = None  # per phase, as many as there are

    @property
    def sum_da(self) -> int:
        """The currents of all phases together."""
        return sum(self.currents_da)

    @property
    def highest_da(self) -> int:
        """The current of the phase that takes the most."""
        return max(self.currents_da)

    def age_s(self, now: float) -> float:
        """How old its currents are; infinite if there were none yet."""
        return now - self.at

    def completed(self, older: MeterReading | None) -> MeterReading:
        """This reading, with what it does not know taken from an older one."""
        if older is None:
            return self
        missing = {
            name: getattr(older, name)
            for name in ("power_w", "powers_w", "import_wh", "export_wh", "energy_at", "voltages_v")
            if getattr(self, name) is None
        }
        return msgspec.structs.replace(self, **missing)


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody else measured; None is unknown."""

    currents_da: Phases | None = None
    power_w: int | None = None
    import_wh: int | None = None
    export_wh: int | None = None


def parse_push(text: str, kind: Literal["mains", "ev", "circuit"]) -> Push:
    """Read `L1:L2:L3` or `L1:L2:L3:W:Wh`, in 0.1 A, as a SmartEVSE takes them over MQTT.

    -1 as power or energy means unknown. Raises `NoMeasurement` for anything else.
    """
    lowest, highest, lengths = _FORMS[kind]
    try:
        numbers = [int(part) for part in text.split(":")]
    except ValueError as error:
        raise NoMeasurement(f"{text!r} is no measurement: {error}") from error
    if len(numbers) not in lengths:
        raise NoMeasurement(f"{text!r} has {len(numbers)} numbers")
    if not all(lowest <= number <= highest for number in numbers[:3]):
        raise NoMeasurement(f"{text!r}: currents are from {lowest} to {highest}, in 0.1 A")
    power, energy = [None if number == -1 else number for number in (*numbers[3:], -1, -1)][:2]
    return Push(currents_da=(numbers[0], numbers[1], numbers[2]), power_w=power, import_wh=energy)


_FORMS: Final = {  # lowest and highest current in 0.1 A, how many numbers there may be
    "mains": (-1999, 1999, (3, 5)),
    "ev": (0, 999, (3, 5)),
    "circuit": (-1999, 1999, (3,)),
}
