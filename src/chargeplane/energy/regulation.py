"""The regulation of one EVSE that is alone, a master or a node; start here.

Every function is pure: it takes a `Status` and returns the next one, without a clock
and without touching anything. `step` does a whole second, for simulations and
recordings; a device with a pilot of its own calls `tick_10ms` and `tick_1s`, and what
it measures or is told between them goes in through the functions at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from chargeplane.energy import commands, machine, measurements, nodes, phases, residual, timers
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, Error, Level, Lock, RfidReader, State
from chargeplane.energy.status import Inputs, Outputs, Status

TICKS: Final = 100  # of 10 ms

P = ParamSpec("P")
Change = Callable[Concatenate[Status, Settings, P], None]


def _pure(change: Change[P]) -> Callable[Concatenate[Status, Settings, P], Status]:
    """What changes a status, made into a function from one status to the next."""

    @wraps(change)
    def changed(status: Status, settings: Settings, /, *args: P.args, **kwargs: P.kwargs) -> Status:
        draft = copy(status)
        change(draft, settings, *args, **kwargs)
        return draft

    return changed


def start(settings: Settings) -> Status:
    """The status of an EVSE that was just switched on."""
    status = Status()
    status.phases = 1 if phases.is_single(status, settings) else 3
    return status


def step(inputs: Inputs, status: Status, settings: Settings) -> tuple[Status, Outputs]:
    """Let a second pass: measurements, 100 ticks of 10 ms with one pilot, the tick of a second."""
    status = second(status, settings, inputs)
    return status, outputs(status, settings)


def _second(draft: Status, settings: Settings, inputs: Inputs) -> None:
    """Let a second pass, as 100 ticks of 10 ms and then the one of a second do it."""
    _measure(draft, settings, inputs)
    if inputs.diode_pulse:
        machine.advance(draft, settings, Level.DIODE, 1)
    if inputs.residual_current:
        residual.sense(draft, settings)
    machine.advance(draft, settings, machine.seen(draft, settings, inputs.pilot_mv), TICKS)
    timers.second(draft, settings)


def _measure(draft: Status, settings: Settings, inputs: Inputs) -> None:
    for name, take in _MEASURES:
        value = getattr(inputs, name)
        if value is not None:
            take(draft, settings, value)
    for position, report in enumerate(inputs.nodes, 1):
        if report is not None:
            nodes.receive_report(draft, settings, position, report)


def _tick(
    draft: Status, settings: Settings, pilot_mv: int, *, residual_current: bool = False
) -> None:
    """Let 10 ms pass."""
    if residual_current:
        residual.sense(draft, settings)
    machine.tick(draft, settings, machine.seen(draft, settings, pilot_mv))


def outputs(status: Status, settings: Settings) -> Outputs:
    """What the hardware and the nodes are to do now."""
    speaks = settings.is_master and status.has_regulated
    knows = not status.errors & Error.CT_NOCOMM
    return Outputs(
        pwm=status.pwm,
        pilot_connected=status.pilot_connected,
        contactor_1=status.contactor_1,
        contactor_2=status.contactor_2,
        cable_locked=_is_locked(status, settings),
        residual_current_test=status.residual_test_s == residual.TEST_S,
        broadcast_da=status.balanced_da if speaks and knows else None,
        broadcast_errors=status.errors if speaks and status.has_overload else None,
        answers=tuple([node.answer for node in status.nodes]) if speaks else (),
    )


def _is_locked(status: Status, settings: Settings) -> bool:
    if settings.fixed_cable or settings.lock is Lock.NONE:
        return False
    has_other_card = settings.rfid_reader is RfidReader.ENABLE_ONE and status.access is Access.OFF
    return settings.hold_cable or not (status.state is State.A or has_other_card)


_MEASURES: Final[tuple[tuple[str, Callable[[Status, Settings, Any], None]], ...]] = (
    ("mains_da", measurements.mains),
    ("ev_da", measurements.ev),
    ("circuit_da", measurements.circuit),
    ("battery_da", measurements.battery),
    ("temperature_c", measurements.temperature),
    ("cable_limit_a", measurements.cable),
)

# Time passes.
second = _pure(_second)
tick_10ms = _pure(_tick)
tick_1s = _pure(timers.second)

# Something was measured.
measure = _pure(_measure)
measure_mains = _pure(measurements.mains)
measure_ev = _pure(measurements.ev)
measure_circuit = _pure(measurements.circuit)
measure_battery = _pure(measurements.battery)
measure_temperature = _pure(measurements.temperature)
measure_cable = _pure(measurements.cable)

# Somebody wants something.
set_access = _pure(commands.set_access)
set_mode = _pure(commands.set_mode)
set_user_mode = _pure(commands.set_user_mode)
set_override = _pure(commands.set_override)
set_ocpp_limit = _pure(commands.set_ocpp_limit)
set_grid_relay = _pure(commands.set_grid_relay)
set_custom_button = _pure(commands.set_custom_button)
set_pwm_override = _pure(commands.set_pwm_override)
follow_settings = _pure(commands.follow_settings)
reset_residual_current = _pure(residual.reset)
close_switch = _pure(commands.close_switch)
hold_switch = _pure(commands.hold_switch)
open_switch = _pure(commands.open_switch)

# A master hears of a node, and a node of its master.
receive_report = _pure(nodes.receive_report)
receive_broadcast = _pure(nodes.receive_broadcast)
receive_answer = _pure(nodes.receive_answer)
receive_errors = _pure(nodes.receive_errors)
