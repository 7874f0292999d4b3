"""What is noted is found again by who, what, where and when."""

from __future__ import annotations

from typing import Any

import pytest

from chargeplane.access import audit
from chargeplane.storage.database import Database
from chargeplane.storage.paging import Window
from tests.access.conftest import Clock


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["reset", "sign in", "start"]),
        ({"actor": "ann"}, ["sign in", "start"]),
        ({"station_id": "CP1"}, ["reset", "start"]),
        ({"action": "start"}, ["start"]),
        ({"search": "refus"}, ["reset"]),
    ],
)
async def test_notes_are_found(
    database: Database, clock: Clock, wanted: dict[str, Any], found: list[str]
) -> None:
    for actor, action, station, outcome in (
        ("ann", "start", "CP1", "done"),
        ("ann", "sign in", None, "done"),
        ("bob", "reset", "CP1", "refused"),
    ):
        entry = audit.Entry(
            at=clock(), actor=actor, action=action, station_id=station, outcome=outcome
        )
        await audit.note(database, entry)
        clock.pass_time(minutes=1)
    page = await database.read(audit.page, audit.Filter(**wanted), Window())
    assert [each.action for each in page.items] == found
    late = audit.Filter(since=clock.now.replace(minute=2), until=clock.now)
    page = await database.read(audit.page, late, Window())
    assert [each.action for each in page.items] == ["reset"]
