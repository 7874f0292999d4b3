from __future__ import annotations

from typing import Any

import pytest

from chargeplane.energy import solar
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Mode, State
from tests.energy.house import Car, Evse, House


@pytest.mark.parametrize(
    ("import_da", "room_da", "step_da"),
    [
        (-100, 50, 5),
        (-11, 11, 5),
        (-11, 10, 1),
        (-10, 50, 1),
        (-1, 50, 1),
        (0, 50, 0),
        (3, 50, 0),
        (4, 50, -1),
        (10, 50, -1),
        (11, 50, -5),
        (20, 50, -5),
        (21, 50, -10),
        (60, 50, -30),
    ],
)
def test_steps(import_da: int, room_da: int, step_da: int) -> None:
    assert solar.step_da(import_da, room_da) == step_da


def sunny(surplus_da: int, **settings: Any) -> tuple[House, Evse]:
    """A house with that surplus on every phase and a car with three."""
    evse = Evse.new(Settings(max_current_a=16, **settings), Mode.SOLAR)
    return House([evse], base=lambda _now: (-surplus_da,) * 3), evse


def test_charging_begins_with_the_surplus_that_is_set() -> None:
    for surplus_da, state in [(34, State.C), (33, State.B1)]:
        house, evse = sunny(surplus_da, start_current_a=10)
        house.run(100)
        assert evse.status.state is state


def test_a_car_that_begins_gets_its_minimum_for_forty_seconds() -> None:
    house, evse = sunny(150)
    house.run(40)
    assert evse.status.balanced_da == (60,)
    house.run(60)
    assert evse.status.balanced_da[0] > 80


def test_it_stops_after_the_time_that_is_set() -> None:
    house, evse = sunny(100, stop_time_min=1)
    house.run(200)
    house.base = lambda _now: (20, 20, 20)
    house.run(10)
    assert 0 < evse.status.solar_stop_timer_s <= 60
    house.run(70)
    assert evse.status.state is State.B1


def test_without_a_time_it_never_stops() -> None:
    house, evse = sunny(100, stop_time_min=0)
    house.run(200)
    house.base = lambda _now: (20, 20, 20)
    house.run(400)
    assert (evse.status.state, evse.status.balanced_da) == (State.C, (60,))


def test_it_does_not_stop_where_it_would_begin_again_at_once() -> None:
    house, evse = sunny(60, start_current_a=0, stop_time_min=1)
    house.run(100)
    house.base = lambda _now: (-45, -45, -45)
    house.run(300)
    assert evse.status.state is State.C


def test_what_may_be_imported_is_taken() -> None:
    house, evse = sunny(60, import_current_a=0)
    house.run(400)
    alone_da = evse.status.balanced_da[0]
    house, evse = sunny(60, import_current_a=6)
    house.run(400)
    assert evse.status.balanced_da[0] - alone_da == pytest.approx(20, abs=4)


@pytest.mark.parametrize("surplus_da", [65, 80, 100, 120, 150])
@pytest.mark.parametrize("smoothing_s", [0, 20])
def test_a_constant_surplus_is_followed_without_swinging(surplus_da: int, smoothing_s: int) -> None:
    house, evse = sunny(surplus_da, smoothing_s=smoothing_s)
    house.run(600)
    seen = []
    for _ in range(300):
        house.second()
        assert evse.status.state is State.C
        seen.append(evse.status.balanced_da[0])
    assert max(seen) - min(seen) <= 6
    assert sum(seen) / len(seen) == pytest.approx(surplus_da, abs=6)


def test_a_dead_band_leaves_small_differences_alone() -> None:
    house, evse = sunny(100, dead_band_da=30)
    house.run(600)
    seen = {evse.status.balanced_da[0]}
    for _ in range(200):
        house.second()
        seen.add(evse.status.balanced_da[0])
    assert len(seen) == 1
    assert abs(sum(house.mains())) < 30


def test_a_mean_is_not_moved_by_one_cloud() -> None:
    plain, evse = sunny(120)
    smooth, other = sunny(120, smoothing_s=60)
    for house in (plain, smooth):
        house.run(400)
        house.base = lambda now: (-120,) * 3 if now % 60 else (60,) * 3
        house.run(60)
    assert evse.status.balanced_da[0] < other.status.balanced_da[0]


def test_the_mains_are_kept_below_their_limit_whatever_the_sun_does() -> None:
    house, evse = sunny(0, max_mains_a=20, import_current_a=48)
    house.base = lambda _now: (-190, 150, -190)
    house.run(300)
    assert evse.status.state is not State.C or max(house.mains()) <= 200


def test_a_car_that_takes_less_than_offered_is_no_reason_to_offer_more_than_the_maximum() -> None:
    evse = Evse.new(Settings(max_current_a=16), Mode.SOLAR, Car(maximum_da=70))
    house = House([evse], base=lambda _now: (-200,) * 3)
    house.run(400)
    assert evse.status.balanced_da == (160,)
