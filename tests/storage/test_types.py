from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import StatementError

from chargeplane.storage.database import Database
from chargeplane.storage.types import UtcDateTime

SUMMER = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))


def echo(moment: datetime | None) -> object:
    return select(bindparam("moment", moment, UtcDateTime))


async def test_moments_come_back_in_utc(database: Database) -> None:
    found = await database.read(lambda c: c.execute(echo(SUMMER)).scalar_one())  # type: ignore[call-overload]
    assert found == SUMMER
    assert found.tzinfo is UTC


async def test_naive_moments_are_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="has no time zone"):
        await database.read(lambda c: c.execute(echo(SUMMER.replace(tzinfo=None))))  # type: ignore[call-overload]
