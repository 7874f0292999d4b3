from __future__ import annotations

import pytest

from chargeplane.energy.settings import ALLOWED, Settings, is_allowed


@pytest.mark.parametrize("name", ALLOWED)
def test_what_a_new_device_has_is_allowed(name: str) -> None:
    assert is_allowed(name, getattr(Settings(), name))


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("max_sum_mains_a", 9, False),
        ("max_sum_mains_a", 10, True),
        ("max_sum_mains_a", 600, True),
        ("max_sum_mains_a", 601, False),
        ("min_current_a", 5, False),
        ("max_current_a", 80, True),
        ("max_current_a", 81, False),
        ("start_current_a", -1, False),
    ],
)
def test_bounds(name: str, value: int, *, allowed: bool) -> None:
    assert is_allowed(name, value) is allowed


def test_roles() -> None:
    roles = [
        (Settings(load_balancing=n).is_master, Settings(load_balancing=n).is_node) for n in range(4)
    ]
    assert roles == [(False, False), (True, False), (False, True), (False, True)]
