"""The regulation drives virtual cars, tick by tick of 10 ms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from chargeplane.energy import regulation
from chargeplane.energy.settings import Settings
from chargeplane.energy.states import Access, State, UserMode
from chargeplane.evse.car import CARS
from chargeplane.evse.drivers.virtual import VirtualBoard

TICK_S = 0.01


@dataclass
class Device:
    """The least that a controller does."""

    settings: Settings

    def __post_init__(self) -> None:
        self.now = 0.0
        self.virtual = VirtualBoard(lambda: self.now)
        self.board: Any = self.virtual.board
        self.status = regulation.start(self.settings)
        self.status = regulation.set_access(self.status, self.settings, Access.ON)
        self.pwm = self.status.pwm

    def state(self) -> State:
        return self.status.state

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            for _ in range(100):
                self.now += TICK_S
                level_mv = self.board.pilot_level.read_mv()
                self.status = regulation.tick_10ms(self.status, self.settings, level_mv)
                self._drive()
            self.status = regulation.tick_1s(self.status, self.settings)
            self._drive()

    def choose(self, mode: UserMode) -> None:
        self.status = regulation.set_user_mode(self.status, self.settings, mode)
        self._drive()

    def _drive(self) -> None:
        wanted = regulation.outputs(self.status, self.settings)
        if wanted.pwm != self.pwm:
            self.pwm = wanted.pwm
            self.board.pilot_duty.set_duty(wanted.pwm)
        if wanted.pilot_connected is not self.virtual.pilot.is_connected:
            self.board.pilot_switch.connect(connected=wanted.pilot_connected)
        for contactor, closed in (
            (self.board.contactor_1, wanted.contactor_1),
            (self.board.contactor_2, wanted.contactor_2),
        ):
            if contactor.is_closed is not closed:
                contactor.switch(closed=closed)


@pytest.mark.parametrize("name", ["plain", "ramp", "one-phase", "two-phase", "late", "zoe"])
def test_cars_charge_and_stop(name: str) -> None:
    device = Device(Settings(max_current_a=16, mains_meter=False))
    device.run(2)
    assert device.state() is State.A
    device.virtual.plug_in(CARS[name](soc_percent=20))
    device.run(8)
    assert device.state() is State.C
    device.run(50)
    assert device.virtual.currents_a()[0] == pytest.approx(15.94, abs=0.01)
    device.choose(UserMode.PAUSE)
    device.run(8)
    assert (device.state(), device.virtual.currents_a()) == (State.B1, (0, 0, 0))
    device.virtual.plug_out()
    device.run(6)
    assert device.state() is State.A


def test_a_car_without_a_diode_does_not_charge() -> None:
    device = Device(Settings(max_current_a=16, mains_meter=False))
    device.virtual.plug_in(CARS["no diode"](soc_percent=20))
    device.run(20)
    assert device.state() is State.B
    assert device.virtual.currents_a() == (0, 0, 0)


def test_a_sleeping_car_is_woken_by_what_the_regulation_does() -> None:
    device = Device(Settings(max_current_a=16, mains_meter=False))
    device.choose(UserMode.PAUSE)
    car = CARS["sleeper"](soc_percent=20, sleeps_after_s=30)
    device.virtual.plug_in(car)
    device.run(40)
    assert car.is_asleep
    device.choose(UserMode.NORMAL)
    device.run(45)
    assert device.state() is State.C
    assert device.virtual.currents_a()[0] > 15


def test_a_full_car_ends_its_charge() -> None:
    device = Device(Settings(max_current_a=16, mains_meter=False))
    device.virtual.plug_in(CARS["plain"](soc_percent=20, target_percent=20.2))
    device.run(8)
    assert device.state() is State.C
    device.run(60)
    assert (device.state(), device.status.contactor_1) == (State.B, False)
