from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.evse.clocks import FastClock
from chargeplane.evse.house import DAY_S, EDGE_S, HomeBattery, House, VirtualHouse

JUNE, JANUARY = 1_750_000_000.0 // DAY_S * DAY_S, 1_736_000_000.0 // DAY_S * DAY_S  # midnights, UTC
times = st.floats(0, 4e9)
houses = st.builds(
    House,
    seed=st.integers(0, 1000),
    base_w=st.floats(0, 2000),
    pv_w=st.floats(0, 20_000),
    pv_phases=st.sampled_from([(), (0,), (2,), (0, 1, 2)]),
    cloudiness=st.floats(0, 1),
    latitude_deg=st.floats(-60, 66),
)


def day(house: House, midnight: float, step_s: float = 60.0) -> list[tuple[float, ...]]:
    return [house.mains(midnight + n * step_s) for n in range(int(DAY_S / step_s))]


def steepest_a_per_s(house: House) -> float:
    """The quickest that a current can change: all appliances at once, and a tenth of the rest."""
    appliances_w = sum(each.watts for each in house.appliances) * 1.5 / EDGE_S
    rest_w = (house.base_w + sum(habit.watts for habit in house.habits) + house.pv_w) / 10
    return (appliances_w + rest_w) / house.voltage_v


@given(houses, times)
def test_the_same_time_is_always_the_same(house: House, at: float) -> None:
    again = House(**{name: getattr(house, name) for name in house.__slots__})
    assert house.mains(at) == again.mains(at)


@given(houses, times, st.floats(0.001, 2))
def test_nothing_jumps(house: House, at: float, seconds: float) -> None:
    before, after = house.mains(at), house.mains(at + seconds)
    most = steepest_a_per_s(house) * seconds + 1e-3
    assert all(abs(b - a) <= most for a, b in zip(before, after, strict=True))


@given(houses, times)
def test_loads_and_sun_are_never_negative(house: House, at: float) -> None:
    assert min(house.loads_w(at)) >= 0
    assert 0 <= house.sun_w(at) <= house.pv_w


@given(houses, times, st.tuples(*[st.floats(0, 32)] * 3), st.floats(-3000, 3000))
def test_the_mains_is_the_sum_of_everything(
    house: House, at: float, ev: tuple[float, float, float], battery_w: float
) -> None:
    total_w = sum(house.mains(at, ev, battery_w)) * house.voltage_v
    sun_w = house.sun_w(at) if house.pv_phases else 0.0
    expected = sum(house.loads_w(at)) - sun_w + battery_w + sum(ev) * house.voltage_v
    assert total_w == pytest.approx(expected, abs=1e-3)


def test_the_sun_rises_and_sets_and_summer_is_better_than_winter() -> None:
    house = House(cloudiness=0)
    summer = [house.sun_w(JUNE + hour * 3600) for hour in range(24)]
    winter = [house.sun_w(JANUARY + hour * 3600) for hour in range(24)]
    assert summer[0] == summer[22] == winter[6] == winter[17] == 0
    assert max(summer) == summer[11] > 4500  # noon is at 11 UTC
    assert sum(winter) < sum(summer) / 5


def test_clouds_take_sun_and_differ_from_day_to_day() -> None:
    clear, cloudy = House(cloudiness=0), House(cloudiness=1)
    noons = [JUNE + n * DAY_S + 11 * 3600 for n in range(30)]
    assert all(cloudy.sun_w(at) <= clear.sun_w(at) for at in noons)
    shares = [cloudy.sun_w(at) / clear.sun_w(at) for at in noons]
    assert min(shares) < 0.3
    assert max(shares) > 0.9


def test_days_differ_and_look_like_a_household() -> None:
    house = House(pv_w=0)
    days = [day(house, JUNE + n * DAY_S) for n in range(3)]
    kwh = [sum(sum(currents) for currents in each) * 230 / 60 / 1000 for each in days]
    assert days[0] != days[1] != days[2]
    assert all(8 < each < 20 for each in kwh)
    peak_a = max(max(currents) for each in days for currents in each)
    assert 9 < peak_a < 25
    night = [sum(currents) * 230 for currents in days[0][60:180]]  # from 1 to 3 UTC
    assert max(night) < 700


def test_another_seed_is_another_house() -> None:
    assert day(House(seed=1), JUNE) != day(House(seed=2), JUNE)


@given(
    st.floats(0, 10_000),
    st.lists(st.tuples(st.floats(-9000, 9000), st.floats(0, 7200)), max_size=30),
)
def test_a_battery_keeps_within_its_limits(
    charge_wh: float, steps: list[tuple[float, float]]
) -> None:
    battery = HomeBattery(charge_wh=charge_wh)
    for surplus_w, seconds in steps:
        before = battery.charge_wh
        power_w = battery.advance(surplus_w, seconds)
        assert 0 <= battery.charge_wh <= battery.capacity_wh
        assert abs(power_w) <= min(abs(surplus_w), battery.most_w)
        assert power_w * surplus_w >= 0
        gained = battery.charge_wh - before
        factor = battery.efficiency if power_w > 0 else 1 / battery.efficiency
        assert gained == pytest.approx(power_w * factor * seconds / 3600, abs=1e-6)


async def test_the_house_is_a_meter_whose_clock_may_run() -> None:
    real = [0.0]
    clock = FastClock(JUNE, speed=60, real=lambda: real[0])
    house = VirtualHouse(House(), clock, car_a=lambda: (16.0, 16.0, 0.0))
    for _ in range(24 * 60):
        real[0] += 1
        reading = await house.read()
    assert reading.at == JUNE + DAY_S
    assert reading.currents_da == tuple(
        round(each * 10) for each in house.house.mains(clock(), (16.0, 16.0, 0.0))
    )
    assert reading.powers_w is not None
    assert reading.power_w == sum(reading.powers_w)
    assert reading.import_wh is not None
    assert reading.import_wh > 24 * 2 * 16 * 230 / 2
    assert house.battery_da == 0


async def test_energy_is_counted_by_direction() -> None:
    now = [JUNE + 11 * 3600]
    sunny = House(cloudiness=0, base_w=0, habits=(), appliances=(), pv_w=5000)
    house = VirtualHouse(sunny, lambda: now[0])
    for _ in range(60):
        now[0] += 60
        reading = await house.read()
    assert reading.import_wh == 0
    assert reading.export_wh == pytest.approx(-(reading.power_w or 0), rel=0.05)
    assert reading.currents_da == (reading.currents_da[0],) * 3


async def test_the_battery_takes_the_surplus_and_gives_it_back() -> None:
    now = [JUNE + 11 * 3600]
    battery = HomeBattery(charge_wh=0, most_w=2000)
    quiet = House(cloudiness=0, base_w=500, habits=(), appliances=(), pv_w=5000)
    house = VirtualHouse(quiet, lambda: now[0], battery=battery)
    now[0] += 60
    noon = await house.read()
    assert battery.power_w == 2000
    assert house.battery_da == round(2000 / 230 * 10)
    assert noon.power_w == pytest.approx(sum(quiet.mains(now[0])) * 230 + 2000, abs=3)
    battery.charge_wh = 5000
    now[0] += 12 * 3600
    await house.read()
    now[0] += 60
    night = await house.read()
    assert battery.power_w < 0
    assert night.power_w == pytest.approx(0, abs=2)  # each phase is rounded
