"""`/API/Status`: every connected station with its connectors."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from chargeplane.api.ocpp_core.answers import show
from chargeplane.api.ocpp_core.call import Call
from chargeplane.csms.registry import Station
from chargeplane.ocpp.v1.translate.station import WORDS
from chargeplane.storage.repositories import live
from chargeplane.storage.repositories.live import LiveConnector

NEVER: Final = "0001-01-01T00:00:00+00:00"  # a date that upstream's clients can always read
UNDEFINED: Final = 0
NUMBERS: Final = {"Available": 1, "Occupied": 2, "Reserved": 2, "Unavailable": 3, "Faulted": 4}
# Of several connectors of an EVSE the one that says most of it is shown.
TELLING: Final = ("Occupied", "Reserved", "Available", "Faulted", "Unavailable")
RANKS: Final = {status: rank for rank, status in enumerate(TELLING)}

Json = dict[str, Any]


async def status(call: Call) -> Response:
    """All stations that are connected and that the key may see."""
    known = defaultdict[str, list[LiveConnector]](list)
    for row in await call.central.database.read(live.online):
        known[row.station_id].append(row)
    stations = [each for each in call.central.stations if call.caller.sees(each.id)]
    return show([_station(each, known.get(each.id, [])) for each in stations])


def _station(station: Station, rows: list[LiveConnector]) -> Json:
    connectors: dict[str, LiveConnector] = {}
    for row in sorted(rows, key=_telling, reverse=True):
        if row.evse_id is not None:
            connectors[str(row.evse_id)] = row
    return {
        "id": station.id,
        "name": next((row.station_name for row in rows), None) or station.id,
        "protocol": station.dialect.subprotocol,
        "SupportsReservationProfile": None,
        "OnlineConnectors": {
            number: _connector(connectors[number]) for number in sorted(connectors, key=int)
        },
    }


def _telling(row: LiveConnector) -> tuple[int, int]:
    return RANKS.get(row.status or "", len(RANKS)), row.connector_id or 0


def _connector(row: LiveConnector) -> Json:
    return {
        "Status": NUMBERS.get(row.status or "", UNDEFINED),
        "ChargeRateKW": None if row.power_w is None else row.power_w / 1000,
        "MeterKWH": None if row.energy_mwh is None else row.energy_mwh / 1_000_000,
        "MeterValueDate": _date(row.measured_at),
        "SoC": row.soc_percent,
        "OcppStatus": _word(row),
        "OcppStatusAtUtc": row.status_at,
        "CurrentImportA": row.current_a,
    }


def _date(moment: datetime | None) -> str:
    return NEVER if moment is None else moment.isoformat()


def _word(row: LiveConnector) -> str | None:
    """The state in the one word that 1.x has for it, which says most."""
    return WORDS.get((row.status, row.charging_state), row.status)
