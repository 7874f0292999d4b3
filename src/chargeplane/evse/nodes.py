"""The Modbus registers of a SmartEVSE: what a node answers its master, or anybody who watches it.

A master writes two things with a form of their own: its answer to a node (registers 0x0000 on,
of one unit), and the currents of all EVSEs and of the mains (0x0020 on, of unit 9, to all).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

from chargeplane.energy.states import Mode, State
from chargeplane.energy.status import NodeAnswer, NodeReport
from chargeplane.errors import DeviceRefused, NoMeasurement
from chargeplane.evse.readings import Phases

BROADCAST_UNIT: Final = 9
EVSES: Final = 8  # that a broadcast has room for, the master first

STATUS, BALANCE, MAINS, EV_METER, CONFIG_CHANGED, ERRORS = 0x0000, 0x0020, 0x0028, 0x0108, 6, 1
STATUS_WORDS: Final = 8  # that a master asks for
ANSWER_WORDS: Final = 2  # that its answer has at least: state and errors

ILLEGAL_ADDRESS, ILLEGAL_VALUE = 2, 3
WRITE_MANY: Final = 16
WORD: Final = 0x10000


class Row(NamedTuple):
    """A register: what it is called, and within which bounds it can be written, if at all."""

    address: int
    name: str
    bounds: tuple[int, int] | None = None


class Broadcast(msgspec.Struct, frozen=True, kw_only=True):
    """What a master tells all its nodes."""

    balanced_da: tuple[int, ...]  # of the master, then of its nodes
    mains_da: Phases | None = None


class Controller(Protocol):
    """Who owns the values in the registers."""

    def register_values(self) -> Mapping[str, int]:
        """The values by the names in `ROWS`; what is missing is 0."""
        ...

    def apply(self, changes: Mapping[str, int]) -> None:
        """Take over values that somebody wrote."""
        ...

    def obey(self, answer: NodeAnswer) -> None:
        """Take the answer of the master."""
        ...

    def hear(self, broadcast: Broadcast) -> None:
        """Take what the master tells all."""
        ...


class NodeRegisters:
    """A controller as `net.modbus` serves it."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def read(self, _function: int, address: int, count: int) -> list[int]:
        """The values from a register on."""
        values = self._controller.register_values()
        return [values.get(row.name, 0) % WORD for row in _rows(address, count)]

    def write(self, function: int, address: int, values: Sequence[int]) -> None:
        """Take values; of several, those that cannot be are left out."""
        if function == WRITE_MANY and address == BALANCE:
            self._controller.hear(parse_broadcast(values))
        elif address == STATUS and len(values) >= ANSWER_WORDS:
            self._controller.obey(_parse_answer(values))
        else:
            self._controller.apply(changes(address, values))


def changes(address: int, values: Sequence[int]) -> dict[str, int]:
    """What writing these values changes.

    Raises `DeviceRefused`: with code 2 for registers that do not exist, with 3 if not one of the
    values is allowed.
    """
    rows = _rows(address, len(values))
    found = {
        row.name: value
        for row, value in zip(rows, values, strict=True)
        if row.bounds is not None and row.bounds[0] <= value <= row.bounds[1]
    }
    if not found:
        raise DeviceRefused(f"register {address:#06x}: {list(values)}", ILLEGAL_VALUE)
    return found


def _rows(address: int, count: int) -> list[Row]:
    found = [_BY_ADDRESS.get(at) for at in range(address, address + count)]
    rows = [row for row in found if row is not None]
    if len(rows) != count or not count:
        raise DeviceRefused(f"register {address:#06x}, {count} of them", ILLEGAL_ADDRESS)
    return rows


# What a node says, and what it is told


def report_values(report: NodeReport) -> dict[str, int]:
    """The report of a node as values of registers."""
    return {
        "state": report.state,
        "errors": report.errors,
        "mode": report.mode,
        "solar_stop_timer_s": report.solar_stop_timer_s,
        "limit_a": report.max_current_a,
    }


def parse_report(words: Sequence[int]) -> NodeReport:
    """The report in the registers of a node; raises `NoMeasurement` if it makes no sense."""
    values = {row.name: word for row, word in zip(ROWS, words[:STATUS_WORDS], strict=False)}
    try:
        return NodeReport(
            state=State(values["state"]),
            errors=values["errors"],
            mode=Mode(values["mode"]),
            solar_stop_timer_s=values["solar_stop_timer_s"],
            max_current_a=values["limit_a"],
        )
    except (KeyError, ValueError) as error:
        raise NoMeasurement(f"{list(words)} is no report of a node") from error


def answer_words(answer: NodeAnswer) -> list[int]:
    """The registers that a master writes as its answer; a timer goes with a mode."""
    words = [int(answer.state), answer.errors]
    if answer.mode is not None:
        words += [0, int(answer.mode)]  # 0: the current that a node is told by broadcast
        if answer.solar_stop_timer_s is not None:
            words.append(answer.solar_stop_timer_s)
    return words


def _parse_answer(words: Sequence[int]) -> NodeAnswer:
    found = changes(STATUS, words)
    try:
        return NodeAnswer(
            state=State(found["state"]),
            errors=found["errors"],
            mode=Mode(found["mode"]) if "mode" in found else None,
            solar_stop_timer_s=found.get("solar_stop_timer_s"),
        )
    except KeyError as error:
        raise DeviceRefused(f"{list(words)} is no answer of a master", ILLEGAL_VALUE) from error


def broadcast_words(balanced_da: Sequence[int], mains_da: Phases) -> list[int]:
    """The registers in which a master tells all nodes their currents, and those of the mains."""
    balanced = [*balanced_da, *(0,) * EVSES][:EVSES]
    return [word % WORD for word in (*balanced, *mains_da)]


def parse_broadcast(words: Sequence[int]) -> Broadcast:
    """What a master told all; raises `DeviceRefused` if that is not all currents."""
    if len(words) < EVSES:
        raise DeviceRefused(f"{len(words)} registers at {BALANCE:#06x}", ILLEGAL_VALUE)
    mains = [word - WORD if word >= WORD // 2 else word for word in words[EVSES:]]
    return Broadcast(
        balanced_da=tuple(words[:EVSES]),
        mains_da=(mains[0], mains[1], mains[2]) if len(mains) > 2 else None,  # noqa: PLR2004
    )


# The registers


def _block(address: int, rows: Iterable[tuple[str, tuple[int, int] | None]]) -> tuple[Row, ...]:
    return tuple(Row(address + at, *row) for at, row in enumerate(rows))


_METER, _UNIT, _REGISTER, _EXPONENT = (0, 19), (10, 247), (0, 65534), (0, 7)

ROWS: Final[tuple[Row, ...]] = (
    *_block(
        STATUS,
        (
            ("state", (0, max(State))),
            ("errors", (0, 0xFFFF)),
            ("charge_current_da", (0, 800)),
            ("mode", (0, 2)),
            ("solar_stop_timer_s", (0, 0xFFFF)),
            ("access", (0, 2)),
            ("config_changed", (0, 1)),
            ("limit_a", None),  # of EVSE and cable
            ("phases", None),
            ("real_current_da", None),
            ("temperature_c", None),
            ("serial", None),
        ),
    ),
    *_block(
        0x0100,
        (
            ("fixed_cable", (0, 1)),
            ("lock", (0, 2)),
            ("min_current_a", (6, 16)),
            ("max_current_a", (6, 80)),
            ("load_balancing", (0, 8)),
            ("switch", (0, 7)),
            ("residual_current_monitor", (0, 1)),
            ("rfid_reader", (0, 6)),
            ("ev_meter", _METER),
            ("ev_meter_unit", (11, 247)),
        ),
    ),
    *_block(
        0x0200,
        (
            ("mode", (0, 2)),
            ("max_circuit_a", (10, 160)),
            ("grid", (0, 1)),
            ("sensorbox_wifi", (0, 2)),
            ("max_mains_a", (10, 200)),
            ("start_current_a", (0, 48)),
            ("stop_time_min", (0, 60)),
            ("import_current_a", (0, 48)),
            ("mains_meter", _METER),
            ("mains_meter_unit", _UNIT),
            ("mains_meter_host", None),
            ("circuit_meter", _METER),
            ("circuit_meter_unit", _UNIT),
            ("circuit_meter_host", None),
            ("custom_endianness", (0, 3)),
            ("custom_data_type", (0, 2)),
            ("custom_function", (3, 4)),
            ("custom_voltage_register", _REGISTER),
            ("custom_voltage_exponent", _EXPONENT),
            ("custom_current_register", _REGISTER),
            ("custom_current_exponent", _EXPONENT),
            ("custom_power_register", _REGISTER),
            ("custom_power_exponent", _EXPONENT),
            ("custom_energy_register", _REGISTER),
            ("custom_energy_exponent", _EXPONENT),
            ("custom_most", (3, 255)),
        ),
    ),
)
_BY_ADDRESS: Final = {row.address: row for row in ROWS}
