"""What the regulation remembers from step to step, what it is told, and what it wants done."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from chargeplane.energy.states import Access, Level, Mode, PhaseSwitch, State

T = TypeVar("T")
Phases = tuple[int, int, int]
NO_CURRENT: Phases = (0, 0, 0)


def put(values: tuple[T, ...], index: int, value: T) -> tuple[T, ...]:
    """The values with one of them replaced."""
    return (*values[:index], value, *values[index + 1 :])


class NodeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a node says of itself when its master asks (Modbus registers 0x0000 to 0x0007)."""

    state: State
    errors: int = 0
    mode: Mode = Mode.NORMAL
    solar_stop_timer_s: int = 0
    max_current_a: int = 0
    drawn_da: int | None = None  # by its car, as the master reads from its EV meter


class NodeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a master writes to a node; what is None is left alone."""

    state: State
    errors: int
    mode: Mode | None = None
    solar_stop_timer_s: int | None = None


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """What a master knows of a node besides its current; `online` counts down to 0."""

    online: int = 0
    state: State = State.A  # as it says
    errors: int = 0
    mode: Mode = Mode.NORMAL
    solar_stop_timer_s: int = 0
    is_paused: bool = False  # whether or not it knows
    drawn_da: int | None = None  # per phase; None: nobody measures it
    answer: NodeAnswer | None = None


class Status(msgspec.Struct, kw_only=True, gc=False):
    """All that the regulation of one EVSE remembers.

    It is a value: the functions of `regulation` copy it and return the copy. Only what
    takes a `draft`, which is such a copy, writes to it.
    """

    # The own EVSE first, then on a master its nodes.
    states: tuple[State, ...] = (State.A,)
    balanced_da: tuple[int, ...] = (0,)  # what each may draw per phase
    balanced_max_da: tuple[int, ...] = (0,)  # what each could draw
    charging_s: tuple[int, ...] = (0,)
    connected_s: tuple[int, ...] = (0,)  # this and the next two: only where a strategy asks
    waiting_s: tuple[int, ...] = (0,)
    idle_s: tuple[int, ...] = (0,)  # for which a car drew nothing of what it could have
    nodes: tuple[Node, ...] = ()
    mode: Mode = Mode.NORMAL
    new_mode: Mode | None = None  # which the nodes do not know yet
    access: Access = Access.OFF
    errors: int = 0  # bits of `Error`
    # What the hardware is to do.
    pwm: int = 0  # of 1024
    pwm_override: int | None = None
    pilot_connected: bool = True
    contactor_1: bool = False
    contactor_2: bool = False
    # The control pilot.
    level: Level = Level.V12  # as it was seen last
    pilot_off_s: int = 0
    charge_delay_s: int = 0
    activation_s: int | None = 0  # until a car that only waits is woken; None: it is not
    activated_s: int = 0
    stopping_s: int = 0
    relock_s: int = 0
    bounce_ticks: int = 0  # of 10 ms for which the pilot has asked for another state
    diode_seen: bool = False
    residual_test_s: int = 0
    cable_limit_a: int = 13  # the thinnest, before it was measured
    # The current.
    charge_current_da: int = 0
    override_da: int = 0  # 0: none
    ocpp_limit_a: float | None = None
    grid_relay_open: bool = False
    custom_button: bool = False
    iset_da: int = 0  # what all EVSEs may draw together, per phase
    no_current: int = 0  # how often in a row there was not enough for all
    solar_stop_timer_s: int = 0
    max_sum_mains_timer_s: int = 0
    regulation_in_s: int = 4
    has_regulated: bool = False  # in this second, so that nodes get to know
    has_overload: bool = False
    phases: int = 3
    phase_switch: PhaseSwitch = PhaseSwitch.NONE
    # Measurements.
    mains_da: Phases = NO_CURRENT  # without what the home battery takes or gives
    mains_original_da: Phases = NO_CURRENT
    isum_da: int = 0
    smooth_isum_da: float = 0.0
    mains_max_da: int = 0
    mains_fresh: bool = False
    mains_timeout_s: int = 11
    ev_da: Phases = NO_CURRENT
    ev_timeout_s: int = 64
    circuit_da: Phases = NO_CURRENT
    circuit_max_da: int = 0
    circuit_timeout_s: int = 20
    battery_da: int = 0  # positive: it charges
    battery_s: int = 0  # for how long that still holds
    temperature_c: int = 20

    @property
    def state(self) -> State:
        """Where the control pilot of the own EVSE stands."""
        return self.states[0]

    @property
    def is_connected(self) -> bool:
        """Whether a car is plugged in, as far as the pilot shows it."""
        return self.level is not Level.V12


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What one second brings: None where nothing new was measured."""

    pilot_mv: int  # for the whole second
    diode_pulse: bool = False  # the pilot shows the car's diode for 10 ms before that
    mains_da: Phases | None = None
    ev_da: Phases | None = None
    circuit_da: Phases | None = None
    battery_da: int | None = None
    temperature_c: int | None = None
    cable_limit_a: int | None = None
    residual_current: bool = False
    nodes: tuple[NodeReport | None, ...] = ()


class Outputs(msgspec.Struct, frozen=True, kw_only=True):
    """What the hardware and the nodes are to do."""

    pwm: int  # duty of the pilot in 1/1024; 1024: a steady +12 V, 0: a steady -12 V
    pilot_connected: bool
    contactor_1: bool
    contactor_2: bool
    cable_locked: bool
    residual_current_test: bool  # let a current flow that the monitor has to report
    # Of a master.
    broadcast_da: tuple[int, ...] | None  # the current of every EVSE; None: say nothing
    broadcast_errors: int | None
    answers: tuple[NodeAnswer | None, ...]
