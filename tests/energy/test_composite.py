from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from chargeplane.domain.profiles import ChargingSchedulePeriod, FrequencyPoint, LimitAtSoc
from chargeplane.energy.composite import composite, lapsed, limit_at
from chargeplane.energy.composite_values import (
    Circumstances,
    Installed,
    Running,
    StationFacts,
    Window,
)
from tests.energy.profiles import DAY, HOUR, NOON, PLAIN, installed, later, profile, station

WIRES_A = PLAIN.default_limit_a
EXTERNAL = "ChargingStationExternalConstraints"
MAX = "ChargingStationMaxProfile"
SETPOINT = {"operation_mode": "CentralSetpoint"}


def limits(
    *held: Installed,
    at: Circumstances | None = None,
    window: Window = DAY,
    evse_id: int = 1,
    **how: Any,
) -> list[tuple[int, float | None]]:
    """Start and limit of each period in A."""
    found = composite(held, at or station(), window, "A", evse_id, **how)
    return [(each.values.start_period, each.values.limit) for each in found.periods]


def now(*held: Installed, at: Circumstances | None = None, **how: Any) -> ChargingSchedulePeriod:
    return (
        composite(held, at or station(), DAY, how.pop("unit", "A"), how.pop("evse_id", 1))
        .periods[0]
        .values
    )


# Which profiles count


def test_without_profiles_the_wires_limit() -> None:
    assert limits() == [(0, WIRES_A)]
    assert now(unit="W").limit == PLAIN.default_limit_w


def test_the_highest_level_with_a_period_counts() -> None:
    low = installed(10, 12, 14, id=1)
    high = installed(20, id=2, stack_level=3, duration=HOUR // 2)
    assert limits(low, high) == [(0, 20), (HOUR // 2, 10), (HOUR, 12), (2 * HOUR, 14)]


def test_a_period_without_anything_to_say_leaves_the_word_to_a_lower_level() -> None:
    low, silent = installed(10), installed({}, id=2, stack_level=3)
    assert limits(low, silent) == [(0, 10)]


def test_of_equal_levels_the_last_installed_counts() -> None:
    assert limits(installed(20, id=1), installed(10, id=2)) == [(0, 10)]
    assert limits(installed(10, id=2), installed(20, id=1)) == [(0, 20)]


def test_a_default_for_the_station_is_replaced_for_one_evse_only() -> None:
    """1.6 §3.13.1."""
    of_station = installed(20, evse_id=0, id=1)
    of_evse = installed(10, id=2, duration=HOUR)
    here = station(replace(PLAIN, evse_ids=(1, 2)))
    assert limits(of_station, of_evse, at=here) == [(0, 10), (HOUR, WIRES_A)]
    assert limits(of_station, of_evse, at=here, evse_id=2) == [(0, 20)]
    assert limits(of_evse, of_station, at=here) == [(0, 20)]


def test_a_profile_of_the_transaction_goes_before_the_default_while_it_holds() -> None:
    default = installed(10)
    own = installed(20, charging_profile_purpose="TxProfile", transaction_id="a", duration=HOUR)
    running = station(transactions={1: Running(id="a", start=NOON)})
    assert limits(default, own, at=running) == [(0, 20), (HOUR, 10)]
    other = station(transactions={1: Running(id="b", start=NOON)})
    assert limits(default, own, at=other) == [(0, 10)]
    assert limits(default, own) == [(0, 10)]


def test_a_profile_of_a_transaction_without_its_id_is_for_what_runs() -> None:
    own = installed(20, charging_profile_purpose="TxProfile")
    assert limits(own, at=station(transactions={1: Running(id="a")})) == [(0, 20)]
    assert limits(own, at=station(transactions={1: Running()})) == [(0, 20)]


def test_a_profile_of_a_transaction_is_not_for_the_whole_station() -> None:
    own = installed(20, evse_id=0, charging_profile_purpose="TxProfile")
    assert limits(own, at=station(transactions={1: Running(id="a")})) == [(0, WIRES_A)]


def test_defaults_need_a_transaction_or_that_one_is_assumed() -> None:
    """K08.FR.06."""
    default = installed(10)
    assert limits(default) == [(0, 10)]
    assert limits(default, assume_transaction=False) == [(0, WIRES_A)]
    assert limit_at([default], station(), NOON, 1).values.limit == WIRES_A
    running = station(transactions={1: Running(id="a")})
    assert limit_at([default], running, NOON, 1).values.limit == 10


def test_priority_charging_goes_before_both_once_it_is_activated() -> None:
    """K21.FR.04."""
    held = (
        installed(10, id=1),
        installed(12, id=2, charging_profile_purpose="TxProfile"),
        installed(30, id=3, evse_id=0, charging_profile_purpose="PriorityCharging"),
        installed(25, id=4, evse_id=0, charging_profile_purpose=MAX),
    )
    assert now(*held, at=station(transactions={1: Running(id="a")})).limit == 12
    active = Running(id="a", priority_charging=True)
    assert now(*held, at=station(transactions={1: active})).limit == 25


@pytest.mark.parametrize(("offline_s", "limit"), [(None, 20), (0, 20), (600, 20), (601, 10)])
def test_a_profile_does_not_outlive_being_offline(offline_s: float | None, limit: float) -> None:
    """K01.FR.101-103."""
    short = installed(20, id=2, stack_level=1, max_offline_duration=600)
    assert now(installed(10), short, at=station(offline_s=offline_s)).limit == limit


def test_what_is_invalid_for_good_after_being_offline_is_named() -> None:
    """K01.FR.102."""
    for_good = installed(1, max_offline_duration=600, invalid_after_offline_duration=True)
    held = [for_good, installed(1, max_offline_duration=600), installed(1)]
    assert lapsed(held, 600) == []
    assert lapsed(held, 601) == [for_good]


def test_purposes_can_be_ignored_offline() -> None:
    facts = replace(PLAIN, ignored_offline=frozenset({"TxDefaultProfile"}))
    held = (installed(10), installed(20, evse_id=0, charging_profile_purpose=MAX))
    assert now(*held, at=station(facts)).limit == 10
    assert now(*held, at=station(facts, offline_s=0)).limit == 20


# When they hold


def test_validity_begins_with_its_first_and_ends_before_its_last_second() -> None:
    """K01.FR.36, 37."""
    held = installed(10, 20, valid_from=later(600), valid_to=later(HOUR + 600))
    assert limits(held) == [(0, WIRES_A), (600, 10), (HOUR, 20), (HOUR + 600, WIRES_A)]


def test_a_relative_schedule_begins_with_the_transaction() -> None:
    held = installed(10, 20, charging_profile_kind="Relative", start_schedule=None)
    began = station(transactions={1: Running(id="a", start=later(-600))})
    assert limits(held, at=began) == [(0, 10), (HOUR - 600, 20)]
    assert limits(held) == [(0, 10), (HOUR, 20)]


def test_an_absolute_schedule_without_a_start_is_relative() -> None:
    """1.6 §7.13."""
    held = installed(10, 20, start_schedule=None)
    began = station(transactions={1: Running(id="a", start=later(-600))})
    assert limits(held, at=began) == [(0, 10), (HOUR - 600, 20)]


@pytest.mark.parametrize(("kind", "days"), [("Daily", 1), ("Weekly", 7)])
def test_a_recurring_schedule_begins_anew(kind: str, days: int) -> None:
    held = installed(
        10, 20, charging_profile_kind="Recurring", recurrency_kind=kind, duration=2 * HOUR
    )
    every = days * 86400
    window = Window(later(3 * every - HOUR), later(4 * every + HOUR))
    assert limits(held, window=window) == [
        (0, WIRES_A),
        (HOUR, 10),
        (2 * HOUR, 20),
        (3 * HOUR, WIRES_A),
        (every + HOUR, 10),
    ]


def test_a_schedule_longer_than_its_recurrence_is_cut() -> None:
    """1.6 errata 3.43."""
    held = installed(*range(1, 31), charging_profile_kind="Recurring", recurrency_kind="Daily")
    window = Window(later(23 * HOUR), later(25 * HOUR))
    assert limits(held, window=window) == [(0, 24), (HOUR, 1)]


def test_a_dynamic_profile_falls_back_when_it_is_not_updated() -> None:
    """K28.FR.13."""
    held = installed(
        10,
        charging_profile_kind="Dynamic",
        start_schedule=None,
        duration=HOUR,
        dyn_update_time=later(-600),
    )
    assert limits(held) == [(0, 10), (HOUR - 600, WIRES_A)]
    endless = installed(10, charging_profile_kind="Dynamic", start_schedule=None)
    assert limits(endless) == [(0, 10)]


BERLIN = replace(PLAIN, time_zone=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("month", [1, 7])
def test_local_time_is_that_of_summer_and_winter(month: int) -> None:
    """K01.FR.90: 8 o'clock by the clock on the wall, however it is sent."""
    held = installed(
        10,
        charging_profile_kind="Recurring",
        recurrency_kind="Daily",
        start_schedule=datetime(2025, 1, 1, 8, tzinfo=UTC),
        duration=HOUR,
        use_local_time=True,
    )
    start = datetime(2026, month, 5, 7, tzinfo=ZoneInfo("Europe/Berlin"))
    found = limits(held, at=station(BERLIN), window=Window(start, start + timedelta(hours=3)))
    assert found == [(0, WIRES_A), (HOUR, 10), (2 * HOUR, WIRES_A)]


@pytest.mark.parametrize(
    ("day", "seen"),
    [
        # 02:00 becomes 03:00: the period of two o'clock is skipped
        (datetime(2026, 3, 29, tzinfo=UTC), [1, 3, 4]),
        # 03:00 becomes 02:00: the period of two o'clock is there twice
        (datetime(2026, 10, 25, tzinfo=UTC), [2, 3, 4]),
    ],
)
def test_a_schedule_by_local_time_follows_its_shifts(day: datetime, seen: list[int]) -> None:
    """K01.FR.91."""
    held = installed(
        *range(24),
        charging_profile_kind="Recurring",
        recurrency_kind="Daily",
        start_schedule=datetime(2025, 1, 1, tzinfo=UTC),
        use_local_time=True,
    )
    window = Window(day, day + timedelta(hours=4))
    found = limits(held, at=station(BERLIN), window=window)
    assert [limit for _, limit in found][:3] == seen
    twice = found[1][0] - found[0][0] == 2 * HOUR
    assert twice == (day.month == 10)


def test_local_time_shifts_in_the_middle_of_a_long_window() -> None:
    """K01.FR.90: at 8 o'clock on each of four days, of which the third lacks an hour."""
    held = installed(
        10,
        charging_profile_kind="Recurring",
        recurrency_kind="Daily",
        start_schedule=datetime(2025, 1, 1, 8, tzinfo=UTC),
        duration=HOUR,
        use_local_time=True,
    )
    start = datetime(2026, 3, 27, tzinfo=UTC)
    window = Window(start, start + timedelta(days=4))
    found = limits(held, at=station(BERLIN), window=window)
    assert [at // HOUR for at, limit in found if limit == 10] == [7, 31, 54, 78]


def test_delays_are_drawn_once_for_a_transaction() -> None:
    """K01.FR.92-94, K08.FR.06."""
    held = installed(10, 20, 30, randomized_delay=600, duration=3 * HOUR)
    plain = [(0, 10), (HOUR, 20), (2 * HOUR, 30), (3 * HOUR, WIRES_A)]
    assert limits(held) == plain
    drawn = {}
    for seed in range(20):
        running = station(transactions={1: Running(id="a", start=NOON, delay_seed=seed)})
        drawn[seed] = limits(held, at=running)
        assert drawn[seed] == limits(held, at=running)
        delays = [got[0] - want[0] for got, want in zip(drawn[seed], plain, strict=True)]
        assert delays[0] == delays[3] == 0
        assert all(0 <= delay <= 600 for delay in delays)
    assert len({tuple(found) for found in drawn.values()}) == 20


def test_a_period_that_is_overtaken_by_the_next_is_left_out() -> None:
    """K01.FR.97."""
    held = installed(10, 20, 30, randomized_delay=5 * HOUR)
    counts = set()
    for seed in range(30):
        running = station(transactions={1: Running(id="a", start=NOON, delay_seed=seed)})
        found = limits(held, at=running)
        assert [limit for _, limit in found] == sorted({limit for _, limit in found})  # type: ignore[type-var]
        counts.add(len(found))
    assert counts == {2, 3}


def test_of_several_schedules_one_is_chosen() -> None:
    """K15.FR.22."""
    one = profile(10, charging_profile_purpose="TxProfile")
    two = profile(20).charging_schedule
    both = msgspec.structs.replace(one, charging_schedule=one.charging_schedule + two)
    held = (Installed(evse_id=1, profile=both), installed(5, evse_id=0, stack_level=9))
    assert [limits(*held, schedule_index=index) for index in range(3)] == [
        [(0, 10)],
        [(0, 20)],
        [(0, 20)],
    ]


def test_a_schedule_without_periods_says_nothing() -> None:
    assert limits(installed()) == [(0, WIRES_A)]


# How they are combined


def test_of_the_purposes_the_lowest_counts() -> None:
    held = (
        installed(20),
        installed(25, 15, evse_id=0, charging_profile_purpose=MAX),
        installed(30, 30, 8, evse_id=0, charging_profile_purpose=EXTERNAL),
    )
    assert limits(*held) == [(0, 20), (HOUR, 15), (2 * HOUR, 8)]


def test_the_fewest_phases_count_and_so_for_conversion() -> None:
    """K01.FR.140, K01.FR.50."""
    three = installed(6900, charging_rate_unit="W")
    one = installed({"limit": 40, "number_phases": 1}, evse_id=0, charging_profile_purpose=MAX)
    found = now(three, one)
    assert (found.limit, found.number_phases) == (30, 1)
    assert now(three, one, unit="W").limit == 6900
    assert now(three).limit == 10


@pytest.mark.parametrize("phases", [None, 3])
def test_a_phase_is_told_if_it_is_one(phases: int | None) -> None:
    chosen = installed({"limit": 10, "number_phases": 1, "phase_to_use": 2})
    wide = installed(
        {"limit": 20, "number_phases": phases}, evse_id=0, charging_profile_purpose=MAX
    )
    assert now(chosen, wide).phase_to_use == 2
    assert now(wide).phase_to_use is None


def test_a_negative_limit_allows_no_charging() -> None:
    assert now(installed(-16)).limit == 0


def test_the_station_is_the_sum_of_its_evses_below_its_limits() -> None:
    here = station(replace(PLAIN, evse_ids=(1, 2)))
    held = [installed(10, 16, id=1), installed(12, 16, id=2, evse_id=2)]
    assert limits(*held, at=here, evse_id=0) == [(0, 22), (HOUR, 32)]
    maximum = installed(30, evse_id=0, id=3, charging_profile_purpose=MAX)
    assert limits(*held, maximum, at=here, evse_id=0) == [(0, 22), (HOUR, 30)]
    external = installed(20, evse_id=0, id=4, charging_profile_purpose=EXTERNAL)
    assert limits(*held, external, at=here, evse_id=0) == [(0, 20)]
    assert limits(*held, external, at=here) == [(0, 10), (HOUR, 16)]


def test_local_generation_comes_on_top() -> None:
    """K27: 5 kW from the grid, 2 kW and then 1 kW from the roof."""
    grid = installed(5000, charging_rate_unit="W")
    roof = installed(
        2000, 1000, evse_id=0, charging_rate_unit="W", charging_profile_purpose="LocalGeneration"
    )
    found = composite([grid, roof], station(), DAY, "W", 1)
    assert [each.values.limit for each in found.periods] == [7000, 6000]
    in_a = composite([grid, roof], station(), DAY, "A", 1).periods[0].values.limit
    assert in_a == pytest.approx(7000 / 690)
    assert now(roof, unit="W").limit == PLAIN.default_limit_w


def test_what_is_generated_for_evses_adds_up_for_the_station() -> None:
    here = station(replace(PLAIN, evse_ids=(1, 2)))
    purpose = "LocalGeneration"
    held = [installed(10, id=1), installed(10, id=2, evse_id=2)]
    held += [
        installed(place + 1, evse_id=place, charging_profile_purpose=purpose) for place in (0, 1, 2)
    ]
    assert now(*held, at=here, evse_id=0).limit == 20 + 1 + 2 + 3
    assert now(*held, at=here).limit == 10 + 2


@pytest.mark.parametrize(("soc", "limit"), [(None, 20), (79.9, 20), (80, 6), (95, 6)])
def test_a_full_battery_is_capped(soc: float | None, limit: float) -> None:
    """K01.FR.100."""
    held = installed(20, 4, limit_at_soc=LimitAtSoc(soc=80, limit=6))
    running = station(transactions={1: Running(id="a", soc_percent=soc)})
    assert limits(held, at=running) == [(0, limit), (HOUR, 4)]


def test_a_full_battery_caps_the_setpoint_and_what_has_no_limit() -> None:
    held = installed({"setpoint": 20, **SETPOINT}, limit_at_soc=LimitAtSoc(soc=80, limit=6))
    running = station(StationFacts(), transactions={1: Running(id="a", soc_percent=90)})
    found = now(held, at=running)
    assert (found.limit, found.setpoint) == (6, 6)


def test_a_cap_in_w_is_shared_by_phases_with_values_of_their_own() -> None:
    said = {"limit": 4000, "limit_l2": 1000, "limit_l3": 3000}
    held = installed(said, charging_rate_unit="W", limit_at_soc=LimitAtSoc(soc=80, limit=6000))
    running = station(StationFacts(), transactions={1: Running(id="a", soc_percent=90)})
    found = now(held, at=running, unit="W")
    assert (found.limit, found.limit_l2, found.limit_l3) == (2000, 1000, 2000)


# 2.1: discharging, setpoints, single phases

V2X = StationFacts()


def test_a_setpoint_stays_within_the_limits() -> None:
    """K08.FR.08, V2X.03, V2X.04."""
    said = {"limit": 16, "discharge_limit": -10, **SETPOINT}
    asked = {20: 16, 12: 12, -8: -8, -20: -10}
    for setpoint, followed in asked.items():
        found = now(installed(said | {"setpoint": setpoint}), at=station(V2X))
        assert (found.setpoint, found.discharge_limit) == (followed, -10)
        assert found.operation_mode == "CentralSetpoint"


def test_the_station_caps_the_setpoint_of_a_transaction() -> None:
    held = (
        installed({"setpoint": 6900, **SETPOINT}, charging_rate_unit="W"),
        installed(6, evse_id=0, charging_profile_purpose=MAX),
    )
    assert now(*held, at=station(V2X)).setpoint == 6
    assert now(*held, at=station(V2X), unit="W").setpoint == 6 * 690


@pytest.mark.parametrize(("priority", "setpoint"), [("ExternalSystem", -4), ("CSMS", 7)])
def test_who_sets_the_setpoint_is_configured(priority: Any, setpoint: float) -> None:
    """Q06.FR.20-22."""
    facts = replace(V2X, setpoint_priority=priority)
    outside = {"setpoint": -4, "operation_mode": "ExternalSetpoint"}
    held = (
        installed({"setpoint": 7, **SETPOINT}),
        installed(outside, evse_id=0, charging_profile_purpose=EXTERNAL),
    )
    found = now(*held, at=station(facts))
    mode = "ExternalSetpoint" if priority == "ExternalSystem" else "CentralSetpoint"
    assert (found.setpoint, found.operation_mode) == (setpoint, mode)


def test_the_least_discharging_counts() -> None:
    limit = {"operation_mode": "ExternalLimits", "limit": 10}
    held = (
        installed({"discharge_limit": -20, "setpoint": -18, **SETPOINT}),
        installed(limit | {"discharge_limit": -5}, evse_id=0, charging_profile_purpose=EXTERNAL),
    )
    found = now(*held, at=station(V2X))
    assert (found.limit, found.discharge_limit, found.setpoint) == (10, -5, -5)


def test_charging_only_neither_discharges_nor_follows() -> None:
    found = now(installed({"limit": 10, "discharge_limit": -5, "setpoint": 8}), at=station(V2X))
    assert (found.limit, found.discharge_limit, found.setpoint) == (10, None, None)


def test_what_the_mode_brings_is_passed_on() -> None:
    curve = (FrequencyPoint(frequency=49, power=-1), FrequencyPoint(frequency=51, power=1))
    said = {
        "operation_mode": "LocalFrequency",
        "v2x_baseline": 100.0,
        "v2x_freq_watt_curve": curve,
    }
    found = now(installed(said, charging_rate_unit="W"), at=station(V2X), unit="W")
    assert (found.v2x_baseline, found.v2x_freq_watt_curve) == (100, curve)
    assert found.limit == V2X.default_limit_w
    asleep = {"operation_mode": "Idle", "evse_sleep": True, "preconditioning_request": True}
    found = now(installed(asleep), at=station(V2X))
    assert (found.evse_sleep, found.preconditioning_request) == (True, True)


def test_reactive_setpoints_are_converted() -> None:
    said = {"setpoint": 6900, "setpoint_reactive": -690, **SETPOINT}
    found = now(installed(said, charging_rate_unit="W"), at=station(V2X))
    assert (found.setpoint, found.setpoint_reactive) == (10, -1)


def test_phases_with_values_of_their_own_keep_them() -> None:
    """K08.FR.09: 3000 W are 1000 W on each of three phases."""
    own = {"limit": 1200, "limit_l2": 900, "limit_l3": 800}
    held = (
        installed(own, charging_rate_unit="W"),
        installed(3000, evse_id=0, charging_rate_unit="W", charging_profile_purpose=MAX),
    )
    found = now(*held, at=station(V2X), unit="W")
    assert (found.limit, found.limit_l2, found.limit_l3) == (1000, 900, 800)
    in_a = now(*held, at=station(V2X))
    assert [in_a.limit, in_a.limit_l3] == pytest.approx([1000 / 230, 800 / 230])


def test_one_phase_has_one_value_that_moves_the_least() -> None:
    """K01.FR.147."""
    own = {
        "limit": 12,
        "limit_l2": 9,
        "limit_l3": 8,
        "discharge_limit": -12,
        "discharge_limit_l2": -9,
        "discharge_limit_l3": -10,
        "setpoint": -11,
        "setpoint_l2": -7,
        "setpoint_l3": -9,
        **SETPOINT,
        "number_phases": 1,
    }
    found = now(installed(own), at=station(V2X))
    assert (found.limit, found.discharge_limit, found.setpoint) == (8, -9, -7)
    assert (found.limit_l2, found.discharge_limit_l2, found.setpoint_l3) == (None, None, None)


def test_two_phases_leave_the_third_alone() -> None:
    wide = installed(
        {"limit": 4600, "number_phases": 2},
        evse_id=0,
        charging_rate_unit="W",
        charging_profile_purpose=MAX,
    )
    own = {"limit": 20, "limit_l2": 8}
    found = now(installed(own), wide, at=station(V2X))
    assert (found.limit, found.limit_l2, found.limit_l3) == (10, 8, None)


def test_evses_with_single_phases_are_summed_by_phase() -> None:
    facts = replace(V2X, evse_ids=(1, 2))
    held = [
        installed({"limit": 10, "limit_l2": 8, "limit_l3": 6}, id=1),
        installed(5, id=2, evse_id=2),
        installed(1, evse_id=0, charging_profile_purpose="LocalGeneration"),
    ]
    found = now(*held, at=station(facts), evse_id=0)
    assert (found.limit, found.limit_l2, found.limit_l3) == (16, 14, 12)


def test_the_rate_that_is_worth_charging_with_is_told() -> None:
    """K01.FR.21."""
    held = installed(16, min_charging_rate=6)
    assert limit_at([held], station(transactions={1: Running()}), NOON, 1).min_charging_rate == 6
    in_w = limit_at([held], station(transactions={1: Running()}), NOON, 1, "W")
    assert in_w.min_charging_rate == 6 * 690


# What is told


def test_the_schedule_is_the_answer_to_the_question() -> None:
    held = [installed(10, 10, 12)]
    found = composite(held, station(), Window(later(0.9), later(7300.9)), "A", 1)
    schedule = found.schedule()
    assert (schedule.evse_id, schedule.duration, schedule.schedule_start) == (1, 7300, NOON)
    assert [(p.start_period, p.limit) for p in schedule.charging_schedule_period] == [
        (0, 10),
        (7200, 12),
    ]


def test_levels_are_told_apart_where_the_schedule_is_not() -> None:
    held = [installed(10, id=1), installed(10, id=2, stack_level=5, duration=HOUR)]
    found = composite(held, station(), DAY, "A", 1)
    assert [(p.values.start_period, p.stack_level) for p in found.periods] == [(0, 5), (HOUR, 0)]
    assert len(found.schedule().charging_schedule_period) == 1


def test_a_moment_has_one_period() -> None:
    held = [installed(10, 20)]
    for end in (later(HOUR), later(0)):
        found = composite(held, station(), Window(later(HOUR), end), "A", 1)
        assert found.duration_s == 0
        assert found.start == end
        assert len(found.periods) == 1
    assert limit_at(held, station(transactions={1: Running()}), later(HOUR), 1).values.limit == 20


def test_a_schedule_says_what_holds_when_and_until_when() -> None:
    found = composite([installed(10, 20, 30)], station(), Window(NOON, later(9000)), "A", 1)
    moments = {0: (10, HOUR), HOUR - 1: (10, HOUR), HOUR: (20, 7200), 8000: (30, 9000)}
    for moment, (limit, end) in moments.items():
        assert found.at(later(moment)).values.limit == limit
        assert found.holds_until(later(moment)) == later(end)
    assert found.at(later(-1)) == found.periods[0]


def test_phases_alone_bind_l1_too() -> None:
    found = now(installed({"limit_l2": 8, "limit_l3": 9}), at=station(V2X))
    assert (found.limit, found.limit_l2, found.limit_l3) == (8, 8, 9)


# What others say


def test_the_lowest_of_several_external_systems_counts_whatever_their_levels() -> None:
    def external(limit: float, source: str, **how: Any) -> Installed:
        found = installed(limit, charging_profile_purpose=EXTERNAL, evse_id=0, **how)
        return msgspec.structs.replace(found, source=source)

    house, grid = external(10, "EMS", stack_level=1), external(8, "SO", id=2)
    assert limits(house, grid) == limits(grid, house) == [(0, 8)]
    assert limits(house, grid, evse_id=0) == [(0, 8)]
    assert limits(house, external(8, "EMS", id=2)) == [(0, 10)]


def test_what_a_car_says_that_it_will_draw_counts_as_long_as_it_is_less() -> None:
    own = installed(8, 20, charging_profile_purpose="TxProfile", duration=2 * HOUR)
    here = station(transactions={1: Running(own=own)})
    assert limits(installed(10), at=here) == [(0, 8), (HOUR, 10)]
    assert limits(at=here) == [(0, 8), (HOUR, 20), (2 * HOUR, WIRES_A)]
