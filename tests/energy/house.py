"""A house with cars: what the regulation sees is what it caused a second before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from chargeplane.energy import nodes, regulation
from chargeplane.energy.pilot import STEADY, offered_da
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Mode, State
from chargeplane.energy.status import Inputs, NodeReport, Outputs, Phases, Status

PILOT_MV = {"out": 3100, "idle": 2900, "hungry": 2600}


@dataclass
class Car:
    """A car that takes what it is offered, on as many phases as it and the contactors have."""

    phases: int = 3
    maximum_da: int = 320
    is_plugged: bool = True
    is_hungry: bool = True
    offered_da: int = 0
    had_pwm: bool = False

    def pilot(self, pwm: int, *, connected: bool) -> tuple[int, bool]:
        """What it makes of the pilot, in mV, and whether its diode is seen for the first time."""
        has_pwm = connected and 0 < pwm < STEADY
        is_new = has_pwm and not self.had_pwm
        self.had_pwm = has_pwm
        self.offered_da = offered_da(pwm) if has_pwm else 0
        if not self.is_plugged:
            return PILOT_MV["out"], False
        hungry = self.is_hungry and has_pwm
        return PILOT_MV["hungry" if hungry else "idle"], is_new

    def draws(self, out: Outputs) -> Phases:
        if not (self.is_plugged and self.is_hungry and out.contactor_1) or not self.offered_da:
            return (0, 0, 0)
        current = min(self.offered_da, self.maximum_da)
        three = self.phases == 3 and out.contactor_2
        return (current, current if three else 0, current if three else 0)


@dataclass
class Evse:
    """An EVSE with a car at it."""

    settings: Settings
    status: Status
    car: Car = field(default_factory=Car)

    @classmethod
    def new(cls, settings: Settings, mode: Mode = Mode.NORMAL, car: Car | None = None) -> Evse:
        status = regulation.start(settings)
        status = regulation.measure_mains(status, settings, (0, 0, 0))
        status = regulation.set_mode(status, settings, mode)
        return cls(settings, status, car or Car())

    @property
    def outputs(self) -> Outputs:
        return regulation.outputs(self.status, self.settings)

    def draws(self) -> Phases:
        return self.car.draws(self.outputs)

    def charges(self) -> bool:
        return self.status.state is State.C

    def second(self, mains: Phases | None, **more: object) -> Outputs:
        out = self.outputs
        pilot_mv, diode = self.car.pilot(out.pwm, connected=out.pilot_connected)
        inputs = Inputs(pilot_mv=pilot_mv, diode_pulse=diode, mains_da=mains, **more)  # type: ignore[arg-type]
        self.status, out = regulation.step(inputs, self.status, self.settings)
        return out

    def report(self) -> NodeReport:
        """What its master learns of this node, by its EV meter too."""
        report = nodes.report_of(self.status, self.settings)
        return msgspec.structs.replace(report, drawn_da=max(self.draws()))

    def hear(self, out: Outputs, index: int, mains: Phases) -> None:
        """Take what the master says, as the node with that index."""
        answer = out.answers[index] if out.answers else None
        if answer is not None:
            self.status = regulation.receive_answer(self.status, self.settings, answer)
        if out.broadcast_da is not None:
            self.status = regulation.receive_broadcast(
                self.status, self.settings, out.broadcast_da, mains
            )
        if out.broadcast_errors is not None:
            self.status = regulation.receive_errors(
                self.status, self.settings, out.broadcast_errors
            )


def steady(*currents: int) -> Callable[[int], Phases]:
    """A household that draws the same all the time, on the phases or on all three alike."""
    phases = currents * 3 if len(currents) == 1 else (*currents, 0, 0)
    return lambda _now: (phases[0], phases[1], phases[2])


@dataclass
class House:
    """EVSEs behind one mains connection: alone, or a master and its nodes."""

    evses: list[Evse]
    base: Callable[[int], Phases] = lambda _second: (0, 0, 0)
    now: int = 0
    meter_works: bool = True

    def mains(self) -> Phases:
        first, second, third = zip(
            self.base(self.now), *(evse.draws() for evse in self.evses), strict=True
        )
        return sum(first), sum(second), sum(third)

    def second(self) -> None:
        mains = self.mains() if self.meter_works else None
        master, *others = self.evses
        if not others:
            master.second(mains)
        else:
            reports = tuple(each.report() for each in others)
            out = master.second(mains, nodes=reports)
            for index, node in enumerate(others):
                node.hear(out, index, master.status.mains_da)
                node.second(None)
        self.now += 1

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.second()
