"""What the regulation of EVSEs takes: a second, a second of a master, and a whole day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import pi, sin
from time import process_time

from chargeplane.energy import regulation
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, Mode, State
from chargeplane.energy.status import Inputs, Node, NodeReport, Status

NODES = 7
DAY_S = 86_400
SHOWN_IN_S = 0.1  # and less in µs
DAYS = 3
ROUNDS = 200
CALLS = 50
SUNNY_DA = -120
HUNGRY_MV = 2600


@dataclass(frozen=True, slots=True)
class Cost:
    """How long something takes beside what is promised, both in µs."""

    name: str
    took_us: float
    target_us: float


def measure() -> Iterator[Cost]:
    """Processor time, the best of all rounds."""
    for mode in Mode:
        step = _step(_charging(mode), Settings(max_current_a=16))
        yield Cost(f"a second of one EVSE with a regulation, {mode.name}", _best(step), 30)
    yield Cost(f"the same of a master and {NODES} nodes, SMART", _best(_master()), 100)
    yield Cost("a virtual day of one EVSE, SOLAR", _best(_day, DAYS, 1), 5_000_000)


def lines(costs: Iterable[Cost]) -> Iterator[str]:
    """The figures in words."""
    for cost in costs:
        yield f"{cost.name}: {_time(cost.took_us)} (promised: {_time(cost.target_us)})"


def _time(microseconds: float) -> str:
    seconds = microseconds / 1e6
    return f"{seconds:.2f} s" if seconds >= SHOWN_IN_S else f"{microseconds:.1f} µs"


def _best(work: Callable[[], object], rounds: int = ROUNDS, calls: int = CALLS) -> float:
    took = []
    for _ in range(rounds):
        began = process_time()
        for _ in range(calls):
            work()
        took.append((process_time() - began) / calls)
    return min(took) * 1e6


def _step(
    status: Status, settings: Settings, nodes: tuple[NodeReport, ...] = ()
) -> Callable[[], object]:
    inputs = Inputs(pilot_mv=HUNGRY_MV, mains_da=(SUNNY_DA, SUNNY_DA, SUNNY_DA), nodes=nodes)
    return lambda: regulation.step(inputs, status, settings)


def _charging(mode: Mode, evses: int = 1) -> Status:
    """All charge, and the next second is one with a regulation."""
    return Status(
        states=(State.C,) * evses,
        balanced_da=(100,) * evses,
        balanced_max_da=(160,) * evses,
        charging_s=(600,) * evses,
        connected_s=(0,) * evses,
        waiting_s=(0,) * evses,
        nodes=(Node(online=5, state=State.C, mode=mode),) * (evses - 1),
        mode=mode,
        access=Access.ON,
        regulation_in_s=0,
    )


def _master() -> Callable[[], object]:
    settings = Settings(load_balancing=1, max_current_a=16, max_mains_a=63, max_circuit_a=63)
    report = NodeReport(state=State.C, mode=Mode.SMART, max_current_a=16)
    return _step(_charging(Mode.SMART, 1 + NODES), settings, (report,) * NODES)


def _day() -> None:
    """The sun rises and sets, and a car follows it."""
    settings = Settings(max_current_a=16)
    status = regulation.set_mode(regulation.start(settings), settings, Mode.SOLAR)
    for second in range(DAY_S):
        draws_da = status.balanced_da[0] if status.state is State.C else 0
        mains_da = 20 + draws_da - max(0, int(200 * sin(2 * pi * second / DAY_S)))
        is_offered = status.state in {State.B, State.C}
        inputs = Inputs(
            pilot_mv=HUNGRY_MV if is_offered else 2900,
            diode_pulse=status.state is State.B,
            mains_da=(mains_da, mains_da, mains_da),
        )
        status, _ = regulation.step(inputs, status, settings)
