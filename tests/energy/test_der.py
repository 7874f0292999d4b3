"""Which controls of an inverter count when (2.1 R04, with its errata)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.energy.der import Control, active, add, advance, next_change

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def default(name: str, priority: int = 1, kind: str = "VoltWatt") -> Control:
    return Control(id=name, kind=kind, priority=priority, is_default=True, content={})


def scheduled(
    name: str, start: float, end: float | None = None, priority: int = 1, kind: str = "VoltWatt"
) -> Control:
    return Control(
        id=name,
        kind=kind,
        priority=priority,
        is_default=False,
        start=at(start),
        end=None if end is None else at(end),
        content={},
    )


class Inverter:
    """A set of controls, as time goes by."""

    def __init__(self) -> None:
        self.controls: list[Control] = []
        self.told: list[tuple[str, bool, tuple[str, ...]]] = []

    def add(self, control: Control, minutes: float = 0) -> tuple[str, ...]:
        self.go(minutes)
        self.controls, lost = add(self.controls, control, at(minutes))
        self.go(minutes)
        return lost

    def go(self, minutes: float) -> str | None:
        """Let that many minutes be over; the VoltWatt control that counts then."""
        self.controls, changes = advance(self.controls, at(minutes))
        self.told += [(each.control.id, each.has_started, each.superseded) for each in changes]
        found = active(self.controls).get("VoltWatt")
        return None if found is None else found.id

    @property
    def superseded(self) -> set[str]:
        return {each.id for each in self.controls if each.is_superseded}


@pytest.fixture
def inverter() -> Inverter:
    return Inverter()


def test_a_default_counts_at_once(inverter: Inverter) -> None:
    """FR.02."""
    assert inverter.add(default("A")) == ()
    assert inverter.go(0) == "A"
    assert inverter.told == []


def test_a_default_takes_the_place_of_another(inverter: Inverter) -> None:
    """FR.03."""
    inverter.add(default("A", 5))
    assert inverter.add(default("B", 1)) == ("A",)
    assert inverter.go(0) == "B"
    assert inverter.add(default("C", 9)) == ("C",)
    assert inverter.go(0) == "B"
    assert inverter.superseded == {"A", "C"}
    assert inverter.add(default("D", 1)) == ("B",)
    assert inverter.go(0) == "D"


def test_a_default_does_not_disturb_what_is_scheduled(inverter: Inverter) -> None:
    """FR.04, FR.11."""
    inverter.add(scheduled("S", 0, 10))
    assert inverter.add(default("A", 0), 1) == ()
    assert inverter.go(5) == "S"
    assert inverter.go(10) == "A"
    assert inverter.told == [("S", True, ()), ("S", False, ())]


def test_a_control_is_deleted_at_its_end(inverter: Inverter) -> None:
    """FR.05, FR.10, FR.20, FR.22."""
    assert inverter.add(scheduled("S", 5, 10)) == ()
    assert inverter.go(4) is None
    assert inverter.go(5) == "S"
    assert inverter.go(9) == "S"
    assert inverter.go(10) is None
    assert inverter.controls == []
    assert inverter.told == [("S", True, ()), ("S", False, ())]


def test_a_later_control_that_counts_more_supersedes_one_that_waits(inverter: Inverter) -> None:
    """FR.06, FR.09: even if it starts later (figure 205)."""
    inverter.add(scheduled("LOW", 10, 30, priority=5))
    assert inverter.add(scheduled("HIGH", 20, 40, priority=1)) == ("LOW",)
    assert inverter.go(15) is None
    assert inverter.go(20) == "HIGH"
    assert inverter.go(40) is None
    assert inverter.told == [("HIGH", True, ()), ("HIGH", False, ())]


def test_what_is_in_force_stays_so_until_the_start_of_the_other(inverter: Inverter) -> None:
    """FR.07, FR.21 (figure 206)."""
    inverter.add(scheduled("LOW", 0, 30, priority=5))
    assert inverter.add(scheduled("HIGH", 20, 25, priority=1), 10) == ()
    assert inverter.go(19) == "LOW"
    assert inverter.go(20) == "HIGH"
    assert inverter.superseded == {"LOW"}
    assert inverter.go(25) is None  # what is superseded does not come back
    assert inverter.told == [("LOW", True, ()), ("HIGH", True, ("LOW",)), ("HIGH", False, ())]


def test_a_control_that_counts_less_than_what_is_in_force(inverter: Inverter) -> None:
    """FR.08."""
    inverter.add(scheduled("HIGH", 0, 30, priority=1))
    assert inverter.add(scheduled("LOW", 40, 50, priority=5), 10) == ("LOW",)
    assert inverter.go(45) is None


def test_a_control_that_counts_less_than_what_waits_at_the_same_time(inverter: Inverter) -> None:
    inverter.add(scheduled("HIGH", 10, 30, priority=1))
    assert inverter.add(scheduled("LOW", 20, 40, priority=5)) == ("LOW",)
    assert inverter.add(scheduled("LATER", 30, 40, priority=5)) == ()
    assert inverter.go(20) == "HIGH"
    assert inverter.go(30) == "LATER"


def test_of_equals_the_later_one_counts(inverter: Inverter) -> None:
    inverter.add(scheduled("A", 0, 30))
    assert inverter.add(scheduled("B", 10, 20)) == ()
    assert inverter.go(5) == "A"
    assert inverter.go(10) == "B"
    assert inverter.told[-1] == ("B", True, ("A",))


def test_the_same_id_takes_the_place(inverter: Inverter) -> None:
    inverter.add(scheduled("A", 0, 30))
    inverter.add(scheduled("A", 40, 50), 5)
    assert inverter.go(10) is None
    assert inverter.go(45) == "A"


def test_kinds_do_not_disturb_each_other(inverter: Inverter) -> None:
    inverter.add(default("A", 1))
    assert inverter.add(default("B", 0, "FreqDroop")) == ()
    assert {kind: each.id for kind, each in active(inverter.controls).items()} == {
        "VoltWatt": "A",
        "FreqDroop": "B",
    }


def test_what_passed_without_power_is_not_told(inverter: Inverter) -> None:
    inverter.controls = [scheduled("S", 5, 10)]
    assert inverter.go(20) is None
    assert inverter.told == []


CONTROLS = st.builds(
    lambda number, start, length, priority, is_default: (
        default(str(number), priority)
        if is_default
        else scheduled(str(number), start, None if length is None else start + length, priority)
    ),
    st.integers(0, 20),
    st.integers(0, 50),
    st.none() | st.integers(1, 50),
    st.integers(0, 3),
    st.booleans(),
)


@given(st.lists(st.tuples(CONTROLS, st.integers(0, 10)), max_size=12), st.integers(0, 120))
def test_rules_that_always_hold(added: list[tuple[Control, int]], later: int) -> None:
    inverter, now = Inverter(), 0
    for control, minutes in added:
        now += minutes
        inverter.add(control, now)
        check(inverter, now)
    while (change := next_change(inverter.controls, at(now))) is not None:
        now = round((change - T0).total_seconds() / 60)
        inverter.go(now)
        check(inverter, now)
        if now > later:
            break


def check(inverter: Inverter, now: int) -> None:
    assert_one_is_in_force(each for each in inverter.controls if each.has_started)
    assert_one_is_in_force(each for each in inverter.controls if each.is_default)
    for each in inverter.controls:
        assert not each.is_over(at(now))
        assert not each.has_started or each.is_due(at(now))
    # Looking twice changes nothing.
    assert advance(inverter.controls, at(now)) == (inverter.controls, [])


def assert_one_is_in_force(controls: Iterable[Any]) -> None:
    assert len([each for each in controls if not each.is_superseded]) <= 1
