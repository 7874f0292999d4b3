"""Operations under way, and what became of the latest of them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any, Final

from chargeplane.csms.commands import Task

KEPT: Final = 1000  # finished tasks whose outcomes are remembered; their commands are stored


class Tasks:
    """The tasks that this process was asked for, by their ids."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[str, asyncio.Task[Task]] = OrderedDict()

    def start(self, task: str, work: Coroutine[Any, Any, Task]) -> asyncio.Task[Task]:
        """Begin; whoever asked may go, the work goes on."""
        begun = asyncio.create_task(work, name=f"task[{task}]")
        self._tasks[task] = begun
        self._forget()
        return begun

    def get(self, task: str) -> asyncio.Task[Task] | None:
        """A task that is under way or among the latest."""
        return self._tasks.get(task)

    def __len__(self) -> int:
        return sum(not each.done() for each in self._tasks.values())

    def _forget(self) -> None:
        over = len(self._tasks) - KEPT
        done = [name for name, each in self._tasks.items() if each.done()] if over > 0 else []
        for name in done[:over]:
            del self._tasks[name]
