from __future__ import annotations

import msgspec
import pytest

from chargeplane.energy import regulation
from chargeplane.energy.settings import Settings, Sharing
from chargeplane.energy.states import Access, Error, Mode, State, Strategy
from chargeplane.energy.status import Inputs, Status
from tests.energy.test_machine import seconds, status_of

METERED = Settings(max_current_a=16, ev_meter=True, circuit_meter=True)
MEASURES = {
    Error.CT_NOCOMM: (regulation.measure_mains, 12),
    Error.EV_NOCOMM: (regulation.measure_ev, 65),
    Error.CIRCUIT_NOCOMM: (regulation.measure_circuit, 21),
}


def fed(status: Status, silent: Error | None = None) -> Status:
    for error, (measure, _) in MEASURES.items():
        if error is not silent:
            status = measure(status, METERED, (0, 0, 0))
    return status


@pytest.mark.parametrize("silent", MEASURES)
@pytest.mark.parametrize("mode", [Mode.SMART, Mode.SOLAR])
def test_a_silent_meter_stops_charging_until_it_speaks_again(silent: Error, mode: Mode) -> None:
    _, patience_s = MEASURES[silent]
    status = fed(status_of(State.C, METERED, mode=mode, balanced_da=(60,), charging_s=(9,)))
    for _ in range(patience_s - 1):
        status = seconds(fed(status, silent), 1, "6", METERED)
    assert (status.state, status.errors) == (State.C, 0)
    status = seconds(fed(status, silent), 1, "6", METERED)
    assert (status.state, status.errors) == (State.C1, silent)
    status = seconds(fed(status), 1, "6", METERED)
    assert not status.errors & silent


@pytest.mark.parametrize("silent", MEASURES)
def test_in_normal_mode_no_meter_is_needed(silent: Error) -> None:
    status = status_of(State.C, METERED, mode=Mode.NORMAL)
    for _ in range(100):
        status = seconds(fed(status, silent), 1, "6", METERED)
    assert (status.state, status.errors) == (State.C, 0)


def test_how_long_a_car_is_idle() -> None:
    shared = Settings(ev_meter=True, sharing=Sharing(strategy=Strategy.PRIORITY))
    status = status_of(State.C, shared)
    for drawn_da, idle_s in ((9, 1), (0, 2), (10, 0), (0, 1)):
        status = regulation.measure_ev(status, shared, (drawn_da, 0, 0))
        status = seconds(status, 1, "6", shared)
        assert status.idle_s == (idle_s,)
    status = seconds(msgspec.structs.replace(status, states=(State.B1,)), 1, "9", shared)
    assert status.idle_s == (1,)  # it could draw nothing
    assert seconds(status, 1, "12", shared).idle_s == (0,)


def test_a_meter_that_is_not_there_is_not_missed() -> None:
    bare = Settings(mains_meter=False)
    assert seconds(status_of(State.C, bare, mode=Mode.SMART), 100, "6", bare).errors == 0


def test_heat_stops_charging_until_it_is_ten_degrees_cooler() -> None:
    alone = Settings()
    status = status_of(State.C)
    for temperature, errors in [(65, 0), (66, 4), (65, 4), (55, 4), (54, 0), (60, 0)]:
        status = regulation.measure_temperature(status, alone, temperature)
        status = regulation.tick_1s(status, alone)
        assert status.errors == errors, temperature
    assert status.state is State.C1


def test_a_lack_of_current_is_waited_for_a_minute() -> None:
    alone = Settings(max_current_a=16)
    status = status_of(State.B1, errors=Error.LESS_6A, mode=Mode.SMART)

    def pass_with(load_da: int, count: int) -> None:
        nonlocal status
        for _ in range(count):
            inputs = Inputs(pilot_mv=2900, mains_da=(load_da, 0, 0))
            status = regulation.second(status, alone, inputs)

    pass_with(240, 5)
    assert (status.errors, status.charge_delay_s) == (Error.LESS_6A, 60)
    pass_with(100, 1)
    assert (status.errors, status.charge_delay_s) == (0, 59)
    pass_with(100, 58)
    states = [status.state]
    pass_with(100, 2)
    assert [*states, status.state] == [State.B1, State.B]


def test_the_sun_has_to_stay_for_the_whole_wait() -> None:
    alone = Settings(max_current_a=16, start_current_a=4)
    status = status_of(State.B1, charge_delay_s=30, mode=Mode.SOLAR)
    status = regulation.measure_mains(status, alone, (-50, 0, 0))
    assert regulation.tick_1s(status, alone).errors == 0
    status = regulation.measure_mains(status, alone, (-30, 0, 0))
    status = regulation.tick_1s(status, alone)
    assert (status.errors, status.charge_delay_s) == (Error.LESS_6A, 60)


def test_a_timer_that_is_over_stops_for_lack_of_current() -> None:
    alone = Settings(max_current_a=16)
    for timer in ("solar_stop_timer_s", "max_sum_mains_timer_s"):
        status = status_of(State.C, mode=Mode.SMART, regulation_in_s=9)
        status = regulation.measure_mains(status, alone, (240, 0, 0))
        setattr(status, timer, 2)
        status = regulation.tick_1s(status, alone)
        assert status.state is State.C
        status = regulation.tick_1s(status, alone)
        assert (status.state, status.errors) == (State.C1, Error.LESS_6A)


def test_a_timer_that_is_over_keeps_a_car_that_paused_from_going_on() -> None:
    alone = Settings(max_current_a=16)
    status = status_of(State.B, mode=Mode.SMART, regulation_in_s=9, solar_stop_timer_s=1)
    status = regulation.measure_mains(status, alone, (240, 0, 0))
    status = regulation.tick_1s(status, alone)
    assert (status.state, status.errors) == (State.B1, Error.LESS_6A)


def test_twice_the_mains_stop_at_once() -> None:
    alone = Settings(max_current_a=16, max_mains_a=25)
    status = status_of(State.C, mode=Mode.SMART, regulation_in_s=0)
    status = regulation.measure_mains(status, alone, (501, 0, 0))
    status = regulation.tick_1s(status, alone)
    assert (status.state, status.errors, status.access) == (State.C1, Error.LESS_6A, Access.ON)
