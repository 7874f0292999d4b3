"""The external switch or push button: from looks at it to what was done with it."""

from __future__ import annotations

from typing import Literal, NamedTuple

Deed = Literal["closed", "held", "opened"]


class Done(NamedTuple):
    """What was done, and for how many s it had been closed."""

    deed: Deed
    closed_s: float


class ExternalSwitch:
    """Remembers for how long it has been closed."""

    def __init__(self) -> None:
        self._closed_s: float | None = None
        self.last_s = 0.0  # for how long it is or was closed last

    def look(self, *, is_closed: bool, seconds: float) -> Done | None:
        """A look at it, so long after the last; what was done meanwhile, if anything."""
        closed_s = self._closed_s
        if closed_s is None:
            self._closed_s, self.last_s = (0.0, 0.0) if is_closed else (None, self.last_s)
            return Done("closed", 0.0) if is_closed else None
        if not is_closed:
            self._closed_s = None
            return Done("opened", closed_s)
        self._closed_s = self.last_s = closed_s + seconds
        return Done("held", self._closed_s)
