from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.energy.settings import Circuit, Settings, Sharing
from chargeplane.energy.sharing import Claim, equal, fill, ranked
from chargeplane.energy.states import State, Strategy
from chargeplane.energy.status import Status

PLAIN = Settings()


def claims(*maxima_da: int, minimum_da: int = 60) -> list[Claim]:
    return [Claim(position, minimum_da, maximum) for position, maximum in enumerate(maxima_da)]


@pytest.mark.parametrize(
    ("total_da", "maxima_da", "shares_da"),
    [
        (320, (160, 160), (160, 160)),
        (200, (160, 160), (100, 100)),
        (301, (160, 160, 160), (100, 100, 101)),
        (300, (80, 160, 160), (80, 110, 110)),
        (300, (80, 100, 160), (80, 100, 120)),
        (100, (160,), (100,)),
    ],
)
def test_equal_shares(total_da: int, maxima_da: Sequence[int], shares_da: Sequence[int]) -> None:
    given_da = equal(total_da, claims(*maxima_da), len(maxima_da))
    assert tuple(given_da[position] for position in range(len(maxima_da))) == tuple(shares_da)


def test_one_that_runs_in_gets_its_minimum() -> None:
    first, second = claims(160, 160)
    assert equal(300, [first._replace(is_running_in=True), second], 2) == {0: 60, 1: 160}
    assert fill(300, [first._replace(is_running_in=True), second], PLAIN, in_turn=False) == {
        0: 60,
        1: 160,
    }


Claims = st.lists(
    st.tuples(st.integers(60, 100), st.integers(60, 800)), min_size=1, max_size=12
).map(lambda pairs: [Claim(n, low, max(low, high)) for n, (low, high) in enumerate(pairs)])


@given(Claims, st.integers(0, 4000))
def test_equal_never_gives_more_than_there_is_or_one_can_use(
    wanted: list[Claim], total_da: int
) -> None:
    shares = equal(total_da, wanted, len(wanted))
    assert sum(shares.values()) <= total_da
    assert all(0 <= shares[claim.position] <= claim.maximum_da for claim in wanted)
    if sum(claim.maximum_da for claim in wanted) >= total_da:
        assert sum(shares.values()) == total_da


@given(
    wanted=Claims,
    total_da=st.integers(0, 4000),
    limits=st.lists(st.tuples(st.integers(6, 100), st.sets(st.integers(0, 11))), max_size=4),
    in_turn=st.booleans(),
)
def test_filling_obeys_every_circuit(
    wanted: list[Claim], total_da: int, limits: list[tuple[int, set[int]]], *, in_turn: bool
) -> None:
    circuits = tuple(Circuit(limit_a=limit, evses=tuple(evses)) for limit, evses in limits)
    settings = Settings(sharing=Sharing(circuits=circuits))
    shares = fill(total_da, wanted, settings, in_turn=in_turn)
    assert sum(shares.values()) <= total_da
    for limit, evses in limits:
        assert sum(shares.get(position, 0) for position in evses) <= limit * 10
    for claim in wanted:
        if claim.position in shares:
            assert claim.minimum_da <= shares[claim.position] <= claim.maximum_da


def test_in_turn_the_first_is_full_before_the_second_gets_more_than_its_minimum() -> None:
    assert fill(300, claims(160, 160, 160), PLAIN, in_turn=True) == {0: 160, 1: 80, 2: 60}
    assert fill(300, claims(160, 160, 160), PLAIN, in_turn=False) == {0: 100, 1: 100, 2: 100}
    assert fill(130, claims(160, 160, 160), PLAIN, in_turn=True) == {0: 70, 1: 60}


def test_circuits_hang_on_circuits() -> None:
    left = Circuit(limit_a=16, evses=(0, 1))
    right = Circuit(limit_a=32, evses=(2,))
    house = Circuit(limit_a=25, circuits=(left, right))
    settings = Settings(sharing=Sharing(circuits=(house,)))
    assert list(house.flat()) == [
        (25, frozenset({0, 1, 2})),
        (16, frozenset({0, 1})),
        (32, frozenset({2})),
    ]
    assert fill(1000, claims(160, 160, 160), settings, in_turn=False) == {0: 80, 1: 80, 2: 90}


def status_of_four(**more: tuple[int, ...]) -> Status:
    nothing = (0, 0, 0, 0)
    return Status(
        states=(State.C, State.C, State.B1, State.C),
        balanced_da=nothing,
        balanced_max_da=nothing,
        charging_s=more.get("charging_s", nothing),
        connected_s=more.get("connected_s", nothing),
        waiting_s=more.get("waiting_s", nothing),
    )


@pytest.mark.parametrize(
    ("sharing", "order"),
    [
        (Sharing(), [0, 1, 2, 3]),
        (Sharing(strategy=Strategy.PRIORITY), [2, 3, 0, 1]),
        (Sharing(strategy=Strategy.PRIORITY, priorities=(1, 0, 0, 2)), [3, 0, 2, 1]),
        (Sharing(strategy=Strategy.FIRST_CONNECTED), [2, 3, 0, 1]),
        (Sharing(strategy=Strategy.LAST_CONNECTED), [1, 0, 3, 2]),
        (Sharing(strategy=Strategy.ROTATION, rotation_min=1), [0, 2, 1, 3]),
        (Sharing(strategy=Strategy.ROTATION, rotation_min=5), [3, 1, 0, 2]),
    ],
)
def test_who_is_served_first(sharing: Sharing, order: list[int]) -> None:
    status = status_of_four(
        charging_s=(30, 90, 0, 200), connected_s=(40, 10, 300, 250), waiting_s=(0, 0, 9, 0)
    )
    assert ranked(range(4), status, Settings(sharing=sharing)) == order


def test_a_minimum_of_its_own() -> None:
    settings = Settings(min_current_a=6, sharing=Sharing(minimum_a=(0, 8)))
    assert [settings.minimum_da(position) for position in range(3)] == [60, 80, 60]
