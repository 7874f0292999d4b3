"""`/API/Status`: every connected station with its connectors."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

import msgspec
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

NAMES: Final = {
    "status": "Status",
    "charge_rate_kw": "ChargeRateKW",
    "meter_kwh": "MeterKWH",
    "meter_value_date": "MeterValueDate",
    "soc": "SoC",
    "ocpp_status": "OcppStatus",
    "ocpp_status_at_utc": "OcppStatusAtUtc",
    "current_import_a": "CurrentImportA",
    "online_connectors": "OnlineConnectors",
    "supports_reservation_profile": "SupportsReservationProfile",
}


class _Connector(msgspec.Struct, gc=False, rename=NAMES):
    status: int
    charge_rate_kw: float | None
    meter_kwh: float | None
    meter_value_date: str
    soc: float | None
    ocpp_status: str | None
    ocpp_status_at_utc: datetime | None
    current_import_a: float | None


class _Station(msgspec.Struct, gc=False, rename=NAMES):
    id: str
    name: str
    protocol: str
    supports_reservation_profile: bool | None
    online_connectors: dict[str, _Connector]


async def status(call: Call) -> Response:
    """All stations that are connected and that the key may see."""
    known = defaultdict[str, list[LiveConnector]](list)
    for row in await call.central.database.read(live.online):
        known[row.station_id].append(row)
    stations = [each for each in call.central.stations if call.caller.sees(each.id)]
    return show([_station(each, known.get(each.id, [])) for each in stations])


def _station(station: Station, rows: list[LiveConnector]) -> _Station:
    if len(rows) > 1:
        rows.sort(key=_telling, reverse=True)
    shown = {row.evse_id: row for row in rows if row.evse_id is not None}
    return _Station(
        station.id,
        (rows and rows[0].station_name) or station.id,
        station.dialect.subprotocol,
        None,
        {str(number): _connector(shown[number]) for number in sorted(shown)},
    )


def _telling(row: LiveConnector) -> tuple[int, int]:
    return RANKS.get(row.status or "", len(RANKS)), row.connector_id or 0


def _connector(row: LiveConnector) -> _Connector:
    return _Connector(
        NUMBERS.get(row.status or "", UNDEFINED),
        None if row.power_w is None else row.power_w / 1000,
        None if row.energy_mwh is None else row.energy_mwh / 1_000_000,
        _date(row.measured_at),
        row.soc_percent,
        _word(row),
        row.status_at,
        row.current_a,
    )


def _date(moment: datetime | None) -> str:
    return NEVER if moment is None else moment.isoformat()


def _word(row: LiveConnector) -> str | None:
    """The state in the one word that 1.x has for it, which says most."""
    return WORDS.get((row.status, row.charging_state), row.status)
