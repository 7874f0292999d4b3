"""Limits that a house or a grid operator imposes at the station."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargeplane.domain.profiles import ChargingSchedule, ChargingSchedulePeriod
from chargeplane.domain.transactions import TransactionUpdated
from chargeplane.ocpp.v2 import wire
from chargeplane.station import charging_limits, profile_store
from chargeplane.station.charging_limits import clear_limit, constant, set_limit
from chargeplane.storage.documents import Documents
from tests.station.charging import (
    charge,
    clear,
    composite,
    limits,
    now,
    profile,
    read,
    refused,
    reported,
    set_,
)
from tests.station.desk import VERSIONS, Desk, Place, place

BOTH = ["2.0.1", "2.1"]
EXTERNAL = "ChargingStationExternalConstraints"


async def notices(there: Place, count: int = 1) -> list[Any]:
    """What was told of limits, when so much was."""
    await there.desk.hears(wire.NotifyChargingLimit, count=count)
    return there.desk.all(wire.NotifyChargingLimit)


def schedule(*limits_a: float, seconds: int = 60, **changes: Any) -> ChargingSchedule:
    periods = [
        ChargingSchedulePeriod(start_period=number * seconds, limit=limit)
        for number, limit in enumerate(limits_a)
    ]
    said: dict[str, Any] = {"charging_rate_unit": "A", "start_schedule": now()}
    return ChargingSchedule(charging_schedule_period=tuple(periods), **(said | changes))


async def quiet(there: Place) -> None:
    """Wait until nothing waits to be told."""
    await there.until(lambda: not len(there.station.outbox))


@pytest.mark.parametrize("version", BOTH)
async def test_TC_K_52_CS_a_limit_is_told_and_reported(version: str) -> None:
    async with place(version) as there:
        assert set_limit(there.station, constant(limit=10)) is None
        (told,) = await notices(there)
        assert told.charging_limit.charging_limit_source == "EMS"
        assert (told.evse_id, told.charging_schedule) == (0, None)  # K12.FR.02
        (report,) = read(await reported(there, charging_profile_purpose=EXTERNAL))
        assert (report.evse_id, report.source) == (0, "EMS")
        assert report.profiles[0].id < 0
        assert limits(await composite(there, 0)) == [(0, 10)]
        await charge(there)
        assert there.evse().limit_a == 10


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_limit_counts_at_once_and_until_it_is_released(version: str) -> None:
    async with place(version) as there:
        await charge(there)
        assert set_limit(there.station, constant(limit=10)) is None
        await there.until(lambda: there.evse().limit_a == 10)
        assert clear_limit(there.station)
        await there.until(lambda: there.evse().limit_a == 32)
        assert not clear_limit(there.station)
        if version != "1.6":
            changed = await there.desk.hears(  # K11.FR.04, K13.FR.03
                TransactionUpdated, lambda e: e.trigger_reason == "ChargingRateChanged", 2
            )
            assert changed.charging_state == "Charging"
            cleared = await there.desk.hears(wire.ClearedChargingLimit)
            assert (cleared.charging_limit_source, cleared.evse_id) == ("EMS", 0)


async def test_small_changes_count_and_are_not_told() -> None:
    values = {"SmartChargingCtrlr/LimitChangeSignificance": "10"}
    async with place("2.0.1", values=values) as there:
        await charge(there)
        for limit, count in ((20, 1), (18.5, 1), (18, 1), (17.9, 2)):
            assert set_limit(there.station, constant(limit=limit)) is None
            await there.until(lambda: len(there.station.outbox) == 0)
            assert len(await notices(there, count)) == count
        await there.until(lambda: there.evse().limit_a == 17.9)
        assert len(profile_store.installed(there.station)) == 1


async def test_schedules_are_told_where_they_are_wanted() -> None:
    values = {"SmartChargingCtrlr/NotifyChargingLimitWithSchedules": "true"}
    async with place("2.0.1", values=values) as there:
        assert set_limit(there.station, schedule(10, 8), source="SO", evse_id=1) is None
        (told,) = await notices(there)  # K11.FR.03
        assert (told.charging_limit.charging_limit_source, told.evse_id) == ("SO", 1)
        (said,) = told.charging_schedule
        assert [each.limit for each in said.charging_schedule_period] == [10, 8]


async def test_the_lowest_of_several_systems_counts() -> None:
    async with place("2.0.1") as there:
        await charge(there)
        assert set_limit(there.station, constant(limit=10)) is None
        assert set_limit(there.station, constant(limit=8), source="SO") is None
        await there.until(lambda: there.evse().limit_a == 8)
        assert set_limit(there.station, constant(limit=7)) is None
        await there.until(lambda: there.evse().limit_a == 7)
        assert clear_limit(there.station)
        await there.until(lambda: there.evse().limit_a == 8)
        assert limits(await composite(there, 0)) == [(0, 8)]


async def test_a_limit_of_the_station_is_shared() -> None:
    async with place("2.0.1", evses=2) as there:
        assert set_limit(there.station, constant(limit=20)) is None
        await charge(there, 1)
        await charge(there, 2)
        await there.until(lambda: [evse.limit_a for evse in there.station.evses] == [10, 10])


async def test_a_limit_for_a_time() -> None:
    async with place("2.0.1") as there:
        await charge(there)
        assert set_limit(there.station, constant(duration_s=1, limit=10)) is None
        await there.until(lambda: there.evse().limit_a == 10)
        await there.desk.hears(wire.ClearedChargingLimit)
        await there.until(lambda: there.evse().limit_a == 32)
        assert profile_store.installed(there.station) == []


async def test_what_the_central_system_does_leaves_limits_alone() -> None:
    async with place("2.1", values={"SmartChargingCtrlr/MaxExternalConstraintsId": "-5"}) as there:
        assert set_limit(there.station, constant(limit=10)) is None
        (each,) = profile_store.installed(there.station)
        assert each.profile.id == -5  # K01.FR.82
        assert await clear(there, -5) == "Unknown"  # K10.FR.09
        assert await clear(there, evse_id=0) == "Unknown"  # K10.FR.08
        assert await refused(there, 1, profile(6, id=-6)) == "InvalidProfileId"  # K01.FR.81
        assert await refused(there, 0, profile(6, charging_profile_purpose=EXTERNAL))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ExternalControlSignalsEnabled", "false"),
        ("ExternalConstraintsProfileDisallowed", "true"),  # K11.FR.07
    ],
)
async def test_limits_may_be_disallowed(variable: str, value: str) -> None:
    async with place("2.1", values={f"SmartChargingCtrlr/{variable}": value}) as there:
        reason = set_limit(there.station, constant(limit=10))
        assert reason is not None
        assert reason.reason_code == "NotEnabled"
        assert profile_store.installed(there.station) == []


@pytest.mark.parametrize(
    "how",
    [
        {"source": "CSO"},  # K11.FR.05
        {"source": ""},
        {"source": "a name that is too long"},
        {"evse_id": 2},
    ],
)
async def test_limits_that_cannot_be(how: dict[str, Any]) -> None:
    async with place("2.1") as there:
        assert set_limit(there.station, constant(limit=10), **how) is not None
        assert set_limit(there.station, constant(discharge_limit=10)) is not None
        assert profile_store.installed(there.station) == []


# While the connection is away


@pytest.mark.parametrize("version", BOTH)
async def test_what_happened_offline_is_told_later(version: str) -> None:
    desk = Desk(version)
    async with place(version, desk=desk) as there:
        assert set_limit(there.station, constant(limit=10), source="SO") is None
        await notices(there)
        await desk.hang_up(reachable=False)
        await there.until(lambda: there.station.peer is None)
        for limit in (9, 8, 7):
            assert set_limit(there.station, constant(limit=limit)) is None
        assert clear_limit(there.station, source="SO")
        desk.is_reachable = True
        await desk.hears(wire.ClearedChargingLimit)
        assert len(await notices(there, 2)) == 2
        await quiet(there)
        assert len(desk.all(wire.NotifyChargingLimit)) == 2


async def test_limits_outlive_a_restart_and_are_not_told_twice(tmp_path: Path) -> None:
    file, desk = tmp_path / "station.db", Desk("2.0.1")
    async with place("2.0.1", desk=desk, documents=Documents(file)) as there:
        assert set_limit(there.station, constant(limit=10)) is None
        await notices(there)
        await quiet(there)
    async with place("2.0.1", desk=desk, documents=Documents(file)) as there:
        await charge(there)
        assert there.evse().limit_a == 10
        assert len(desk.all(wire.NotifyChargingLimit)) == 1


# What is generated on the spot (K27)


async def test_generated_power_comes_on_top_and_each_period_is_told() -> None:
    async with place("2.1") as there:
        assert await set_(there, 1, profile(7)) == ["Accepted"]
        await charge(there)
        began = now() - timedelta(seconds=58)
        generated = schedule(3, 2, start_schedule=began)
        assert set_limit(there.station, generated, evse_id=1, is_generation=True) is None
        await there.until(lambda: there.evse().limit_a == 10)
        await there.until(lambda: there.evse().limit_a == 9)
        told = await notices(there, 2)
        assert [each.charging_limit.is_local_generation for each in told] == [True, True]
        assert clear_limit(there.station, evse_id=1, is_generation=True)
        await there.until(lambda: there.evse().limit_a == 7)


def test_a_schedule_of_one_period() -> None:
    made = charging_limits.constant("W", 60, limit=2000)
    assert (made.charging_rate_unit, made.duration) == ("W", 60)
