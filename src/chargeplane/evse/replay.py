"""Recorded days, and single steps of load sharing, done by the regulation again."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from gzip import GzipFile
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from chargeplane.energy import balancing, nodes, regulation
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, Mode, State, UserMode
from chargeplane.energy.status import Inputs, Phases, Status
from chargeplane.errors import ConfigurationError, RecordingError
from chargeplane.evse.recording import (
    INPUTS,
    OUTPUTS,
    Broadcast,
    Row,
    Run,
    member,
    members_of,
    named,
    read,
    settings_of,
    write,
)

GZIP: Final = b"\x1f\x8b"


def replay_all(
    lines: Iterable[bytes],
    again: Callable[[bytes], bytes],
    put: Callable[[bytes], object],
    complain: Callable[[str], object],
) -> bool:
    """Do every line again, and put what comes of it; whether there was nothing to complain of."""
    are_good = True
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                put(again(line) + b"\n")
            except RecordingError as error:
                complain(f"line {number}: {error}")
                are_good = False
    return are_good


def lines_of(file: str) -> Iterator[bytes]:
    """The lines of a file, or of standard input if it is `-`; gzip is recognised."""
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as raw:
            read = BufferedReader(cast(RawIOBase, raw))
            yield from GzipFile(fileobj=read) if read.peek().startswith(GZIP) else read
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigurationError(f"{file}: {error}") from error


def replay(line: bytes) -> bytes:
    """A run with its outputs computed anew; raises `RecordingError`."""
    run = read(line)
    return write(run, _outcomes(run))


def _outcomes(run: Run) -> Iterator[Row]:
    status, settings = run.status, run.settings
    takes = [(TAKES[name], place) for place, name in enumerate(run.columns) if name in TAKES]
    inputs = [(name, place) for place, name in enumerate(run.columns) if name in INPUTS]
    for number, row in enumerate(run.steps):
        try:
            for take, place in takes:
                status = take(status, settings, row[place])
            seen = Inputs(**{name: row[place] for name, place in inputs})
            status = regulation.second(status, settings, seen)
        except (IndexError, ValueError, RecordingError) as error:
            raise RecordingError(f"step {number}: {error}") from error
        yield tuple([value(status) for value in OUTPUTS.values()])


def _take_events(status: Status, settings: Settings, events: str | list[str] | None) -> Status:
    for event in [events] if isinstance(events, str) else events or ():
        verb, colon, argument = event.partition(":")
        if colon:  # what has none only explains what is seen
            if verb not in EVENTS:
                raise RecordingError(f"{verb!r} is no event, but {', '.join(EVENTS)} are")
            status = EVENTS[verb](status, settings, argument)
    return status


def _take_broadcast(status: Status, settings: Settings, heard: Broadcast | None) -> Status:
    if heard is None or not settings.is_node:
        return status
    return regulation.receive_broadcast(status, settings, heard.balanced_da, heard.mains_da)


# Load sharing.


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What a step of load sharing is given besides the settings; one entry for each EVSE."""

    mode: str
    states: list[str]
    balanced_max_da: list[int]
    balanced_before_da: list[int]
    mains_da: Phases
    iset_before_da: int = 0
    new_evse: int = 0


def replay_sharing(line: bytes) -> bytes:
    """A step of a master's load sharing with its output computed anew."""
    members = members_of(line)
    case: Case = member(members, "input", Case)
    config: dict[str, Any] = member(members, "input", dict[str, Any])
    settings = settings_of({**config, "load_balancing": 1})
    status = regulation.measure_mains(_status_of(case), settings, case.mains_da)
    balancing.balance(status, settings, joining=bool(case.new_evse))
    output = {
        "balanced_da": status.balanced_da,
        "iset_da": status.iset_da,
        "no_current": status.no_current,
        "solar_stop_timer_s": status.solar_stop_timer_s,
        "max_sum_mains_timer_s": status.max_sum_mains_timer_s,
    }
    return msgspec.json.encode({**members, "output": output})


def _status_of(case: Case) -> Status:
    evses = len(case.states)
    if not evses or {len(case.balanced_max_da), len(case.balanced_before_da)} != {evses}:
        raise RecordingError("input: there has to be one of each for every EVSE")
    status = Status(mode=named(Mode, case.mode), access=Access.ON, iset_da=case.iset_before_da)
    nodes.grow(status, evses - 1)
    status.states = tuple(named(State, state) for state in case.states)
    status.balanced_da = tuple(case.balanced_before_da)
    status.balanced_max_da = tuple(case.balanced_max_da)
    return status


Take = Callable[[Status, Settings, Any], Status]

# `verb:argument`; other words, such as `plug`, tell why the pilot shows what it shows.
EVENTS: Final[dict[str, Take]] = {
    "mode": lambda status, settings, name: regulation.set_user_mode(
        status, settings, named(UserMode, name)
    ),
    "access": lambda status, settings, number: regulation.set_access(
        status, settings, named(Access, int(number))
    ),
    "override_da": lambda status, settings, current: regulation.set_override(
        status, settings, int(current)
    ),
    "pwm": lambda status, settings, pwm: regulation.set_pwm_override(status, settings, int(pwm)),
    "switch": lambda status, settings, is_closed: (
        regulation.close_switch if int(is_closed) else regulation.open_switch
    )(status, settings),
    "residual_current": lambda status, settings, is_tripped: regulation.reset_residual_current(
        status, settings, is_tripped=bool(int(is_tripped))
    ),
}

# What is not an input of the step but done before it.
TAKES: Final[dict[str, Take]] = {
    "event": _take_events,
    "answer": lambda status, settings, answer: (
        regulation.receive_answer(status, settings, answer) if answer else status
    ),
    "broadcast": _take_broadcast,
    "ocpp_limit_a": regulation.set_ocpp_limit,
    "grid_relay_open": lambda status, settings, is_open: regulation.set_grid_relay(
        status, settings, is_open=bool(is_open)
    ),
}
