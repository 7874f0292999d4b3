"""Work that goes on beside other work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

logger = structlog.get_logger()


@asynccontextmanager
async def background(job: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run a job until the context ends; one that fails is told, and the others go on."""
    task = asyncio.create_task(job, name=getattr(job, "__qualname__", "work"))
    task.add_done_callback(_tell_failure)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("work failed", work=task.get_name(), error=repr(error))
