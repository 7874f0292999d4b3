"""The colour of the light, and of the button that a home automation may show."""

from __future__ import annotations

from typing import Final

from chargeplane.energy.states import Access, Error, Mode, State
from chargeplane.energy.status import Status
from chargeplane.evse.settings import Color, DeviceSettings

DARK: Final[Color] = (0, 0, 0)
RED: Final[Color] = (255, 0, 0)
GREEN: Final[Color] = (0, 255, 0)
BLUE: Final[Color] = (0, 0, 255)
ORANGE: Final[Color] = (255, 100, 0)

PUBLIC: Final = 1


def of_mode(status: Status, settings: DeviceSettings) -> Color:
    """The colour that its owner gave to what the device is set to."""
    colors = settings.colors
    if status.access is not Access.ON:
        return colors.off
    if status.custom_button:
        return colors.custom
    return {Mode.NORMAL: colors.normal, Mode.SMART: colors.smart, Mode.SOLAR: colors.solar}[
        status.mode
    ]


def shown(status: Status, settings: DeviceSettings, second: int) -> Color:
    """The colour at a second: errors blink, and so does a car that waits."""
    is_lit = second % 2 == 0
    if status.errors & ~Error.LESS_6A:
        return RED if is_lit else DARK
    color = _public(status) if settings.led_mode == PUBLIC else of_mode(status, settings)
    waits = status.errors & Error.LESS_6A or status.charge_delay_s
    if waits and status.access is Access.ON:
        warning = ORANGE if status.mode is Mode.SOLAR else RED
        return warning if is_lit else DARK
    is_asking = status.state in _CONNECTED and status.access is Access.ON
    return DARK if is_asking and not is_lit else color


def _public(status: Status) -> Color:
    """For strangers: green is free, blue is taken."""
    return GREEN if status.state is State.A else BLUE


_CONNECTED: Final = {State.B, State.COMM_B, State.COMM_B_OK, State.COMM_C, State.ACTSTART}
