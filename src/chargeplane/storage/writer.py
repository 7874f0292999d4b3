"""Group commit: the writes of all who wait share one transaction.

A disk syncs a few hundred times a second, however much is written each time.
So there is one writer; while it commits one group, the next one gathers. Nobody
waits on purpose: a single write with none before it is committed at once.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from time import perf_counter
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection

from chargeplane.errors import StorageError
from chargeplane.storage.deferred import deferring
from chargeplane.storage.failures import is_outage, outage

T = TypeVar("T")

GROUP_SIZE = 500
GROUP_SECONDS = 0.02  # after which a group takes no further work, so that none waits long
CAPACITY = 10_000  # works that may wait; further callers wait for room


class Transact(Protocol):
    """Run a function in one transaction; StorageError if the commit itself fails."""

    async def __call__(self, function: Callable[[Connection], T], /) -> T:
        """Return the function's value once it is committed."""
        ...


class Histogram(msgspec.Struct):
    """How often values lay up to each bound; the last count is of those beyond."""

    bounds: tuple[float, ...]
    counts: list[int] = []
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class WriterStatistics(msgspec.Struct):
    """What the writer has done: works per group, seconds per group, works that failed."""

    group_size: Histogram = msgspec.field(
        default_factory=lambda: Histogram((1, 2, 5, 10, 20, 50, 100, 200, 500))
    )
    group_seconds: Histogram = msgspec.field(
        default_factory=lambda: Histogram((0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5))
    )
    works_alone: int = 0  # that were run again on their own, because one of their group failed
    works_failed: int = 0
    outages: int = 0


class _Work:
    """A function to run, and the future of whoever waits for it."""

    __slots__ = ("done", "function")

    def __init__(self, function: Callable[[Connection], Any], done: asyncio.Future[Any]) -> None:
        self.function = function
        self.done = done

    def succeed(self, value: object) -> None:
        """Wake the waiter, if it is still there."""
        if not self.done.done():
            self.done.set_result(value)

    def fail(self, error: Exception) -> None:
        """Raise the error where the waiter waits, if it is still there."""
        if not self.done.done():
            self.done.set_exception(error)


class Writer:
    """Runs works in the order in which they came, many in each transaction."""

    def __init__(
        self, transact: Transact, *, group_size: int = GROUP_SIZE, capacity: int = CAPACITY
    ) -> None:
        self.statistics = WriterStatistics()
        self._transact = transact
        self._group_size = group_size
        self._room = asyncio.Semaphore(capacity)
        self._waiting: deque[_Work] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(), name="storage.writer")

    @property
    def waiting(self) -> int:
        """How many works wait for their commit."""
        return len(self._waiting)

    async def write(self, function: Callable[[Connection], T]) -> T:
        """Run the function in a transaction; its value returns after the commit.

        The function may run more than once, each time as if it were the first:
        when another work of its group fails, all are rolled back and run again
        one by one. So it changes nothing but the database. Its own exception
        is raised here and undoes what it wrote; StorageError means that the
        store failed. A waiter that is cancelled leaves it open whether the
        function was run.
        """
        async with self._room:
            if self._closing:
                raise StorageError("the data store is closed")
            work = _Work(function, asyncio.get_running_loop().create_future())
            self._waiting.append(work)
            self._wake.set()
            value: T = await work.done
            return value

    async def close(self) -> None:
        """Commit what waits, then stop; whoever comes later gets StorageError."""
        self._closing = True
        self._wake.set()
        await self._task

    async def _run(self) -> None:
        """Write groups until the writer is closed and nothing waits."""
        while self._waiting or not self._closing:
            if self._waiting:
                await self._write_group(list(islice(self._waiting, self._group_size)))
            else:
                self._wake.clear()
                await self._wake.wait()

    async def _write_group(self, works: list[_Work]) -> None:
        """Write as many of the works as one group takes, and let go of these."""
        started = perf_counter()
        taken = await self._settle(works)
        for _ in range(taken):
            self._waiting.popleft()
        self.statistics.group_size.add(taken)
        self.statistics.group_seconds.add(perf_counter() - started)

    async def _settle(self, works: list[_Work]) -> int:
        """Tell the waiters what became of their works; the number of works that were taken."""
        try:
            values = await self._transact(lambda connection: _run_group(connection, works))
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the waiters are told
            await self._settle_failure(works, error)
            return len(works)
        for work, value in zip(works, values, strict=False):
            work.succeed(value)
        return len(values)

    async def _settle_failure(self, works: list[_Work], error: Exception) -> None:
        """Find the culprit by running each work alone, unless the store itself failed."""
        if is_outage(error):
            self.statistics.outages += 1
            self._fail(works, lambda: outage(error))
        elif len(works) == 1:
            self._fail(works, lambda: error)
        else:
            self.statistics.works_alone += len(works)
            for work in works:
                await self._settle([work])

    def _fail(self, works: Iterable[_Work], error: Callable[[], Exception]) -> None:
        """Fail each work with an error of its own, because tracebacks grow in them."""
        for work in works:
            self.statistics.works_failed += 1
            work.fail(error())


def _run_group(connection: Connection, works: list[_Work]) -> list[Any]:
    """Run works until the time of a group is over; the values of those that ran."""
    end = perf_counter() + GROUP_SECONDS
    values = []
    with deferring(connection):
        for work in works:
            values.append(None if work.done.cancelled() else work.function(connection))
            if perf_counter() > end:
                break
    return values
