from __future__ import annotations

from itertools import product
from typing import Any, get_args

import pytest

from chargeplane.station.machine import RUNNING, SAID, State, state_of

IDLE: dict[str, Any] = {
    "faulted": False,
    "operative": True,
    "plugged_in": False,
    "authorized": False,
    "transaction": "none",
    "flow": "evse",
    "reserved": False,
}


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, "Available"),
        ({"reserved": True}, "Reserved"),
        ({"authorized": True}, "Preparing"),
        ({"authorized": True, "reserved": True}, "Preparing"),
        ({"plugged_in": True, "reserved": True}, "Reserved"),
        ({"plugged_in": True, "reserved": True, "transaction": "running"}, "Reserved"),
        ({"plugged_in": True, "reserved": True, "authorized": True}, "Preparing"),
        ({"plugged_in": True}, "Preparing"),
        ({"plugged_in": True, "transaction": "running", "flow": "charging"}, "Charging"),
        ({"plugged_in": True, "transaction": "running", "flow": "ev"}, "SuspendedEV"),
        ({"plugged_in": True, "transaction": "running", "flow": "evse"}, "SuspendedEVSE"),
        ({"plugged_in": True, "transaction": "ended"}, "Finishing"),
        ({"operative": False}, "Unavailable"),
        ({"operative": False, "plugged_in": True}, "Unavailable"),
        ({"operative": False, "reserved": True}, "Unavailable"),
        ({"operative": False, "transaction": "running", "flow": "charging"}, "Charging"),
        ({"faulted": True}, "Faulted"),
        ({"faulted": True, "operative": False}, "Faulted"),
        ({"faulted": True, "transaction": "running"}, "Faulted"),
    ],
)
def test_the_state_that_follows(facts: dict[str, Any], state: State) -> None:
    assert state_of(**(IDLE | facts)) == state


def test_every_combination_has_a_state_that_can_be_said() -> None:
    flags = (True, False)
    flows: tuple[Any, ...] = tuple(RUNNING)
    found = {
        state_of(
            faulted=faulted,
            operative=operative,
            plugged_in=plugged_in,
            authorized=authorized,
            transaction=transaction,
            flow=flow,
            reserved=reserved,
        )
        for faulted, operative, plugged_in, authorized, reserved in product(flags, repeat=5)
        for transaction in ("none", "running", "ended")
        for flow in flows
    }
    assert found == set(get_args(State)) == SAID.keys()
