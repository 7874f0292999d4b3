from __future__ import annotations

from chargeplane.energy.composite_rules import RULES_1X, Rules, prepared, replaced, updated
from chargeplane.energy.composite_values import Installed
from tests.energy.profiles import NOON, installed, later, profile


def test_a_profile_takes_the_place_of_that_with_its_id() -> None:
    """K01.FR.05."""
    held = [installed(1, id=1), installed(1, id=2, evse_id=2, stack_level=4)]
    new = installed(2, id=2)
    assert replaced(new, held, Rules()) == [held[1]]
    assert replaced(installed(2, id=3), held, Rules()) == []


def test_in_1_6_it_takes_the_place_of_its_like_too() -> None:
    """1.6 §3.13.2."""
    held = [
        installed(1, id=1),
        installed(1, id=2, evse_id=2),
        installed(1, id=3, stack_level=1),
        installed(1, id=4, charging_profile_purpose="TxProfile"),
        installed(1, id=5, stack_level=7),
    ]
    assert replaced(installed(2, id=5), held, RULES_1X) == [held[0], held[4]]


def test_a_dynamic_profile_counts_as_updated_when_installed() -> None:
    """K28.FR.05."""
    dynamic = profile(1, charging_profile_kind="Dynamic")
    new = Installed(evse_id=1, profile=dynamic, installed_at=NOON)
    assert prepared(new).profile.dyn_update_time == NOON
    assert prepared(prepared(new)) == prepared(new)
    plain = Installed(evse_id=1, profile=profile(1), installed_at=NOON)
    assert prepared(plain) == plain


def test_a_dynamic_profile_takes_new_values() -> None:
    """K28.FR.06, 09."""
    said = {"limit": 10, "setpoint": 5.0, "operation_mode": "CentralSetpoint"}
    held = installed(said, charging_profile_kind="Dynamic", dyn_update_time=NOON)
    after = updated(held, {"setpoint": 7.0}, later(60))
    period = after.profile.charging_schedule[0].charging_schedule_period[0]
    assert (period.limit, period.setpoint) == (10, 7)
    assert after.profile.dyn_update_time == later(60)
