from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from chargeplane.energy.capacity import CapacityMode, Interval
from chargeplane.evse.capacity import Capacity
from chargeplane.evse.settings import DeviceSettings
from chargeplane.storage.documents import Documents

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def settings(mode: CapacityMode, *intervals: Interval) -> DeviceSettings:
    return DeviceSettings(capacity_mode=mode, intervals=intervals)


def test_no_tariff_is_no_limit() -> None:
    for mode in (CapacityMode.DISABLED, CapacityMode.FIXED):
        assert Capacity(Documents()).limit_a(settings(mode), NOON, 1000) is None


def test_intervals_of_the_day() -> None:
    tariff = settings(CapacityMode.INTERVAL, Interval(0, 2400), Interval(720, 4700))
    capacity = Capacity(Documents())
    assert capacity.limit_a(tariff, NOON - timedelta(minutes=1), None) == 10
    assert capacity.limit_a(tariff, NOON, None) == 20


def test_the_peak_of_the_month_survives_a_power_cut(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "evse.db")
    capacity = Capacity(documents)
    flanders = settings(CapacityMode.FLANDERS)
    assert capacity.limit_a(flanders, NOON, None) is None
    assert capacity.limit_a(flanders, NOON, 10_000) == 10  # 2500 W to begin with
    capacity.limit_a(flanders, NOON + timedelta(minutes=15), 11_000)  # 4 kW for a quarter hour
    documents.close()
    again = Capacity(Documents(tmp_path / "evse.db"))
    assert again.peak_w == 4000
    assert again.limit_a(flanders, NOON + timedelta(minutes=15), 11_000) == 16
