"""How often each key may ask."""

from __future__ import annotations

from chargeplane.api.problems import Refused
from chargeplane.csms import admission


class RateLimit:
    """At most so many requests a minute of each caller, with as many at once."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets = admission.RateLimit(per_minute)

    def check(self, caller: str) -> None:
        """Count a request; raises `Refused` (429) if the caller has none left."""
        if not self._buckets.allows(caller):
            reason = f"{caller} may ask {self._per_minute} times a minute"
            seconds = max(1, round(60 / self._per_minute))
            raise Refused(429, "TooManyRequests", reason, Retry_After=str(seconds))
