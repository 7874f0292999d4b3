from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.errors import NoMeasurement
from chargeplane.evse.readings import MeterReading, Push, parse_push

ampere = st.integers(-1999, 1999)


@given(ampere, ampere, ampere)
def test_three_numbers_are_currents(one: int, two: int, three: int) -> None:
    push = Push(currents_da=(one, two, three))
    assert parse_push(f"{one}:{two}:{three}", "mains") == push
    assert parse_push(f"{one}:{two}:{three}", "circuit") == push


def test_five_numbers_bring_power_and_energy() -> None:
    expected = Push(currents_da=(60, 0, 1), power_w=1400, import_wh=52_000)
    assert parse_push("60:0:1:1400:52000", "ev") == expected
    assert parse_push("-60:0:1:-1:-1", "mains") == Push(currents_da=(-60, 0, 1))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "mains"),
        ("1:2", "mains"),
        ("1:2:3:4", "mains"),
        ("1:2:3:4:5", "circuit"),
        ("1:2:x", "mains"),
        ("1:2:2000", "mains"),
        ("-1:2:3:4:5", "ev"),
        ("1:2:1000:4:5", "ev"),
        ("1.5:2:3", "mains"),
    ],
)
def test_anything_else_is_no_measurement(text: str, kind: Any) -> None:
    with pytest.raises(NoMeasurement):
        parse_push(text, kind)


def test_what_is_not_known_is_taken_from_before() -> None:
    old = MeterReading(at=1, power_w=5, import_wh=7, energy_at=1)
    new = MeterReading(at=2, currents_da=(1, 2, 3), power_w=6)
    assert new.completed(old) == MeterReading(
        at=2, currents_da=(1, 2, 3), power_w=6, import_wh=7, energy_at=1
    )
    assert new.completed(None) is new
