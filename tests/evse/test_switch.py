from __future__ import annotations

from chargeplane.evse.switch import Done, ExternalSwitch


def test_what_is_done_with_a_switch() -> None:
    switch = ExternalSwitch()
    looks = [False, True, True, True, False, False]
    done = [switch.look(is_closed=look, seconds=0.5) for look in looks]
    assert done == [
        None,
        Done("closed", 0.0),
        Done("held", 0.5),
        Done("held", 1.0),
        Done("opened", 1.0),
        None,
    ]
