"""Cancellations that a library loses.

`asyncio.wait_for` of Python 3.11 returns a result that comes together with a cancellation, and
forgets the cancellation; whoever waits for the task to end would wait for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def heedful(work: Awaitable[T]) -> T:
    """Await something, and raise a cancellation that came meanwhile and was lost."""
    task = asyncio.current_task()
    before = 0 if task is None else task.cancelling()
    result = await work
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError
    return result
