from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from chargeplane.energy import regulation
from chargeplane.energy.pilot import offered_da
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, ContactorTwo, Lock, Mode, RfidReader, State, UserMode
from chargeplane.energy.status import Inputs, Outputs, Phases, Status
from tests.energy.house import Car, Evse, House, steady
from tests.energy.test_machine import status_of

CLOSED = {State.C, State.C1}

Amps = st.integers(-200, 400)
Any3: st.SearchStrategy[Phases] = st.tuples(Amps, Amps, Amps)
AnySettings = st.builds(
    Settings,
    max_current_a=st.sampled_from([6, 10, 13, 16, 32]),
    min_current_a=st.sampled_from([6, 8]),
    max_mains_a=st.sampled_from([10, 20, 25, 35]),
    max_sum_mains_a=st.sampled_from([0, 0, 30, 45]),
    max_sum_mains_time_min=st.integers(0, 1),
    start_current_a=st.integers(0, 10),
    stop_time_min=st.integers(0, 2),
    import_current_a=st.integers(0, 6),
    enable_c2=st.sampled_from(ContactorTwo),
    fixed_cable=st.booleans(),
    circuit_meter=st.booleans(),
    residual_current_monitor=st.booleans(),
    dead_band_da=st.sampled_from([0, 20]),
    smoothing_s=st.sampled_from([0, 10]),
)
Pilots = st.sampled_from([3100, 2900, 2600, 2600, 2200, 1800, 900, 200])
Seconds = st.builds(
    Inputs,
    pilot_mv=Pilots,
    diode_pulse=st.booleans(),
    mains_da=st.none() | Any3,
    circuit_da=st.none() | Any3,
    temperature_c=st.none() | st.integers(0, 80),
    cable_limit_a=st.none() | st.sampled_from([13, 16, 32]),
    residual_current=st.sampled_from([False, False, False, True]),
)
Acts: st.SearchStrategy[Callable[[Status, Settings], Status]] = st.one_of(
    st.just(lambda status, _settings: status),
    st.sampled_from(UserMode).map(
        lambda mode: lambda status, given: regulation.set_user_mode(status, given, mode)
    ),
    st.sampled_from([0, 60, 83, 160]).map(
        lambda current: lambda status, given: regulation.set_override(status, given, current)
    ),
    st.sampled_from([None, 0.0, 6.0, 11.5]).map(
        lambda limit: lambda status, given: regulation.set_ocpp_limit(status, given, limit)
    ),
    st.booleans().map(
        lambda is_open: (
            lambda status, given: regulation.set_grid_relay(status, given, is_open=is_open)
        )
    ),
)
Moments = st.tuples(Acts, Seconds, st.integers(1, 20))


@st.composite
def charges(draw: st.DrawFn) -> list[Any]:
    """A car comes, most likely there is current for it, and charges for a while."""
    mode = draw(st.sampled_from(Mode))
    mains = draw(st.sampled_from([(-200, -200, -200), (-100, -50, -80), (30, 0, 20)]))
    later = draw(Any3)
    seen: dict[str, Any] = {"temperature_c": 20, "cable_limit_a": 16}
    plugged = Inputs(pilot_mv=2900, mains_da=mains, **seen)
    asks = Inputs(pilot_mv=2600, diode_pulse=True, mains_da=mains, **seen)
    charging = Inputs(pilot_mv=2600, mains_da=draw(st.sampled_from([mains, later])))
    nothing = draw(Acts)
    return [
        (lambda status, _chosen: status, Inputs(pilot_mv=3100, mains_da=mains, **seen), 6),
        (lambda status, chosen: regulation.set_mode(status, chosen, mode), plugged, 2),
        (lambda status, _chosen: status, asks, 1),
        (nothing, charging, draw(st.integers(1, 120))),
    ]


Days = st.lists(charges() | Moments.map(lambda moment: [moment]), max_size=10).map(
    lambda parts: [moment for part in parts for moment in part]
)


def lived(given_settings: Settings, day: list[Any]) -> list[tuple[Status, Inputs, Status]]:
    """Every second of a day: the status before it, what it brings, and the status after it."""
    status = regulation.set_mode(regulation.start(given_settings), given_settings, Mode.NORMAL)
    seconds = []
    for act, inputs, count in day:
        status = act(status, given_settings)
        for _ in range(count):
            after = regulation.second(status, given_settings, inputs)
            seconds.append((status, inputs, after))
            status = after
    return seconds


@tried(deadline=None)
@given(AnySettings, Days)
def test_the_contactors_are_closed_only_while_a_car_charges_or_stops(
    chosen: Settings, day: list[Any]
) -> None:
    stopping = 0
    for before, _, after in lived(chosen, day):
        assert after.contactor_1 or not after.contactor_2
        assert not after.contactor_1 or after.state in CLOSED
        assert after.state is not State.C or after.contactor_1
        if after.contactor_1 and not before.contactor_1:
            assert after.state in CLOSED
        stopping = stopping + 1 if after.state is State.C1 and after.contactor_1 else 0
        assert stopping <= 8


@tried(deadline=None)
@given(AnySettings, Days)
def test_a_contactor_closes_only_for_a_car_that_asks(chosen: Settings, day: list[Any]) -> None:
    for before, inputs, after in lived(chosen, day):
        if after.contactor_1 and not before.contactor_1:
            assert inputs.pilot_mv == 2600
            assert after.access is Access.ON
            assert (before.errors, before.charge_delay_s) == (0, 0)
            assert before.diode_seen or inputs.diode_pulse


@tried(deadline=None)
@given(AnySettings, Days)
def test_no_more_is_offered_than_evse_cable_and_central_system_allow(
    chosen: Settings, day: list[Any]
) -> None:
    for _, inputs, after in lived(chosen, day):
        is_new = after.mode is Mode.NORMAL or inputs.mains_da is not None
        if after.state is not State.C or not (after.has_regulated and is_new):
            continue
        limit = chosen.max_current_a * 10
        if not chosen.fixed_cable:
            limit = min(limit, after.cable_limit_a * 10)
        if after.override_da:
            limit = min(limit, after.override_da)
        if after.ocpp_limit_a is not None:
            assert after.ocpp_limit_a >= chosen.min_current_a
            limit = min(limit, int(after.ocpp_limit_a * 10))
        assert after.balanced_da[0] <= max(limit, chosen.min_current_a * 10)
        # A pilot cannot say less than 6 A.
        assert offered_da(after.pwm) <= max(after.balanced_da[0], 60)


@tried(deadline=None)
@given(AnySettings, Days)
def test_time_counts_down_and_nothing_is_negative(chosen: Settings, day: list[Any]) -> None:
    for _, _, after in lived(chosen, day):
        numbers = [
            getattr(after, name)
            for name in Status.__struct_fields__
            if name.endswith(("_s", "_ticks")) and isinstance(getattr(after, name), int)
        ]
        assert min(numbers) >= 0
        assert after.balanced_da[0] >= 0
        assert 0 <= after.pwm <= 1024
        assert after.phases in {1, 3}


@tried(deadline=None, max_examples=50)
@given(AnySettings, Days)
def test_a_second_is_a_hundred_ticks_and_one(chosen: Settings, day: list[Any]) -> None:
    for before, inputs, after in lived(chosen, day):
        status = before
        measures: dict[str, Callable[..., Status]] = {
            "mains_da": regulation.measure_mains,
            "circuit_da": regulation.measure_circuit,
            "temperature_c": regulation.measure_temperature,
            "cable_limit_a": regulation.measure_cable,
        }
        for name, measure in measures.items():
            value = getattr(inputs, name)
            if value is not None:
                status = measure(status, chosen, value)
        if inputs.diode_pulse:
            status = regulation.tick_10ms(status, chosen, 200)
        for _ in range(100):
            status = regulation.tick_10ms(
                status, chosen, inputs.pilot_mv, residual_current=inputs.residual_current
            )
        assert regulation.tick_1s(status, chosen) == after


@tried(deadline=None)
@given(AnySettings, Days)
def test_no_status_is_changed_afterwards(chosen: Settings, day: list[Any]) -> None:
    status = regulation.start(chosen)
    for act, inputs, _ in day:
        before = copy(status)
        changed = act(status, chosen)
        after = regulation.second(changed, chosen, inputs)
        assert status == before
        status = after


@tried(deadline=None)
@given(AnySettings, Days)
def test_a_status_can_be_written_down_and_read(chosen: Settings, day: list[Any]) -> None:
    for _, _, after in lived(chosen, day)[-3:]:
        assert msgspec.json.decode(msgspec.json.encode(after), type=Status) == after


@tried(deadline=None)
@given(
    mode=st.sampled_from([Mode.SMART, Mode.SOLAR]),
    loads=st.lists(st.integers(0, 300), min_size=1, max_size=4),
    max_mains_a=st.sampled_from([20, 25, 35]),
    phases=st.sampled_from([1, 3]),
)
def test_the_mains_hold_but_for_the_time_it_takes_to_react(
    mode: Mode, loads: list[int], max_mains_a: int, phases: int
) -> None:
    chosen = Settings(max_current_a=16, max_mains_a=max_mains_a, stop_time_min=1)
    evse = Evse.new(chosen, mode, Car(phases=phases))
    house = House([evse])
    for load in loads:
        house.base = steady(load, load - 400 if mode is Mode.SOLAR else 0, 0)
        house.run(20)  # less to three shortages, and six seconds for the car to stop
        for _ in range(60):
            house.second()
            drawn = evse.draws()[0]
            assert drawn == 0 or load + drawn <= max_mains_a * 10 + 5  # one step up


@tried(deadline=None)
@given(mode=st.sampled_from([Mode.SMART, Mode.SOLAR]), charged_s=st.integers(0, 120))
def test_a_silent_meter_leads_to_an_open_contactor_in_time(mode: Mode, charged_s: int) -> None:
    evse = Evse.new(Settings(max_current_a=16), mode)
    house = House([evse], base=lambda _now: (-100, -100, -100))
    house.run(20 + charged_s)
    assert evse.charges()
    house.meter_works = False
    house.run(12)
    assert not evse.charges()
    house.run(8)
    for _ in range(100):
        house.second()
        assert evse.draws() == (0, 0, 0)
        assert not evse.outputs.contactor_1


@pytest.mark.parametrize(
    ("lock", "state", "more", "locked"),
    [
        (Lock.NONE, State.C, {}, False),
        (Lock.SOLENOID, State.C, {}, True),
        (Lock.MOTOR, State.B1, {}, True),
        (Lock.MOTOR, State.A, {}, False),
        (Lock.MOTOR, State.A, {"hold_cable": True}, True),
        (Lock.MOTOR, State.B1, {"rfid_reader": RfidReader.ENABLE_ONE}, False),
        (Lock.MOTOR, State.B1, {"rfid_reader": RfidReader.ENABLE_ALL}, True),
        (Lock.MOTOR, State.C, {"fixed_cable": True}, False),
    ],
)
def test_the_cable_is_locked_while_a_car_is_there(
    lock: Lock, state: State, more: dict[str, Any], *, locked: bool
) -> None:
    chosen = Settings(**{"lock": lock, "fixed_cable": False, **more})
    status = status_of(state, chosen, access=Access.OFF)
    assert regulation.outputs(status, chosen).cable_locked is locked


def test_a_step_gives_what_is_to_be_done() -> None:
    alone = Settings(max_current_a=16)
    status = regulation.set_mode(regulation.start(alone), alone, Mode.NORMAL)
    status, out = regulation.step(Inputs(pilot_mv=2900), status, alone)
    assert status.state is State.B
    assert out == Outputs(
        pwm=0,
        pilot_connected=True,
        contactor_1=False,
        contactor_2=False,
        cable_locked=False,
        residual_current_test=False,
        broadcast_da=None,
        broadcast_errors=None,
        answers=(),
    )


def test_a_start_knows_how_many_phases_there_are() -> None:
    for enable_c2 in ContactorTwo:
        status = regulation.start(Settings(enable_c2=enable_c2))
        assert status.phases == (1 if enable_c2 is ContactorTwo.ALWAYS_OFF else 3)
