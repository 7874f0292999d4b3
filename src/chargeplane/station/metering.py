"""What the meters of a station say, as readings; `sampling` says when."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from chargeplane.domain.readings import ENERGY, Reading, Sample, is_register
from chargeplane.evse.hardware import Measurement
from chargeplane.evse.ocmf import Signer
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

BEGIN: Final = "Transaction.Begin"
END: Final = "Transaction.End"
PERIODIC: Final = "Sample.Periodic"
CLOCK: Final = "Sample.Clock"
SAMPLED: Final = "SampledDataCtrlr"
EXPORTED: Final = "Energy.Active.Export.Register"


def reading(
    station: Station, evse: EvseUnit, context: str, variable: str, *, register: bool = False
) -> Reading:
    """A reading of what a variable lists, e.g. `SampledDataCtrlr/TxUpdatedMeasurands`.

    The energy register may be asked for in any case: 1.6 cannot begin or end without it.
    """
    wanted = set(station.model.words(variable))
    if register:
        wanted.add(ENERGY)
    shown = evse.hardware.measure()
    samples = [*_samples(shown, evse.limit_a, context), *_steered(shown, evse, context)]
    found = tuple(each for each in samples if each.measurand in wanted)
    taken = Reading(station.now(), found)
    signer = signer_of(station, evse, variable.partition("/")[0])
    return taken if signer is None else _signed(station, signer, taken)


def signer_of(station: Station, evse: EvseUnit, controller: str) -> Signer | None:
    """Who signs the readings of a controller, if anybody does."""
    if evse.signer is None or not station.model.flag(f"{controller}/SignReadings"):
        return None
    return evse.signer


def _signed(station: Station, signer: Signer, taken: Reading) -> Reading:
    """The same with the register signed (2.x J02.FR.19 to FR.22)."""
    return Reading(
        taken.timestamp,
        tuple(_sign(station, signer, each, taken.timestamp) for each in taken.samples),
    )


def _sign(station: Station, signer: Signer, sample: Sample, at: datetime) -> Sample:
    if not is_register(sample) or sample.value is None:
        return sample
    signed = signer.sign(sample.value, at, sample.context)
    if not _shows_key(station, sample.context):
        signed = msgspec.structs.replace(signed, public_key="")
    return msgspec.structs.replace(sample, signed=signed)


def _shows_key(station: Station, context: str) -> bool:
    """Whether the public key goes along (PublicKeyWithSignedMeterValue)."""
    when = station.model.text("OCPPCommCtrlr/PublicKeyWithSignedMeterValue")
    return when == "EveryMeterValue" or (when == "OncePerTransaction" and context == BEGIN)


def energy_wh(evse: EvseUnit) -> float:
    """The energy register of an EVSE."""
    return evse.hardware.measure().energy_wh


def _samples(shown: Measurement, limit_a: float, context: str) -> list[Sample]:
    if shown.offered_a is not None:
        limit_a = min(limit_a, shown.offered_a)
    found = [
        Sample(shown.energy_wh, ENERGY, "Wh", context),
        Sample(shown.exported_wh, EXPORTED, "Wh", context),
        Sample(max(0.0, shown.power_w), "Power.Active.Import", "W", context),
        Sample(max(0.0, -shown.power_w), "Power.Active.Export", "W", context),
        Sample(round(limit_a, 1), "Current.Offered", "A", context),
        Sample(round(limit_a * sum(shown.voltages_v), 1), "Power.Offered", "W", context),
    ]
    for number, (current, voltage) in enumerate(
        zip(shown.currents_a, shown.voltages_v, strict=True), start=1
    ):
        phase = f"L{number}"
        found.append(Sample(max(0.0, current), "Current.Import", "A", context, phase))
        found.append(Sample(max(0.0, -current), "Current.Export", "A", context, phase))
        found.append(Sample(voltage, "Voltage", "V", context, f"{phase}-N"))
    if shown.frequency_hz is not None:
        found.append(Sample(shown.frequency_hz, "Frequency", "Hertz", context))
    if shown.soc_percent is not None:
        found.append(Sample(shown.soc_percent, "SoC", "Percent", context, None, "EV"))
    return found


def _steered(shown: Measurement, evse: EvseUnit, context: str) -> list[Sample]:
    """The setpoint that is followed, and what flows beyond it (2.1 Q §2.4)."""
    setpoint_w = None if evse.steering is None else evse.steering.order.setpoint_w
    if setpoint_w is None:
        return []
    beyond_w = abs(shown.power_w) - abs(setpoint_w)
    return [
        Sample(setpoint_w, "Power.Active.Setpoint", "W", context),
        Sample(round(beyond_w, 1), "Power.Active.Residual", "W", context),
    ]


LIVE: dict[str, Any] = {
    "EVSE/Power": lambda station, component, _variable, attribute: (
        f"{station.evses[component.evse.id - 1].hardware.measure().power_w:g}"
        if attribute == "Actual"
        else station.model.text("SmartChargingCtrlr/CompositeScheduleDefaultLimitWatts")
    ),
}
