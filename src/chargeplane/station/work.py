"""What a station does beside other work: now, in place of something else, or later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Self

import structlog

logger = structlog.get_logger()


class Work:
    """The tasks, jobs and alarms of a station."""

    def __init__(self, station_id: str) -> None:
        self.id = station_id
        self._tasks: set[asyncio.Task[Any]] = set()
        self._jobs: dict[str, asyncio.Task[Any]] = {}
        self._alarms: dict[str, asyncio.TimerHandle] = {}

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Do something beside what is being done; a failure is logged."""
        task = asyncio.create_task(work, name=f"station[{self.id}].{name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("work failed", station=self.id, work=task.get_name(), error=repr(error))

    def job(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Do something beside other work in place of the job that has that name."""
        self.cancel_job(name)
        task = self._jobs[name] = self.spawn(work, name)
        task.add_done_callback(lambda done: self._forget_job(name, done))

    def _forget_job(self, name: str, done: asyncio.Task[Any]) -> None:
        if self._jobs.get(name) is done:
            del self._jobs[name]

    def has_job(self, name: str) -> bool:
        """Whether a job of that name goes on."""
        return name in self._jobs

    def cancel_job(self, name: str) -> None:
        """End a job, unless it is the one that asks."""
        task = self._jobs.pop(name, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def alarm(self, name: str, seconds: float, work: Callable[[Self], None]) -> None:
        """Do something after so many seconds; the same name again takes its place."""
        self.silence(name)
        loop = asyncio.get_running_loop()
        self._alarms[name] = loop.call_later(max(0.0, seconds), self._ring, name, work)

    def silence(self, name: str) -> None:
        """Do not do it."""
        if (waiting := self._alarms.pop(name, None)) is not None:
            waiting.cancel()

    def has_alarm(self, name: str) -> bool:
        """Whether something of that name is to be done later."""
        return name in self._alarms

    def _ring(self, name: str, work: Callable[[Self], None]) -> None:
        self._alarms.pop(name, None)
        try:
            work(self)
        except Exception:
            logger.exception("work failed", station=self.id, work=name)

    def clear_alarms(self) -> None:
        """Do none of what was to be done later."""
        for name in tuple(self._alarms):
            self.silence(name)

    def drop(self) -> None:
        """Do none of the jobs and alarms."""
        self.clear_alarms()
        for name in tuple(self._jobs):
            self.cancel_job(name)

    async def end(self) -> None:
        """End everything that was begun."""
        self.clear_alarms()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
