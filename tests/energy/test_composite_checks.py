from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import inf, nan
from typing import Any

import msgspec
import pytest

from chargeplane.domain.messages import StatusInfo
from chargeplane.domain.profiles import FrequencyPoint, LimitAtSoc
from chargeplane.energy.composite_checks import CHECKS, refusal
from chargeplane.energy.composite_rules import RULES_1X, Candidate, Check, Rules
from chargeplane.energy.composite_values import (
    Circumstances,
    Installed,
    Running,
    StationFacts,
)
from tests.energy.profiles import HOUR, NOON, installed, later, profile

Said = dict[str, Any]

RULES = Rules(
    max_stack_level=9,
    max_periods=3,
    max_profiles=3,
    rate_units=frozenset({"A", "W"}),
    additional_purposes=frozenset({"PriorityCharging", "LocalGeneration"}),
    operation_modes=frozenset(
        {"CentralSetpoint", "ExternalSetpoint", "ExternalLimits", "LocalFrequency", "Idle"}
    ),
    dynamic_profiles=True,
    max_offline_duration=True,
    local_time=True,
    randomized_delay=True,
    limit_at_soc=True,
    evse_sleep=True,
    phase_switching=True,
    max_external_id=0,
    update_interval_s=60,
)
HERE = Circumstances(
    facts=StationFacts(evse_ids=(1, 2)), transactions={1: Running(id="a", start=NOON)}
)
EXTERNAL: Said = {"charging_profile_purpose": "ChargingStationExternalConstraints"}
MAX: Said = {"charging_profile_purpose": "ChargingStationMaxProfile", "evse_id": 0}
TX: Said = {"charging_profile_purpose": "TxProfile", "transaction_id": "a"}
PRIORITY: Said = {"charging_profile_purpose": "PriorityCharging"}
RECURRING: Said = {"charging_profile_kind": "Recurring", "recurrency_kind": "Daily"}
RELATIVE: Said = {"charging_profile_kind": "Relative", "start_schedule": None}
DYNAMIC: Said = {"charging_profile_kind": "Dynamic", "start_schedule": None}
LOCAL_FREQUENCY: Said = {
    "operation_mode": "LocalFrequency",
    "v2x_baseline": 0.0,
    "v2x_freq_watt_curve": (FrequencyPoint(frequency=49, power=-1),) * 2,
}


def refused(
    new: Installed,
    *held: Installed,
    rules: Rules = RULES,
    origin: Any = "SetChargingProfile",
    here: Circumstances = HERE,
) -> StatusInfo | None:
    return refusal(Candidate(new, held, here, rules, origin))


GOOD = [
    installed(16, 10),
    installed(16, **RECURRING),
    installed(16, **RELATIVE),
    installed(16, evse_id=0),
    installed(16, **MAX),
    installed(16, **TX),
    installed(16, **PRIORITY),
    installed(16, evse_id=0, charging_profile_purpose="LocalGeneration"),
    installed(16, **DYNAMIC, dyn_update_interval=60),
    installed(16, max_offline_duration=60, invalid_after_offline_duration=True),
    installed(16, use_local_time=True, randomized_delay=60),
    installed(16, limit_at_soc=LimitAtSoc(soc=80, limit=6)),
    installed({"limit": 16, "number_phases": 1, "phase_to_use": 2}),
    installed({"limit": 16, "limit_l2": 12, "limit_l3": 10}, **TX),
    installed({"operation_mode": "CentralSetpoint", "setpoint": -5.0, "discharge_limit": -6.0}),
    installed(LOCAL_FREQUENCY, charging_rate_unit="W"),
    installed({"operation_mode": "Idle", "evse_sleep": True}),
]


@pytest.mark.parametrize("new", GOOD, ids=range(len(GOOD)))
def test_what_is_right_is_taken(new: Installed) -> None:
    assert refused(new) is None


ONE = profile(16)
TWO_SCHEDULES = Installed(
    evse_id=1,
    profile=msgspec.structs.replace(ONE, charging_schedule=ONE.charging_schedule * 2),
)
BAD: list[tuple[Installed, str, str]] = [
    (installed(16, evse_id=3), "UnknownEvse", "K01.FR.28"),
    (installed(16, **EXTERNAL), "InvalidValue", "K01.FR.22"),
    (installed(16, dyn_update_interval=5), "InvalidProfile", "K01.FR.122"),
    (installed(16, charging_profile_kind="Recurring"), "InvalidProfile", "recurrencyKind"),
    (installed(16, id=0), "InvalidProfileId", "K01.FR.81"),
    (installed(16, stack_level=10), "InvalidStackLevel", ""),
    (installed(16, **MAX | {"evse_id": 1}), "InvalidValue", "EVSE 0"),
    (installed(16, **MAX, **RELATIVE), "InvalidValue", "K01.FR.38"),
    (installed(16, **TX, evse_id=0), "InvalidValue", "K01.FR.16"),
    (installed(16, charging_profile_purpose="TxProfile"), "MissingParam", "K01.FR.03"),
    (installed(16, **TX, evse_id=2), "TxNotFound", "K01.FR.09"),
    (installed(16, **TX | {"transaction_id": "b"}), "TxNotFound", "33"),
    (TWO_SCHEDULES, "InvalidSchedule", "K01.FR.34"),
    (installed(), "InvalidSchedule", "K01.FR.34"),
    (installed(16, 10, **DYNAMIC), "InvalidSchedule", "K28.FR.01"),
    (installed(1, 2, 3, 4), "TooManyElements", "periods"),
    (installed(16, start_schedule=None), "InvalidSchedule", "K01.FR.40"),
    (installed(16, charging_profile_kind="Relative"), "InvalidSchedule", "K01.FR.40, 41"),
    (installed({"limit": 1, "start_period": 1}), "InvalidSchedule", "K01.FR.31"),
    (installed(16, {"limit": 1, "start_period": 0}), "InvalidSchedule", "35"),
    (installed(16, duration=HOUR, **PRIORITY), "InvalidSchedule", "K01.FR.70"),
    (installed(16, randomized_delay=5, **MAX), "InvalidSchedule", "K01.FR.95"),
    (installed(nan), "InvalidSchedule", "finite"),
    (installed(16, min_charging_rate=inf), "InvalidSchedule", "finite"),
    (
        installed(16, limit_at_soc=LimitAtSoc(soc=80, limit=inf)),
        "InvalidSchedule",
        "finite",
    ),
    (installed({"limit": 16, "phase_to_use": 1}), "InvalidSchedule", "K01.FR.19"),
    (installed({"limit": 16, "number_phases": 4}), "InvalidSchedule", "K01.FR.43"),
    (installed({"limit": 16, "limit_l2": 12}), "PhaseConflict", "K01.FR.144"),
    (
        installed({"operation_mode": "CentralSetpoint", "setpoint": 1.0, "limit_l2": 2}, **TX),
        "PhaseConflict",
        "146",
    ),
    (
        installed({"operation_mode": "CentralSetpoint", "setpoint": 1.0}, **PRIORITY),
        "InvalidOperationMode",
        "K01.FR.114",
    ),
    (installed({"operation_mode": "LocalLoadBalancing"}), "InvalidOperationMode", "115"),
    (
        installed(LOCAL_FREQUENCY | {"v2x_baseline": None}, charging_rate_unit="W"),
        "NoFreqWattCurve",
        "Q08.FR.03",
    ),
    (installed(LOCAL_FREQUENCY), "InvalidSchedule", "Q08.FR.05"),
    (installed({}), "InvalidSchedule", "Q §2.2"),
    (installed({"limit": 16, "setpoint": 3.0}), "InvalidSchedule", "Q §2.2"),
    (installed({"operation_mode": "Idle", "limit": 0}), "InvalidSchedule", "Q §2.2"),
    (
        installed({"operation_mode": "CentralSetpoint", "setpoint": 9.0, "limit": 8}),
        "InvalidSchedule",
        "V2X.05",
    ),
    (
        installed({"operation_mode": "CentralSetpoint", "setpoint": -9.0, "discharge_limit": -8.0}),
        "InvalidSchedule",
        "V2X.05",
    ),
]


@pytest.mark.parametrize(("new", "code", "rule"), BAD, ids=[f"{b[1]} {b[2]}" for b in BAD])
def test_what_is_wrong_is_named(new: Installed, code: str, rule: str) -> None:
    found = refused(new)
    assert found is not None
    assert found.reason_code == code
    assert rule in (found.additional_info or "")


@pytest.mark.parametrize(
    ("new", "without", "code"),
    [
        (installed(16, **PRIORITY), {"additional_purposes": frozenset()}, "UnsupportedPurpose"),
        (installed(16, **DYNAMIC), {"dynamic_profiles": False}, "UnsupportedKind"),
        (installed(16, max_offline_duration=9), {"max_offline_duration": False}, "InvalidProfile"),
        (installed(16), {"rate_units": frozenset({"W"})}, "UnsupportedRateUnit"),
        (installed(16, use_local_time=True), {"local_time": False}, "InvalidSchedule"),
        (installed(16, randomized_delay=9), {"randomized_delay": False}, "InvalidSchedule"),
        (
            installed(16, limit_at_soc=LimitAtSoc(soc=80, limit=6)),
            {"limit_at_soc": False},
            "InvalidSchedule",
        ),
        (
            installed({"operation_mode": "Idle", "evse_sleep": True}),
            {"evse_sleep": False},
            "InvalidSchedule",
        ),
        (
            installed({"limit": 16, "number_phases": 1, "phase_to_use": 2}),
            {"phase_switching": False},
            "InvalidSchedule",
        ),
        (
            installed({"limit": 16, "number_phases": 1}),
            {"dc_evses": frozenset({1})},
            "NoPhaseForDC",
        ),
        (
            installed({"limit": 16, "number_phases": 1}, evse_id=0),
            {"dc_evses": frozenset({1, 2})},
            "NoPhaseForDC",
        ),
        (installed(-1), {"negative_limits": False}, "InvalidSchedule"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_a_station_does_not_support_is_refused(
    new: Installed, without: dict[str, Any], code: str
) -> None:
    assert refused(new) is None
    found = refused(new, rules=replace(RULES, **without))
    assert found is not None
    assert found.reason_code == code


def test_dc_may_choose_the_phases_it_draws_from() -> None:
    """K01.FR.54."""
    rules = replace(
        RULES, dc_evses=frozenset({1}), dc_input_phase_control=frozenset({1}), phase_switching=False
    )
    assert (
        refused(installed({"limit": 16, "number_phases": 1, "phase_to_use": 2}), rules=rules)
        is None
    )


def test_what_an_ev_negotiates_may_have_several_schedules() -> None:
    """K01.FR.34."""
    assert refused(TWO_SCHEDULES, rules=replace(RULES, several_schedules=True)) is None


def test_a_remote_start_brings_a_profile_for_a_transaction_to_come() -> None:
    """K05.FR.02; 1.6 §5.16.2."""
    idle = replace(HERE, transactions={})
    own = installed(16, charging_profile_purpose="TxProfile")
    assert refused(own, here=idle, origin="RequestStartTransaction") is None
    found = refused(installed(16), here=idle, origin="RequestStartTransaction")
    assert found is not None
    assert found.reason_code == "InvalidValue"


def test_an_external_system_may_constrain() -> None:
    """K11.FR.06, Q06.FR.01."""
    said = {"operation_mode": "ExternalLimits", "limit": 9, "limit_l2": 8, "limit_l3": 7}
    new = installed(said, id=-1, randomized_delay=5, **EXTERNAL)
    assert refused(new, origin="External") is None
    assert refused(new, new, origin="External") is None
    found = refused(installed(16, id=7), installed(9, id=7, **EXTERNAL))
    assert found is not None
    assert (found.reason_code, found.additional_info) == (
        "DuplicateProfile",
        "K01.FR.05: an external constraint has this id",
    )


@pytest.mark.parametrize(
    ("new", "held", "rule"),
    [
        (installed(16, id=2), installed(10, id=1), "K01.FR.06"),
        (installed(16, id=1), installed(10, id=1), None),
        (installed(16, id=2, stack_level=1), installed(10, id=1), None),
        (installed(16, id=2, **PRIORITY), installed(10, id=1), None),
        (
            installed(16, id=2, valid_from=later(HOUR)),
            installed(10, id=1, valid_to=later(HOUR)),
            None,
        ),
        (
            installed(16, id=2, valid_from=later(HOUR - 1)),
            installed(10, id=1, valid_to=later(HOUR)),
            "K01.FR.06",
        ),
        (installed(16, id=2, evse_id=2), installed(10, id=1), None),
        (installed(16, id=2, evse_id=0), installed(10, id=1), "K01.FR.52"),
        (installed(16, id=2), installed(10, id=1, evse_id=0), "53"),
        (installed(16, id=2, **TX), installed(10, id=1, **TX), "K01.FR.39"),
        (installed(16, id=2, **TX), installed(10, id=1, **TX, stack_level=3), None),
    ],
)
def test_a_level_is_taken_once(new: Installed, held: Installed, rule: str | None) -> None:
    found = refused(new, held)
    assert (found is None) == (rule is None)
    if found is not None:
        assert found.reason_code == "DuplicateProfile"
        assert (rule or "") in (found.additional_info or "")
    if new.profile.charging_profile_purpose != "PriorityCharging":
        assert refused(new, held, rules=RULES_1X) is None  # which is replaced there


@pytest.mark.parametrize(
    ("phase", "evse_id", "code"), [(1, 0, None), (3, 0, "PhaseConflict"), (3, 2, None)]
)
def test_profiles_that_are_combined_use_the_same_phase(
    phase: int, evse_id: int, code: str | None
) -> None:
    """K01.FR.141."""
    of_phase = {"limit": 16, "number_phases": 1}
    new = installed(of_phase | {"phase_to_use": 1}, **TX)
    purpose = EXTERNAL if evse_id else MAX
    held = installed(of_phase | {"phase_to_use": phase}, id=2, **purpose | {"evse_id": evse_id})
    found = refused(new, held)
    assert (found and found.reason_code) == code
    default = installed(of_phase | {"phase_to_use": 3}, id=2)
    assert refused(new, default) is None


def test_only_so_many_fit() -> None:
    held = [installed(16, id=n, stack_level=n) for n in (1, 2, 3)]
    assert refused(installed(10, id=3, stack_level=3), *held) is None
    found = refused(installed(10, id=4, stack_level=4), *held)
    assert found is not None
    assert found.reason_code == "TooManyElements"


def test_profiles_of_a_purpose_change_only_so_often() -> None:
    """K01.FR.56."""
    old = Installed(evse_id=1, profile=profile(16), installed_at=NOON)
    soon, late = (
        Installed(evse_id=1, profile=profile(10), installed_at=NOON + timedelta(seconds=s))
        for s in (59, 60)
    )
    found = refused(soon, old)
    assert found is not None
    assert found.reason_code == "RateLimitExceeded"
    assert refused(late, old) is None


def test_1_6_is_less_strict_about_starts_and_ids() -> None:
    absolute = installed(16, start_schedule=None)
    relative = installed(16, charging_profile_kind="Relative")
    nameless = installed(16, charging_profile_purpose="TxProfile")
    assert [refused(each, rules=RULES_1X) for each in (absolute, relative, nameless)] == [None] * 3
    negative = refused(installed(-1), rules=RULES_1X)
    assert negative is not None


def test_each_check_has_been_seen_to_fail() -> None:
    """The tables above leave no check out."""
    tried = [Candidate(new, (), HERE, RULES) for new, *_ in BAD]
    strict = Rules(max_periods=3, rate_units=frozenset({"W"}), negative_limits=False)
    tried += [Candidate(new, (), HERE, strict) for new in [*GOOD, installed(-1)]]
    dc = replace(RULES, dc_evses=frozenset({1}))
    tried.append(Candidate(installed({"limit": 1, "number_phases": 1}), (), HERE, dc))
    beside = {"DuplicateProfile", "TooManyElements", "RateLimitExceeded", "PhaseConflict"}
    unseen = [check for check in CHECKS if not any(_is_wrong(check, each) for each in tried)]
    assert {check.reason_code for check in unseen} <= beside


def _is_wrong(check: Check, candidate: Candidate) -> bool:
    try:
        return check.is_wrong(candidate)
    except IndexError:  # an earlier check keeps it from being asked
        return False
