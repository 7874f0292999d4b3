"""Events of components: told by NotifyEvent where the central system knows it."""

from __future__ import annotations

from typing import Any, Final

from chargeplane.domain.station import ErrorInfo, Evse
from chargeplane.domain.variables import Component, Variable
from chargeplane.ocpp.v2 import wire
from chargeplane.station import availability, transactions
from chargeplane.station.reports import wire_component, wire_variable
from chargeplane.station.station import Station
from chargeplane.station.unit import EvseUnit

PROBLEM: Final = Variable("Problem")
LOCK: Final = "ConnectorPlugRetentionLock"
LOCK_FAILURE: Final = "ConnectorLockFailure"


def next_id(station: Station) -> int:
    """A number for an event; it counts on over restarts (2.x N07.FR.02)."""
    counters = station.documents.collection("counters", int)
    counters["event"] = counters.get("event", 0) + 1
    return counters["event"]


def event(
    station: Station, component: Component, variable: Variable, value: str, **members: Any
) -> wire.EventData:
    """One event; `members` are those of EventDataType."""
    usual: dict[str, Any] = {
        "event_id": next_id(station),
        "timestamp": station.now(),
        "trigger": "Alerting",
        "event_notification_type": "HardWiredNotification",
    }
    return wire.EventData(
        component=wire_component(component),
        variable=wire_variable(variable),
        actual_value=value,
        **(usual | members),
    )


def notify(station: Station, *events: wire.EventData) -> None:
    """Tell events, if the central system can be told of them."""
    if station.conduct.has_notify_event and events:
        station.tell(
            wire.NotifyEvent(generated_at=station.now(), seq_no=0, event_data=list(events))
        )


# Errors of the hardware


def raise_error(
    station: Station, evse: EvseUnit, code: str, info: str | None = None, vendor: str | None = None
) -> None:
    """An error that makes an EVSE unusable has come (1.6 §4.9; 2.x G05, N07)."""
    if code in evse.faults:
        return
    evse.faults[code] = ErrorInfo(
        code=code if code in CODES else "OtherError",
        info=info or (None if code in CODES else code),
        vendor_id=vendor,
        vendor_error_code=None if code in CODES else code,
    )
    _tell(station, evse, code, info, cleared=False)
    transactions.settle(station, evse)


def clear_error(station: Station, evse: EvseUnit, code: str) -> None:
    """It has gone."""
    if evse.faults.pop(code, None) is None:
        return
    _tell(station, evse, code, None, cleared=True)
    transactions.settle(station, evse)
    availability.report(station, evse)


def _tell(station: Station, evse: EvseUnit, code: str, info: str | None, *, cleared: bool) -> None:
    members: dict[str, Any] = {
        "cleared": cleared or None,
        "tech_code": code[:50],
        "tech_info": info,
        "transaction_id": evse.transaction.id if evse.transaction else None,
    }
    where = Component("EVSE", None, Evse(evse.id))
    if code == LOCK_FAILURE:  # G05.FR.02
        where, members["trigger"] = Component(LOCK, None, evse.place), "Delta"
    notify(station, event(station, where, PROBLEM, str(not cleared).lower(), **members))


CODES = frozenset(
    (
        "ConnectorLockFailure EVCommunicationError GroundFailure HighTemperature InternalError "
        "LocalListConflict OtherError OverCurrentFailure OverVoltage PowerMeterFailure "
        "PowerSwitchFailure ReaderFailure ResetFailure UnderVoltage WeakSignal"
    ).split()
)
"""1.6 §7.7 ChargePointErrorCode."""


def _is_unlocked(station: Station, component: Component, *_: Any) -> str:
    evse = station.evses[component.evse.id - 1] if component.evse else None
    return str(evse is not None and LOCK_FAILURE in evse.faults).lower()


LIVE: dict[str, Any] = {f"{LOCK}/Problem": _is_unlocked}
