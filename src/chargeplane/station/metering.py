"""What the meters of a station say, as readings."""

from __future__ import annotations

from datetime import datetime

from chargeplane.domain.readings import ENERGY, Reading, Sample
from chargeplane.evse.hardware import Measurement
from chargeplane.station.station import Connector, Station


def register(connector: Connector, at: datetime, context: str) -> Reading:
    """The energy register alone."""
    energy = float(round(connector.hardware.measure().energy_wh))
    return Reading(at, (Sample(energy, context=context),))


def sample(
    station: Station, connector: Connector, at: datetime, context: str = "Sample.Periodic"
) -> Reading:
    """All that is to be sampled (MeterValuesSampledData)."""
    wanted = station.model.text("MeterValuesSampledData").split(",")
    samples = _samples(connector.hardware.measure(), context)
    return Reading(at, tuple(each for each in samples if each.measurand in wanted))


def _samples(shown: Measurement, context: str) -> list[Sample]:
    found = [
        Sample(shown.energy_wh, ENERGY, "Wh", context),
        Sample(shown.power_w, "Power.Active.Import", "W", context),
    ]
    for number, (current, voltage) in enumerate(
        zip(shown.currents_a, shown.voltages_v, strict=True), start=1
    ):
        phase = f"L{number}"
        found.append(Sample(current, "Current.Import", "A", context, phase))
        found.append(Sample(voltage, "Voltage", "V", context, f"{phase}-N"))
    if shown.soc_percent is not None:
        found.append(Sample(shown.soc_percent, "SoC", "Percent", context, None, "EV"))
    return found
