from __future__ import annotations

import pytest

from chargeplane.energy.states import Access, Error, Mode, State
from chargeplane.energy.status import Status
from chargeplane.evse.lights import BLUE, DARK, GREEN, ORANGE, RED, of_mode, shown
from chargeplane.evse.settings import Color, Colors, DeviceSettings

OWN = DeviceSettings(
    colors=Colors(
        off=(1, 1, 1), normal=(2, 2, 2), smart=(3, 3, 3), solar=(4, 4, 4), custom=(5, 5, 5)
    )
)
PUBLIC = DeviceSettings(led_mode=1)


def status(
    state: State = State.A,
    mode: Mode = Mode.NORMAL,
    access: Access = Access.ON,
    errors: int = 0,
    *,
    custom: bool = False,
) -> Status:
    return Status(states=(state,), mode=mode, access=access, errors=errors, custom_button=custom)


@pytest.mark.parametrize(
    ("seen", "color"),
    [
        (status(), (2, 2, 2)),
        (status(mode=Mode.SMART), (3, 3, 3)),
        (status(mode=Mode.SOLAR), (4, 4, 4)),
        (status(access=Access.OFF), (1, 1, 1)),
        (status(access=Access.PAUSE), (1, 1, 1)),
        (status(custom=True), (5, 5, 5)),
    ],
)
def test_colours_of_the_owner(seen: Status, color: Color) -> None:
    assert of_mode(seen, OWN) == shown(seen, OWN, 0) == color


@pytest.mark.parametrize(
    ("seen", "settings", "even", "odd"),
    [
        (status(State.C), OWN, (2, 2, 2), (2, 2, 2)),
        (status(State.B), OWN, (2, 2, 2), DARK),
        (status(State.B1, access=Access.OFF), OWN, (1, 1, 1), (1, 1, 1)),
        (status(errors=Error.CT_NOCOMM), OWN, RED, DARK),
        (status(errors=Error.LESS_6A), OWN, RED, DARK),
        (status(mode=Mode.SOLAR, errors=Error.LESS_6A), OWN, ORANGE, DARK),
        (status(), PUBLIC, GREEN, GREEN),
        (status(State.C), PUBLIC, BLUE, BLUE),
    ],
)
def test_what_blinks(seen: Status, settings: DeviceSettings, even: Color, odd: Color) -> None:
    assert (shown(seen, settings, 0), shown(seen, settings, 1)) == (even, odd)
