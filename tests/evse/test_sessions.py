from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.evse.readings import NEVER, MeterReading
from chargeplane.evse.sessions import (
    MOST_SESSIONS,
    EnergyCounter,
    Session,
    Sessions,
    as_csv,
    power_w,
)
from chargeplane.storage.documents import Documents

NOON = 1_772_449_200.0
PRICE = Decimal("0.305")


def read(import_wh: int) -> MeterReading:
    return MeterReading(at=NOON, import_wh=import_wh)


def charge(sessions: Sessions, seconds: int = 120, wh: float = 3.0) -> None:
    sessions.begin(NOON, PRICE, "EUR", "CARD")
    for second in range(seconds):
        reading = read(round(1000 + wh * second))
        sessions.follow(reading, wh, is_charging=True, mode="SMART")


def test_a_session_is_logged_with_energy_and_cost(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "evse.db")
    sessions = Sessions(documents)
    charge(sessions)
    sessions.end(NOON + 120)
    documents.close()
    (session,) = Sessions(Documents(tmp_path / "evse.db")).newest_first()
    assert session == sessions.last
    assert (session.energy_wh, session.charging_s, session.card) == (360.0, 120, "CARD")
    assert (session.meter_start_wh, session.meter_stop_wh) == (1000, 1357)
    assert session.cost == 11  # 0.36 kWh at 30.5 cents are 10.98
    assert session.ended_s == NOON + 120


def test_a_power_cut_costs_at_most_a_minute(tmp_path: Path) -> None:
    sessions = Sessions(Documents(tmp_path / "evse.db"))
    charge(sessions, 119)
    again = Sessions(Documents(tmp_path / "evse.db"))
    assert again.running is not None
    assert again.running.charging_s == 60
    again.follow(None, 1.0, is_charging=True, mode="SMART")
    again.end(NOON + 200)
    assert again.last is not None
    assert again.last.energy_wh == 181.0


def test_what_came_after_the_last_change_is_kept_too(tmp_path: Path) -> None:
    sessions = Sessions(Documents(tmp_path / "evse.db"))
    charge(sessions, 30)
    for _ in range(60):
        sessions.follow(None, 0.0, is_charging=False, mode="SMART")
    again = Sessions(Documents(tmp_path / "evse.db"))
    assert again.running == sessions.running


def test_sessions_are_numbered_and_the_oldest_go() -> None:
    sessions = Sessions(Documents())
    for _ in range(MOST_SESSIONS + 3):
        sessions.begin(NOON, PRICE, "EUR")
        sessions.end(NOON)
    numbers = [each.id for each in sessions.newest_first()]
    assert numbers == list(range(MOST_SESSIONS + 3, 3, -1))


def test_the_table() -> None:
    sessions = Sessions(Documents())
    charge(sessions)
    (row,) = csv.DictReader(io.StringIO(as_csv(sessions.newest_first())))
    assert row == {
        "id": "1",
        "began": "2026-03-02T11:00:00+00:00",
        "ended": "",
        "charging_s": "120",
        "energy_kwh": "0.360",
        "meter_start_kwh": "1.000",
        "meter_stop_kwh": "1.357",
        "card": "CARD",
        "mode": "SMART",
        "price_per_kwh": "0.305",
        "cost": "0.11",
        "currency": "EUR",
    }


@given(st.integers(0, 10**7), st.integers(0, 10**4))
def test_cost_is_exact(energy_wh: int, price_millicents: int) -> None:
    price = Decimal(price_millicents) / 100_000
    session = Session(id=1, began_s=0, energy_wh=energy_wh, price_per_kwh=price)
    exact = Decimal(energy_wh) * price_millicents / 1_000_000
    assert abs(session.cost - exact) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("readings", "wh"),
    [
        ([(0, None, 1000), (60, None, 1100)], 100),
        ([(0, None, 1000), (0, None, 1100)], 100),  # energies that come alone
        ([(0, None, 1000), (60, None, 900)], 0),  # a new meter
        ([(0, 3600, None), (60, 7200, None)], 60),
        ([(NEVER, 3600, None), (60, 7200, None)], 0),
        ([(0, -100, None), (60, 0, None)], 0),
    ],
)
def test_energy_is_counted(readings: list[tuple[float, int | None, int | None]], wh: float) -> None:
    counter = EnergyCounter()
    counted = [
        counter.wh(MeterReading(at=at, power_w=power, import_wh=energy))
        for at, power, energy in readings
    ]
    assert sum(counted) == wh


def test_power_follows_from_currents() -> None:
    assert power_w(MeterReading(at=0, currents_da=(100, 0, -50))) == 1150
