from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chargeplane.bus import local
from chargeplane.bus.local import Bus
from chargeplane.domain.events import Event

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event(number: int) -> Event:
    return Event(kind="test", at=NOW, data={}, id=number)


async def test_everyone_who_listens_gets_everything_in_order() -> None:
    bus = Bus()
    bus.publish(event(0))
    with bus.subscribe() as one, bus.subscribe() as other:
        bus.publish(event(1))
        bus.publish(event(2))
        assert [(await one.get()).id, (await one.get()).id] == [1, 2]
        found = []
        async for each in other:
            found.append(each.id)
            if len(found) == 2:
                break
        assert found == [1, 2]


async def test_who_lags_too_far_loses_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "BACKLOG", 3)
    bus = Bus()
    with bus.subscribe() as slow:
        for number in range(5):
            bus.publish(event(number))
        assert slow.dropped == 2
        assert [(await slow.get()).id for _ in range(3)] == [2, 3, 4]


async def test_who_listens_no_more_gets_nothing() -> None:
    bus = Bus()
    with bus.subscribe() as listener:
        pass
    bus.publish(event(1))
    assert listener._queue.empty()
