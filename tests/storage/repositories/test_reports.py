from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from chargeplane.domain.tokens import Token
from chargeplane.storage.database import Database
from chargeplane.storage.repositories import reports, tokens, transactions
from chargeplane.storage.repositories.reports import Sum
from chargeplane.storage.repositories.transactions import (
    TransactionFilter,
    TransactionStart,
    TransactionStop,
)
from tests.storage.repositories.moments import NOW
from tests.storage.repositories.test_tokens import record

EVERYTHING = TransactionFilter()
CHARGES: list[tuple[str, str | None, str, int | None, int | None, str | None]] = [
    ("CP1", "A", "2026-03-28T23:30:00+01:00", 10, 100, "EUR"),
    ("CP1", "a", "2026-03-29T00:30:00+01:00", 20, 200, "EUR"),
    ("CP2", "B", "2026-03-29T23:30:00+02:00", 40, 300, "CHF"),
    ("CP2", "B", "2026-03-30T00:30:00+02:00", 5, 400, "EUR"),
    ("CP2", None, "2026-03-30T00:30:00+02:00", None, None, None),
]


@pytest.fixture
async def charged(database: Database) -> Database:
    """A database with charges around the night in which the clocks go forward."""
    await database.write(tokens.save, [record("A", name="Anna", group_key="g", group_id="G")])
    for number, (station, tag, at, energy, cost, currency) in enumerate(CHARGES):
        start = TransactionStart(
            station_id=station,
            evse_id=1,
            started_at=datetime.fromisoformat(at),
            uid=str(number),
            token=Token(tag) if tag else None,
            start_energy_mwh=0 if energy is not None else None,
        )
        made, _ = await database.write(transactions.start, start, NOW)
        stop = TransactionStop(stopped_at=NOW, closed_by="station", energy_mwh=energy)
        await database.write(transactions.stop, made.id, stop)
        if cost is not None and currency is not None:
            await database.write(transactions.set_cost, made.id, cost, currency)
    return database


@pytest.mark.parametrize(
    ("subject", "sums"),
    [
        (
            "station",
            [
                Sum("CP2", "CP2", 3, 45, (("CHF", 300), ("EUR", 400))),
                Sum("CP1", "CP1", 2, 30, (("EUR", 300),)),
            ],
        ),
        (
            "token",
            [
                Sum("b", "B", 2, 45, (("CHF", 300), ("EUR", 400))),
                Sum("a", "Anna", 2, 30, (("EUR", 300),)),
                Sum(None, None, 1, 0),
            ],
        ),
        (
            "group",
            [
                Sum(None, None, 3, 45, (("CHF", 300), ("EUR", 400))),
                Sum("g", "G", 2, 30, (("EUR", 300),)),
            ],
        ),
    ],
)
async def test_sums_by_subject(charged: Database, subject: Any, sums: list[Sum]) -> None:
    assert list(await charged.read(reports.by_subject, EVERYTHING, subject)) == sums


async def test_sums_by_span_of_a_place(charged: Database) -> None:
    starts = [
        datetime.fromisoformat(text)
        for text in (
            *("2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00"),
            *("2026-03-30T00:00:00+02:00", "2026-03-31T00:00:00+02:00"),
            "2026-04-01T00:00:00+02:00",
        )
    ]
    found = await charged.read(reports.by_span, EVERYTHING, starts)
    assert [(each.key, each.transactions, each.energy_mwh, each.costs) for each in found] == [
        ("2026-03-28T00:00:00+01:00", 1, 10, (("EUR", 100),)),
        ("2026-03-29T00:00:00+01:00", 2, 60, (("CHF", 300), ("EUR", 200))),
        ("2026-03-30T00:00:00+02:00", 2, 5, (("EUR", 400),)),
        ("2026-03-31T00:00:00+02:00", 0, 0, ()),
    ]


async def test_only_what_is_asked_for_is_summed_up(charged: Database) -> None:
    what = TransactionFilter(among=("*1",), token_key="a")
    assert await charged.read(reports.by_subject, what, "station") == (
        Sum("CP1", "CP1", 2, 30, (("EUR", 300),)),
    )
    assert await charged.read(reports.by_span, what, []) == ()
