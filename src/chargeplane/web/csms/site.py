"""The management pages of one central system: what all of them work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from chargeplane.access.sessions import Sessions
from chargeplane.access.users import Users
from chargeplane.config import Settings
from chargeplane.csms.central import Central
from chargeplane.evse.device import Device
from chargeplane.payments.service import Payments
from chargeplane.web.csms.live import Live


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A central system, who may look at it, and what changes there."""

    central: Central
    settings: Settings
    users: Users
    sessions: Sessions
    live: Live
    payments: Payments | None = None  # None while they are off
    origins: dict[str, str] = field(default_factory=dict)  # where settings come from, if known
    devices: list[Device] = field(default_factory=list)  # EVSE controllers of this process

    @classmethod
    def of(cls, central: Central, settings: Settings, payments: Payments | None = None) -> Self:
        """The site of a central system."""
        database, now, web = central.database, central.now, settings.web
        idle, lifetime = timedelta(minutes=web.idle_minutes), timedelta(hours=web.session_hours)
        return cls(
            central=central,
            settings=settings,
            users=Users(database, now),
            sessions=Sessions(database, now, idle, lifetime),
            live=Live(central),
            payments=payments,
        )
