from __future__ import annotations

import asyncio

import pytest
import structlog

from chargeplane.errors import AnswerTimeout, StorageError
from chargeplane.evse import pace
from chargeplane.evse.readings import MeterReading
from tests.evse.worlds import NOON, World


class Meter:
    """A meter that answers as the test wants."""

    def __init__(self) -> None:
        self.asked: list[bool] = []
        self.is_silent = False
        self.turn = asyncio.Event()

    async def read(self, *, full: bool = True) -> MeterReading:
        self.asked.append(full)
        self.turn.set()
        if self.is_silent:
            raise AnswerTimeout("no answer")
        energy = 5000 if full else None
        return MeterReading(at=float(len(self.asked)), currents_da=(1, 2, 3), import_wh=energy)


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_steps_follow_each_other_and_a_full_disk_stops_nobody() -> None:
    count = 0
    enough = asyncio.Event()

    async def step() -> None:
        nonlocal count
        count += 1
        if count in (2, 3):
            raise StorageError("disk full")
        if count > 5:
            enough.set()

    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(pace.repeat(step, 0.001))
        await enough.wait()
        await ended(running)
    assert [log["event"] for log in logs] == ["nothing can be kept"]


async def test_other_errors_end_it() -> None:
    async def step() -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        await pace.repeat(step, 0.001)


async def test_who_is_late_does_not_do_everything_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "MOST_LATE_S", 0.0)
    times: list[float] = []
    loop = asyncio.get_running_loop()
    enough = asyncio.Event()

    async def step() -> None:
        times.append(loop.time())
        if len(times) == 3:
            enough.set()

    running = asyncio.create_task(pace.repeat(step, 0.005))
    await enough.wait()
    await ended(running)
    assert times == sorted(times)


async def test_a_meter_is_read_again_and_again() -> None:
    world, meter = World(), Meter()
    polling = asyncio.create_task(pace.poll(world.controller, "mains", meter, 0.0))
    while len(meter.asked) < 12:
        meter.turn.clear()
        await meter.turn.wait()
    await ended(polling)
    assert meter.asked[:11] == [True, *[False] * 4, True, *[False] * 4, True]
    assert world.controller.ledger.mains_import_wh == 5000
    world.controller.second()
    assert world.controller.status.mains_da == (1, 2, 3)


async def test_a_silent_meter_is_told_once_and_when_it_is_back() -> None:
    world, meter = World(), Meter()
    meter.is_silent = True
    with structlog.testing.capture_logs() as logs:
        polling = asyncio.create_task(pace.poll(world.controller, "mains", meter, 0.0))
        while len(meter.asked) < 5:
            meter.turn.clear()
            await meter.turn.wait()
        meter.is_silent = False
        while len(meter.asked) < 10:
            meter.turn.clear()
            await meter.turn.wait()
        await ended(polling)
    assert [log["event"] for log in logs] == ["meter is silent", "meter answers again"]


async def test_seconds_and_ticks_pass_in_real_time() -> None:
    for run, seconds in ((pace.run_seconds, 0), (pace.run_ticks, 0)):
        world = World()
        passed = asyncio.Event()
        world.virtual.pilot.read_mv = lambda seen=passed: (seen.set(), 3100)[1]  # type: ignore[method-assign,misc]
        running = asyncio.create_task(run(world.controller))
        await passed.wait()
        await ended(running)
        assert world.controller.uptime_s >= seconds


async def test_a_virtual_second() -> None:
    world, meter = World(), Meter()
    await pace.virtual_second(world.controller, world.clock, {"mains": meter})
    assert world.clock() == NOON + 1
    assert world.controller.status.mains_da == (1, 2, 3)
    assert meter.asked == [True]
