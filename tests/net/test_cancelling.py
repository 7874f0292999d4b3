from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from chargeplane.net.cancelling import heedful


async def loses(began: asyncio.Event) -> str:
    """Lose a cancellation."""
    began.set()
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    return "done"


async def test_a_cancellation_that_was_lost_is_raised_after_all() -> None:
    began = asyncio.Event()
    task = asyncio.create_task(heedful(loses(began)))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_was_lost_before_does_not_count() -> None:
    began = asyncio.Event()

    async def work() -> str:
        await loses(began)
        return await heedful(asyncio.sleep(0, "done"))

    task = asyncio.create_task(work())
    await began.wait()
    task.cancel()
    assert await task == "done"
