"""What goes wrong because a test says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

Moment = Literal["before", "after"]


@dataclass(slots=True, kw_only=True)
class Fault:
    """Something that goes wrong with the next requests of a kind.

    It happens `before` or `after` the request takes effect. With a status the request is answered
    so; `kept` says whether Stripe itself failed, which it then repeats to whoever repeats the
    idempotency key, or something on the way. Without a status it only takes its time.
    """

    request: str  # "POST /v1/payment_intents/*/capture"
    moment: Moment = "before"
    status: int | None = None
    kept: bool = False
    delay: float = 0
    times: int = 1


@dataclass(slots=True)
class Faults:
    """The faults to come, and how events go astray."""

    planned: list[Fault] = field(default_factory=list)
    repeats: int = 0  # how often each event is sent again
    hold_events: bool = False  # until they are let go, the last one first

    def plan(self, fault: Fault) -> None:
        """Let something go wrong."""
        self.planned.append(fault)

    async def strike(self, request: str, moment: Moment, *, kept: bool = False) -> int | None:
        """Let pass the time of a fault; the status that the request is to be answered with."""
        for fault in self.planned:
            is_due = fault.times > 0 and (fault.moment, fault.kept) == (moment, kept)
            if is_due and fnmatchcase(request, fault.request):
                fault.times -= 1
                await asyncio.sleep(fault.delay)
                return fault.status
        return None
