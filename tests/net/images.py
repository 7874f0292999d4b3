"""Register images that a Modbus server answers with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chargeplane.errors import DeviceRefused


@dataclass
class RegisterImage:
    """Registers by address, for one function or for all; what is not there is refused."""

    values: dict[int, int]
    function: int | None = None
    asked: list[tuple[int, int, int]] = field(default_factory=list)  # function, address, count
    written: list[tuple[int, int, list[int]]] = field(default_factory=list)

    def read(self, function: int, address: int, count: int) -> list[int]:
        self.asked.append((function, address, count))
        wanted = range(address, address + count)
        if self.function not in (None, function) or any(at not in self.values for at in wanted):
            raise DeviceRefused("there is no such register", 2)
        return [self.values[at] for at in wanted]

    def write(self, function: int, address: int, values: Sequence[int]) -> None:
        if any(value > 1000 for value in values):
            raise DeviceRefused("too much", 3)
        self.written.append((function, address, list(values)))
        self.values |= dict(enumerate(values, address))
