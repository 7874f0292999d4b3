"""What tests look for in the database."""

from __future__ import annotations

import pytest

from chargeplane.csms.central import Central
from chargeplane.storage.records import EventRecord, NotificationRecord
from chargeplane.storage.repositories import events, notifications
from chargeplane.storage.repositories.events import EventFilter
from chargeplane.storage.repositories.notifications import NotificationFilter
from tests.csms.conftest import everything

ID = "CP1"

everywhere = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
in_2x = pytest.mark.parametrize("version", ["2.0.1", "2.1"])


async def happened(central: Central, kind: str) -> list[EventRecord]:
    """The events of a kind, the earliest first."""
    return (await everything(central, events.page, EventFilter(kinds=(kind,))))[::-1]


async def noted(central: Central, action: str) -> list[NotificationRecord]:
    """The notifications that were kept whole, the earliest first."""
    what = NotificationFilter(station_id=ID, action=action)
    return (await everything(central, notifications.page, what))[::-1]
