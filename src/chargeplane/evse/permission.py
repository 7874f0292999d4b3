"""Whether cars may charge: what the user wants, as far as nothing else is against it."""

from __future__ import annotations

from chargeplane.energy.states import Access


class Permission:
    """The user's wish, and who holds it back for which reason."""

    def __init__(self, wanted: Access) -> None:
        self.wanted = wanted
        self._holds: dict[str, Access] = {}

    @property
    def access(self) -> Access:
        """What counts now."""
        if self.wanted is Access.ON and self._holds:
            return min(self._holds.values())
        return self.wanted

    def hold(self, reason: str, access: Access | None) -> None:
        """Keep cars from charging for a reason, or no longer (None)."""
        if access is None:
            self._holds.pop(reason, None)
        else:
            self._holds[reason] = access
