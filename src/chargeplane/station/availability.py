"""What the connectors of a station are said to be, and being put in or out of service."""

from __future__ import annotations

from typing import Any

from chargeplane.domain.station import (
    ChangeAvailability,
    ChangeAvailabilityAnswer,
    StatusNotification,
)
from chargeplane.errors import NoAnswer, Untranslatable
from chargeplane.station.machine import SAID
from chargeplane.station.station import Connector, Station


async def report(station: Station, connector: Connector, *, again: bool = False) -> None:
    """Tell the state of a connector if it has changed, or again; offline it is told later."""
    state = connector.state
    if state == connector.reported and not again:
        return
    availability, charging = SAID[state]
    before = SAID[connector.reported][0] if connector.reported else None
    try:
        await station.ask(
            StatusNotification(
                evse=connector.evse,
                connector_status=availability,
                timestamp=station.now(),
                charging_state=charging,
            )
        )
    except (NoAnswer, Untranslatable):
        return
    connector.reported = state
    if availability != before or not again:
        station.on_news(f"connector {connector.evse.id} is {state}")


async def on_change(station: Station, request: ChangeAvailability) -> ChangeAvailabilityAnswer:
    """Put connectors in or out of service, those with a transaction when it ends (G03, §5.2)."""
    connectors = station.connectors
    if request.evse is not None and request.evse.id:
        connector = station.connector(request.evse.id)
        if connector is None:
            return ChangeAvailabilityAnswer(status="Rejected")
        connectors = [connector]
    operative = request.operational_status == "Operative"
    waiting = [_change(each, operative=operative) for each in connectors]
    for each in connectors:
        station.spawn(report(station, each), "status")
    return ChangeAvailabilityAnswer(status="Scheduled" if any(waiting) else "Accepted")


def _change(connector: Connector, *, operative: bool) -> bool:
    """Change one connector; whether that has to wait."""
    waits = connector.transaction is not None and not operative
    connector.becomes_inoperative = waits
    if not waits:
        connector.is_operative = operative
    return waits


HANDLERS: dict[type, Any] = {ChangeAvailability: on_change}
