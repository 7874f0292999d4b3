from __future__ import annotations

import asyncio

import pytest
import structlog

from chargeplane.errors import AnswerTimeout
from chargeplane.evse.controller import Controller, Meter
from chargeplane.evse.drivers.wallbox_board import REPEAT_EVERY, WallboxBoard
from chargeplane.evse.hardware import IecState, WallboxStatus
from chargeplane.evse.pace import StepClock
from chargeplane.evse.readings import NEVER
from chargeplane.evse.settings import Owner, first_values
from chargeplane.storage.documents import Documents
from tests.evse.worlds import NOON


class Wallbox:
    """A wallbox whose car takes what it is offered."""

    def __init__(self) -> None:
        self.plugged_in = False
        self.is_silent = False
        self.asked = asyncio.Event()  # while it is silent
        self.offers: list[tuple[float, int | None]] = []
        self.energy_wh = 1000.0

    @property
    def offered_a(self) -> float:
        return self.offers[-1][0] if self.offers else 0.0

    @property
    def state(self) -> IecState:
        if not self.plugged_in:
            return "A"
        return "C" if self.offered_a >= 6 else "B"

    async def status(self) -> WallboxStatus:
        if self.is_silent:
            self.asked.set()
            raise AnswerTimeout("the wallbox")
        current = self.offered_a if self.state == "C" else 0.0
        return WallboxStatus(
            state=self.state,
            offered_a=self.offered_a,
            currents_a=(current, current, current),
            power_w=current * 690,
            energy_wh=self.energy_wh,
            temperature_c=31.4,
        )

    async def offer(self, limit_a: float, phases: int | None = None) -> None:
        self.offers.append((limit_a, phases))


class Bench:
    """A controller that drives a wallbox."""

    def __init__(self, *, can_switch_phases: bool = False) -> None:
        self.clock = StepClock(NOON)
        self.wallbox = Wallbox()
        self.driven = WallboxBoard(self.wallbox, self.clock, can_switch_phases=can_switch_phases)
        self.controller = Controller(
            self.driven.board,
            Documents(),
            Owner(Documents(), first_values({"max_current_a": 16})),
            clock=self.clock,
            meters={"ev": Meter("Wallbox")},
        )

    async def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            await self.driven.exchange()
            self.controller.measure("ev", await self.driven.read())
            self.controller.second()

    @property
    def state(self) -> str:
        return self.controller.status.state.name


async def test_a_car_charges_with_what_the_regulation_offers() -> None:
    bench = Bench()
    await bench.run(3)
    assert bench.state == "A"
    assert bench.wallbox.offered_a == 0
    bench.wallbox.plugged_in = True
    await bench.run(20)
    assert bench.state == "C"
    assert bench.wallbox.offered_a == pytest.approx(16, abs=0.2)
    bench.controller.set_override(80)
    await bench.run(4)
    assert bench.wallbox.offered_a == pytest.approx(8, abs=0.2)
    assert bench.controller.status.temperature_c == 31
    assert bench.controller.status.ev_da == (79, 79, 79)
    bench.wallbox.plugged_in = False
    await bench.run(2)
    assert (bench.state, bench.wallbox.offered_a) == ("A", 0.0)


async def test_an_offer_is_repeated_but_not_all_the_time() -> None:
    bench = Bench()
    await bench.run(2 * REPEAT_EVERY)
    assert len(bench.wallbox.offers) == 2


async def test_phases_are_those_of_the_contactors() -> None:
    bench = Bench(can_switch_phases=True)
    bench.wallbox.plugged_in = True
    await bench.run(20)
    assert bench.wallbox.offers[-1][1] == 3
    bench.controller.switch_phases(1)
    await bench.run(60)
    assert bench.wallbox.offers[-1][1] == 1


async def test_a_wallbox_that_cannot_switch_is_not_told_to() -> None:
    bench = Bench()
    bench.wallbox.plugged_in = True
    await bench.run(20)
    assert {phases for _, phases in bench.wallbox.offers} == {None}
    assert bench.controller.regulation.enable_c2.name == "NOT_PRESENT"


async def test_a_silent_wallbox_is_told_once_and_charges_nobody() -> None:
    bench = Bench()
    bench.wallbox.plugged_in = True
    await bench.run(20)
    bench.wallbox.is_silent = True
    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(bench.driven.run())
        await bench.wallbox.asked.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [log["event"] for log in logs] == ["wallbox is silent"]
    bench.controller.second()
    assert bench.state != "C"


async def test_what_a_wallbox_does_not_measure_is_not_known() -> None:
    class Blind(Wallbox):
        async def status(self) -> WallboxStatus:
            return WallboxStatus(state="A")

    driven = WallboxBoard(Blind(), StepClock(NOON))
    assert (await driven.read()).at == NEVER
    await driven.exchange()
    assert (await driven.read()).at == NEVER
    assert driven.read_c() == 20
