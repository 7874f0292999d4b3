"""How time passes for a controller: every 10 ms, every second, or as fast as one likes.

A machine that is late does what it missed, but never more than a second at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

import structlog

from chargeplane.errors import DeviceError, NoAnswer, StorageError
from chargeplane.evse.controller import TICK_S, Controller
from chargeplane.evse.ledger import Place
from chargeplane.evse.meters import Meter

METER_S: Final = 1.0  # between two questions to a meter
SLOW_METER_S: Final = 1.95  # a HomeWizard measures once a second and is asked as a SmartEVSE asks
FULL_EVERY: Final = 5  # readings: how often energies are read too
MOST_LATE_S: Final = 1.0

logger = structlog.get_logger()


class StepClock:
    """Shows s since the epoch, and goes on only when it is told to."""

    def __init__(self, start: float) -> None:
        self._now = start

    def __call__(self) -> float:
        """What it shows."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Go on."""
        self._now += seconds


async def repeat(step: Callable[[], Awaitable[None]], every_s: float) -> None:
    """Do a step so often, in the time of the machine, until it is cancelled.

    A disk that fails keeps nobody from regulating.
    """
    loop = asyncio.get_running_loop()
    next_at = loop.time()
    is_lost = False
    while True:
        try:
            await step()
            is_lost = False
        except StorageError as error:
            if not is_lost:
                logger.error("nothing can be kept", reason=str(error))
            is_lost = True
        next_at = max(next_at + every_s, loop.time() - MOST_LATE_S)
        await asyncio.sleep(max(0.0, next_at - loop.time()))


async def run_ticks(controller: Controller) -> None:
    """Drive a pilot."""

    async def tick() -> None:
        controller.tick()

    await repeat(tick, TICK_S)


async def run_seconds(controller: Controller) -> None:
    """Let somebody else drive the pilot."""

    async def second() -> None:
        controller.second()

    await repeat(second, 1.0)


async def virtual_second(
    controller: Controller, clock: StepClock, meters: Mapping[Place, Meter]
) -> None:
    """Let a second of a virtual world pass; its own meters answer at once, others may not."""
    clock.advance(1.0)
    for place, meter in meters.items():
        with suppress(NoAnswer, DeviceError):
            controller.measure(place, await meter.read())
    controller.second()


async def poll(controller: Controller, place: Place, meter: Meter, every_s: float) -> None:
    """Read a meter again and again; a failure is told once."""
    count, is_lost = 0, False
    while True:
        try:
            reading = await meter.read(full=count % FULL_EVERY == 0)
            older = controller.ledger.readings.get(place)
            controller.measure(place, reading.completed(older))
            count += 1
            if is_lost:
                logger.info("meter answers again", meter=place)
            is_lost = False
        except (NoAnswer, DeviceError) as error:
            if not is_lost:
                logger.warning("meter is silent", meter=place, reason=str(error))
            is_lost = True
        await asyncio.sleep(every_s)
