"""What the connectors of a station are said to be, and being put in or out of service."""

from __future__ import annotations

from typing import Any, Final

from chargeplane.domain.messages import StatusInfo
from chargeplane.domain.station import (
    ChangeAvailability,
    ChangeAvailabilityAnswer,
    ConnectorStatus,
    ErrorInfo,
    Evse,
    StatusNotification,
)
from chargeplane.station.machine import SAID
from chargeplane.station.station import Station
from chargeplane.station.unit import Connector, EvseUnit

WHOLE: Final = "station"


# What is said


def status(evse: EvseUnit, connector: Connector) -> ConnectorStatus:
    """What 2.x says of a connector: it is occupied by a cable, not by a token (2.x G01)."""
    said = SAID[evse.state(connector)][0]
    if said == "Occupied" and not evse.hardware.is_plugged_in():
        return "Available"  # H03.FR.10
    return said


def report(station: Station, evse: EvseUnit, *, again: bool = False) -> None:
    """Tell the states of the connectors of an EVSE that have changed, or again (G01; 1.6 §4.9)."""
    for connector in evse.connectors:
        state = evse.state(connector)
        before, connector.state = connector.state, state
        if again:
            _tell(station, evse, connector)
        elif _word(station, evse, connector) != connector.reported:
            _tell_if_it_lasts(station, evse, connector)
        if state != before:
            station.signals.status.emit((evse, connector, state))


def _word(station: Station, evse: EvseUnit, connector: Connector) -> str:
    if station.conduct.tells_every_state:
        return evse.state(connector)
    return status(evse, connector)


def _tell_if_it_lasts(station: Station, evse: EvseUnit, connector: Connector) -> None:
    """Tell a state at once, or when it has lasted for MinimumStatusDuration (1.6 §4.9)."""
    seconds = station.model.number("OCPP16LegacyCtrlr/MinimumStatusDuration")
    if not seconds or not station.conduct.tells_every_state or connector.reported is None:
        _tell(station, evse, connector)
        return

    def tell(_station: Station) -> None:
        if _word(station, evse, connector) != connector.reported:
            _tell(station, evse, connector)

    station.alarm(f"status {evse.id}.{connector.id}", seconds, tell)


def _tell(station: Station, evse: EvseUnit, connector: Connector) -> None:
    station.silence(f"status {evse.id}.{connector.id}")
    if not station.is_online:
        connector.reported = None  # to be told when it is
        return
    connector.reported = _word(station, evse, connector)
    said, charging = SAID[evse.state(connector)]
    if not station.conduct.tells_every_state:
        said = status(evse, connector)
    station.tell(
        StatusNotification(
            evse=Evse(evse.id, connector.id),
            connector_status=said,
            timestamp=station.now(),
            charging_state=charging,
            error=_error(evse),
        )
    )


def _error(evse: EvseUnit) -> ErrorInfo | None:
    return next((each for each in evse.faults.values()), None)


def report_all(station: Station, *, again: bool = False) -> None:
    """The same for every EVSE."""
    for evse in station.evses:
        report(station, evse, again=again)


def on_dropped(station: Station, dropped: list[Any]) -> None:
    """Know that states were not told after all, because the connection was lost."""
    for request in dropped:
        if isinstance(request, StatusNotification) and request.evse.id:
            evse = station.evses[request.evse.id - 1]
            evse.connectors[(request.evse.connector_id or 1) - 1].reported = None


# In and out of service


def _out(station: Station) -> Any:
    """What is out of service: "station", "1" for an EVSE, "1.2" for a connector."""
    return station.documents.collection("inoperative", bool)


def restore(station: Station) -> None:
    """Be as available as before the power went (G03.FR.08, G04.FR.09; 1.6 §5.2)."""
    for evse in station.evses:
        restore_one(station, evse)


async def on_change(station: Station, request: ChangeAvailability) -> ChangeAvailabilityAnswer:
    """Put something in or out of service."""
    return change(station, request)


def change(station: Station, request: ChangeAvailability) -> ChangeAvailabilityAnswer:
    """Do it now, or for EVSEs with a transaction when that has ended (G03, G04; 1.6 §5.2)."""
    place, evses = request.evse, station.evses
    if place is not None and place.id:
        evse = station.evse(place.id)
        if evse is None:
            return _refused("UnknownEvse")
        if place.connector_id and place.connector_id > len(evse.connectors):
            return _refused("UnknownConnectorId")
        evses = [evse]
    operative = request.operational_status == "Operative"
    with station.documents.together():
        _note(station, place, operative=operative)
    busy = [] if operative else [each for each in evses if _is_in_the_way(each, place)]
    for evse in evses:
        evse.becomes_inoperative = evse in busy
        if evse not in busy:
            restore_one(station, evse)
    return ChangeAvailabilityAnswer(status="Scheduled" if busy else "Accepted")


def _is_in_the_way(evse: EvseUnit, place: Evse | None) -> bool:
    """Whether a transaction uses what is to go out of service."""
    connector_id = None if place is None else place.connector_id
    return evse.transaction is not None and connector_id in (None, 0, evse.in_use)


def restore_one(station: Station, evse: EvseUnit) -> None:
    """Let what was decided count at one EVSE."""
    out = _out(station)
    evse.becomes_inoperative = False
    evse.is_operative = WHOLE not in out and str(evse.id) not in out
    for connector in evse.connectors:
        connector.is_operative = f"{evse.id}.{connector.id}" not in out
    report(station, evse)


def _note(station: Station, place: Evse | None, *, operative: bool) -> None:
    """Keep what was decided, for each level by itself (G03, G04 note 1) or for all (1.6 §5.2)."""
    out = _out(station)
    name = WHOLE
    if place is not None and place.id:
        name = str(place.id) + (f".{place.connector_id}" if place.connector_id else "")
    decided = [name] if station.conduct.availability_has_levels else _within(name, out)
    for key in decided:
        out.pop(key, None)
    if not operative:
        out[name] = True
    elif WHOLE in out and not station.conduct.availability_has_levels:
        # Connector 0 was all of them, and now one of them is in service again.
        del out[WHOLE]
        out.update({str(each.id): True for each in station.evses if str(each.id) != name})


def _within(name: str, out: Any) -> list[str]:
    """What is out of service of something and its parts."""
    return [key for key in out if name in (WHOLE, key) or key.startswith(f"{name}.")]


def _refused(reason: str) -> ChangeAvailabilityAnswer:
    return ChangeAvailabilityAnswer(status="Rejected", status_info=StatusInfo(reason_code=reason))


# For the device model


def _state_of_evse(station: Station, component: Any, *_: Any) -> str | None:
    evse = station.evse(component.evse.id) if component.evse else None
    return None if evse is None else status(evse, evse.connector)


def _state_of_connector(station: Station, component: Any, *_: Any) -> str | None:
    evse = station.evse(component.evse.id) if component.evse else None
    if evse is None:
        return None
    return status(evse, evse.connectors[component.evse.connector_id - 1])


def _state_of_station(station: Station, *_: Any) -> str:
    states = {status(evse, evse.connector) for evse in station.evses}
    for word in ("Available", "Occupied", "Reserved", "Unavailable"):
        if word in states:
            return word
    return "Faulted"


HANDLERS: dict[type, Any] = {ChangeAvailability: on_change}
LIVE: dict[str, Any] = {
    "EVSE/AvailabilityState": _state_of_evse,
    "Connector/AvailabilityState": _state_of_connector,
    "ChargingStation/AvailabilityState": _state_of_station,
    "EVSE/Problem": lambda station, component, *_: str(
        bool(station.evses[component.evse.id - 1].faults)
    ).lower(),
    "ChargingStation/Problem": lambda station, *_: str(
        any(evse.faults for evse in station.evses)
    ).lower(),
    "OCPP16LegacyCtrlr/NumberOfConnectors": lambda station, *_: str(len(station.evses)),
}
ON_START = (restore,)
