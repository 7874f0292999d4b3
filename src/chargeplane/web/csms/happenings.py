"""What events are called on the pages, and what of them is worth telling."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from chargeplane.web import host
from chargeplane.web.csms.paths import station_path
from chargeplane.web.texts import Texts, mark

TITLES: Final = {
    "station.online": mark("Connected"),
    "station.offline": mark("Disconnected"),
    "station.booted": mark("Started up"),
    "station.registered": mark("Registered"),
    "station.adopted": mark("Adopted"),
    "station.changed": mark("Changed"),
    "station.removed": mark("Removed"),
    "station.refused": mark("Refused"),
    "station.pending": mark("Waits to be adopted"),
    "connector.status": mark("Status"),
    "transaction.started": mark("Charge started"),
    "transaction.updated": mark("Charge continues"),
    "transaction.ended": mark("Charge ended"),
    "token.presented": mark("Tag presented"),
    "reservation.changed": mark("Reservation"),
    "security.event": mark("Security event"),
    "certificate.request": mark("Certificate requested"),
    "charging_profile.set": mark("Charging profile set"),
    "command.finished": mark("Command"),
    "monitor.event": mark("Monitor"),
    "variables.reported": mark("Variables reported"),
    "meter.values": mark("Reading"),
}
# What comes so often that it would hide the rest.
NOISE: Final = frozenset(
    {"meter.values", "stream.values", "transaction.updated", "command.finished"}
)
TOLD: Final = ("status", "charging_state", "id_token", "reason", "type", "action", "error")
"""Data that are told beside the title, if an event has them."""


def title(t: Texts, kind: str) -> str:
    """What a kind of event is called."""
    return t(TITLES[kind]) if kind in TITLES else kind


def details(data: dict[str, Any]) -> str:
    """The telling part of an event's data."""
    return " · ".join(str(data[name]) for name in TOLD if data.get(name) is not None)


def line(t: Texts, event: Any) -> str:
    """An event (`Event` or `EventRecord`) as a line of HTML."""
    place = f"{event.station_id or ''} {event.evse_id or ''}".strip()
    link = host.PATH + station_path(event.station_id or "")
    return (
        f'<div class="py-1"><span class="quiet">{escape(t.clock(event.at))}</span> '
        f'<a class="plain" href="{link}">{escape(place)}</a> '
        f"<b>{escape(title(t, event.kind))}</b> "
        f'<span class="quiet">{escape(details(event.data))}</span></div>'
    )
