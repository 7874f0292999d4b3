"""The words of the controller: states, modes, errors and settings that have names.

Numbers and texts are those that clients of a SmartEVSE read over REST, MQTT and Modbus.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class State(IntEnum):
    """Where the control-pilot state machine stands; a node asks its master by the `COMM` ones."""

    A = 0
    B = 1
    C = 2
    D = 3
    COMM_B = 4
    COMM_B_OK = 5
    COMM_C = 6
    COMM_C_OK = 7
    ACTSTART = 8
    B1 = 9
    C1 = 10
    MODEM_REQUEST = 11
    MODEM_WAIT = 12
    MODEM_DONE = 13
    MODEM_DENIED = 14


class Level(IntEnum):
    """What the pilot shows of the car's resistors, in V where it is one of the standard's."""

    V12 = 12
    V9 = 9
    V6 = 6
    V3 = 3
    SHORT = 1
    NOT_OK = 0
    DIODE = -1


class Mode(IntEnum):
    """What limits the current: the EVSE alone, the mains too, or what the sun leaves over."""

    NORMAL = 0
    SMART = 1
    SOLAR = 2


class Access(IntEnum):
    """Whether a car may charge."""

    OFF = 0
    ON = 1
    PAUSE = 2


class UserMode(IntEnum):
    """Access and mode in one word, as users choose them (`mode_id`)."""

    OFF = 0
    NORMAL = 1
    SOLAR = 2
    SMART = 3
    PAUSE = 4


class ContactorTwo(IntEnum):
    """How the second contactor is used, which carries two of the three phases (`enable_C2`)."""

    NOT_PRESENT = 0
    ALWAYS_OFF = 1
    SOLAR_OFF = 2
    ALWAYS_ON = 3
    AUTO = 4


class PhaseSwitch(IntEnum):
    """The change of phases that is made when charging begins the next time."""

    NONE = 0
    TO_ONE = 1
    TO_THREE = 2


class Error(IntEnum):
    """The bits of the error flags."""

    LESS_6A = 1
    CT_NOCOMM = 2
    TEMP_HIGH = 4
    EV_NOCOMM = 8
    RCM_TRIPPED = 16
    RCM_TEST = 32
    CIRCUIT_NOCOMM = 64


class RfidReader(IntEnum):
    """What a card at the reader does."""

    DISABLED = 0
    ENABLE_ALL = 1
    ENABLE_ONE = 2
    LEARN = 3
    DELETE = 4
    DELETE_ALL = 5
    REMOTE = 6


class Lock(IntEnum):
    """What holds the cable in the socket."""

    NONE = 0
    SOLENOID = 1
    MOTOR = 2


class Switch(IntEnum):
    """What the external switch is for: a push button (B), a toggle switch (S) or a relay."""

    DISABLED = 0
    ACCESS_B = 1
    ACCESS_S = 2
    SMART_SOLAR_B = 3
    SMART_SOLAR_S = 4
    GRID_RELAY = 5
    CUSTOM_B = 6
    CUSTOM_S = 7


class Strategy(IntEnum):
    """Whom a master serves first where there is not enough for all."""

    EQUAL = 0  # all or nobody, as the devices do it
    PRIORITY = 1
    FIRST_CONNECTED = 2
    LAST_CONNECTED = 3
    ROTATION = 4


def user_mode(access: Access, mode: Mode) -> UserMode:
    """Access and mode as a user sees them."""
    return _USER_MODES[access, mode]


def error_text(errors: int) -> str:
    """The gravest error in words; its number, `error_id`, is `errors.bit_length()`."""
    return ERROR_TEXTS[errors.bit_length()]


_USER_MODES: Final = {
    **{(Access.OFF, mode): UserMode.OFF for mode in Mode},
    **{(Access.PAUSE, mode): UserMode.PAUSE for mode in Mode},
    (Access.ON, Mode.NORMAL): UserMode.NORMAL,
    (Access.ON, Mode.SMART): UserMode.SMART,
    (Access.ON, Mode.SOLAR): UserMode.SOLAR,
}

ERROR_TEXTS: Final = (
    "None",
    "No Power Available",
    "Communication Error",
    "Temperature High",
    "EV Meter Comm Error",
    "RCM Tripped",
    "RCM Test",
    "Circuit Meter Comm Error",
)

# As the REST API says a state, and as MQTT (`StateID`) does.
STATE_TEXTS: Final = {
    State.A: ("Ready to Charge", "A"),
    State.B: ("Connected to EV", "B"),
    State.C: ("Charging", "C"),
    State.D: ("D", "D"),
    State.COMM_B: ("Request State B", "COMM_B"),
    State.COMM_B_OK: ("State B OK", "COMM_B_OK"),
    State.COMM_C: ("Request State C", "COMM_C"),
    State.COMM_C_OK: ("State C OK", "COMM_C_OK"),
    State.ACTSTART: ("Activate", "Activate"),
    State.B1: ("Charging Stopped", "B1"),
    State.C1: ("Stop Charging", "C1"),
    State.MODEM_REQUEST: ("Modem Setup", "MODEM_REQ"),
    State.MODEM_WAIT: ("Modem Request", "MODEM_WAIT"),
    State.MODEM_DONE: ("Modem Done", "MODEM_DONE"),
    State.MODEM_DENIED: ("Modem Denied", "MODEM_DENIED"),
}
