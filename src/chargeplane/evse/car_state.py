"""What a car says of itself, as somebody else read it, and how full it is by now."""

from __future__ import annotations

from typing import Final

import msgspec

FULL: Final = 100
S_PER_H: Final = 3600


class CarState(msgspec.Struct, frozen=True, kw_only=True):
    """Percent and Wh; None is not known."""

    initial_soc: int | None = None  # when it was told
    full_soc: int | None = None  # at which it stops
    energy_capacity: int | None = None
    energy_request: int | None = None
    evccid: str = ""

    def computed_soc(self, charged_wh: int) -> int | None:
        """How full it is after so much; None if that does not follow."""
        if self.initial_soc is None or not self.energy_capacity:
            return None
        gained = charged_wh * FULL // self.energy_capacity
        return min(self.initial_soc + gained, self._full)

    def remaining_soc(self, charged_wh: int) -> int | None:
        """How much it still lacks."""
        computed = self.computed_soc(charged_wh)
        return None if computed is None else self._full - computed

    def time_until_full_s(self, charged_wh: int, power_w: float) -> int | None:
        """How long that takes with that power."""
        remaining = self.remaining_soc(charged_wh)
        if remaining is None or self.energy_capacity is None or power_w <= 0:
            return None
        return round(remaining * self.energy_capacity / FULL * S_PER_H / power_w)

    @property
    def _full(self) -> int:
        return FULL if self.full_soc is None else self.full_soc


UNKNOWN: Final = CarState()
