"""The control pilot and the proximity contact of IEC 61851-1: levels, duty, cable."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Final

from chargeplane.energy.states import Error, Level, State
from chargeplane.energy.status import Status

STEADY: Final = 1024  # the duty that is no square wave but a steady +12 V
SAFE_PWM: Final = 102  # 6 A, also for a current that the pilot cannot say


def level(pilot_mv: int) -> Level:
    """The level of a reading of the pilot's ADC in mV."""
    return _LEVELS[bisect_right(_LEVELS_FROM_MV, pilot_mv)]


def duty(current_da: int) -> int:
    """The duty in 1/1024 that offers that current in 0.1 A."""
    for currents, permille in _DUTIES:
        if current_da in currents:
            return permille(current_da) * STEADY // 1000
    return SAFE_PWM


def offered_da(pwm: int) -> int:
    """The current in 0.1 A that a duty in 1/1024 offers; 0 where it offers none."""
    permille = -(-pwm * 1000 // STEADY)
    for duties, current_da in _OFFERS:
        if permille in duties:
            return current_da(permille)
    return 0


def cable_limit_a(proximity_mv: int) -> int:
    """What the plugged cable carries, by its resistor under 1 kΩ from 3.3 V (table B.2)."""
    return _CABLES_A[bisect_right(_CABLES_FROM_MV, proximity_mv)]


def iec_state(status: Status) -> str:
    """The letter of IEC 61851-1, A to F; E: the pilot is off, F: the EVSE is out of order."""
    errors = status.errors & ~Error.LESS_6A
    if (errors and not status.residual_test_s) or status.state is State.ACTSTART:
        return "F"
    if status.state is State.C and status.level is Level.V3:
        return "D"
    return _IEC_STATES.get(status.state, "B") if status.pilot_connected else "E"


_LEVELS_FROM_MV: Final = (101, 300, 1600, 2000, 2400, 2735, 3055)
_LEVELS: Final = (
    Level.NOT_OK,
    Level.DIODE,
    Level.NOT_OK,
    Level.SHORT,
    Level.V3,
    Level.V6,
    Level.V9,
    Level.V12,
)

# IEC 61851-1 tables A.7 and A.8, in thousandths: 0.6 A for each percent up to 85 %, and
# beyond it 2.5 A for each percent above 64 %.
Line = tuple[range, Callable[[int], int]]
_DUTIES: Final[tuple[Line, ...]] = (
    (range(60, 511), lambda current_da: current_da * 10 // 6),
    (range(511, 801), lambda current_da: current_da * 2 // 5 + 640),
)
_OFFERS: Final[tuple[Line, ...]] = (
    (range(100, 851), lambda permille: permille * 6 // 10),
    (range(851, 961), lambda permille: (permille - 640) * 5 // 2),
)

# 100, 220 and 680 ohm; whatever else there is may be the thinnest cable.
_CABLES_FROM_MV: Final = (201, 400, 501, 700, 1201, 1400)
_CABLES_A: Final = (13, 63, 13, 32, 13, 16, 13)

_IEC_STATES: Final = {State.A: "A", State.C: "C", State.C1: "C", State.D: "D"}
