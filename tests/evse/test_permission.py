from __future__ import annotations

from chargeplane.energy.states import Access
from chargeplane.evse.permission import Permission


def test_the_strictest_counts() -> None:
    permission = Permission(Access.ON)
    seen = []
    for reason, access in (
        ("one", Access.PAUSE),
        ("other", Access.OFF),
        ("other", None),
        ("never", None),
        ("one", None),
    ):
        permission.hold(reason, access)
        seen.append(permission.access)
    assert seen == [Access.PAUSE, Access.OFF, Access.PAUSE, Access.PAUSE, Access.ON]


def test_what_is_not_wanted_is_not_held_back() -> None:
    permission = Permission(Access.OFF)
    permission.hold("one", Access.PAUSE)
    assert permission.access is Access.OFF
