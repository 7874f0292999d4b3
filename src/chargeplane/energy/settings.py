"""What the owner of an EVSE sets: limits, wiring, and what is connected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from chargeplane.energy.states import ContactorTwo, Lock, RfidReader, Strategy, Switch


class Circuit(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the wiring with a limit of its own; circuits may hang on circuits."""

    limit_a: int  # per phase
    evses: tuple[int, ...] = ()  # positions: 0 is the master, 1 the first node
    circuits: tuple[Circuit, ...] = ()

    def flat(self) -> Iterator[tuple[int, frozenset[int]]]:
        """The limit in A and all EVSEs of this circuit, then of those that hang on it."""
        below = [pair for circuit in self.circuits for pair in circuit.flat()]
        yield self.limit_a, frozenset(self.evses).union(*(evses for _, evses in below))
        yield from below


class Sharing(msgspec.Struct, frozen=True, kw_only=True):
    """How a master shares beyond what SmartEVSE does; the default is what it does."""

    strategy: Strategy = Strategy.EQUAL
    priorities: tuple[int, ...] = ()  # by position; the highest is served first
    rotation_min: int = 30  # after so long an EVSE gives way to one that waits
    idle_timeout_s: int = 0  # after so long without a current its car is served last; 0: never
    minimum_a: tuple[int, ...] = ()  # by position; where absent or 0, `min_current_a`
    circuits: tuple[Circuit, ...] = ()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that the regulation looks at; a current is per phase unless it says sum."""

    max_current_a: int = 13
    min_current_a: int = 6
    max_mains_a: int = 25
    max_circuit_a: int = 16
    max_sum_mains_a: int = 0  # sum of the phases; 0: no such limit
    max_sum_mains_time_min: int = 0  # how long it may be exceeded; 0: not at all
    start_current_a: int = 4  # surplus, sum of the phases, that solar charging begins with
    stop_time_min: int = 10  # how long solar charging outlasts the surplus; 0: for ever
    import_current_a: int = 0  # sum of the phases that solar charging may take from the grid
    enable_c2: ContactorTwo = ContactorTwo.ALWAYS_ON
    fixed_cable: bool = True
    lock: Lock = Lock.NONE
    hold_cable: bool = False  # locked also while no car is connected
    load_balancing: int = 0  # 0: alone, 1: master, from 2: the node with this address
    mains_meter: bool = True
    ev_meter: bool = False
    circuit_meter: bool = False
    residual_current_monitor: bool = False
    residual_current_test: bool = False  # of the monitor, with each charge
    ventilation: bool = False  # for cars that may only charge where there is some
    rfid_reader: RfidReader = RfidReader.DISABLED
    switch: Switch = Switch.DISABLED
    max_temperature_c: int = 65
    # Beyond what SmartEVSE does, and off by default.
    sharing: Sharing = Sharing()
    dead_band_da: int = 0  # SMART and SOLAR leave a smaller difference (sum for SOLAR) alone
    smoothing_s: int = 0  # time constant of the mean of the mains that SOLAR follows

    @property
    def is_master(self) -> bool:
        """Whether other EVSEs get their current from this one."""
        return self.load_balancing == 1

    @property
    def is_node(self) -> bool:
        """Whether this EVSE gets its current from a master."""
        return self.load_balancing > 1

    def minimum_da(self, position: int = 0) -> int:
        """The current below which the car at that EVSE does not charge."""
        minima = self.sharing.minimum_a
        own_a = minima[position] if position < len(minima) else 0
        return 10 * (own_a or self.min_current_a)


def is_allowed(name: str, value: int) -> bool:
    """Whether a user may set that; the regulation itself takes what it is given."""
    return any(value in allowed for allowed in ALLOWED[name])


ALLOWED: Final[dict[str, tuple[range, ...]]] = {
    "max_current_a": (range(6, 81),),
    "min_current_a": (range(6, 17),),
    "max_mains_a": (range(10, 201),),
    "max_circuit_a": (range(10, 161),),
    "max_sum_mains_a": (range(1), range(10, 601)),
    "max_sum_mains_time_min": (range(61),),
    "start_current_a": (range(49),),
    "stop_time_min": (range(61),),
    "import_current_a": (range(49),),
    "load_balancing": (range(9),),
    "max_temperature_c": (range(40, 76),),
}
