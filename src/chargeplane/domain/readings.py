"""What meters say. Values are normalised: Wh, W, var, varh, VA, A, V, Percent, Celsius, Hertz."""

from __future__ import annotations

from datetime import datetime

from chargeplane.domain.messages import Empty, Message, Request, Value

ENERGY = "Energy.Active.Import.Register"


class SignedMeterValue(Value, frozen=True, kw_only=True):
    """A meter's signature over its value (2.x SignedMeterValueType).

    1.6 carries the signed data alone; `encoding_method` is empty there.
    """

    signed_meter_data: str
    encoding_method: str = ""
    signing_method: str | None = None
    public_key: str | None = None


class Original(Value, frozen=True):
    """How a value was sent, where that differs from the normalised form."""

    value: str
    unit: str | None = None
    multiplier: int = 0


class Sample(Value, frozen=True):
    """One measured value. `value` is None if it was sent as text that is not a number."""

    value: float | None
    measurand: str = ENERGY
    unit: str | None = "Wh"
    context: str = "Sample.Periodic"
    phase: str | None = None
    location: str = "Outlet"
    signed: SignedMeterValue | None = None
    original: Original | None = None


class Reading(Value, frozen=True):
    """The samples that were taken at one moment."""

    timestamp: datetime
    samples: tuple[Sample, ...]


class MeterValues(Message, Request[Empty], frozen=True, kw_only=True):
    """Readings outside of transactions; EVSE 0 is the main meter (2.x J01; 1.6 §4.7)."""

    evse_id: int
    readings: tuple[Reading, ...]


def register(readings: tuple[Reading, ...], *contexts: str) -> float | None:
    """The last total of the energy register in Wh, of the given contexts if there are any."""
    for reading in reversed(readings):
        for sample in reversed(reading.samples):
            if is_register(sample) and (not contexts or sample.context in contexts):
                return sample.value
    return None


def is_register(sample: Sample) -> bool:
    """The energy that the station has delivered in all, not of one phase, not signed alone."""
    return sample.measurand == ENERGY and sample.phase is None and sample.value is not None
