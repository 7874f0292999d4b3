"""When the meters of a station are read: while a transaction runs, by the clock, when asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from chargeplane.domain.readings import MeterValues
from chargeplane.domain.transactions import TransactionEnded, TransactionEvent
from chargeplane.station import transaction_events, transactions
from chargeplane.station.metering import CLOCK, PERIODIC, reading
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

DAY_S: Final = 86400

# Sampled


def on_event(station: Station, event: TransactionEvent) -> None:
    """Sample as long as a transaction runs (2.x J02; 1.6 §3.16.3)."""
    if event.evse is None:
        return
    evse = station.evses[event.evse.id - 1]
    if isinstance(event, TransactionEnded):
        for what in INTERVALS:
            station.silence(f"{what} {evse.id}")
    elif event.seq_no == 0 or event.trigger_reason == "TxResumed":
        _begin(station, evse)


def _begin(station: Station, evse: EvseUnit) -> None:
    for what in INTERVALS:
        _rest(station, evse, what)


INTERVALS: Final = {
    "updated": "SampledDataCtrlr/TxUpdatedInterval",
    "ended": "SampledDataCtrlr/TxEndedInterval",
}


def _rest(station: Station, evse: EvseUnit, what: str) -> None:
    seconds = station.model.number(INTERVALS[what])
    name = f"{what} {evse.id}"
    if not seconds or not station.model.flag("SampledDataCtrlr/Enabled"):
        station.silence(name)
        return
    act = _update if what == "updated" else _collect
    station.alarm(name, seconds, lambda _station: act(station, evse))


def _update(station: Station, evse: EvseUnit) -> None:
    _rest(station, evse, "updated")
    transactions.settle(station, evse)
    if evse.transaction is not None:
        shown = reading(station, evse, PERIODIC, "SampledDataCtrlr/TxUpdatedMeasurands")
        if shown.samples:
            transaction_events.update(station, evse, "MeterValuePeriodic", (shown,))


def _collect(station: Station, evse: EvseUnit) -> None:
    """Keep a reading for the end of the transaction (2.x J02.FR.03; 1.6 StopTxnSampledData)."""
    _rest(station, evse, "ended")
    transaction_events.keep(
        station, evse, reading(station, evse, PERIODIC, "SampledDataCtrlr/TxEndedMeasurands")
    )


def on_interval(station: Station, _value: str) -> None:
    """Let a changed interval count at once."""
    for evse in station.evses:
        if evse.transaction is not None:
            _begin(station, evse)


# Aligned to the clock


def align(station: Station, _value: str = "") -> None:
    """Read at the full multiples of the interval since midnight (2.x J01; 1.6 §3.16.2)."""
    _align(station, "AlignedDataCtrlr/Interval", _tell_aligned)
    _align(station, "AlignedDataCtrlr/TxEndedInterval", _collect_aligned)


def _align(station: Station, variable: str, act: Any) -> None:
    seconds = station.model.number(variable)
    if not seconds or not station.model.flag("AlignedDataCtrlr/Enabled"):
        station.silence(variable)
        return

    def work(_station: Station) -> None:
        _align(station, variable, act)
        act(station)

    station.alarm(variable, until_next(station.now(), seconds), work)


def until_next(now: datetime, interval_s: float) -> float:
    """How long it is (s) to the next full multiple of the interval since midnight."""
    since_midnight = now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6
    left = interval_s - since_midnight % interval_s
    return min(left, DAY_S - since_midnight)


def _tell_aligned(station: Station) -> None:
    only_idle = station.model.flag("AlignedDataCtrlr/SendDuringIdle")
    if only_idle and not station.is_idle():
        return  # J01.FR.19
    for evse in station.evses:
        shown = reading(station, evse, CLOCK, "AlignedDataCtrlr/Measurands")
        if not shown.samples:
            continue
        if evse.transaction is not None:
            transaction_events.update(station, evse, "MeterValueClock", (shown,))
        else:
            station.tell(MeterValues(evse_id=evse.id, readings=(shown,)))


def _collect_aligned(station: Station) -> None:
    for evse in station.evses:
        if evse.transaction is not None:
            shown = reading(station, evse, CLOCK, "AlignedDataCtrlr/TxEndedMeasurands")
            transaction_events.keep(station, evse, shown)


def trigger(station: Station, evse: EvseUnit) -> None:
    """Tell what is read now, because it was asked for (2.x F06.FR.06; 1.6 §5.17)."""
    if evse.transaction is not None and station.conduct.readings_name_transaction:
        trigger_event(station, evse)
        return
    variable = "AlignedDataCtrlr/Measurands"
    if not station.model.words(variable):
        variable = "SampledDataCtrlr/TxUpdatedMeasurands"
    shown = reading(station, evse, "Trigger", variable)
    station.tell(MeterValues(evse_id=evse.id, readings=(shown,)))


def trigger_event(station: Station, evse: EvseUnit) -> None:
    """Tell how the transaction of an EVSE goes, because it was asked for (2.x F06.FR.07)."""
    shown = reading(station, evse, "Trigger", "SampledDataCtrlr/TxUpdatedMeasurands")
    transaction_events.update(station, evse, "Trigger", (shown,))


EFFECTS: dict[str, Any] = {
    "SampledDataCtrlr/TxUpdatedInterval": on_interval,
    "SampledDataCtrlr/TxEndedInterval": on_interval,
    "SampledDataCtrlr/Enabled": on_interval,
    "AlignedDataCtrlr/Interval": align,
    "AlignedDataCtrlr/TxEndedInterval": align,
    "AlignedDataCtrlr/Enabled": align,
}
ON_START = (align,)
ON_EVENT = (on_event,)
