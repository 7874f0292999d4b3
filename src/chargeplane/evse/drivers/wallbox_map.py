"""Maps of the registers of wallboxes.

A map is a TOML file, ours in the folder `wallboxes` or a user's own; `docs/hardware.md` says
what is in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec

from chargeplane.errors import ConfigurationError
from chargeplane.evse.hardware import IecState
from chargeplane.evse.registers import DataType, Endianness

MAPS: Final = Path(__file__).parent / "wallboxes"

Function = Literal[3, 4]
WriteFunction = Literal[6, 16]
TypeName = Literal[
    "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "string"
]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a map: a key that is not known is an error."""


class Value(_Table, frozen=True, kw_only=True):
    """A number in registers, in steps of `unit`: A, V, W, Wh or C."""

    address: int
    type: TypeName = "uint16"
    unit: float = 1.0
    mask: int | None = None  # of an integer; its lowest bit is the lowest of the value
    function: Function | None = None
    count: int = 1  # registers of a string

    @property
    def size(self) -> int:
        """How many registers it takes."""
        return self.count if self.type == "string" else self.data_type.size

    @property
    def data_type(self) -> DataType:
        """How the number lies in them."""
        return DataType[self.type.upper()]


class State(Value, frozen=True, kw_only=True):
    """What the register of the state says, by its value; without a car it is A in any case."""

    values: dict[str, IecState]


class Writable(_Table, frozen=True, kw_only=True):
    """A register that is written."""

    address: int
    function: WriteFunction = 16


class Limit(Writable, frozen=True, kw_only=True):
    """Where the current is set, in steps of `unit` A; 0 stops unless it cannot."""

    type: TypeName = "uint16"
    unit: float = 1.0
    can_stop: bool = True

    @property
    def data_type(self) -> DataType:
        """How the number lies in its registers."""
        return DataType[self.type.upper()]


class Enable(Writable, frozen=True, kw_only=True):
    """Where charging is allowed and stopped."""

    on: int = 1
    off: int = 0


class PhaseSwitch(Writable, frozen=True, kw_only=True):
    """Where one or three phases are chosen."""

    values: dict[str, int]  # by the number of phases


class Setup(Writable, frozen=True, kw_only=True):
    """What is written once, before anything else."""

    value: int


class RegisterMap(_Table, frozen=True, kw_only=True):
    """All that is known of a wallbox; `source` names the manual it is taken from."""

    name: str
    source: str
    state: State
    limit: Limit
    unit: int = 1  # Modbus address
    read_function: Function = 3
    first_word: Literal["high", "low"] = "high"  # of numbers in several registers
    most: int = 125  # registers in one request
    refresh_s: float | None = None  # how often it must be asked or told at least
    setup: tuple[Setup, ...] = ()
    enable: Enable | None = None
    phases: PhaseSwitch | None = None
    plugged: Value | None = None  # not 0: a car is plugged in
    offered: Value | None = None
    currents: Value | None = None  # of three phases, side by side
    voltages: Value | None = None  # as the currents
    power: Value | None = None
    energy: Value | None = None
    session_energy: Value | None = None
    temperature: Value | None = None

    @property
    def endianness(self) -> Endianness:
        """The order of its bytes and words."""
        low = self.first_word == "low"
        return Endianness.HIGH_BYTE_LOW_WORD if low else Endianness.HIGH_BYTE_HIGH_WORD


def load_map(name: str) -> RegisterMap:
    """One of our maps by its name, or that in a file; raises `ConfigurationError`."""
    path = Path(name) if name.endswith(".toml") else MAPS / f"{name}.toml"
    try:
        return msgspec.toml.decode(path.read_bytes(), type=RegisterMap)
    except FileNotFoundError:
        known = ", ".join(known_maps())
        raise ConfigurationError(f"wallbox.map: there is no {name}; known: {known}") from None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"wallbox.map: {path}: {error}") from error


def known_maps() -> list[str]:
    """The names of our maps."""
    return sorted(path.stem for path in MAPS.glob("*.toml"))
