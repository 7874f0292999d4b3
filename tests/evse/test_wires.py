from __future__ import annotations

import asyncio
import math
from dataclasses import replace

import pytest
import structlog

from chargeplane.energy.status import Outputs
from chargeplane.errors import DeviceError
from chargeplane.evse.car import Car
from chargeplane.evse.drivers.virtual import VirtualBoard
from chargeplane.evse.wires import Wires

OFF = Outputs(
    pwm=1024,
    pilot_connected=True,
    contactor_1=False,
    contactor_2=False,
    cable_locked=False,
    residual_current_test=False,
    broadcast_da=None,
    broadcast_errors=None,
    answers=(),
)


def outputs(**changes: object) -> Outputs:
    import msgspec

    return msgspec.structs.replace(OFF, **changes)


class Counting:
    """A part that counts what it is told."""

    def __init__(self) -> None:
        self.told: list[bool] = []

    def switch(self, *, closed: bool) -> None:
        self.told.append(closed)


def test_parts_are_told_what_is_new_to_them() -> None:
    part = Counting()
    wires = Wires(replace(VirtualBoard(lambda: 0.0).board, contactor_1=part))
    for closed in (False, False, True, True, False):
        wires.drive(outputs(contactor_1=closed))
    assert part.told == [False, True, False]
    wires.make_safe()
    wires.drive(outputs(contactor_1=False))
    assert part.told == [False, True, False, False, False]


def test_to_make_safe_is_to_open_everything() -> None:
    virtual = VirtualBoard(lambda: 0.0)
    wires = Wires(virtual.board)
    wires.drive(outputs(contactor_1=True, contactor_2=True, pwm=500))
    wires.make_safe()
    assert [each.is_closed for each in virtual.contactors] == [False, False]
    assert virtual.pilot.duty == 1024


@pytest.mark.parametrize(
    ("ohm", "limit_a"),
    [(math.inf, 13), (1500.0, 13), (680.0, 16), (220.0, 32), (100.0, 63), (0.0, 13)],
)
def test_what_the_cable_carries(ohm: float, limit_a: int) -> None:
    virtual = VirtualBoard(lambda: 0.0)
    virtual.proximity.ohm = ohm
    assert Wires(virtual.board).cable_limit_a() == limit_a


def test_what_is_not_there_tells_nothing() -> None:
    bare = replace(
        VirtualBoard(lambda: 0.0).board,
        proximity=None,
        thermometer=None,
        button=None,
        residual_current=None,
        lock=None,
        led=None,
        contactor_2=None,
        pilot_switch=None,
    )
    wires = Wires(bare)
    assert (wires.cable_limit_a(), wires.temperature_c(), wires.is_pressed()) == (None,) * 3
    assert not wires.is_tripped()
    assert not wires.has_second_contactor
    wires.drive(outputs(contactor_2=True, pilot_connected=False))
    wires.shine((1, 2, 3))
    wires.make_safe()


def test_one_look_at_a_residual_current_is_no_fault() -> None:
    virtual = VirtualBoard(lambda: 0.0)
    wires = Wires(virtual.board)
    virtual.residual_current.is_active = True
    assert [wires.is_tripped() for _ in range(3)] == [False, True, True]
    virtual.residual_current.is_active = False
    assert not wires.is_tripped()


def test_a_second_shows_the_pilot_and_its_diode() -> None:
    clock = iter(range(10_000))
    virtual = VirtualBoard(lambda: float(next(clock)))
    virtual.plug_in(Car())
    wires = Wires(virtual.board)
    assert wires.pilot_of_a_second(look_for_diode=True) == (2900, False)
    virtual.pilot.set_duty(272)
    assert wires.pilot_of_a_second(look_for_diode=True) == (2600, True)
    virtual.pilot.set_duty(0)
    assert wires.pilot_of_a_second(look_for_diode=False) == (200, True)


class Lock:
    """A lock that says where it was moved, and moves or not."""

    def __init__(self) -> None:
        self.is_jammed = True
        self.moves: asyncio.Queue[bool] = asyncio.Queue()

    async def lock(self, *, locked: bool) -> bool:
        self.moves.put_nowait(locked)
        return not self.is_jammed


async def test_the_lock_moves_and_is_tried_again() -> None:
    lock = Lock()
    wires = Wires(replace(VirtualBoard(lambda: 0.0).board, lock=lock))
    moving = asyncio.create_task(wires.keep_locked())
    with structlog.testing.capture_logs() as logs:
        wires.drive(outputs(cable_locked=True))
        assert await lock.moves.get() is True
        lock.is_jammed = False
        wires.drive(outputs(cable_locked=False))  # another wish is tried at once
        assert await lock.moves.get() is False
        wires.drive(outputs(cable_locked=True))
        assert await lock.moves.get() is True
    assert [log["event"] for log in logs] == ["lock did not move"]
    assert await wires.unlock()
    assert await lock.moves.get() is False
    moving.cancel()
    await asyncio.gather(moving, return_exceptions=True)


async def test_a_lock_that_fails_is_told() -> None:
    class Broken:
        async def lock(self, *, locked: bool) -> bool:
            raise DeviceError(f"no {locked}")

    wires = Wires(replace(VirtualBoard(lambda: 0.0).board, lock=Broken()))
    with structlog.testing.capture_logs() as logs:
        assert not await wires.unlock()
    assert logs[0]["reason"] == "no False"
