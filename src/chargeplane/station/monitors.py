"""Monitors of variables: what may be set, and when one has something to tell (2.x N07).

`monitoring` sets them for the central system, `watching` looks at what they are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from chargeplane.domain.variables import Component, Variable
from chargeplane.ocpp.v2 import wire
from chargeplane.station.definition import Definition
from chargeplane.station.station import Station

Kind = Literal["HardWiredMonitor", "PreconfiguredMonitor", "CustomMonitor"]
Type = Literal[
    "UpperThreshold",
    "LowerThreshold",
    "Delta",
    "Periodic",
    "PeriodicClockAligned",
    "TargetDelta",
    "TargetDeltaRelative",
]

PERIODIC: Final[frozenset[Type]] = frozenset({"Periodic", "PeriodicClockAligned"})
TO_TARGET: Final[frozenset[Type]] = frozenset({"TargetDelta", "TargetDeltaRelative"})
THRESHOLDS: Final[frozenset[Type]] = frozenset({"UpperThreshold", "LowerThreshold"})
SEVERITIES: Final = range(10)
CRITERIA: Final[dict[wire.MonitoringCriterionEnum, frozenset[Type]]] = {
    "ThresholdMonitoring": THRESHOLDS,
    "DeltaMonitoring": frozenset({"Delta"}),
    "PeriodicMonitoring": PERIODIC,
}
"""What a report can be limited to (N02.FR.12 to FR.14)."""


class Stream(msgspec.Struct, frozen=True):
    """How often values are sent together: each so many s, or so many at once (2.1 N11)."""

    interval_s: int | None = None
    values: int | None = None


class Monitor(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be noticed of a variable; `origin` names what it was shipped as."""

    id: int
    component: Component
    variable: Variable
    type: Type
    value: float
    severity: int
    kind: Kind = "CustomMonitor"
    transaction: bool = False  # only while one runs
    stream: Stream | None = None
    origin: str | None = None
    is_active: bool = True
    reference: str | None = None  # that changes are counted from
    is_triggered: bool = False  # the value is beyond the threshold, and that was told


@dataclass(frozen=True, slots=True)
class News:
    """What a monitor has to tell; the monitor is as it is afterwards."""

    monitor: Monitor
    trigger: Literal["Alerting", "Delta"]
    cleared: bool = False


def store(station: Station) -> Any:
    """All monitors of a station, by their number."""
    return station.documents.collection("monitors", Monitor)


def is_numeric(definition: Definition) -> bool:
    """Whether values of a variable can be compared."""
    return definition.data_type in ("integer", "decimal")


def look(
    monitor: Monitor, definition: Definition, actual: str, target: str | None = None
) -> News | None:
    """What a monitor has to tell of a value, if anything (N07.FR.02, FR.16 to FR.19, FR.22-23)."""
    if monitor.type in PERIODIC:
        return None
    if monitor.type == "Delta":
        if not _has_changed(monitor, definition, actual):
            return None
        return News(msgspec.structs.replace(monitor, reference=actual), "Delta")
    beyond = _is_beyond(monitor, actual, target)
    if beyond == monitor.is_triggered:
        return None
    return News(msgspec.structs.replace(monitor, is_triggered=beyond), "Alerting", not beyond)


def _has_changed(monitor: Monitor, definition: Definition, actual: str) -> bool:
    if not is_numeric(definition):
        return actual != monitor.reference
    now, before = _number(actual), _number(monitor.reference)
    if now is None or before is None:
        return now is not before
    return abs(now - before) > monitor.value


def _is_beyond(monitor: Monitor, actual: str, target: str | None) -> bool:
    """A value that is not known is beyond nothing."""
    now, wanted = _number(actual), _number(target)
    if now is None:
        return False
    if monitor.type == "UpperThreshold":
        return now > monitor.value
    if monitor.type == "LowerThreshold":
        return now < monitor.value
    if wanted is None:
        return False
    scale = 1.0 if monitor.type == "TargetDelta" else abs(wanted)
    return abs(now - wanted) > monitor.value * scale


def _number(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None


def replaced(before: Monitor, after: Monitor, definition: Definition, actual: str) -> Monitor:
    """The monitor after a change: what it exceeds now is told again (N07.FR.11)."""
    was_triggered = before.is_triggered and before.type == after.type
    kept = msgspec.structs.replace(after, is_triggered=was_triggered, reference=actual)
    news = look(kept, definition, actual)
    if news is not None and news.cleared:
        return kept
    return msgspec.structs.replace(kept, is_triggered=False)


# What may be set


def flaw(
    asked: wire.SetMonitoringData, definition: Definition, highest: float | None
) -> tuple[wire.SetMonitoringStatusEnum, str] | None:
    """The status and the reason code of why a monitor cannot be set; None: it can (N04).

    `highest` bounds thresholds where the definition does not.
    """
    if not definition.supports_monitoring or not _suits(asked.type, definition):
        return "UnsupportedMonitorType", "UnsupportedParam"  # N04.FR.05
    if asked.severity not in SEVERITIES:
        return "Rejected", "ValueOutOfRange"
    if asked.type not in THRESHOLDS:
        needs_more = asked.type in PERIODIC
        too_low = asked.value <= 0 if needs_more else asked.value < 0
        return ("Rejected", "ValuePositiveOnly") if too_low else None  # N04.FR.14
    low, high = definition.minimum, definition.maximum
    high = highest if high is None else high
    out = (low is not None and asked.value < low) or (high is not None and asked.value > high)
    return ("Rejected", "ValueOutOfRange") if out else None  # N04.FR.06


def _suits(kind: Type, definition: Definition) -> bool:
    if kind in TO_TARGET:
        return is_numeric(definition) and "Target" in definition.attributes
    return kind not in THRESHOLDS or is_numeric(definition)
