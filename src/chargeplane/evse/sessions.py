"""The log of charges: from the plug going in until it comes out, with energy and cost.

The session that runs is kept every minute, so that a power cut costs no more than that of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import msgspec

from chargeplane.evse.readings import NEVER, MeterReading
from chargeplane.storage.documents import Documents

MOST_SESSIONS: Final = 5000  # the oldest go
KEPT_EVERY_S: Final = 60
WH_PER_KWH: Final = 1000
S_PER_H: Final = 3600
CENTS: Final = 100
VOLTAGE_V: Final = 230
DA_PER_A: Final = 10


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One car at the cable. Times are s since the epoch, cost is in hundredths of the currency."""

    id: int
    began_s: float
    ended_s: float | None = None
    charging_s: int = 0
    energy_wh: float = 0.0
    meter_start_wh: int | None = None  # what an EV meter showed
    meter_stop_wh: int | None = None
    card: str = ""
    mode: str = ""
    price_per_kwh: Decimal = Decimal(0)
    currency: str = "EUR"

    @property
    def cost(self) -> int:
        """What its energy costs."""
        exact = Decimal(str(self.energy_wh)) / WH_PER_KWH * self.price_per_kwh * CENTS
        return int(exact.to_integral_value(ROUND_HALF_UP))


class EnergyCounter:
    """How much a car was given: what its meter counts, or power times time without such a one."""

    def __init__(self) -> None:
        self._last: MeterReading | None = None

    def wh(self, reading: MeterReading) -> float:
        """The energy since the reading before."""
        last, self._last = self._last, reading
        if last is None:
            return 0.0
        if reading.import_wh is not None and last.import_wh is not None:
            return max(0.0, reading.import_wh - last.import_wh)
        if last.at == NEVER or reading.at <= last.at:
            return 0.0
        return max(0.0, power_w(last)) * (reading.at - last.at) / S_PER_H


def power_w(reading: MeterReading) -> float:
    """The power in W, by the usual voltage where the meter tells only currents."""
    if reading.power_w is not None:
        return float(reading.power_w)
    return reading.sum_da / DA_PER_A * VOLTAGE_V


class Sessions:
    """The sessions, of which the last may run."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._kept = documents.collection("sessions", Session)
        self._last = self._kept[max(self._kept)] if self._kept else None
        self._dirty_s = 0

    @property
    def last(self) -> Session | None:
        """The session that runs, or that ran last."""
        return self._last

    @property
    def running(self) -> Session | None:
        """The session that runs."""
        return None if self._last is None or self._last.ended_s is not None else self._last

    def newest_first(self) -> Iterator[Session]:
        """All sessions that are kept, and the one that runs."""
        if self._last is not None:
            yield self._last
        for key in sorted(self._kept, reverse=True):
            if self._last is None or key != _key(self._last):
                yield self._kept[key]

    def begin(self, now_s: float, price_per_kwh: Decimal, currency: str, card: str = "") -> None:
        """A car was plugged in; `card` has allowed it already."""
        session = Session(
            id=self._last.id + 1 if self._last else 1,
            began_s=now_s,
            card=card,
            price_per_kwh=price_per_kwh,
            currency=currency,
        )
        self._keep(session)
        while len(self._kept) > MOST_SESSIONS:
            del self._kept[min(self._kept)]

    def follow(
        self, reading: MeterReading | None, energy_wh: float, *, is_charging: bool, mode: str
    ) -> None:
        """Let a second pass in which the car was given so much."""
        session = self.running
        if session is None:
            return
        shown = reading.import_wh if reading is not None else None
        start_wh = session.meter_start_wh
        changed = msgspec.structs.replace(
            session,
            charging_s=session.charging_s + is_charging,
            energy_wh=session.energy_wh + energy_wh,
            meter_start_wh=shown if start_wh is None else start_wh,
            meter_stop_wh=session.meter_stop_wh if shown is None else shown,
            mode=mode if is_charging else session.mode,
        )
        self._last = changed
        self._dirty_s += 1
        if self._dirty_s >= KEPT_EVERY_S and changed != self._kept[_key(changed)]:
            self._keep(changed)

    def name_card(self, card: str) -> None:
        """Say whose card lets it charge; "" leaves it as it is."""
        if card and self.running is not None:
            self._keep(msgspec.structs.replace(self.running, card=card))

    def end(self, now_s: float) -> None:
        """The car was unplugged."""
        if self.running is not None:
            self._keep(msgspec.structs.replace(self.running, ended_s=now_s))

    def _keep(self, session: Session) -> None:
        self._last = self._kept[_key(session)] = session
        self._dirty_s = 0


def _key(session: Session) -> str:
    return f"{session.id:09}"


def as_csv(sessions: Iterator[Session]) -> str:
    """The sessions as a table, times in UTC, energy in kWh."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for session in sessions:
        writer.writerow([value(session) for value in COLUMNS.values()])
    return text.getvalue()


def _time(seconds: float | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat("T", "seconds")


def _wh(value: int | None) -> str:
    return "" if value is None else f"{value / WH_PER_KWH:.3f}"


COLUMNS: Final[dict[str, Callable[[Session], object]]] = {
    "id": lambda session: session.id,
    "began": lambda session: _time(session.began_s),
    "ended": lambda session: _time(session.ended_s),
    "charging_s": lambda session: session.charging_s,
    "energy_kwh": lambda session: f"{session.energy_wh / WH_PER_KWH:.3f}",
    "meter_start_kwh": lambda session: _wh(session.meter_start_wh),
    "meter_stop_kwh": lambda session: _wh(session.meter_stop_wh),
    "card": lambda session: session.card,
    "mode": lambda session: session.mode,
    "price_per_kwh": lambda session: session.price_per_kwh,
    "cost": lambda session: f"{Decimal(session.cost) / CENTS:.2f}",
    "currency": lambda session: session.currency,
}
