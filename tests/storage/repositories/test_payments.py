from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection

from chargeplane.storage.database import Database
from chargeplane.storage.paging import Window
from chargeplane.storage.payment_records import PaymentNoticeRecord
from chargeplane.storage.repositories import payment_books, payments, stations
from chargeplane.storage.repositories.payment_books import NewRefund
from chargeplane.storage.repositories.payments import DailyTotal, NewReservation, PaymentFilter
from chargeplane.storage.repositories.stations import StationSettings
from tests.storage.repositories.moments import NOW, after

NEW = NewReservation(
    id="a",
    station_id="CP1",
    evse_id=1,
    connector_id=1,
    state="Pending",
    charge_tag="TAG",
    id_token="RAB",
    language=None,
    prices={"per_kwh": "0.49"},
    terms={},
    currency="eur",
    hold_minor=3920,
    checkout_order={"product": "x"},
)


async def test_an_evse_has_one_reservation_at_a_time(database: Database) -> None:
    first = await database.write(payments.add, NEW, NOW)
    assert first is not None
    assert (first.prices, first.locks_connector, first.created_at) == (NEW.prices, True, NOW)
    assert await database.write(payments.add, replace(NEW, id="b"), NOW) is None
    assert await database.write(payments.add, replace(NEW, id="b", evse_id=2), NOW) is not None
    assert await database.write(payments.add, replace(NEW, id="c", station_id="CP2"), NOW)
    assert await database.read(payments.active_at, "CP1", 1) == first
    await database.write(payments.change, "a", after(5), {"freed_at": after(5)})
    assert await database.read(payments.active_at, "CP1", 1) is None
    assert await database.write(payments.add, replace(NEW, id="d"), after(6)) is not None
    assert {each.id for each in await database.read(payments.active)} == {"b", "c", "d"}


async def test_two_at_once_in_one_group(database: Database) -> None:
    def both(connection: Connection) -> list[Any]:
        return [payments.add(connection, replace(NEW, id=name), NOW) for name in "ab"]

    assert [each is not None for each in await database.write(both)] == [True, False]


async def test_a_reservation_is_found_by_what_others_call_it(database: Database) -> None:
    await database.write(payments.add, NEW, NOW)
    changed = await database.write(
        payments.change, "a", after(1), {"checkout_id": "cs", "payment_id": "pi"}
    )
    assert changed is not None
    assert changed.updated_at == after(1)
    assert await database.read(payments.by_provider, "cs", None) == changed
    assert await database.read(payments.by_provider, None, "pi") == changed
    assert await database.read(payments.by_provider, "pi", "cs") is None
    assert await database.read(payments.by_provider, None, None) is None
    assert await database.read(payments.by_token, "rab") == changed
    assert await database.write(payments.lock, "a") == changed
    assert await database.read(payments.get, "b") is None
    assert await database.write(payments.change, "b", NOW, {"state": "Failed"}) is None


async def test_what_is_not_finished(database: Database) -> None:
    cases: dict[str, dict[str, Any]] = {
        "runs": {},
        "due": {"due_minor": 0, "freed_at": NOW},
        "later": {"due_minor": 5, "freed_at": NOW, "next_try_at": after(60)},
        "review": {"due_minor": 0, "freed_at": NOW, "needs_review": True},
        "done": {"due_minor": 0, "freed_at": NOW, "settled_at": NOW},
    }
    for number, (name, values) in enumerate(cases.items()):
        await database.write(payments.add, replace(NEW, id=name, evse_id=number), NOW)
        if values:
            await database.write(payments.change, name, NOW, values)

    async def found(seconds: float, **options: bool) -> set[str]:
        rows = await database.read(payments.unfinished, after(seconds), **options)
        return {each.id for each in rows}

    assert await found(0) == {"runs", "due"}
    assert await found(60) == {"runs", "due", "later"}
    assert await found(60, with_reviews=True) == {"runs", "due", "later", "review"}


async def test_pages(database: Database) -> None:
    for number in range(3):
        new = replace(NEW, id=f"r{number}", evse_id=number)
        await database.write(payments.add, new, after(number))
    page = await database.read(payments.page, PaymentFilter(station_id="CP1"), Window(2))
    assert [each.id for each in page.items] == ["r2", "r1"]
    page = await database.read(payments.page, PaymentFilter(), Window(2, page.cursor))
    assert [each.id for each in page.items] == ["r0"]
    for what in (
        PaymentFilter(search="R1"),
        PaymentFilter(evse_id=1, state="Pending", charge_tag="TAG", needs_review=False),
        PaymentFilter(since=after(1), until=after(2), among=("CP1",)),
    ):
        found = await database.read(payments.page, what, Window())
        assert [each.id for each in found.items] == ["r1"]


async def test_totals(database: Database) -> None:
    captured = {"captured_minor": 500, "energy_mwh": 10, "settled_at": NOW, "freed_at": NOW}
    for name in "ab":
        await database.write(payments.add, replace(NEW, id=name), NOW)
        await database.write(payments.change, name, NOW, captured)
    later = NOW + timedelta(days=1)
    new = NewRefund(reservation_id="a", amount_minor=100, reason="duplicate", asked_by="anna")
    refund = await database.write(payment_books.add_refund, new, later)
    span = (NOW - timedelta(days=2), NOW + timedelta(days=2))
    day = NOW.date().isoformat()
    first = DailyTotal(day, "CP1", "eur", 2, 1000, 0, 20)
    assert await database.read(payments.daily_totals, *span) == (first,)
    await database.write(payment_books.set_refund, refund.id, later, "succeeded", "re")
    second = DailyTotal(later.date().isoformat(), "CP1", "eur", 0, 0, 100, 0)
    assert await database.read(payments.daily_totals, *span) == (first, second)
    assert await database.read(payments.daily_totals, *span, ()) == ()


async def test_refunds(database: Database) -> None:
    await database.write(payments.add, NEW, NOW)
    new = NewRefund(reservation_id="a", amount_minor=100, reason="duplicate", asked_by="anna")
    first = await database.write(payment_books.add_refund, new, NOW)
    second = await database.write(payment_books.add_refund, new, NOW)
    assert await database.read(payment_books.open_refunds) == (first, second)
    assert await database.read(payment_books.refunded_minor, "a") == 200
    failed = await database.write(
        payment_books.set_refund, first.id, after(1), "failed", None, "no"
    )
    assert failed is not None
    assert (failed.status, failed.error, failed.updated_at) == ("failed", "no", after(1))
    assert await database.read(payment_books.refunded_minor, "a") == 100
    assert await database.read(payment_books.refunds_of, "a") == (failed, second)
    assert await database.read(payment_books.open_refunds) == (second,)


async def test_notices(database: Database) -> None:
    told = PaymentNoticeRecord(
        id="evt", kind="x", reservation_id=None, at=NOW, received_at=after(1)
    )
    assert not await database.read(payment_books.is_known, "evt")
    for _ in range(2):
        await database.write(payment_books.note, told)
    assert await database.read(payment_books.is_known, "evt")
    assert await database.write(payment_books.forget_notices, after(1)) == 0
    assert await database.write(payment_books.forget_notices, after(2)) == 1


async def test_prices(database: Database) -> None:
    await database.write(stations.register, "CP1", StationSettings(), NOW)
    for evse_id in (0, 2):
        prices = {"session_fee": str(evse_id)}
        await database.write(payment_books.set_prices, "CP1", evse_id, prices, NOW)
    changed = await database.write(
        payment_books.set_prices, "CP1", 2, {"session_fee": "9"}, after(1)
    )
    assert changed.updated_at == after(1)
    assert await database.read(payment_books.prices_at, "CP1", 2) == changed
    for_all = await database.read(payment_books.prices_at, "CP1", 1)
    assert for_all is not None
    assert for_all.evse_id == 0
    assert await database.read(payment_books.prices_of, "CP1") == (for_all, changed)
    await database.write(stations.remove, "CP1")
    assert await database.read(payment_books.prices_at, "CP1", 2) is None


async def test_privileges(database: Database) -> None:
    for station_id in ("CP1", "CP1", ""):
        await database.write(payment_books.add_privilege, f"t{station_id}", station_id, NOW)
    assert len(await database.read(payment_books.privileges)) == 2
    for token, station_id, free in (
        ("tCP1", "CP1", True),
        ("tCP1", "CP2", False),
        ("t", "X", True),
    ):
        assert await database.read(payment_books.is_privileged, token, station_id) is free
    assert await database.write(payment_books.remove_privilege, "t", "")
    assert not await database.write(payment_books.remove_privilege, "t", "")
