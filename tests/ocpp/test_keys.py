"""Configuration keys of 1.6 and variables of 2.x."""

from __future__ import annotations

import re

import pytest

from chargeplane.domain.variables import Component, Variable
from chargeplane.errors import Untranslatable
from chargeplane.ocpp.keys import NAMES, PLACES, read_key, variable_of, write_key
from tests.conftest import Shared

ROW = re.compile(
    r"^\|\s*\d+ \| `(?P<key>\w+)` \| \w+ \| `(?P<component>\w+)(?:\[(?P<instance>\w+)\])?` "
    r"\| `(?P<variable>\w+)` \| `(?P<field>\w+)` \|$",
    re.MULTILINE,
)


def test_the_table_is_that_of_everest(shared: Shared) -> None:
    rows = ROW.findall(shared("everest/v16_to_v2_mapping.md").read_text("utf-8"))
    fields = {"Actual": "Actual", "maxLimit": "MaxLimit"}
    said = {
        key: (Component(component, instance or None), Variable(variable), fields[field])
        for key, component, instance, variable, field in rows
    }
    assert {key: PLACES.get(key) for key in said} == said
    assert len(said) >= 120
    assert PLACES.keys() == said.keys()


@pytest.mark.parametrize("key", list(PLACES))
def test_keys_read_back_as_themselves(key: str) -> None:
    assert write_key(*read_key(key)) == key


def test_no_two_keys_are_one_variable() -> None:
    assert len(NAMES) == len(PLACES)


def test_case_does_not_count() -> None:
    assert read_key("heartbeatinterval") == read_key("HeartbeatInterval")
    assert write_key(*read_key("HEARTBEATINTERVAL")) == "HeartbeatInterval"


def test_unknown_keys_pass_as_they_are() -> None:
    place = read_key("x-Display")
    assert place == (Component(""), Variable("x-Display"), "Actual")
    assert write_key(*place) == "x-Display"


def test_a_variable_without_a_key_cannot_be_said_to_1_x() -> None:
    with pytest.raises(Untranslatable, match=r"EVSE\.Power \(Target\)"):
        write_key(Component("EVSE"), Variable("Power"), "Target")
    with pytest.raises(Untranslatable, match="MaxSet"):
        write_key(Component("OCPPCommCtrlr"), Variable("HeartbeatInterval"), "MaxSet")


def test_a_key_without_a_variable_cannot_be_said_to_2_x() -> None:
    assert variable_of("HeartbeatInterval")[0] == Component("OCPPCommCtrlr")
    with pytest.raises(Untranslatable, match="x-Display"):
        variable_of("x-Display")
