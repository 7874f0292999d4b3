"""`/API/Status`: every connected station with its connectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from chargeplane.ocpp.v1.translate.station import WORDS
from chargeplane.storage.repositories import live
from chargeplane.storage.repositories.live import LiveConnector, LiveStation

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
    protocol: str | None
    supports_reservation_profile: bool | None
    online_connectors: dict[str, _Connector]


_ENCODER: Final = msgspec.json.Encoder()


class Board:
    """The stations as they are answered, each kept until what it shows has changed.

    Whoever changed it: the database tells, with every question.
    """

    def __init__(self) -> None:
        self._entries: Mapping[str, tuple[int, bytes]] = {}

    def read(self, connection: Connection) -> Iterable[tuple[str, bytes]]:
        """The ids of the stations that are online, and what is answered of each."""
        known, now = self._entries, live.revisions(connection)
        changed = [name for name, at in now.items() if name not in known or known[name][0] != at]
        fresh = {each.id: _encoded(each) for each in live.those(connection, changed)}
        entries = {
            name: (at, fresh[name]) if name in fresh else known[name] for name, at in now.items()
        }
        # Another question may have been read meanwhile; each keeps only what it has seen whole.
        self._entries = entries
        return [(name, said) for name, (_, said) in entries.items()]


def _encoded(station: LiveStation) -> bytes:
    rows = station.connectors
    if len(rows) > 1:
        rows = sorted(rows, key=_telling, reverse=True)
    shown = {row.evse_id: _connector(row) for row in rows}
    return _ENCODER.encode(
        _Station(
            station.id,
            station.name or station.id,
            station.subprotocol,
            _reserves(station),
            {str(number): shown[number] for number in sorted(shown)},
        )
    )


def _reserves(station: LiveStation) -> bool | None:
    """Whether it can be reserved (1.6 §9.1.29; 2.x ReservationCtrlr); None if it is not known."""
    if station.feature_profiles is not None:
        profiles = station.feature_profiles.split(",")
        return "reservation" in {each.strip().lower() for each in profiles}
    told = (station.reservation_available, station.reservation_enabled)
    said = [each.lower() == "true" for each in told if each is not None]
    return all(said) if said else None


def _telling(row: LiveConnector) -> tuple[int, int]:
    return RANKS.get(row.status or "", len(RANKS)), row.connector_id


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
    """A moment in UTC, with the offset in full as upstream writes it."""
    if moment is None:
        return NEVER
    said: str = msgspec.to_builtins(moment)  # several times as quick as `isoformat`
    return said.removesuffix("Z") + "+00:00"


def _word(row: LiveConnector) -> str | None:
    """The state in the one word that 1.x has for it, which says most."""
    return WORDS.get((row.status, row.charging_state), row.status)
