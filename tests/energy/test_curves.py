from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.energy.curves import interpolated

FCR = [
    (47.0, -10000.0),
    (49.8, -10000.0),
    (49.99, -500.0),
    (49.991, 0.0),
    (50.0, 0.0),
    (50.01, 500.0),
    (50.2, 10000.0),
    (53.0, 10000.0),
]
NUMBERS = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("frequency_hz", "power_w"),
    [
        (46, -10000),
        (49.8, -10000),
        (49.895, -5250),
        (49.99, -500),
        (50, 0),
        (50.005, 250),
        (50.105, 5250),
        (53, 10000),
        (60, 10000),
    ],
)
def test_power_by_frequency(frequency_hz: float, power_w: float) -> None:
    assert interpolated(FCR, frequency_hz) == pytest.approx(power_w)
    assert interpolated(reversed(FCR), frequency_hz) == pytest.approx(power_w)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1), NUMBERS)
def test_no_value_lies_beyond_the_points(points: list[tuple[float, float]], x: float) -> None:
    values = [y for _, y in points]
    assert min(values) - 1e-6 <= interpolated(points, x) <= max(values) + 1e-6


def test_a_step_counts_from_its_place_on() -> None:
    assert interpolated([(0, 1), (1, 1), (1, 2), (2, 2)], 1) == 2


def test_no_point() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        interpolated([], 1)
