"""A virtual inverter: a program is the grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from chargeplane.domain.messages import Json
from chargeplane.evse.hardware import Deviation

NAMEPLATE: Mapping[str, str] = MappingProxyType(
    {
        "MaxW": "11000",
        "OverExcitedW": "9900",
        "OverExcitedPF": "0.9",
        "UnderExcitedW": "9900",
        "UnderExcitedPF": "0.9",
        "MaxVA": "11000",
        "MaxVar": "4795",
        "MaxVarNeg": "4795",
        "MaxChargeRateW": "11000",
        "MaxChargeRateVA": "11000",
        "VNom": "230",
        "InverterManufacturer": "Chargeplane",
        "InverterModel": "Virtual",
        "InverterSwVersion": "1.0",
        "InverterHwVersion": "1.0",
        "ReactiveSusceptance": "0",
    }
)
MODES = ("FreqDroop", "FreqWatt", "LimitMaxDischarge", "VoltVar", "VoltWatt", "EnterService")


class VirtualInverter:
    """Remembers what it is to do, and deviates when told to."""

    def __init__(
        self, modes: tuple[str, ...] = MODES, nameplate: Mapping[str, str] = NAMEPLATE
    ) -> None:
        self.modes = modes
        self.nameplate = nameplate
        self.controls: Mapping[str, Json] = {}
        self._deviation: Deviation | None = None
        self._notify: Callable[[Deviation | None], None] = lambda _deviation: None

    def apply(self, controls: Mapping[str, Json]) -> None:
        """Follow these controls."""
        self.controls = controls

    def on_deviation(self, notify: Callable[[Deviation | None], None]) -> None:
        """Call `notify` with what makes it deviate, None if nothing; now and when that changes."""
        self._notify = notify
        notify(self._deviation)

    def deviate(self, deviation: Deviation | None) -> None:
        """Let the grid make it deviate, or not any more."""
        self._deviation = deviation
        self._notify(deviation)
