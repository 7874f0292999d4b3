from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chargeplane.energy import nodes, regulation
from chargeplane.energy.settings import Circuit, Settings, Sharing
from chargeplane.energy.states import Access, Error, Mode, State, Strategy, Switch
from chargeplane.energy.status import Inputs, NodeAnswer, NodeReport
from tests.energy.house import Evse, House
from tests.energy.test_machine import status_of

B1, C = State.B1, State.C


def group(count: int, mode: Mode = Mode.SMART, **settings: Any) -> House:
    """A master with nodes, all with hungry cars."""
    given = {"max_current_a": 16, "max_mains_a": 63, "max_circuit_a": 16} | settings
    master = Settings(load_balancing=1, **given)
    evses = [Evse.new(master, mode)]
    evses += [
        Evse.new(msgspec.structs.replace(master, load_balancing=number), mode)
        for number in range(2, count + 1)
    ]
    return House(evses)


def charging(house: House) -> list[int]:
    return [n for n, evse in enumerate(house.evses) if evse.status.state is C]


def offered_da(house: House) -> int:
    return sum(house.evses[n].status.balanced_da[0] for n in charging(house))


def with_strategy(strategy: Strategy, **more: Any) -> Sharing:
    return Sharing(strategy=strategy, **more)


@pytest.mark.parametrize("mode", [Mode.NORMAL, Mode.SMART])
@pytest.mark.parametrize("count", [2, 5, 8])
def test_a_group_shares_its_circuit(mode: Mode, count: int) -> None:
    house = group(count, mode, max_circuit_a=6 * count + 2)
    house.run(60)
    assert charging(house) == list(range(count))
    assert offered_da(house) <= (6 * count + 2) * 10
    shares = [evse.status.balanced_da[0] for evse in house.evses]
    assert max(shares) - min(shares) <= 1


def test_who_does_not_fit_waits_for_who_leaves() -> None:
    house = group(3)
    house.run(60)
    assert charging(house) == [0, 1]
    assert house.evses[2].status.errors == Error.LESS_6A
    house.evses[1].car.is_plugged = False
    house.run(70)
    assert charging(house) == [0, 2]


def test_a_shortage_stops_all_where_there_is_no_strategy() -> None:
    house = group(2, max_mains_a=25)
    house.run(60)
    house.base = lambda _now: (170, 0, 0)
    house.run(30)
    assert charging(house) == []


@pytest.mark.parametrize(
    ("sharing", "left"),
    [
        (with_strategy(Strategy.PRIORITY, priorities=(0, 3)), [1]),
        (with_strategy(Strategy.PRIORITY, priorities=(3, 0)), [0]),
        (with_strategy(Strategy.FIRST_CONNECTED), [0]),
        (with_strategy(Strategy.ROTATION), None),
    ],
)
def test_a_shortage_stops_one_where_there_is_a_strategy(
    sharing: Sharing, left: list[int] | None
) -> None:
    house = group(2, max_mains_a=25, sharing=sharing)
    house.run(60)
    assert charging(house) == [0, 1]
    house.base = lambda _now: (170, 0, 0)
    house.run(60)
    assert len(charging(house)) == 1
    assert left is None or charging(house) == left
    assert max(house.mains()) <= 250
    house.base = lambda _now: (0, 0, 0)
    house.run(90)
    assert charging(house) == [0, 1]


def test_the_first_in_priority_gets_most_and_takes_the_place_of_the_last() -> None:
    house = group(3, sharing=with_strategy(Strategy.PRIORITY, priorities=(1, 0, 5)))
    house.evses[2].car.is_plugged = False
    house.run(60)
    assert charging(house) == [0, 1]
    house.evses[2].car.is_plugged = True
    house.run(60)
    assert charging(house) == [0, 2]
    assert [evse.status.balanced_da[0] for evse in house.evses] == [60, 0, 100]
    house.run(600)
    assert charging(house) == [0, 2]


def test_in_rotation_everybody_gets_a_turn() -> None:
    house = group(3, sharing=with_strategy(Strategy.ROTATION, rotation_min=5))
    seconds = [0, 0, 0]
    for _ in range(3600):
        house.second()
        for n in charging(house):
            seconds[n] += 1
        assert len(charging(house)) <= 3
    assert min(seconds) > 0.6 * max(seconds)


def test_in_rotation_nobody_is_stopped_while_nobody_waits() -> None:
    house = group(2, sharing=with_strategy(Strategy.ROTATION, rotation_min=1))
    house.run(20)
    for _ in range(600):
        house.second()
        assert charging(house) == [0, 1]


@pytest.mark.parametrize("strategy", [Strategy.PRIORITY, Strategy.ROTATION])
def test_who_makes_no_use_of_the_turn_gives_way(strategy: Strategy) -> None:
    sharing = with_strategy(strategy, priorities=(5, 4, 1), rotation_min=1000, idle_timeout_s=60)
    house = group(3, sharing=sharing)
    house.evses[1].car.maximum_da = 0
    house.run(60)
    assert charging(house) == [0, 1]
    house.run(120)
    assert charging(house) == [0, 2]
    house.run(600)
    assert charging(house) == [0, 2]
    house.evses[2].car.is_plugged = False  # so that there is enough for those who are left
    house.evses[1].car.maximum_da = 160
    house.run(150)
    assert charging(house) == [0, 1]
    assert house.evses[0].status.idle_s[1] == 0


def test_minima_of_their_own() -> None:
    house = group(2, sharing=Sharing(minimum_a=(6, 10)))
    house.run(60)
    assert charging(house) == [0, 1]
    assert [evse.status.balanced_da[0] for evse in house.evses] == [60, 100]
    house = group(2, max_circuit_a=15, sharing=Sharing(minimum_a=(6, 10)))
    house.run(60)
    assert len(charging(house)) == 1


def test_circuits_within_the_circuit_hold_all_the_time() -> None:
    circuits = (Circuit(limit_a=13, evses=(0, 1)), Circuit(limit_a=10, evses=(2, 3)))
    house = group(4, max_circuit_a=40, sharing=Sharing(circuits=circuits))
    for _ in range(120):
        house.second()
        shares = house.evses[0].status.balanced_da
        states = house.evses[0].status.states
        used = [da if state is C else 0 for da, state in zip(shares, states, strict=True)]
        assert sum(used[:2]) <= 130
        assert sum(used[2:]) <= 100
    assert charging(house) == [0, 1, 2]


def test_a_circuit_that_gets_smaller_lets_go_at_once() -> None:
    house = group(2, max_circuit_a=40)
    house.run(60)
    assert charging(house) == [0, 1]
    small = Sharing(circuits=(Circuit(limit_a=10, evses=(0, 1)),))
    master = house.evses[0]
    master.settings = msgspec.structs.replace(master.settings, sharing=small)
    house.run(12)
    assert charging(house) == [0]
    assert master.status.balanced_da == (100, 0)


def test_more_than_eight() -> None:
    house = group(20, max_circuit_a=130, max_mains_a=200)
    house.run(100)
    assert charging(house) == list(range(20))
    assert offered_da(house) <= 1300


def test_a_group_follows_the_sun() -> None:
    house = group(2, Mode.SOLAR, max_circuit_a=40, stop_time_min=1)
    house.base = lambda _now: (-200, -200, -200)
    house.run(400)
    assert charging(house) == [0, 1]
    assert offered_da(house) == pytest.approx(200, abs=15)
    house.base = lambda _now: (50, 50, 50)
    house.run(200)
    assert charging(house) == []


def test_without_sun_a_strategy_stops_one_after_the_other() -> None:
    sharing = with_strategy(Strategy.PRIORITY, priorities=(2, 1))
    house = group(2, Mode.SOLAR, max_circuit_a=40, stop_time_min=1, sharing=sharing)
    house.base = lambda _now: (-200, -200, -200)
    house.run(300)
    house.base = lambda _now: (-80, -80, -80)
    house.run(200)
    assert charging(house) == [0]


def test_the_mode_is_the_same_for_all_whoever_sets_it() -> None:
    house = group(3)
    house.run(10)
    master, _, node = house.evses
    node.status = regulation.set_mode(node.status, node.settings, Mode.NORMAL)
    house.run(6)
    assert [evse.status.mode for evse in house.evses] == [Mode.NORMAL] * 3
    master.status = regulation.set_mode(master.status, master.settings, Mode.SMART)
    house.run(6)
    assert [evse.status.mode for evse in house.evses] == [Mode.SMART] * 3


def test_a_switch_on_the_master_outweighs_the_nodes() -> None:
    settings = Settings(load_balancing=1, switch=Switch.SMART_SOLAR_S)
    status = status_of(State.A, settings, mode=Mode.SMART)
    report = NodeReport(state=State.A, mode=Mode.NORMAL)
    assert regulation.receive_report(status, settings, 1, report).new_mode is None


def test_a_node_whose_master_is_silent_stops() -> None:
    house = group(2)
    house.run(60)
    node = house.evses[1]
    for _ in range(9):
        node.second(None)
    assert node.status.state is C
    for _ in range(11):
        node.second(None)
    assert (node.status.state, node.status.errors) == (B1, Error.CT_NOCOMM)
    house.run(80)
    assert charging(house) == [0, 1]


def test_a_silent_meter_of_the_master_stops_all() -> None:
    house = group(2)
    house.run(60)
    house.meter_works = False
    house.run(30)
    assert charging(house) == []
    assert {evse.status.errors for evse in house.evses} == {Error.CT_NOCOMM}


def test_a_silent_node_is_forgotten_with_its_current() -> None:
    house = group(2)
    house.run(60)
    master = house.evses[0]
    assert master.status.states == (C, C)
    for _ in range(12):
        master.second(house.mains(), nodes=(None,))
    assert (master.status.states[1], master.status.balanced_da[1]) == (State.A, 0)
    assert master.status.balanced_da[0] == 160


def test_a_node_begins_nothing_that_it_did_not_ask_for() -> None:
    settings = Settings(load_balancing=2)
    for state in (State.C, State.COMM_C_OK, State.COMM_B_OK, State.B):
        status = regulation.receive_answer(
            status_of(State.A, settings), settings, NodeAnswer(state=state, errors=0)
        )
        assert regulation.tick_10ms(status, settings, 3100).state is State.A


def test_a_node_without_current_stops() -> None:
    settings = Settings(load_balancing=3)
    status = status_of(State.C, settings)
    status = regulation.receive_broadcast(status, settings, (60, 60, 90), (10, 20, 30))
    assert (status.state, status.balanced_da, status.isum_da) == (C, (90,), 60)
    status = regulation.receive_broadcast(status, settings, (60, 60, 0), (10, 20, 30))
    assert status.state is State.C1


def test_what_a_node_says_of_itself() -> None:
    socket = Settings(load_balancing=2, max_current_a=32, fixed_cable=False)
    status = status_of(State.COMM_B, socket, cable_limit_a=20, errors=1, solar_stop_timer_s=7)
    assert nodes.report_of(status, socket) == NodeReport(
        state=State.COMM_B, errors=1, mode=Mode.NORMAL, solar_stop_timer_s=7, max_current_a=20
    )


def test_a_master_speaks_every_other_second() -> None:
    house = group(2)
    house.run(11)
    spoken = []
    for _ in range(4):
        house.second()
        out = house.evses[0].outputs
        spoken.append((out.broadcast_da is not None, len(out.answers)))
    assert sorted(spoken) == [(False, 0), (False, 0), (True, 1), (True, 1)]


def test_access_of_a_node_is_its_own() -> None:
    house = group(2)
    house.run(60)
    node = house.evses[1]
    node.status = regulation.set_access(node.status, node.settings, Access.PAUSE)
    house.run(20)
    assert charging(house) == [0]
    assert (
        house.evses[0].status.balanced_da == (160, 0) or house.evses[0].status.balanced_da[0] == 160
    )


def test_an_overload_is_told_to_all_nodes() -> None:
    house = group(2, max_mains_a=20)
    house.run(60)
    house.base = lambda _now: (500, 0, 0)
    house.run(4)
    assert charging(house) == []
    assert house.evses[1].status.errors & Error.LESS_6A


def test_reports_may_come_one_at_a_time() -> None:
    settings = Settings(load_balancing=1)
    status = regulation.start(settings)
    report = NodeReport(state=State.B1, max_current_a=16)
    status = regulation.receive_report(status, settings, 3, report)
    assert status.states == (State.A, State.A, State.A, B1)
    assert status.balanced_max_da == (0, 0, 0, 160)
    for _ in range(6):
        status = regulation.second(status, settings, Inputs(pilot_mv=3100, mains_da=(0, 0, 0)))
    assert [node.online for node in status.nodes] == [0, 0, 4]
