"""What an EVSE may draw in the time to come, as the central system and others are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chargeplane.domain.profiles import GetCompositeSchedule
from chargeplane.domain.transactions import TransactionEnded
from chargeplane.energy.composite_values import Composite
from chargeplane.station import composite_schedules
from tests.station.charging import (
    charge,
    clear,
    composite,
    limits,
    now,
    pass_time,
    profile,
    set_,
    steps,
)
from tests.station.desk import VERSIONS, Place, place

MAX = "ChargingStationMaxProfile"
TX = "TxProfile"
DEVIATION = 5  # s that the clocks of both ends may differ
UNITS = pytest.mark.parametrize("unit", ["A", "W"])


def recent(*given: Any, valid_s: int = 401, **changes: Any) -> Any:
    """A profile that has just begun to hold."""
    began = now() - timedelta(seconds=DEVIATION)
    validity = {"valid_from": began, "valid_to": began + timedelta(seconds=valid_s + 2 * DEVIATION)}
    return profile(*given, **({"start_schedule": began} | validity | changes))


def scaled(limits_a: dict[int, float], unit: str) -> list[dict[str, Any]]:
    """Periods of limits in A, or of a thousand times as many W."""
    factor = 1 if unit == "A" else 1000
    return [
        each | {"number_phases": 3}
        for each in steps({start: limit * factor for start, limit in limits_a.items()})
    ]


async def rejected(there: Place, **asked: Any) -> str:
    answer = await there.desk.ask(GetCompositeSchedule(**({"duration": 300} | asked)))
    assert (answer.status, answer.schedule) == ("Rejected", None)
    return answer.status_info.reason_code if answer.status_info else ""


@pytest.mark.parametrize("version", VERSIONS)
@UNITS
async def test_TC_K_39_CS_without_any_profile(version: str, unit: str) -> None:
    async with place(version, evses=2) as there:
        schedule = await composite(there, 0, 300, unit)
        assert schedule.duration == 300
        assert limits(schedule) == [(0, 64 if unit == "A" else 44160)]


@pytest.mark.parametrize("version", VERSIONS)
@UNITS
async def test_TC_K_40_CS_stacked_profiles(version: str, unit: str) -> None:
    low = recent(*scaled({0: 6, 100: 8, 200: 10}, unit), charging_rate_unit=unit, duration=405)
    high = recent(
        *scaled({0: 7, 100: 9}, unit), charging_rate_unit=unit, duration=150, id=2, stack_level=1
    )
    async with place(version) as there:
        assert await set_(there, 1, low, high) == ["Accepted"] * 2
        schedule = await composite(there, 1, 350, unit)
        factor = 1 if unit == "A" else 1000
        began = low.charging_schedule[0].start_schedule
        expected = [(0, 7), (100, 9), (150, 8), (200, 10)]
        assert limits(schedule, began) == [(start, limit * factor) for start, limit in expected]
        assert schedule.duration == 350


@pytest.mark.parametrize("version", VERSIONS)
@UNITS
async def test_TC_K_41_CS_combined_purposes(version: str, unit: str) -> None:
    said: dict[str, Any] = {"charging_rate_unit": unit}
    began = now() - timedelta(seconds=DEVIATION)
    most = profile(
        *scaled({0: 10}, unit),
        charging_profile_purpose=MAX,
        duration=86400,
        start_schedule=began,
        **said,
    )
    default = recent(
        *scaled({0: 6, 60: 10, 120: 8, 180: 15, 260: 8}, unit), id=2, duration=300, **said
    )
    async with place(version) as there:
        name = await charge(there)
        own = recent(
            *scaled({0: 8, 50: 11, 140: 16, 200: 6, 240: 12}, unit),
            id=3,
            charging_profile_purpose=TX,
            transaction_id=name,
            duration=260,
            start_schedule=default.charging_schedule[0].start_schedule,
            **said,
        )
        assert await set_(there, 0, most) == ["Accepted"]
        assert await set_(there, 1, default, own) == ["Accepted"] * 2
        found = limits(
            await composite(there, 1, 400, unit), own.charging_schedule[0].start_schedule
        )
        factor = 1 if unit == "A" else 1000
        expected = [(0, 8), (50, 10), (200, 6), (240, 10), (260, 8), (300, 10)]
        assert found == [(start, limit * factor) for start, limit in expected]


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_42_CS_unit_that_is_not_supported(version: str) -> None:
    async with place(version, values={"SmartChargingCtrlr/RateUnit": "A"}) as there:
        reason = await rejected(there, evse_id=0, charging_rate_unit="W")
        assert reason == ("" if version == "1.6" else "UnsupportedRateUnit")


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_47_CS_evse_that_is_not_there(version: str) -> None:
    async with place(version, evses=2) as there:
        assert await rejected(there, evse_id=3) == ("" if version == "1.6" else "UnknownEvse")


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_21_CS_profile_that_becomes_valid_later(version: str) -> None:
    valid_from = now() + timedelta(seconds=300)
    async with place(version) as there:
        sent = profile(6, charging_profile_kind="Relative", valid_from=valid_from)
        assert await set_(there, 1, sent) == ["Accepted"]
        schedule = await composite(there)
        assert limits(schedule, valid_from) == [(0, 32), (0, 6)]
        assert schedule.duration == 400
        await charge(there)
        assert there.evse().limit_a == 32
        pass_time(there, 301)
        await there.until(lambda: there.evse().limit_a == 6)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_22_CS_profile_that_ceases_to_be_valid(version: str) -> None:
    async with place(version, evses=2) as there:
        sent = recent(6, valid_s=300 - 2 * DEVIATION)
        assert await set_(there, 0, sent) == ["Accepted"]
        for evse_id, expected in ((0, [12, 64]), (1, [6, 32]), (2, [6, 32])):
            found = await composite(there, evse_id)
            assert limits(found, sent.valid_to) == [(0, expected[0]), (0, expected[1])]
        await charge(there)
        assert there.evse().limit_a == 6
        pass_time(there, 300)
        await there.until(lambda: there.evse().limit_a == 32)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_23_CS_schedule_that_starts_later(version: str) -> None:
    start = now() + timedelta(seconds=60)
    async with place(version) as there:
        assert await set_(there, 1, recent(6, start_schedule=start)) == ["Accepted"]
        assert limits(await composite(there, 1, 300), start) == [(0, 32), (0, 6)]
        await charge(there)
        assert there.evse().limit_a == 32
        pass_time(there, 61)
        await there.until(lambda: there.evse().limit_a == 6)


@pytest.mark.parametrize("version", VERSIONS)
async def test_TC_K_09_CS_default_is_cleared_while_a_car_charges(version: str) -> None:
    async with place(version) as there:
        assert await set_(there, 1, recent(6, duration=405)) == ["Accepted"]
        await charge(there)
        assert limits(await composite(there, 1, 300)) == [(0, 6)]
        assert await clear(there, charging_profile_purpose="TxDefaultProfile") == "Accepted"
        assert limits(await composite(there, 1, 300)) == [(0, 32)]
        await there.until(lambda: there.evse().limit_a == 32)
        assert not there.desk.all(TransactionEnded)


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_time_to_come_is_bounded(version: str) -> None:
    values = {"InternalCtrlr/MaxCompositeScheduleDuration": "600"}
    async with place(version, values=values) as there:
        assert (await composite(there, duration=3600)).duration == 600
        assert (await composite(there, duration=0)).duration == 0


async def test_as_many_periods_as_can_be_said() -> None:
    sent = profile(
        *steps({start * 60: 6 + start % 2 for start in range(1024)}),
        charging_profile_kind="Recurring",
        recurrency_kind="Daily",
    )
    async with place("2.0.1") as there:
        assert await set_(there, 1, sent) == ["Accepted"]
        schedule = await composite(there, duration=604800)
        assert len(schedule.charging_schedule_period) == 1024
        began = sent.charging_schedule[0].start_schedule
        assert began is not None
        tomorrow = began + timedelta(days=1)
        assert schedule.schedule_start + timedelta(seconds=schedule.duration) == tomorrow


# For those who run the station


def told(schedules: tuple[Composite, ...]) -> list[tuple[int, Any]]:
    return [(each.evse_id, each.periods[0].values.limit) for each in schedules]


async def test_schedules_are_told_at_the_start_and_when_they_change() -> None:
    async with place("2.0.1", evses=2, run=False) as there:
        heard: list[tuple[Composite, ...]] = []
        stop = composite_schedules.follow(there.station, heard.append)
        assert told(heard[0]) == [(0, 64), (1, 32), (2, 32)]
        assert {each.duration_s for each in heard[0]} == {600}
        there.station.model.put("InternalCtrlr/RequestCompositeScheduleUnit", "W")
        stop()
        stop = composite_schedules.follow(there.station, heard.append)
        assert told(heard[1]) == [(0, 44160), (1, 22080), (2, 22080)]
        stop()
        there.station.clear_alarms()


async def test_schedules_are_told_when_profiles_change_and_again_and_again() -> None:
    async with place("2.0.1") as there:
        heard: list[tuple[Composite, ...]] = []
        composite_schedules.follow(there.station, heard.append)
        assert await set_(there, 1, profile(6)) == ["Accepted"]
        await there.until(lambda: told(heard[-1]) == [(0, 6), (1, 6)])
        count = len(heard)
        there.station.model.put("InternalCtrlr/CompositeScheduleIntervalS", "1")
        await there.until(lambda: len(heard) >= count + 2)


async def test_nothing_is_computed_for_nobody() -> None:
    async with place("2.0.1") as there:
        composite_schedules.publish(there.station)
        assert there.station.signals.charging_schedules.latest is None
        assert not there.station.has_alarm("schedules")
