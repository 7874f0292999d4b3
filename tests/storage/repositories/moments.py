"""A moment to count from."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """Return a later moment."""
    return NOW + timedelta(seconds=seconds)
