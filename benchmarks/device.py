"""What a device takes: answering over its API, and letting time pass."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import uvloop

from benchmarks.faces import Answer, p50
from chargeplane import evse_app
from chargeplane.config import Evse, Settings
from chargeplane.evse import pace
from chargeplane.evse.car import Car

SECONDS = 3600  # that pass
TICKS = 20_000


def measure() -> Iterator[Answer]:
    """Each on a virtual device with a house and a car that charges."""
    yield from uvloop.run(_measure())


async def _measure() -> list[Answer]:
    with tempfile.TemporaryDirectory() as folder:
        wanted = Settings(evse=Evse(port=0, data=Path(folder), settings={"max_current_a": 16}))
        async with evse_app.running(wanted) as found:
            controller, virtual = found.device.controller, found.fitted.virtual
            assert virtual is not None  # noqa: S101
            virtual.board.plug_in(Car(capacity_wh=1e6))
            meters = found.fitted.meters
            for _ in range(30):
                await pace.virtual_second(controller, virtual.clock, meters)
            answered = await p50(found.device.port, "/settings", lambda said: said["serialnr"] >= 0)
            began = perf_counter()
            for _ in range(SECONDS):
                await pace.virtual_second(controller, virtual.clock, meters)
            second_ms = (perf_counter() - began) / SECONDS * 1000
            began = perf_counter()
            for _ in range(TICKS):
                controller.tick()
            tick_ms = (perf_counter() - began) / TICKS * 1000
            assert controller.is_charging  # noqa: S101
    return [
        Answer("`GET /settings`, p50", answered, 5),
        Answer("a second of a virtual device, its house and its car", second_ms, 5),
        Answer("10 ms of a device that drives a pilot", tick_ms, 1),
    ]


def lines(answers: list[Answer]) -> Iterator[str]:
    """What to print."""
    for each in answers:
        yield f"{each.name}: {each.took_ms:.3f} ms (promised: {each.target_ms:g} ms)"


if __name__ == "__main__":
    print(*lines(list(measure())), sep="\n")
