from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from chargeplane.domain.readings import Reading, Sample
from chargeplane.domain.tokens import Token
from chargeplane.domain.transactions import (
    TransactionEnded,
    TransactionEvent,
    TransactionStarted,
    TransactionUpdated,
)
from chargeplane.storage import paging
from chargeplane.storage.database import Database
from chargeplane.storage.measured import Measured
from chargeplane.storage.paging import Sorting, Window, every
from chargeplane.storage.records import TransactionRecord
from chargeplane.storage.repositories import (
    meter_values,
    stations,
    tokens,
    transaction_events,
    transactions,
)
from chargeplane.storage.repositories.meter_values import MeterValueFilter
from chargeplane.storage.repositories.transactions import (
    TransactionFilter,
    TransactionStart,
    TransactionStop,
)
from tests.storage.repositories.moments import NOW, after
from tests.storage.repositories.test_tokens import record


def old_start(station: str = "CP1", key: str = "k", **fields: Any) -> TransactionStart:
    """Describe a 1.x start."""
    given: dict[str, Any] = {
        "station_id": station,
        "evse_id": 1,
        "started_at": NOW,
        "start_key": key,
    }
    return TransactionStart(**given | fields)


def new_start(uid: str, **fields: Any) -> TransactionStart:
    """Describe a 2.x start."""
    given: dict[str, Any] = {"station_id": "CP1", "evse_id": 1, "started_at": NOW, "uid": uid}
    return TransactionStart(**given | fields)


async def begin(database: Database, start: TransactionStart) -> TransactionRecord:
    return (await database.write(transactions.start, start, NOW))[0]


def told(at: datetime = NOW, **fields: Any) -> TransactionStop:
    return TransactionStop(stopped_at=at, closed_by="station", **fields)


async def test_a_1x_start_that_is_sent_again_is_the_same_transaction(database: Database) -> None:
    starts = [old_start(token=Token("Ab"), start_energy_mwh=5)] * 3 + [old_start(key="other")]
    results = await asyncio.gather(*(database.write(transactions.start, s, NOW) for s in starts))
    assert [new for _, new in results] == [True, False, False, True]
    first = results[0][0]
    assert results[1][0] == results[2][0] == first
    assert (first.token_key, first.id_token, first.start_energy_mwh) == ("ab", "Ab", 5)
    assert (first.name, first.uid, first.state) == (str(first.id), None, "open")
    assert results[3][0].id > first.id


async def test_a_2x_start_that_is_sent_again_is_the_same_transaction(database: Database) -> None:
    for new in (True, False):
        assert (await database.write(transactions.start, new_start("t"), NOW))[1] is new
    other = new_start("t", station_id="CP2")
    assert (await database.write(transactions.start, other, NOW))[1]


async def test_a_start_that_arrives_late_fills_the_gap(database: Database) -> None:
    early = new_start("t", started_at=after(60), start_known=False, charging_state="Charging")
    placeholder, new = await database.write(transactions.start, early, NOW)
    assert new
    assert not placeholder.start_known
    late = new_start("t", token=Token("a"), start_energy_mwh=7)
    filled, new = await database.write(transactions.start, late, after(90))
    assert new
    assert (filled.id, filled.start_known) == (placeholder.id, True)
    assert (filled.started_at, filled.token_key, filled.start_energy_mwh) == (NOW, "a", 7)
    assert filled.charging_state == "Charging"
    assert await database.write(transactions.start, early, NOW) == (filled, False)


async def test_transactions_are_found_by_what_stations_call_them(database: Database) -> None:
    old = await begin(database, old_start())
    new = await begin(database, new_start("1234"))
    assert await database.read(transactions.by_name, "CP1", str(old.id)) == old
    assert await database.read(transactions.by_name, "CP1", "1234") == new
    for station, name in (
        ("CP2", str(old.id)),
        ("CP1", str(new.id)),
        ("CP1", "-1"),
        ("CP1", "9" * 40),
        ("CP1", "\u0663"),
    ):
        assert await database.read(transactions.by_name, station, name) is None


async def test_readings_of_a_transaction_are_kept_up_to_date(database: Database) -> None:
    number = (await begin(database, old_start(start_energy_mwh=100))).id
    latest = Measured(after(20), import_mwh=900, power_w=11.0)
    for measured in (
        latest,
        Measured(after(10), import_mwh=500),
        Measured(after(30), soc_percent=55.0),
    ):
        await database.write(transactions.set_measured, number, measured)
    found = await database.read(transactions.get, number)
    assert found is not None
    assert (found.last_energy_mwh, found.last_power_w, found.last_soc_percent) == (900, 11.0, 55.0)
    assert found.last_measured_at == after(30)
    assert found.energy_mwh == 800


async def test_progress_and_cost(database: Database) -> None:
    number = (await begin(database, new_start("t"))).id
    await database.write(transactions.set_progress, number, "Charging", 4, (1, 3))
    await database.write(transactions.set_progress, number, None, 5, (3,))
    await database.write(transactions.set_cost, number, 1234, "EUR")
    found = await database.read(transactions.get, number)
    assert found is not None
    assert (found.charging_state, found.last_seq_no, found.missing_seq_nos) == ("Charging", 5, (3,))
    assert (found.cost_minor, found.currency) == (1234, "EUR")
    assert found.energy_mwh is None


async def test_a_stop_counts_once_and_the_stations_word_most(database: Database) -> None:
    number = (await begin(database, old_start(start_energy_mwh=0))).id
    await database.write(transactions.set_measured, number, Measured(after(5), import_mwh=50))
    guess = TransactionStop(stopped_at=after(9), closed_by="reconciled", reason="Reboot")
    closed = await database.write(transactions.stop, number, guess)
    assert closed is not None
    assert (closed.state, closed.stop_energy_mwh, closed.last_power_w) == ("closed", 50, None)
    assert await database.write(transactions.stop, number, guess) is None
    stop = told(after(8), energy_mwh=60, reason="Local", id_token="X")
    right = await database.write(transactions.stop, number, stop)
    assert right is not None
    assert (right.closed_by, right.stopped_at, right.stop_energy_mwh) == ("station", after(8), 60)
    assert (right.stop_reason, right.stop_id_token, right.energy_mwh) == ("Local", "X", 60)
    assert await database.write(transactions.stop, number, stop) is None
    assert await database.write(transactions.stop, 999, stop) is None


async def test_a_new_start_closes_what_is_stale_on_its_evse(database: Database) -> None:
    stale = await begin(database, old_start(key="1"))
    await database.write(transactions.set_measured, stale.id, Measured(after(5), import_mwh=50))
    elsewhere = await begin(database, old_start(key="2", evse_id=2))
    current = await begin(database, old_start(key="3"))
    closed = await database.write(transactions.close_stale, current, "StartOfAnother", after(99))
    assert [(t.id, t.closed_by, t.stop_energy_mwh) for t in closed] == [(stale.id, "stale", 50)]
    assert closed[0].stopped_at == after(5)
    assert await database.read(transactions.open_of, "CP1") == (elsewhere, current)
    assert await database.read(transactions.open_of, "CP1", 2) == (elsewhere,)


async def test_deleting_a_station_keeps_its_transactions(database: Database) -> None:
    await database.write(stations.register, "CP1", stations.StationSettings(), NOW)
    number = (await begin(database, old_start())).id
    await database.write(stations.remove, "CP1")
    assert await database.read(transactions.get, number) is not None


@pytest.fixture
async def three(database: Database) -> Database:
    """Three transactions: a month apart, the last one open."""
    await database.write(tokens.save, [record("A", group_key="g"), record("B")])
    for n, tag in enumerate(("a", "b", "a")):
        at = datetime.fromisoformat(f"2026-0{n + 1}-01T23:30:00+00:00")
        start = old_start(
            f"CP{n}", str(n), token=Token(tag), started_at=at, start_energy_mwh=0, evse_id=n
        )
        transaction = await begin(database, start)
        await database.write(transactions.set_cost, transaction.id, 100, "EUR")
        if n < 2:
            await database.write(transactions.stop, transaction.id, told(at, energy_mwh=10))
    return database


@pytest.mark.parametrize(
    ("what", "numbers"),
    [
        (TransactionFilter(), [3, 2, 1]),
        (TransactionFilter(station_id="CP0"), [1]),
        (TransactionFilter(evse_id=1), [2]),
        (TransactionFilter(token_key="a"), [3, 1]),
        (TransactionFilter(group_key="g"), [3, 1]),
        (TransactionFilter(state="open"), [3]),
        (TransactionFilter(state="closed"), [2, 1]),
        (TransactionFilter(since=datetime.fromisoformat("2026-02-01T23:30:00Z")), [3, 2]),
        (TransactionFilter(until=datetime.fromisoformat("2026-02-01T23:30:00Z")), [1]),
        (TransactionFilter(search="cp2"), [3]),
    ],
)
async def test_lists(
    three: Database,
    what: TransactionFilter,
    numbers: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paging, "EXPORT_LIMIT", 1)
    page = await three.read(transactions.page, what, Window(limit=1))
    assert [t.id for t in page.items] == numbers[:1]
    assert (page.cursor is None) == (len(numbers) == 1)
    assert [t.id async for t in every(three, transactions.page, what)] == numbers
    assert await three.read(transactions.count, what) == len(numbers)


@pytest.mark.parametrize(
    ("sorting", "numbers"),
    [
        (Sorting(), [1, 2, 3]),
        (Sorting("nonsense", descending=True), [3, 2, 1]),
        (Sorting("station_id"), [1, 2, 3]),
        (Sorting("energy", descending=True), [2, 1, 3]),
    ],
)
async def test_sorted_lists(three: Database, sorting: Sorting, numbers: list[int]) -> None:
    for offset in range(4):
        window = Window(limit=1, offset=offset)
        found = await three.read(transactions.part, TransactionFilter(), sorting, window)
        assert [each.id for each in found.items] == numbers[offset : offset + 1]
        assert found.total == 3


@pytest.mark.parametrize(
    ("among", "numbers"),
    [
        (("CP*",), [3, 2, 1]),
        (("C*1", "CP2"), [3, 2]),
        (("cp*",), []),
        (("P*",), []),
        (("C.*",), []),
        ((), []),
    ],
)
async def test_a_star_stands_for_any_text(
    three: Database, among: tuple[str, ...], numbers: list[int]
) -> None:
    found = await three.read(transactions.page, TransactionFilter(among=among), Window())
    assert [each.id for each in found.items] == numbers


READING = Reading(NOW, (Sample(12.5), Sample(7000.0, "Power.Active.Import", "W")))


def event(kind: type[TransactionEvent], seq_no: int | None, **fields: Any) -> TransactionEvent:
    given: dict[str, Any] = {
        "timestamp": NOW,
        "transaction_id": "t",
        "trigger_reason": "Authorized",
        "readings": (READING,),
    }
    return kind(seq_no=seq_no, **given | fields)


async def test_events_are_stored_once(database: Database) -> None:
    events = [
        event(TransactionStarted, 0),
        event(TransactionUpdated, 1),
        event(TransactionUpdated, 1, offline=True),
        event(TransactionUpdated, 2),
        event(TransactionEnded, 2),
        event(TransactionEnded, None, transaction_id=None),
        event(TransactionEnded, None, transaction_id=None),
    ]
    stored = [
        await database.write(transaction_events.append, "CP1", 7, e, after(1)) for e in events
    ]
    assert stored == [True, True, False, True, True, True, False]
    assert await database.read(transaction_events.find, "CP1", events[0]) == 7
    assert await database.read(transaction_events.find, "CP2", events[0]) is None
    found = await database.read(transaction_events.of_transaction, 7)
    assert [(e.kind, e.seq_no) for e in found][:2] == [("Started", 0), ("Updated", 1)]
    assert (found[0].uid, found[-1].uid) == ("t", "7")
    latest = await database.read(transaction_events.latest_of_transaction, 7, 2)
    assert latest == (found[-1], found[-2])
    assert found[0].event["trigger_reason"] == "Authorized"
    assert "readings" not in found[0].event


def test_a_start_is_recognised_by_all_that_it_says() -> None:
    def key(station: str = "CP1", wh: float = 1.0, tag: str = "Ab", at: datetime = NOW) -> str:
        readings = (Reading(NOW, (Sample(wh, context="Transaction.Begin"),)),)
        told = event(TransactionStarted, None, id_token=Token(tag), timestamp=at, readings=readings)
        assert isinstance(told, TransactionStarted)
        return transactions.start_key(station, told)

    assert key() == key(tag="aB")
    assert len({key(), key("CP2"), key(wh=2.0), key(tag="x"), key(at=after(1))}) == 5


async def test_readings_are_rows(database: Database) -> None:
    readings = (Reading(after(60), (Sample(50.0),)), READING)
    latest = await database.write(meter_values.append, "CP1", 1, readings, 7)
    assert latest is not None
    assert latest.measured_at == after(60)
    assert await database.write(meter_values.append, "CP1", 1, ()) is None
    await database.write(meter_values.append, "CP1", 1, readings, 7)  # sent again
    await database.write(meter_values.append, "CP1", 2, readings)
    page = await database.read(meter_values.page, MeterValueFilter(transaction_id=7), Window())
    first = page.items[0]
    assert [v.measured_at for v in page.items] == [NOW, after(60)]
    assert (first.import_mwh, first.power_w, first.context) == (12_500, 7000.0, "Sample.Periodic")
    assert first.samples == READING.samples
    elsewhere = MeterValueFilter(station_id="CP1", evse_id=2, since=after(1), until=after(61))
    assert len((await database.read(meter_values.page, elsewhere, Window())).items) == 1


async def test_series(database: Database) -> None:
    readings = tuple(
        Reading(after(n), (Sample(float(n)), Sample(n * 10.0, "Power.Active.Import", "W")))
        for n in (0, 30, 60)
    )
    await database.write(meter_values.append, "CP1", 1, readings, 7)
    buckets = await database.read(meter_values.series, MeterValueFilter(transaction_id=7), 60)
    assert [(b.began_at, b.import_mwh, b.power_w) for b in buckets] == [
        (NOW, 30_000, 150.0),
        (after(60), 60_000, 600.0),
    ]


async def test_a_cursor_of_another_list_is_refused(database: Database) -> None:
    for cursor in ("nonsense!", "WzFd", "WyJ4IiwgMV0"):
        with pytest.raises(ValueError, match="not a cursor"):
            await database.read(transactions.page, TransactionFilter(), Window(cursor=cursor))
