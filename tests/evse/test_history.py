from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from chargeplane.evse.history import History, Powers
from chargeplane.storage.documents import Documents

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EAST = timezone(timedelta(hours=2))


def fill(history: History, minutes: int, watts: float, start: datetime = NOON) -> datetime:
    for second in range(0, minutes * 60, 10):
        history.add(start.timestamp() + second, watts, None, 100.0)
    return start + timedelta(minutes=minutes)


def test_quarter_hours_are_means_of_what_was_taken(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "evse.db")
    history = History(documents)
    now = fill(history, 10, 3000.0)
    now = fill(history, 5, -1000.0, now)
    now = fill(history, 5, 500.0, now)
    quarters = history.quarters(now)
    assert len(quarters) == 96
    assert quarters[-2:] == [("12:00", 2000), ("12:15", 500)]
    assert history.quarters(now.astimezone(EAST))[-1] == ("14:15", 500)
    documents.close()
    again = History(Documents(tmp_path / "evse.db"))
    assert again.quarters(now)[-2:] == [("12:00", 2000), ("12:15", 0)]


def test_a_day_later_it_is_gone() -> None:
    history = History(Documents())
    fill(history, 20, 1000.0)
    later = NOON + timedelta(days=1, minutes=30)
    assert {power for _, power in history.quarters(later)} == {0}


def test_minutes_are_means() -> None:
    history = History(Documents())
    fill(history, 3, 600.0)
    first, second = list(history.minutes())[-2:]
    assert first == Powers(NOON.timestamp(), 600.0, None, 100.0)
    assert second.at_s == first.at_s + 60


def test_nothing_measured_is_nothing_shown() -> None:
    history = History(Documents())
    for second in range(120):
        history.add(NOON.timestamp() + second, None, None, None)
    assert list(history.minutes()) == []
