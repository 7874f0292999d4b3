"""MeterValues and the readings of other messages.

Lost on the way to 2.x: `Original`, the form in which a value was sent, and
the decimal text of 1.x. A value that is no number cannot be said.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, get_args

from chargeplane.domain import readings as domain
from chargeplane.domain.messages import Empty
from chargeplane.domain.readings import Original, Reading, Sample, SignedMeterValue
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.units import default_unit, normalise, text
from chargeplane.ocpp.v2 import wire
from chargeplane.ocpp.v2.translate.rows import row, to, to_wire

sampled_value, meter_value = to_wire(wire.SampledValue), to_wire(wire.MeterValue)
meter_values = to_wire(wire.MeterValues)
read_signed = to(SignedMeterValue)
write_signed = to_wire(wire.SignedMeterValue)


def read_readings(values: list[wire.MeterValue] | None) -> tuple[Reading, ...]:
    """The readings of a message, normalised."""
    if not values:
        return ()
    return tuple(
        [Reading(v.timestamp, tuple([read_sample(s) for s in v.sampled_value])) for v in values]
    )


def read_sample(sample: wire.SampledValue) -> Sample:
    """One sample in its normal unit."""
    measurand = sample.measurand or domain.ENERGY
    value, unit, original = sample.value, default_unit(measurand), None
    if sample.unit_of_measure is not None:
        sent, multiplier = sample.unit_of_measure.unit, sample.unit_of_measure.multiplier
        value, unit = normalise(value, sent, multiplier)
        if unit != sent or multiplier:
            original = Original(text(sample.value), sent, multiplier)
    return Sample(
        value,
        measurand,
        unit,
        sample.context or "Sample.Periodic",
        sample.phase,
        sample.location or "Outlet",
        read_signed(sample.signed_meter_value) if sample.signed_meter_value else None,
        original,
    )


def write_readings(readings: tuple[Reading, ...]) -> list[wire.MeterValue] | None:
    """The readings of a message; none are absent, not an empty list (2.1 part 4 §4.1.5)."""
    return [
        meter_value(
            SimpleNamespace(
                timestamp=r.timestamp, sampled_value=[write_sample(s) for s in r.samples]
            )
        )
        for r in readings
    ] or None


def write_sample(sample: Sample) -> wire.SampledValue:
    """One sample; defaults are left out as the specification asks."""
    if sample.value is None:
        raise Untranslatable("OCPP 2.x has no measured values that are not numbers")
    if sample.measurand not in MEASURANDS:
        raise Untranslatable(f"OCPP 2.x has no measurand {sample.measurand}")
    # Wh is the default of energies; all else names its unit, so that nobody takes it for Wh.
    usual = sample.unit is None or (sample.unit == "Wh" == default_unit(sample.measurand))
    return sampled_value(
        SimpleNamespace(
            value=sample.value,
            measurand=_said(sample.measurand, domain.ENERGY),
            context=_said(sample.context, "Sample.Periodic"),
            phase=sample.phase,
            location=_said(sample.location, "Outlet"),
            signed_meter_value=write_signed(sample.signed) if sample.signed else None,
            unit_of_measure=None if usual else SimpleNamespace(unit=sample.unit),
        )
    )


def _said(value: str, default: str) -> Any:
    return None if value == default else value


def read_meter_values(request: wire.MeterValues) -> domain.MeterValues:
    """Readings of an EVSE."""
    return domain.MeterValues(
        evse_id=request.evse_id,
        readings=read_readings(request.meter_value),
        custom_data=request.custom_data,
    )


def write_meter_values(request: domain.MeterValues) -> wire.MeterValues:
    """Readings of an EVSE; there must be some."""
    readings = write_readings(request.readings)
    if readings is None:
        raise Untranslatable("OCPP 2.x MeterValues needs at least one reading")
    return meter_values(
        SimpleNamespace(
            evse_id=request.evse_id, meter_value=readings, custom_data=request.custom_data
        )
    )


MEASURANDS = frozenset(get_args(get_args(wire.MeasurandEnum)[0]))

ROWS = (
    row(
        "station",
        "MeterValues",
        domain.MeterValues,
        answer=Empty,
        read=read_meter_values,
        write=write_meter_values,
    ),
)
