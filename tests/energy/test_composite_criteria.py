from __future__ import annotations

from typing import Any

import pytest

from chargeplane.domain.profiles import ClearChargingProfile, ProfileCriteria
from chargeplane.energy.composite_criteria import (
    Report,
    cleared,
    expired,
    matching,
    of_transaction,
    reports,
)
from chargeplane.energy.composite_values import Installed
from tests.energy.profiles import HOUR, NOON, installed, later, profile

MAX = "ChargingStationMaxProfile"
HELD = [
    installed(1, id=1, evse_id=0, charging_profile_purpose=MAX),
    installed(1, id=2, evse_id=0),
    installed(1, id=3, evse_id=1, stack_level=2),
    installed(1, id=4, evse_id=1, charging_profile_purpose="TxProfile", transaction_id="a"),
    Installed(
        evse_id=0,
        profile=profile(1, id=-1, charging_profile_purpose="ChargingStationExternalConstraints"),
        source="EMS",
    ),
    Installed(
        evse_id=0,
        profile=profile(1, id=-2, charging_profile_purpose="LocalGeneration"),
        source="Other",
    ),
]


def ids(found: list[Installed]) -> list[int]:
    return [each.profile.id for each in found]


@pytest.mark.parametrize(
    ("criteria", "more", "meant"),
    [
        ({}, {}, [1, 2, 3, 4, -1, -2]),
        ({"evse_id": 0}, {}, [1, 2, -1, -2]),
        ({"evse_id": 1, "stack_level": 2}, {}, [3]),
        ({"charging_profile_purpose": "TxDefaultProfile"}, {}, [2, 3]),
        ({}, {"ids": [4, 2, 9]}, [2, 4]),
        ({}, {"sources": ["EMS", "SO"]}, [-1]),
        ({"evse_id": 0}, {"sources": ["CSO"]}, [1, 2]),
    ],
)
def test_profiles_match_all_that_is_given(
    criteria: dict[str, Any], more: dict[str, Any], meant: list[int]
) -> None:
    """K09.FR.03-06."""
    assert ids(matching(HELD, ProfileCriteria(**criteria), **more)) == meant


@pytest.mark.parametrize(
    ("id_", "criteria", "gone"),
    [
        (None, None, [1, 2, 3, 4]),
        (3, None, [3]),
        (-1, None, []),
        (-2, None, []),
        (9, None, []),
        (None, {"evse_id": 0}, [1, 2]),
        (None, {"charging_profile_purpose": "LocalGeneration"}, []),
        (None, {"stack_level": 2, "evse_id": 1}, [3]),
        (3, {"stack_level": 1}, []),
    ],
)
def test_what_is_cleared_never_came_from_outside(
    id_: int | None, criteria: dict[str, Any] | None, gone: list[int]
) -> None:
    """K10.FR.03-09; 1.6 errata 3.25: all that is given must match."""
    request = ClearChargingProfile(
        charging_profile_id=id_,
        charging_profile_criteria=None if criteria is None else ProfileCriteria(**criteria),
    )
    assert ids(cleared(HELD, request)) == gone


def test_reports_hold_what_is_of_one_evse_and_one_source() -> None:
    """K09.FR.02."""
    found = reports(HELD)
    profiles = [each.profile for each in HELD]
    assert found == [
        Report(0, "CSO", (profiles[0], profiles[1])),
        Report(0, "EMS", (profiles[4],)),
        Report(0, "Other", (profiles[5],)),
        Report(1, "CSO", (profiles[2], profiles[3])),
    ]
    assert reports([]) == []


def test_profiles_of_a_transaction_end_with_it() -> None:
    nameless = installed(1, id=5, charging_profile_purpose="TxProfile")
    held = [*HELD, nameless]
    assert ids(of_transaction(held, 1, "a")) == [4, 5]
    assert ids(of_transaction(held, 1, "b")) == [5]
    assert of_transaction(held, 2, "a") == []


def test_what_can_never_hold_again_is_expired() -> None:
    held = [
        installed(1, id=1, valid_to=later(HOUR)),
        installed(1, id=2, duration=HOUR),
        installed(1, id=3, duration=HOUR, charging_profile_kind="Recurring"),
        installed(1, id=4),
        installed(1, id=5, duration=HOUR, start_schedule=None),
    ]
    assert expired(held, NOON) == []
    assert expired(held, later(HOUR - 1)) == []
    assert ids(expired(held, later(HOUR))) == [1, 2]
