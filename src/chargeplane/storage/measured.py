"""What people ask of a reading, found among its samples."""

from __future__ import annotations

from datetime import datetime
from math import isfinite

import msgspec

from chargeplane.domain.readings import Reading, Sample

_LARGEST_MWH = 2**63 - 1
_PHASES = {"L1": "L1", "L2": "L2", "L3": "L3", "L1-N": "L1", "L2-N": "L2", "L3-N": "L3"}
_ALL = ""  # stands for the value of all phases together

Values = dict[tuple[str, str], float]  # by measurand and phase


class Measured(msgspec.Struct, frozen=True):
    """A reading in columns. Power flows into the car; it is negative when the car gives."""

    measured_at: datetime
    context: str | None = None
    import_mwh: int | None = None
    export_mwh: int | None = None
    power_w: float | None = None
    current_l1_a: float | None = None
    current_l2_a: float | None = None
    current_l3_a: float | None = None
    voltage_l1_v: float | None = None
    voltage_l2_v: float | None = None
    voltage_l3_v: float | None = None
    soc_percent: float | None = None

    @property
    def current_a(self) -> float | None:
        """The largest current of any phase."""
        currents = (self.current_l1_a, self.current_l2_a, self.current_l3_a)
        return max((current for current in currents if current is not None), default=None)


def measure(reading: Reading) -> Measured:
    """Find the columns: of several samples of a kind the last counts, the outlet's first of all.

    Phases are added up where no total was sent. A current or voltage without a
    phase is that of L1.
    """
    values = _values(reading.samples)
    get = values.get
    return Measured(
        reading.timestamp,
        reading.samples[0].context if reading.samples else None,
        milli(_total(values, "Energy.Active.Import.Register")),
        milli(_total(values, "Energy.Active.Export.Register")),
        _power(values),
        get(("Current.Import", "L1"), get(("Current.Import", _ALL))),
        get(("Current.Import", "L2")),
        get(("Current.Import", "L3")),
        get(("Voltage", "L1"), get(("Voltage", _ALL))),
        get(("Voltage", "L2")),
        get(("Voltage", "L3")),
        get(("SoC", _ALL)),
    )


def milli(value_wh: float | None) -> int | None:
    """Convert Wh to whole mWh; None if no register could hold it."""
    if value_wh is None or abs(value_wh) >= _LARGEST_MWH / 1000:
        return None
    return round(value_wh * 1000)


def _values(samples: tuple[Sample, ...]) -> Values:
    """Arrange the usable samples by measurand and phase."""
    values: Values = {}
    elsewhere: Values = {}  # at the inlet, the cable, the body or the car
    for sample in samples:
        phase = _ALL if sample.phase is None else _PHASES.get(sample.phase)
        if phase is not None and sample.value is not None and isfinite(sample.value):
            place = values if sample.location == "Outlet" else elsewhere
            place[sample.measurand, phase] = sample.value
    return elsewhere | values if elsewhere else values


def _total(values: Values, measurand: str) -> float | None:
    """Return the value of all phases, added up if need be."""
    if (total := values.get((measurand, _ALL))) is not None:
        return total
    for phase in ("L1", "L2", "L3"):
        if (value := values.get((measurand, phase))) is not None:
            total = value if total is None else total + value
    return total


def _power(values: Values) -> float | None:
    """Return what flows in less what flows out."""
    flows_in = _total(values, "Power.Active.Import")
    flows_out = _total(values, "Power.Active.Export")
    return flows_in if flows_out is None else (flows_in or 0.0) - flows_out
