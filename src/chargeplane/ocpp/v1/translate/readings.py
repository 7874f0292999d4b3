"""MeterValues, with a transaction or without.

Lost on the way to 1.x: signing method, encoding and public key of a signed
value (its data is kept, as text); the plain value beside a signed one; units
that 1.x does not have. Measurands and locations that only 2.x has cannot be
said, nor a reading without samples. A transaction
update is said as its readings; one without readings cannot be said, and all
else that it tells (trigger, sequence number, charging state) is lost.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast, get_args

from msgspec.structs import replace

from chargeplane.domain import readings as domain
from chargeplane.domain.messages import Empty
from chargeplane.domain.readings import Original, Reading, Sample, SignedMeterValue
from chargeplane.domain.station import Evse
from chargeplane.domain.transactions import TransactionAnswer, TransactionUpdated
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.units import RENAME, UNUSUAL, default_unit, normalise, number, text
from chargeplane.ocpp.v1 import wire
from chargeplane.ocpp.v1.translate.rows import connector_id, empty, row, transaction_number

UNITS = frozenset(get_args(wire.UnitOfMeasure))
KNOWN = {
    "measurand": frozenset(get_args(wire.Measurand)),
    "context": frozenset(get_args(wire.ReadingContext)),
    "location": frozenset(get_args(wire.Location)),
    "phase": frozenset((None, *get_args(wire.Phase))),
}
USUAL = UNITS - UNUSUAL - RENAME.keys()  # the units that need no change
TRIGGERS = {"Sample.Clock": "MeterValueClock", "Trigger": "Trigger"}
EPOCH = datetime.fromtimestamp(0, UTC)  # of an update that, against the schema, says nothing


def read_readings(values: list[wire.MeterValue] | None) -> tuple[Reading, ...]:
    """The readings of a message, normalised."""
    if not values:
        return ()
    return tuple(
        [Reading(v.timestamp, tuple([read_sample(s) for s in v.sampled_value])) for v in values]
    )


def read_sample(sample: wire.SampledValue) -> Sample:
    """One sample in its normal unit; text that is no number is kept as it was sent."""
    measurand, unit, phase = sample.measurand or domain.ENERGY, sample.unit, sample.phase
    context, location = sample.context or "Sample.Periodic", sample.location or "Outlet"
    if unit in USUAL and sample.format != "SignedData":
        value = number(sample.value)
        if value is not None:
            return Sample(value, measurand, unit, context, phase, location)
    return _read_unusual(sample, Sample(None, measurand, unit, context, phase, location))


def _read_unusual(sample: wire.SampledValue, read: Sample) -> Sample:
    """A sample that is signed, no number, or not in its normal unit."""
    unit = RENAME.get(sample.unit, sample.unit) if sample.unit else default_unit(read.measurand)
    if sample.format == "SignedData":
        return replace(read, unit=unit, signed=SignedMeterValue(signed_meter_data=sample.value))
    value = number(sample.value)
    if value is None:
        return replace(read, unit=unit, original=Original(sample.value, sample.unit))
    if unit not in UNUSUAL:
        return replace(read, value=value, unit=unit)
    value, unit = normalise(value, unit)
    return replace(read, value=value, unit=unit, original=Original(sample.value, sample.unit))


def write_readings(readings: tuple[Reading, ...]) -> list[wire.MeterValue]:
    """The readings of a message."""
    if not all(reading.samples for reading in readings):
        raise Untranslatable("OCPP 1.x has no readings without samples")
    return [
        wire.MeterValue(timestamp=r.timestamp, sampled_value=[write_sample(s) for s in r.samples])
        for r in readings
    ]


def write_sample(sample: Sample) -> wire.SampledValue:
    """One sample, with everything said that has a default, for readers that do not know them."""
    for name, known in KNOWN.items():
        if getattr(sample, name) not in known:
            raise Untranslatable(f"OCPP 1.x has no {name} {getattr(sample, name)}")
    value, unit = _spoken(sample)
    return wire.SampledValue(
        value=value,
        context=cast(wire.ReadingContext, sample.context),
        format="SignedData" if sample.signed else "Raw",
        measurand=cast(wire.Measurand, sample.measurand),
        phase=cast(wire.Phase | None, sample.phase),
        location=cast(wire.Location, sample.location),
        # 1.6J errata §2.1: stations are to go on misspelling it.
        unit=cast(Any, "Celcius" if unit == "Celsius" else unit if unit in UNITS else None),
    )


def _spoken(sample: Sample) -> tuple[str, str | None]:
    """Value and unit as they are to be sent."""
    if sample.signed:
        return sample.signed.signed_meter_data, sample.unit
    if sample.value is not None:
        return text(sample.value), sample.unit
    if sample.original:
        return sample.original.value, sample.original.unit
    raise Untranslatable("a sample without a value cannot be said")


def read(request: wire.MeterValues) -> domain.MeterValues | TransactionUpdated:
    """Readings of a transaction, or of a connector."""
    readings = read_readings(request.meter_value)
    if request.transaction_id is None:
        return domain.MeterValues(evse_id=request.connector_id, readings=readings)
    return TransactionUpdated(
        timestamp=readings[-1].timestamp if readings else EPOCH,
        transaction_id=str(request.transaction_id),
        trigger_reason=_trigger(readings),
        evse=Evse(request.connector_id, 1),
        readings=readings,
    )


def _trigger(readings: tuple[Reading, ...]) -> Any:
    """Why the readings are told; those of one message were taken for one reason."""
    context = readings[0].samples[0].context if readings and readings[0].samples else None
    return TRIGGERS.get(context or "", "MeterValuePeriodic")


def write(request: domain.MeterValues | TransactionUpdated) -> wire.MeterValues:
    """Readings of a transaction, or of a connector; there must be some."""
    if not request.readings:
        raise Untranslatable("OCPP 1.x tells nothing of a transaction but its meter values")
    values = write_readings(request.readings)
    if isinstance(request, domain.MeterValues):
        return wire.MeterValues(connector_id=request.evse_id, meter_value=values)
    return wire.MeterValues(
        connector_id=connector_id(request.evse),
        transaction_id=transaction_number(request.transaction_id),
        meter_value=values,
    )


def read_answer(_answer: Any, asked: Any) -> Empty | TransactionAnswer:
    """Nothing, in the words of what was asked."""
    return Empty() if isinstance(asked, domain.MeterValues) else TransactionAnswer()


ROWS = (
    row(
        "station",
        "MeterValues",
        domain.MeterValues,
        TransactionUpdated,
        read=read,
        write=write,
        read_answer=read_answer,
        write_answer=empty(wire.MeterValuesResponse),
    ),
)
