"""Whether a client of EVerest's interface is alive: it says so again and again, or should."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

FAULT: Final = "generic/CommunicationFault"

logger = structlog.get_logger()


class CommunicationCheck:
    """A fault until a client is heard, and after nothing is heard for `period_s`; 0: never one.

    `on_change` is called with what is so whenever it changes.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._timer: asyncio.TimerHandle | None = None
        self.has_fault = False
        self.on_change: Callable[[bool], None] = lambda _has_fault: None

    def start(self) -> None:
        """Expect signs of life."""
        if self._period_s:
            self._turn(has_fault=True)

    def heard(self, *, goes_on: bool) -> None:
        """A client is alive; unless it `goes_on` to say so, nothing more is expected."""
        if self._period_s:
            self.stop()
            self._turn(has_fault=False)
            if goes_on:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(self._period_s, self._missed)

    def stop(self) -> None:
        """Expect nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _missed(self) -> None:
        self._turn(has_fault=True)

    def _turn(self, *, has_fault: bool) -> None:
        if has_fault == self.has_fault:
            return
        self.has_fault = has_fault
        if has_fault:
            logger.warning("no communication check of a client", error=FAULT)
        else:
            logger.info("a client checks the communication", error=FAULT)
        self.on_change(has_fault)
