"""The management pages of one central system: what all of them work with."""

from __future__ import annotations

from dataclasses import dataclass

from chargeplane.access.sessions import Sessions
from chargeplane.access.users import Users
from chargeplane.config import Settings
from chargeplane.csms.central import Central
from chargeplane.web.csms.live import Live


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A central system, who may look at it, and what changes there."""

    central: Central
    settings: Settings
    users: Users
    sessions: Sessions
    live: Live
