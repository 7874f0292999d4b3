"""Samples at a high rate, kept until a log of them is asked for (2.1 N01, component DataCollector).

Each EVSE has one; it collects while it is enabled and the time is between its start and its end.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, Final

from chargeplane.domain.readings import Sample
from chargeplane.station.logbook import Logbook
from chargeplane.station.metering import PERIODIC, reading
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

FILE: Final = "samples.log"


def _book(station: Station) -> Logbook:
    if station.samples is None:
        station.samples = Logbook(station.documents.folder / FILE)
    return station.samples


def schedule(station: Station, _value: str = "") -> None:
    """Let every collector begin when it is to, or end."""
    for evse in station.evses:
        _schedule(station, evse)


def _schedule(station: Station, evse: EvseUnit) -> None:
    name, model, now = f"collector {evse.id}", station.model, station.now()
    own = f"DataCollector@{evse.id}"
    start, end = (_moment(model.text(f"{own}/DateTime[{which}]")) for which in ("Start", "End"))
    if not model.flag(f"{own}/Enabled") or start is None or (end is not None and now >= end):
        station.silence(name)
        return
    wait_s = float(model.text(f"{own}/SamplingInterval"))
    if now >= start:
        _collect(station, evse, f"{own}/SampledMeasurands")
    else:
        wait_s = (start - now).total_seconds()
    station.alarm(name, wait_s, partial(_again, evse))


def _again(evse: EvseUnit, station: Station) -> None:
    _schedule(station, evse)


def _moment(value: str) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _collect(station: Station, evse: EvseUnit, variable: str) -> None:
    shown = reading(station, evse, PERIODIC, variable)
    if shown.samples:
        said = "; ".join(_said(each) for each in shown.samples)
        _book(station).note(shown.timestamp, f"EVSE {evse.id}", said)


def _said(sample: Sample) -> str:
    phase = f" {sample.phase}" if sample.phase else ""
    return f"{sample.measurand}{phase} = {sample.value} {sample.unit}"


def read(station: Station, oldest: datetime | None, latest: datetime | None) -> bytes | None:
    """The samples of a span of time; None if there are none (N01.FR.24)."""
    if station.samples is None and not (station.documents.folder / FILE).exists():
        return None
    return b"".join(_book(station).read(oldest, latest)) or None


EFFECTS: dict[str, Any] = {
    "DataCollector/Enabled": schedule,
    "DataCollector/DateTime": schedule,
    "DataCollector/SamplingInterval": schedule,
}
ON_START = (schedule,)
