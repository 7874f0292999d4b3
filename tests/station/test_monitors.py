"""When a monitor has something to tell, as a pure function."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.domain.variables import Component, Variable
from chargeplane.ocpp.v2 import wire
from chargeplane.station.definition import decimal, flag, number, option, text
from chargeplane.station.monitors import Monitor, flaw, look, replaced

POWER = decimal("Power", attributes=("Actual", "Target"))
STATE = option("State", "On,Off")


def monitor(kind: Any, value: float = 10, **members: Any) -> Monitor:
    usual: dict[str, Any] = {
        "id": 1,
        "component": Component("EVSE"),
        "variable": Variable("Power"),
        "severity": 5,
    }
    return Monitor(type=kind, value=value, **(usual | members))


def told(one: Monitor, values: list[str], target: str | None = None) -> list[str]:
    """What a monitor tells of values that come one after the other."""
    found = []
    for value in values:
        news = look(one, POWER, value, target)
        if news is not None:
            one = news.monitor
            found.append(f"{news.trigger} {value}{' cleared' if news.cleared else ''}")
    return found


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("UpperThreshold", ["9", "10", "10.1", "12", "10", "11"],
         ["Alerting 10.1", "Alerting 10 cleared", "Alerting 11"]),
        ("LowerThreshold", ["11", "10", "9.9", "8", "10"], ["Alerting 9.9", "Alerting 10 cleared"]),
        ("TargetDelta", ["100", "110", "110.5", "89", "90"],
         ["Alerting 110.5", "Alerting 90 cleared"]),
        ("Periodic", ["0", "1000"], []),
        ("PeriodicClockAligned", ["0", "1000"], []),
        ("UpperThreshold", ["", "x", "11", ""], ["Alerting 11", "Alerting  cleared"]),
    ],
)  # fmt: skip
def test_what_is_told(kind: Any, values: list[str], expected: list[str]) -> None:
    assert told(monitor(kind), values, "100") == expected


def test_a_part_of_the_target() -> None:
    values = ["100", "110", "111", "95", "89"]
    expected = ["Alerting 111", "Alerting 95 cleared", "Alerting 89"]
    assert told(monitor("TargetDeltaRelative", 0.1), values, "100") == expected
    assert told(monitor("TargetDeltaRelative", 0.1), values) == []


def test_changes_are_counted_from_what_was_told_last() -> None:
    values = ["110", "111", "120", "121", "122", "109"]
    expected = ["Delta 111", "Delta 122", "Delta 109"]
    assert told(monitor("Delta", reference="100"), values) == expected


def test_a_value_that_becomes_known() -> None:
    assert told(monitor("Delta", reference=""), ["", "5", "6", ""]) == ["Delta 5", "Delta "]


@pytest.mark.parametrize("definition", [STATE, flag("Flag"), text("Text")])
def test_any_change_of_what_is_no_number(definition: Any) -> None:
    one = monitor("Delta", 1000, reference="On")
    assert look(one, definition, "On") is None
    news = look(one, definition, "Off")
    assert news is not None
    assert (news.trigger, news.monitor.reference) == ("Delta", "Off")


@given(values=st.lists(st.floats(-100, 100)), value=st.floats(0, 50))
def test_alarms_and_all_clears_take_turns(values: list[float], value: float) -> None:
    one, cleared = monitor("UpperThreshold", value), []
    for each in values:
        news = look(one, POWER, str(each))
        if news is not None:
            one = news.monitor
            cleared.append(news.cleared)
            assert news.cleared == (each <= value)
    assert cleared == [bool(number % 2) for number in range(len(cleared))]
    assert one.is_triggered == bool(values and values[-1] > value)


@given(values=st.lists(st.floats(-100, 100)), value=st.floats(0, 50))
def test_no_two_values_that_are_told_are_close(values: list[float], value: float) -> None:
    one, before = monitor("Delta", value, reference="0"), 0.0
    for each in values:
        news = look(one, POWER, str(each))
        assert (news is not None) == (abs(each - before) > value)
        if news is not None:
            one, before = news.monitor, each


# Replacing


@pytest.mark.parametrize(
    ("triggered", "value", "expected"),
    [
        (False, 5, ["Alerting 8"]),  # the new threshold is exceeded
        (True, 5, ["Alerting 8"]),  # again
        (True, 20, ["Alerting 8 cleared"]),  # the new threshold clears the old one
        (False, 20, []),
    ],
)
def test_a_threshold_that_is_replaced(
    value: float, expected: list[str], *, triggered: bool
) -> None:
    before = monitor("UpperThreshold", 7, is_triggered=triggered)
    after = replaced(before, monitor("UpperThreshold", value), POWER, "8")
    assert told(after, ["8", "8"]) == expected


# What may be set


def asking(kind: Any, value: float = 1, severity: int = 5) -> wire.SetMonitoringData:
    return wire.SetMonitoringData(
        type=kind,
        value=value,
        severity=severity,
        component=wire.Component(name="C"),
        variable=wire.Variable(name="V"),
    )


BOUNDED = number("Number", 0, high=100)


@pytest.mark.parametrize(
    ("definition", "asked", "expected"),
    [
        (BOUNDED, asking("UpperThreshold", 100), None),
        (BOUNDED, asking("UpperThreshold", 101), ("Rejected", "ValueOutOfRange")),
        (BOUNDED, asking("LowerThreshold", -1), ("Rejected", "ValueOutOfRange")),
        (decimal("D"), asking("UpperThreshold", 50), None),
        (decimal("D"), asking("UpperThreshold", 51), ("Rejected", "ValueOutOfRange")),
        (BOUNDED, asking("Delta", 0), None),
        (BOUNDED, asking("Delta", -1), ("Rejected", "ValuePositiveOnly")),
        (STATE, asking("Delta", 1), None),
        (STATE, asking("Periodic", 1), None),
        (STATE, asking("Periodic", 0), ("Rejected", "ValuePositiveOnly")),
        (STATE, asking("UpperThreshold"), ("UnsupportedMonitorType", "UnsupportedParam")),
        (BOUNDED, asking("TargetDelta"), ("UnsupportedMonitorType", "UnsupportedParam")),
        (POWER, asking("TargetDelta"), None),
        (POWER, asking("TargetDeltaRelative", -0.1), ("Rejected", "ValuePositiveOnly")),
        (BOUNDED, asking("Delta", severity=10), ("Rejected", "ValueOutOfRange")),
        (BOUNDED, asking("Delta", severity=-1), ("Rejected", "ValueOutOfRange")),
    ],
)
def test_what_may_be_set(definition: Any, asked: Any, expected: Any) -> None:
    assert flaw(asked, definition, 50.0) == expected
