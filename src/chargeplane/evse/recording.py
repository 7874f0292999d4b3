"""The form of a recorded day: JSON Lines, each a run of seconds with all that an EVSE saw.

A line is an object with `config`, the settings; `columns`, the names of what each of its
`steps` holds; and, unless the run begins with switching on, `status`, what the regulation
remembered at its beginning. A step is one second. Its columns are

- `event`: what was done just before, as `verb:argument`, a list of these, or null;
- what the EVSE saw (`INPUTS`, `LEVELS`), of which only `pilot_mv` has to be there, and
  what a node heard from its master;
- what came of it (`OUTPUTS`).

Members, settings and columns that are not known here are kept as they are.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import fields

from chargeplane.energy import regulation
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, ContactorTwo, Lock, RfidReader, Switch, UserMode
from chargeplane.energy.status import Inputs, NodeAnswer, Phases, Status
from chargeplane.errors import RecordingError

MINIMAL: Final = ("event", "mains_da", "pilot_mv", "diode_pulse")
DAY_S: Final = 86_400
HOUR_S: Final = 3_600

E = TypeVar("E", bound=IntEnum)
Row = tuple[Any, ...]


class Broadcast(msgspec.Struct, frozen=True):
    """What a node hears its master say to all."""

    balanced_da: tuple[int, ...]
    mains_da: Phases


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A line that was read: how it begins, and what its seconds bring."""

    members: dict[str, msgspec.Raw]
    settings: Settings
    status: Status
    columns: tuple[str, ...]
    steps: list[Row]


def read(line: bytes) -> Run:
    """Read a line; raises `RecordingError`."""
    members = members_of(line)
    config = member(members, "config", dict[str, Any])
    columns = member(members, "columns", tuple[str, ...]) if "columns" in members else MINIMAL
    settings = settings_of(config)
    return Run(
        members=members,
        settings=settings,
        status=_first_status(members, settings, config),
        columns=columns,
        steps=member(members, "steps", list[_row_type(columns)]),  # type: ignore[misc]
    )


def write(run: Run, outcomes: Iterable[Row]) -> bytes:
    """The line with its outputs replaced by these, which are in the order of `OUTPUTS`."""
    missing = [name for name in OUTPUTS if name not in run.columns]
    columns = [*run.columns, *missing]
    places = [columns.index(name) for name in OUTPUTS]
    steps = []
    for row, outcome in zip(run.steps, outcomes, strict=True):
        step = [*row, *missing]
        for place, value in zip(places, outcome, strict=True):
            step[place] = value
        steps.append(step)
    return msgspec.json.encode({**run.members, "columns": columns, "steps": steps})


def members_of(line: bytes) -> dict[str, msgspec.Raw]:
    """The members of a line, as they stand there; raises `RecordingError`."""
    try:
        return msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except msgspec.MsgspecError as error:
        raise RecordingError(str(error)) from error


def member(members: dict[str, msgspec.Raw], name: str, kind: Any) -> Any:
    """A member as a value of that type; raises `RecordingError`."""
    if name not in members:
        raise RecordingError(f"there is no {name!r}")
    try:
        return msgspec.json.decode(members[name], type=kind)
    except msgspec.MsgspecError as error:
        raise RecordingError(f"{name}: {error}") from error


def _row_type(columns: tuple[str, ...]) -> Any:
    for name in ("pilot_mv", *columns):
        if columns.count(name) != 1:
            raise RecordingError(f"columns: there has to be one {name!r}")
    return tuple[tuple(_SEEN.get(name, msgspec.Raw) for name in columns)]  # type: ignore[misc]


def _first_status(
    members: dict[str, msgspec.Raw], settings: Settings, config: dict[str, Any]
) -> Status:
    if "status" in members:
        status: Status = member(members, "status", Status)
        return status
    status = regulation.measure_mains(regulation.start(settings), settings, (0, 0, 0))
    mode = named(UserMode, config.get("mode", UserMode.NORMAL))
    status = regulation.set_user_mode(status, settings, mode)
    return regulation.set_access(status, settings, Access.ON)


def settings_of(config: dict[str, Any]) -> Settings:
    """The settings that a configuration names, and for all others those of a new device."""
    known = {name: config[name] for name in Settings.__struct_fields__ if name in config}
    known |= {name: named(_NAMED[name], known[name]) for name in _NAMED.keys() & known.keys()}
    try:
        return msgspec.convert(known, Settings)
    except msgspec.ValidationError as error:
        raise RecordingError(f"config: {error}") from error


def config_of(settings: Settings) -> dict[str, Any]:
    """The configuration that names all settings."""
    config: dict[str, Any] = msgspec.to_builtins(settings)
    return config | {name: getattr(settings, name).name for name in _NAMED}


def named(kind: type[E], value: Any) -> E:
    """What is called so, or has that number; raises `RecordingError`."""
    try:
        return kind[value] if isinstance(value, str) else kind(value)
    except (KeyError, ValueError):
        names = ", ".join(each.name for each in kind)
        raise RecordingError(f"{value!r} is none of {names}") from None


# Recording.


class Second(msgspec.Struct, frozen=True, kw_only=True):
    """What one second brought to a device."""

    inputs: Inputs
    events: tuple[str, ...] = ()
    answer: NodeAnswer | None = None
    broadcast: Broadcast | None = None


class Recorder:
    """Keeps the latest seconds, in runs of at most an hour that are replayed one by one."""

    def __init__(self, length_s: int = DAY_S, run_s: int = HOUR_S) -> None:
        self._full: deque[tuple[int, bytes]] = deque()  # how long, and the run
        self._full_s = 0
        self._length_s = length_s
        self._run_s = run_s
        self._run: _Recorded | None = None

    def add(self, before: Status, settings: Settings, second: Second, after: Status) -> None:
        """Take down the status before a second, what the second brought, and the one after it."""
        run = self._run
        if run is not None and (run.settings is not settings or len(run.steps) == self._run_s):
            self.cut()
            run = None
        if run is None:
            run = self._run = _Recorded(settings, before)
        run.add(second, after)

    def cut(self) -> None:
        """Begin a new run with the next second, because it does not follow from the last."""
        run, self._run = self._run, None
        if run is None:
            return
        self._full.append((len(run.steps), zlib.compress(run.line())))
        self._full_s += len(run.steps)
        while self._full_s - self._full[0][0] >= self._length_s:
            self._full_s -= self._full.popleft()[0]

    def lines(self) -> Iterator[bytes]:
        """The runs, the oldest first."""
        yield from (zlib.decompress(run) for _, run in self._full)
        if self._run is not None:
            yield self._run.line()


class _Recorded:
    """A run that grows."""

    def __init__(self, settings: Settings, status: Status) -> None:
        self.settings = settings
        self.steps: list[msgspec.Raw] = []
        self._status = status

    def add(self, second: Second, after: Status) -> None:
        row = [
            second.events or None,
            *(getattr(second.inputs, name) for name in INPUTS),
            second.answer,
            second.broadcast,
            *(getattr(after, name) for name in LEVELS),
            *(value(after) for value in OUTPUTS.values()),
        ]
        self.steps.append(msgspec.Raw(msgspec.json.encode(row)))

    def line(self) -> bytes:
        head = {"config": config_of(self.settings), "status": self._status}
        return msgspec.json.encode({**head, "columns": _COLUMNS, "steps": self.steps})


# Columns.

Flag = bool | int
_NAMED: Final[dict[str, type[IntEnum]]] = {
    "enable_c2": ContactorTwo,
    "lock": Lock,
    "rfid_reader": RfidReader,
    "switch": Switch,
}

# What is measured in a second, and what holds during it: see `energy.status`.
INPUTS: Final[dict[str, Any]] = {
    field.name: Flag if field.type is bool else field.type for field in fields(Inputs)
}
LEVELS: Final[dict[str, Any]] = {"ocpp_limit_a": float | None, "grid_relay_open": Flag}

OUTPUTS: Final[dict[str, Callable[[Status], object]]] = {
    "state": lambda status: status.state.name,
    "balanced_da": lambda status: status.balanced_da[0],
    "phases": lambda status: status.phases,
    "iset_da": lambda status: status.iset_da,
    "isum_da": lambda status: status.isum_da,
    "solar_stop_timer_s": lambda status: status.solar_stop_timer_s,
    "max_sum_mains_timer_s": lambda status: status.max_sum_mains_timer_s,
    "errors": lambda status: status.errors,
    "charge_delay_s": lambda status: status.charge_delay_s,
    "pwm": lambda status: status.pwm,
    "c1": lambda status: int(status.contactor_1),
    "c2": lambda status: int(status.contactor_2),
    "access": lambda status: int(status.access),
    "mode": lambda status: int(status.mode),
}

_SEEN: Final[dict[str, Any]] = {
    "event": str | list[str] | None,
    **INPUTS,
    "answer": NodeAnswer | None,
    "broadcast": Broadcast | None,
    **LEVELS,
}
_COLUMNS: Final = (*_SEEN, *OUTPUTS)
